"""Who holds the master keys of a database that commands open: a file of keys, or a service that was installed.

``JIEFEN_KEYS`` names a file. One with ``masters`` has the keys themselves (:class:`~jiefen.FileKeys`). One with
``keys`` names an entry point of the group ``jiefen.keys``, from a distribution that somebody has allowed, and how to
reach it::

    keys: county-hsm
    address: 10.1.2.3:8008
    pin: {env: HSM_PIN}              # a secret stays in the environment

An entry point names something that is called with the options and gives a :class:`~jiefen.Keys`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from jiefen.errors import DefinitionError, FactError, KeysError, RuleError
from jiefen.findings import Finding
from jiefen.notation.labels import suggestion
from jiefen.notation.yaml import Document, load_text
from jiefen.outside.installed import options_of
from jiefen.outside.keys import FileKeys, Keys
from jiefen.outside.points import installed, the_only

GROUP: Final = "jiefen.keys"
_ASKED: Final = ("current", "algorithm", "wrap", "unwrap")


def load_keys(path: Path) -> Keys:
    """The keys that a file has or names.

    Raises:
        DefinitionError: what it names is not installed, not allowed, or does not take these options; or a secret is not
            in the environment.
        KeysError: it is no file of keys, or the service cannot be used.
        MissingExtra: the package ``cryptography`` is not installed.
    """
    document = _document(path)
    if document is None or not isinstance(document.data, dict) or "keys" not in document.data:
        return FileKeys(path)
    name = document.data["keys"]
    findings: list[Finding] = []
    given = {key: value for key, value in document.data.items() if key != "keys"}
    options = options_of(document, (), given, findings)
    known = installed(GROUP)
    if not isinstance(name, str) or name not in known:
        hint = suggestion(name, known) if known and isinstance(name, str) else "install what brings it"
        findings.append(document.finding(("keys",), "keys-file", f"no keys {name!r} are installed", hint))
    if findings:
        raise DefinitionError(f"the keys in {path} cannot be used", findings)
    return _made(path, str(name), the_only(known[str(name)]).load(), options)


def _made(path: Path, name: str, maker: Any, options: dict[str, object]) -> Keys:
    try:
        made: Keys = maker(**options)
        missing = [one for one in _ASKED if not hasattr(made, one)]
    except KeysError:
        raise
    except Exception as error:  # whatever it is, it is the service's
        # Not its text: it may quote a secret. What Python says of options that do not fit quotes none.
        told = str(error) if isinstance(error, TypeError) else type(error).__name__
        raise KeysError(
            f"the keys {name} in {path} cannot be had with these options: {told}; see their documentation"
        ) from error
    if missing:
        raise KeysError(f"the keys {name} in {path} lack {', '.join(missing)}; they are no jiefen.Keys")
    return made


def _document(path: Path) -> Document | None:
    """The file as YAML; ``None`` when it is none, which :class:`FileKeys` tells better."""
    try:
        return load_text(path.read_text("utf-8"), path)
    except (OSError, RuleError, FactError, ValueError):
        return None

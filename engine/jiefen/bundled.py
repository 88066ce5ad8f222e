"""Where the processes, rules and example ledgers that come with Jiefen lie.

A wheel carries them inside the package; a checkout keeps them at its top level.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def bundled(kind: str) -> Path:
    """The folder of ``"processes"``, ``"rules"`` or ``"ledgers"``.

    Raises:
        FileNotFoundError: when the installation is damaged.
    """
    checkout = _PACKAGE.parents[1] / ("examples/ledgers" if kind == "ledgers" else kind)
    for folder in (_PACKAGE / "_bundled" / kind, checkout):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the bundled {kind} are missing beside {_PACKAGE}; reinstall jiefen")

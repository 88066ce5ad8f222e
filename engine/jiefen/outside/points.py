"""What installed distributions offer, found by entry point; one name belongs to one distribution.

Whatever is installed can offer something, also what came along with another library. Only what a distribution offers
that somebody has allowed is loaded: Jiefen's own, and those that :data:`ALLOWED` names.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from jiefen.errors import DefinitionError, NotFound

#: The variable of the environment with the distributions whose adapters may be loaded, with commas between them.
ALLOWED: Final = "JIEFEN_DISTRIBUTIONS"
_OWN: Final = "jiefen"


def installed(group: str) -> dict[str, list[EntryPoint]]:
    """The entry points of a group by their names; a name that two distributions claim has two."""
    found: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=group):
        same = found.setdefault(point.name, [])
        # One distribution can be found twice, through a link or a path that is listed twice.
        if (_owner(point), point.value) not in [(_owner(other), other.value) for other in same]:
            same.append(point)
    return found


def the_only(points: Sequence[EntryPoint]) -> EntryPoint:
    """The one entry point of a name.

    Raises:
        DefinitionError: several distributions claim the name. Which one is meant nobody can tell, and one of them may
            have been installed to take the other's place. Or it belongs to a distribution that nobody has allowed.
    """
    word = "holder of keys" if points[0].group == "jiefen.keys" else "adapter"
    if len(points) > 1:
        owners = " and ".join(sorted(f"{_owner(point)} ({point.value})" for point in points))
        raise DefinitionError(f"the {word} {points[0].name!r} is claimed by {owners}; uninstall one of them")
    owner = _owner(points[0])
    if _plain(owner) not in {_OWN, *map(_plain, os.environ.get(ALLOWED, "").split(","))}:
        raise DefinitionError(
            f"the {word} {points[0].name!r} comes from {owner}, which nobody has allowed; "
            f"add it to {ALLOWED} in the environment if you trust its code"
        )
    return points[0]


def load_only(group: str, name: str, what: str) -> Any:
    """What the one entry point of that name in a group gives.

    Args:
        what: what such adapters are for, in words.

    Raises:
        NotFound: none is installed under it.
        DefinitionError: as :func:`the_only`.
    """
    points = installed(group)
    if name not in points:
        known = f"installed are {', '.join(sorted(points))}" if points else "none is; reinstall jiefen"
        raise NotFound(f"no adapter {name!r} for {what} is installed; {known}")
    return the_only(points[name]).load()


def _plain(distribution: str) -> str:
    """The name of a distribution, however it is spelt."""
    return re.sub(r"[-_.]+", "-", distribution.strip()).lower()


def _owner(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else "an unnamed distribution"

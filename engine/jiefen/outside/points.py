"""What installed distributions offer, found by entry point; one name belongs to one distribution."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points

from jiefen.errors import DefinitionError


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
            have been installed to take the other's place.
    """
    if len(points) > 1:
        owners = " and ".join(sorted(f"{_owner(point)} ({point.value})" for point in points))
        raise DefinitionError(f"the adapter {points[0].name!r} is claimed by {owners}; uninstall one of them")
    return points[0]


def _owner(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else "an unnamed distribution"

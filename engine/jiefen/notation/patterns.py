"""The form a text must have, as a regular expression that is matched in one pass, whatever the text.

Python's own matcher goes back and tries again, and for some expressions (``(a|a?)+``) it takes time that doubles with
every character, while every other thread stands still. So an expression is read by Python's parser, what can be said
without going back is taken (characters, classes, groups, alternatives, repetitions), and a machine of its places is
walked: one step a character, over at most :data:`MAX_PLACES` places at a time. The construction is Glushkov's (1961).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from re import _constants as parsed  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final

#: An expression may be written in so many characters.
MAX_LENGTH: Final = 1_000
#: It may have so many places for a character, where ``[0-9]{2,15}`` has 15.
MAX_PLACES: Final = 256
#: Transitions are kept for the texts that come; more than so many are thrown away, and found again.
_MAX_KEPT: Final = 10_000

_Test = Callable[[str], bool]

_CATEGORIES: Final[dict[Any, _Test]] = {
    parsed.CATEGORY_DIGIT: str.isdecimal,
    parsed.CATEGORY_SPACE: str.isspace,
    parsed.CATEGORY_WORD: lambda character: character.isalnum() or character == "_",
    parsed.CATEGORY_NOT_DIGIT: lambda character: not character.isdecimal(),
    parsed.CATEGORY_NOT_SPACE: lambda character: not character.isspace(),
    parsed.CATEGORY_NOT_WORD: lambda character: not (character.isalnum() or character == "_"),
}
_BEGINS: Final = (parsed.AT, parsed.AT_BEGINNING), (parsed.AT, parsed.AT_BEGINNING_STRING)
_ENDS: Final = (parsed.AT, parsed.AT_END), (parsed.AT, parsed.AT_END_STRING)
_REFUSED: Final = {
    parsed.ASSERT: "looks ahead or back",
    parsed.ASSERT_NOT: "looks ahead or back",
    parsed.GROUPREF: "refers back to a group",
    parsed.GROUPREF_EXISTS: "refers back to a group",
    parsed.AT: "asks for a place in the text (^, $ or \\b) in its middle",
    parsed.ATOMIC_GROUP: "forbids going back, and nothing here goes back",
    parsed.POSSESSIVE_REPEAT: "forbids going back, and nothing here goes back",
}


class PatternError(Exception):
    """An expression that is not taken; ``hint`` says how to write it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


class TextPattern:
    """A regular expression that whole texts are compared with, in steps that grow with the text alone.

    Raises:
        PatternError: it is no regular expression, or one that cannot be matched in one pass.
    """

    __slots__ = ("_follow", "_kept", "_last", "_tests", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        machine = _Machine(_parse(text))
        self._tests: Sequence[_Test] = machine.tests
        self._follow: Sequence[int] = machine.follow
        self._last = machine.last
        self._kept: dict[tuple[int, str], int] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TextPattern) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"TextPattern({self.text!r})"

    def matches(self, text: str) -> bool:
        """Whether the whole of ``text`` has this form."""
        kept = self._kept
        places = _START
        for character in text:
            following = kept.get((places, character))
            if following is None:
                following = self._step(places, character)
                if len(kept) >= _MAX_KEPT:
                    kept.clear()
                kept[places, character] = following
            if not following:
                return False
            places = following
        return bool(places & self._last)

    def _step(self, places: int, character: str) -> int:
        """The places that ``character`` can stand at after ``places``."""
        reachable = 0
        for place in _bits(places):
            reachable |= self._follow[place]
        return sum(1 << place for place in _bits(reachable) if self._tests[place](character))


#: Place 0 is before the first character; sets of places are bits of a number.
_START: Final = 1


class _Part:
    """A part of an expression: the places it can begin and end at, and whether it can be empty."""

    __slots__ = ("empty", "first", "last")

    def __init__(self, first: int = 0, last: int = 0, empty: bool = True) -> None:
        self.first, self.last, self.empty = first, last, empty


class _Machine:
    """The places of an expression, the test at each, and the places that can follow it."""

    def __init__(self, tree: Iterable[Any]) -> None:
        self.tests: list[_Test] = [lambda _: False]
        self.follow: list[int] = [0]
        whole = self._sequence(_without_ends(list(tree)))
        self.follow[0] = whole.first
        self.last = whole.last | (_START if whole.empty else 0)

    def _sequence(self, items: Iterable[Any]) -> _Part:
        made = _Part()
        for item in items:
            made = self._then(made, self._item(item))
        return made

    def _then(self, before: _Part, after: _Part) -> _Part:
        for place in _bits(before.last):
            self.follow[place] |= after.first
        return _Part(
            before.first | after.first if before.empty else before.first,
            before.last | after.last if after.empty else after.last,
            before.empty and after.empty,
        )

    def _item(self, item: Any) -> _Part:
        operation, argument = item
        if operation is parsed.SUBPATTERN:
            _, added, removed, inside = argument
            if added or removed:
                raise PatternError("it changes flags such as (?i)", "write both letters: [Xx]")
            return self._sequence(inside)
        if operation is parsed.BRANCH:
            return self._either([self._sequence(branch) for branch in argument[1]])
        if operation in (parsed.MAX_REPEAT, parsed.MIN_REPEAT):
            return self._repeated(*argument)
        if operation in _REFUSED:
            hint = "say what the characters are from first to last, with [ ], ( | ), ?, *, + and {m,n}"
            raise PatternError(f"it {_REFUSED[operation]}", hint)
        return self._place(_test(operation, argument))

    def _either(self, parts: Sequence[_Part]) -> _Part:
        made = _Part(empty=False)
        for part in parts:
            made.first |= part.first
            made.last |= part.last
            made.empty |= part.empty
        return made

    def _repeated(self, least: int, most: Any, inside: Iterable[Any]) -> _Part:
        items = list(inside)
        made = self._copies(_Part(), items, least, may_end=False)
        if most is parsed.MAXREPEAT:
            return self._then(made, self._loop(self._sequence(items)))
        return self._copies(made, items, most - least, may_end=True)

    def _copies(self, made: _Part, items: list[Any], number: int, *, may_end: bool) -> _Part:
        for _ in range(number):
            before = len(self.tests)
            part = self._sequence(items)
            if len(self.tests) == before:
                break  # it is empty, however often
            part.empty |= may_end
            made = self._then(made, part)
        return made

    def _loop(self, part: _Part) -> _Part:
        for place in _bits(part.last):
            self.follow[place] |= part.first
        return _Part(part.first, part.last, True)

    def _place(self, test: _Test) -> _Part:
        if len(self.tests) > MAX_PLACES:
            raise PatternError(
                f"it has places for more than {MAX_PLACES} characters",
                "bound the length by max_length instead",
            )
        self.tests.append(test)
        self.follow.append(0)
        bit = 1 << (len(self.tests) - 1)
        return _Part(bit, bit, False)


def _parse(text: str) -> Iterable[Any]:
    """The parts of ``text`` as Python reads it; inside Python's parser nothing but its shape is looked at."""
    if len(text) > MAX_LENGTH:
        raise PatternError(f"it has {len(text)} characters, more than {MAX_LENGTH}", "say it more simply")
    try:
        tree = parser.parse(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise PatternError(
            f"this is not a regular expression: {error}", "write for example [0-9]{2,15}"
        ) from None
    if tree.state.flags & ~re.UNICODE.value:
        raise PatternError("it changes flags such as (?i)", "write both letters: [Xx]")
    return list(tree)


def _without_ends(items: list[Any]) -> list[Any]:
    """Without ``^`` at the beginning and ``$`` at the end, also of each alternative: whole texts are compared."""
    while items and items[0] in _BEGINS:
        items = items[1:]
    while items and items[-1] in _ENDS:
        items = items[:-1]
    if len(items) == 1 and items[0][0] is parsed.BRANCH:
        nothing, branches = items[0][1]
        return [(parsed.BRANCH, (nothing, [_without_ends(list(branch)) for branch in branches]))]
    return items


def _test(operation: Any, argument: Any) -> _Test:
    """What a character must be at a place."""
    if operation is parsed.LITERAL:
        wanted = chr(argument)
        return lambda character: character == wanted
    if operation is parsed.NOT_LITERAL:
        unwanted = chr(argument)
        return lambda character: character != unwanted
    if operation is parsed.ANY:
        return lambda character: character != "\n"
    if operation is parsed.RANGE:
        low, high = chr(argument[0]), chr(argument[1])
        return lambda character: low <= character <= high
    if operation is parsed.CATEGORY:
        return _CATEGORIES[argument]
    if operation is parsed.IN:
        negated = argument[0][0] is parsed.NEGATE
        tests = [_test(*part) for part in argument if part[0] is not parsed.NEGATE]
        return lambda character: any(test(character) for test in tests) is not negated
    raise PatternError(
        f"it uses {operation}, which is not read here", "write it with [ ], ( | ), ?, *, + and {m,n}"
    )


def _bits(places: int) -> Iterable[int]:
    while places:
        low = places & -places
        yield low.bit_length() - 1
        places ^= low

"""Who may do something: by role, its deputies, and the area the role is held for.

Who may do an act stands in its row of ``authority.yaml``, and :func:`require_act` alone decides by it. Where a row
names who is known only from the task, the deadline or an earlier decision, the act says how to tell (:data:`Tests`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from jiefen.areas import EVERYWHERE, normalise_area
from jiefen.errors import NeedsAgreement, NotAllowed
from jiefen.notation.labels import suggestion
from jiefen.notation.texts import person_id, shown
from jiefen.record.actor import Actor, HeldPost
from jiefen.record.rows import CaseRow
from jiefen.rules import Action, Administers, Authority, Role, Rulebook, Who

#: Digits of the code of a village.
_VILLAGE = 12


def require_role(
    by: Actor, roles: Collection[str], area: str | None, known: Mapping[str, Role], what: str, *, on: date
) -> None:
    """Let ``by`` do ``what`` for one of ``roles`` in ``area``; a deputy counts, and so does a role held further up.

    A role held further down does not: a village is no township. Only the grids of a village act for the village, since
    who takes a case in often knows the village and not the grid. Role and area are those of one post, held on the day.

    Args:
        roles: one of them is enough; nobody may do what names none.
        what: subject of the message, for example ``task 5 (听取诉求)``.
        on: the day in China on which it is done.

    Raises:
        NotAllowed: the actor holds none of the roles and is no deputy, or acts for another area.
    """
    if not roles:
        raise NotAllowed(
            f"{what} names no role that may do it; correct camunda:candidateGroups in its model",
            zh=f"{what} 没有写明由哪个岗位办理;请更正流程模型",
        )
    enough = with_deputies(roles, known)
    posts = by.held(on)
    fitting = [post for post in posts if post.role in enough]
    if not fitting:
        held = ", ".join(sorted({post.role for post in posts})) or "no role"
        over = sorted({post.role for post in by.posts if post.role in enough})
        past = f"; {', '.join(over)} is not held on {on}" if over else ""
        strange = sorted({post.role for post in posts} - set(known))
        near = f"; there is no role {shown(strange[0])}, {suggestion(strange[0], known)}" if strange else ""
        unknown = f";没有 {shown(strange[0])} 这个岗位,请用岗位代号" if strange else ""
        raise NotAllowed(
            f"{what} is for {' or '.join(roles)} or a deputy; {by.id} holds {held}{past}{near}",
            zh=f"{what} 由 {'、'.join(_title(role, known) for role in roles)} 或者其副职办理{unknown}",
        )
    if not any(acts_in(post, area, known) for post in fitting):
        raise _elsewhere(by, [post.area for post in fitting], area, known, what)


@dataclass(frozen=True, slots=True)
class Doing:
    """The act that a call of the engine does; what it calls inside itself is part of it."""

    act: str
    rulebook: Rulebook
    gives_reason: bool = True
    agreed: bool = False


_doing: Final[ContextVar[Doing | None]] = ContextVar("doing", default=None)
#: How an act tells who those are that a word of its row means, where that is known from what the act is about: the
#: office as which somebody is one of them, or ``None`` where that has no name.
#:
#: Raises:
#:     NotAllowed: they are none.
Test: TypeAlias = Callable[[Actor], str | None]
Tests: TypeAlias = Mapping[Who, Test]
_NOTHING: Final[Tests] = {}


#: Which administrator a word means.
_KEPT: Final = {
    Who.SYSTEM: Administers.SYSTEM, Who.SECURITY: Administers.SECURITY, Who.AUDIT: Administers.AUDIT,
}  # fmt: skip


@contextmanager
def doing(act: str, rulebook: Rulebook, *, gives_reason: bool = True, agreed: bool = False) -> Iterator[None]:
    """Do an act; one that is done for another one is not looked at by itself.

    Args:
        gives_reason: whether the call says why, or is one that needs no reason.
        agreed: whether another person has agreed to it.
    """
    token = _doing.set(_doing.get() or Doing(act, rulebook, gives_reason, agreed))
    try:
        yield
    finally:
        _doing.reset(token)


def is_doing() -> bool:
    """Whether an act is being done already."""
    return _doing.get() is not None


def permit(rulebook: Rulebook, act: str, by: Actor, on: date) -> None:
    """Look at who begins an act, before anything is read: whether it is for persons, programs or parties at all.

    Raises:
        NotAllowed: no rule lets anybody do it, or it is not for a program or a party; or the actor holds two of the
            administrators' roles, whose powers do not meet.
    """
    row = _row(rulebook, act, None)
    kept = {known.administers for role in by.roles_on(on) if (known := rulebook.roles.get(role)) is not None}
    if len(kept - {None}) > 1:
        raise NotAllowed(
            f"{by.id} holds the roles of two administrators, whose powers do not meet; let different persons hold them",
            zh="系统、安全、审计管理员须由不同的人担任",
        )
    if by.trusted and not row.lets(Who.PROGRAM):
        raise NotAllowed(
            f"{act} is for {_named(row.by)}, and not for the program {by.id}: say who does it (by=)",
            zh=f"“{_title_of(row)}”不能由程序办理;请写明办理人",
        )
    if by.in_person is not None and not row.lets(Who.PARTY):
        raise NotAllowed(
            f"{act} is for an office ({_named(row.by)}), and not for a party of the case",
            zh=f"“{_title_of(row)}”由经办单位办理,当事人不能自行办理",
        )


def require_act(
    by: Actor,
    area: str | None,
    what: str,
    *,
    on: date,
    tests: Tests = _NOTHING,
    again: bool = False,
    act: str | None = None,
) -> str | None:
    """Let ``by`` do to a case in ``area`` what is being done, as its row in ``authority.yaml`` says, and nothing else.

    Args:
        tests: how to tell who those words of the row mean that depend on what the act is about. A word of them without
            a test lets nobody.
        again: the lowest offices that may have done it before; now it needs one of a higher level.
        act: another act than the one that is being done, for example a message that says what a party wants.

    Returns:
        The office as which they do it, where a test names one.

    Raises:
        NotAllowed: the row does not let them; of several reasons the one of the last word of the row.
        NeedsAgreement: it lets them, and not alone.
    """
    current = _doing.get()
    assert current is not None, "only what a call of the engine does can be looked at"
    row, known = _row(current.rulebook, act or current.act, area), current.rulebook.roles
    if row.reason and not current.gives_reason:
        raise NotAllowed(f"{what} needs a reason; say why (reason=)", zh=f"{what} 须说明理由")
    office = _let(row, by, area, what, on, tests, known, again=again)
    if row.only:
        require_role(by, row.only, area, known, what, on=on)
    if row.four_eyes and not current.agreed:
        raise NeedsAgreement(row.id)
    return office


def _let(
    row: Authority, by: Actor, area: str | None, what: str, on: date, tests: Tests, known: Mapping[str, Role],
    *, again: bool,
) -> str | None:  # fmt: skip
    """The office as which a row lets somebody do it."""
    refused: NotAllowed | None = None
    offices, kept = _offices(row, known, again=again)
    for word in row.by:
        who = _who(word)
        if who is Who.ANYBODY or (who is Who.PROGRAM and by.trusted):
            return None
        if who is Who.PARTY and by.in_person is not None:
            return None
        if who in (Who.PROGRAM, Who.PARTY):
            continue
        try:
            if who is Who.POST:
                require_post(by, area, known, what, on=on)
                return None
            if who is Who.BINDS_LEADERS:
                return binding_office(by, area, known, on=on)
            if who is not None and who in tests:
                return tests[who](by)
            if who is None or who is Who.CORRECTS or who in _KEPT:
                if kept and area is None:
                    _require_held(by, [*offices, *kept], known, what, on)
                elif offices or kept:
                    require_role(by, [*offices, *kept], area, known, what, on=on)
                else:
                    continue
                return None
        except NotAllowed as error:
            refused = error
    raise refused or NotAllowed(
        f"{what} is for {_named(row.by)}, which {by.id} is not",
        zh=f"{what}:规则没有允许 {by.id} 办理",
    )


def _offices(row: Authority, known: Mapping[str, Role], *, again: bool) -> tuple[list[str], list[str]]:
    """The roles that a row lets by their id or mark, and those of administrators."""
    marked = [one for one in known.values() if one.corrects] if row.lets(Who.CORRECTS) else []
    if again and marked:
        marked = [one for one in marked if any(one.stands_higher(other.level) for other in marked)]
    wanted = {administers for who, administers in _KEPT.items() if row.lets(who)}
    kept = [one.id for one in known.values() if one.administers is not None and one.administers in wanted]
    return [*(one.id for one in marked), *(one for one in row.by if one in known)], kept


def is_one_of(*persons: str | None) -> Test:
    """A test of who somebody is, as a person, whatever they hold."""
    theirs = {person_id(one) for one in persons if one is not None}

    def test(by: Actor) -> str | None:
        if person_id(by.id) not in theirs:
            raise NotAllowed(
                f"{by.id} is not the person who may ({', '.join(sorted(theirs)) or 'nobody'})",
                zh=f"应由本人({'、'.join(sorted(theirs)) or '无'})办理",
            )
        return None

    return test


def holds(
    roles: Collection[str], area: str | None, known: Mapping[str, Role], what: str, *, on: date
) -> Test:
    """A test of who holds one of some roles in an area, as :func:`require_role` says."""

    def test(by: Actor) -> str | None:
        require_role(by, roles, area, known, what, on=on)
        return None

    return test


def _require_held(by: Actor, roles: Collection[str], known: Mapping[str, Role], what: str, on: date) -> None:
    """Let an administrator do what belongs to no area: the role is enough, wherever it is held."""
    if not any(post.role in roles and post.area is not None for post in by.held(on)):
        raise NotAllowed(
            f"{what} is for {' or '.join(roles)}; {by.id} holds {', '.join(sorted(by.roles_on(on))) or 'no role'}",
            zh=f"{what} 由 {'、'.join(_title(one, known) for one in roles)} 办理",
        )


def _row(rulebook: Rulebook, act: str, area: str | None) -> Authority:
    row = rulebook.authority(act, area)
    if row is None:
        raise NotAllowed(
            f"no rule lets anybody do {act}; write a row for it in authority.yaml",
            zh="规则没有写明由谁办理此项;请在 authority.yaml 中写明",
        )
    return row


def _who(word: str) -> Who | None:
    return Who(word) if word in set(Who) else None


def _named(words: Collection[str]) -> str:
    return " or ".join(words)


def _title_of(row: Authority) -> str:
    return row.title.zh


def with_deputies(roles: Collection[str], known: Mapping[str, Role]) -> frozenset[str]:
    """Roles, and those that may act in place of one of them."""
    return frozenset(
        {*roles, *(deputy for role in roles if role in known for deputy in known[role].deputies)}
    )


def require_area(by: Actor, area: str | None, known: Mapping[str, Role], what: str, *, on: date) -> None:
    """Let ``by`` do ``what`` in ``area``, in an area that they act for on the day or further down.

    Raises:
        NotAllowed: they act for another area or for none, or hold no post on the day.
    """
    theirs = by.areas(on)
    if not any(_covers(one, area) for one in theirs) and not places(by, area, known, on=on):
        raise _elsewhere(by, theirs, area, known, what)


def require_post(by: Actor, area: str | None, known: Mapping[str, Role], what: str, *, on: date) -> None:
    """Let ``by`` do ``what`` in ``area`` by any post of an office of the rules that they hold there on the day.

    Raises:
        NotAllowed: they hold none, or none there.
    """
    posts = [post for post in by.held(on) if post.role in known and known[post.role].is_office]
    if not posts:
        held = ", ".join(sorted(by.roles_on(on))) or "none"
        raise NotAllowed(
            f"{what} is for who holds an office there; {by.id} holds none of the rules ({held}): say their roles "
            "(roles=, --role)",
            zh=f"{what} 由属地有岗位的人员办理;请写明 {by.id} 的岗位",
        )
    if not any(acts_in(post, area, known) for post in posts):
        raise _elsewhere(by, [post.area for post in posts], area, known, what)


def acts_in(post: HeldPost, area: str | None, known: Mapping[str, Role]) -> bool:
    """Whether a post has its power in ``area``: there or in one that holds it. A post without an area has none.

    What has no area yet is for who acts everywhere, and for the offices that have to give it one.
    """
    if post.area is None:
        return False
    return _covers(post.area, area) or (area is None and post.role in placing(known))


def places(by: Actor, area: str | None, known: Mapping[str, Role], *, on: date) -> bool:
    """Whether ``area`` is none yet, and ``by`` holds an office that gives cases theirs."""
    return area is None and any(acts_in(post, None, known) for post in by.held(on))


def placing(known: Mapping[str, Role]) -> frozenset[str]:
    """The roles to which a case belongs that has no area, until they give it one; with their deputies."""
    return with_deputies([one.id for one in known.values() if one.gives_area], known)


def _covers(theirs: str, area: str | None) -> bool:
    """Whether somebody who acts for ``theirs`` acts for ``area``; the grids of a village act for the village."""
    if theirs == EVERYWHERE or area is None:
        return theirs == EVERYWHERE
    mine = normalise_area(theirs)
    return area.startswith(mine) or (len(area) >= _VILLAGE and mine.startswith(area))


def _elsewhere(
    by: Actor, theirs: Collection[str | None], area: str | None, known: Mapping[str, Role], what: str
) -> NotAllowed:
    acts = ", ".join(sorted(normalise_area(one) for one in theirs if one))
    held = f"acts for {acts}" if acts else "acts for none: say for which, with area= (--area)"
    if area is None:
        offices = [one for one in known.values() if one.gives_area]
        names = ", ".join(one.id for one in offices) or "none: mark one with gives_area: true in roles.yaml"
        return NotAllowed(
            f"{what} has no area yet and is for the offices that give it one with move ({names}); {by.id} {held}",
            zh=f"{what} 尚无属地,先由 {'、'.join(one.title.zh for one in offices) or '规则集指定的单位'} "
            "确定属地(移送)",
        )
    return NotAllowed(
        f"{what} lies in area {area}; {by.id} {held}",
        zh=f"{what} 属于 {area};{by.id} 的岗位不在该地",
    )


def pressing_office(
    by: Actor, action: Action, pressed: str, area: str | None, known: Mapping[str, Role], *, on: date
) -> str:
    """The office as which ``by`` presses the one that holds ``pressed`` in ``area``, in the way of ``action``.

    It stands over the pressed one, or its role says that it may do this to offices beside it. Nobody presses
    themselves.

    Raises:
        NotAllowed: no post of theirs lets them.
    """
    role = known[pressed]
    for post in by.held(on):
        if post.role not in {pressed, *role.deputies} and acts_in(post, area, known):
            for office in (post.role, *(one.id for one in known.values() if post.role in one.deputies)):
                one = known.get(office)
                beside = one is not None and action in one.presses and one.may_press(role)
                if office != pressed and (beside or stands_over(office, pressed, known)):
                    return office
    above = [one for one in (role.head, role.above) if one is not None]
    raise NotAllowed(
        f"{by.id} holds no post that may {action} {pressed} in area {area}: it needs one over it ("
        f"{', '.join(above) or 'none is declared'}), or one whose role presses others so (presses: in roles.yaml)",
        zh=f"{by.id} 的岗位不在“{role.title.zh}”之上,也无权对其督办;"
        f"可由 {'、'.join(_title(one, known) for one in above) or '其上级'} 进行",
    )


def binding_office(by: Actor, area: str | None, known: Mapping[str, Role], *, on: date) -> str:
    """The office as which ``by`` may give a case in ``area`` a leader, and release them.

    Raises:
        NotAllowed: no post of theirs lets them.
    """
    for post in by.held(on):
        if post.role in known and known[post.role].binds_leaders and acts_in(post, area, known):
            return post.role
    may = [one.id for one in known.values() if one.binds_leaders]
    raise NotAllowed(
        f"{by.id} holds no office in area {area} that gives cases a leader; these do: "
        f"{', '.join(may) or 'none (binds_leaders: true in roles.yaml)'}",
        zh=f"包案由 {'、'.join(_title(one, known) for one in may) or '规则集指定的单位'} 确定;"
        f"{by.id} 在该地没有这样的岗位",
    )


def overruling_office(
    by: Actor, office: str, area: str | None, known: Mapping[str, Role], what: str, *, on: date
) -> str:
    """The office as which ``by`` may change what ``office`` has ordered in ``area``: that one, or one that stands over
    it.

    Raises:
        NotAllowed: no post of theirs lets them.
    """
    enough = with_deputies([office], known)
    for post in by.held(on):
        if acts_in(post, area, known) and (post.role in enough or stands_over(post.role, office, known)):
            return post.role
    raise NotAllowed(
        f"{office} has decided {what}; {by.id} neither holds that office nor one over it",
        zh=f"此项由“{_title(office, known)}”确定,应由其或者其上级更改、取消",
    )


def stands_over(office: str, role: str, known: Mapping[str, Role]) -> bool:
    """Whether an office heads a role or is above it, however many steps up."""
    seen: set[str] = set()
    looked = [role]
    while looked:
        one = known.get(looked.pop())
        for over in (one.head, one.above) if one is not None else ():
            if over is not None and over not in seen:
                seen.add(over)
                looked.append(over)
    return office in seen


def disposers(roles: Collection[str], known: Mapping[str, Role]) -> tuple[str, ...]:
    """The offices that dispose of the tasks of some roles: head, level above, and who gives them out (``assigns``)."""
    declared = [known[role] for role in roles if role in known]
    over = {one for role in declared for one in (role.head, role.above) if one is not None}
    return tuple(sorted(over | {one.id for one in known.values() if set(one.assigns) & set(roles)}))


def _title(role: str, known: Mapping[str, Role]) -> str:
    return known[role].title.zh if role in known else role


def refuse_recused(case: CaseRow, person: str) -> None:
    """Keep who has a direct interest away from a case (信访工作条例 art. 28 ¶3).

    Raises:
        NotAllowed: the person is recused.
    """
    if person_id(person) in {person_id(one) for one in case.recused or ()}:
        raise NotAllowed(
            f"{person} is recused from case {case.id} and may not work on it (信访工作条例第二十八条第三款); "
            "give it to somebody else",
            zh=f"{person} 在 {case.id} 号案中须回避(信访工作条例第二十八条第三款);请交由他人办理",
        )

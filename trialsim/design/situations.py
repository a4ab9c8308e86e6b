"""Decision tables in words, for rules that look at cohorts and at how the levels around stand."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from trialsim.design.histories import Member, members
from trialsim.design.setting import Setting
from trialsim.design.tables import DOWN, END, STAY, UP, Cell, Table
from trialsim.rules.base import Answer, Assign, Stop
from trialsim.rules.kinds import WithSecondCohort

_PLENTY = 1_000_000

Cohorts = list[tuple[int, int]]
"""The level of each cohort and its DLTs."""


class _Way(NamedTuple):
    """A way into a situation, on a ladder just long enough for it."""

    here: int
    start: int
    levels: int
    before: Cohorts
    """Cohorts before the first at the level."""
    above: Cohorts
    """Cohorts at the level above; they come after the first, or after the second."""


def situations(setting: Setting) -> Table:
    """Return what follows a cohort, or two, in each situation that a level may be in; None where it cannot arise."""
    size = setting.cohort_size or 1
    two = isinstance(setting.rule, WithSecondCohort)
    rows = [(dlts, size) for dlts in range(size + 1)]
    if two:
        rows += [(dlts, 2 * size) for dlts in range(2 * size + 1)]
    columns = _columns(setting, size, two)
    found = [tuple(_cell(setting, ways, dlts, treated, size) for ways in columns.values()) for dlts, treated in rows]
    merged = _runs([(*row, cells) for row, cells in zip(rows, found, strict=True) if any(cells)])
    keys = tuple((first, last, treated) for first, last, treated, _ in merged)
    names, cells = tuple((name,) for name in columns), tuple(cells for *_, cells in merged)
    return Table("situations", keys, names, cells, {}, _notes(setting))


def _notes(setting: Setting) -> tuple[str, ...]:
    """What depends on more than the situation: one cohort was at the level below, where there may have been two."""
    if _confirms_mtd(setting):
        return ("Where the level below has had six, the trial ends there in place of 3 more one level down.",)
    return ()


def _confirms_mtd(setting: Setting) -> bool:
    return isinstance(setting.rule, WithSecondCohort) and setting.rule.confirms_mtd


def _columns(setting: Setting, size: int, two: bool) -> dict[str, list[_Way]]:
    """The situations that a level may be in, each with the ways into it.

    A trial that begins above level 1 finds nothing below its first level: what follows there differs, and only a way
    down leads to the levels below it.
    """
    if not setting.rule.seeks_dose:
        return {"at the start level": [_Way(1, 1, 3, [], [])]}
    start, levels = setting.dosing.start_level, setting.levels
    cleared, exceeded = 0, size
    usual = {
        "level above untried": [_Way(2, 1, 3, [(1, cleared)], [])],
        "level above exceeded": [_Way(2, 1, 3, [(1, cleared)], [(3, exceeded)])],
        "top level": [_Way(2, 1, 2, [(1, cleared)], [])],
        "lowest level": [_Way(1, 1, 3, [], [])],
    }
    if not two:
        del usual["level above exceeded"]
    if start == 1:
        if _confirms_mtd(setting):  # three more may exceed the level, with none below it
            usual["lowest level, above exceeded"] = [_Way(1, 1, 3, [], [(2, exceeded)])]
        return usual
    found = {name: ways for name, ways in usual.items() if name in _above(levels - start)}
    if start == levels:
        found["top level, level below untried"] = [_Way(2, 2, 2, [], [])]
    else:
        found["level below untried"] = [_Way(2, 2, 3, [], [])]
    if two:
        ways = [_Way(2, 2, 3, [], [(3, exceeded)])] if start < levels else []
        ways += [_Way(2, 3, 3, [(3, exceeded)], [])] if start > 2 else []
        if ways:
            found["level below untried, above exceeded"] = ways
        found["lowest level, above exceeded"] = [_Way(1, 2, 2, [(2, exceeded)], [])]
    return found


def _above(levels: int) -> tuple[str, ...]:
    """The situations of levels above the one that a trial begins at, if there are so many."""
    return (("level above untried", "level above exceeded") if levels > 1 else ()) + (("top level",) if levels else ())


def _runs(
    rows: list[tuple[int, int, tuple[Cell | None, ...]]],
) -> list[tuple[int, int, int, tuple[Cell | None, ...]]]:
    """Merge rows of as many treated with one DLT more and the same decisions, as far as both come about."""
    runs: list[tuple[int, int, int, tuple[Cell | None, ...]]] = []
    for dlts, treated, cells in rows:
        if (
            runs
            and runs[-1][2] == treated
            and all(a == b or not (a and b) for a, b in zip(runs[-1][3], cells, strict=True))
        ):
            both = tuple(a or b for a, b in zip(runs[-1][3], cells, strict=True))
            runs[-1] = (runs[-1][0], dlts, treated, both)
        else:
            runs.append((dlts, dlts, treated, cells))
    return runs


def _cell(setting: Setting, ways: list[_Way], dlts: int, treated: int, size: int) -> Cell | None:
    for way in ways:
        here = way.here
        if treated == size:
            histories = [[*way.before, (here, dlts), *way.above]]
        else:  # the second cohort came before the level above, or after it
            splits = [(first, dlts - first) for first in (0, 1) if 0 <= dlts - first <= size]
            histories = [[*way.before, (here, first), (here, second), *way.above] for first, second in splits]
            histories += [[*way.before, (here, first), *way.above, (here, second)] for first, second in splits]
        for cohorts in histories:
            if cell := _after(setting, cohorts, way):
                return cell
    return None


def _after(setting: Setting, cohorts: Cohorts, way: _Way) -> Cell | None:
    """What follows cohorts; None if the rule would not have come this way."""
    size = setting.cohort_size or 1
    people: list[Member] = []
    for number, (level, bad) in enumerate(cohorts, start=1):
        if _ask(setting, people, way) != Assign(level, opens_cohort=True):
            return None
        people += members(level, number, bad, size)
    return _words(_ask(setting, people, way), way.here, size, {who.level for who in people})


def _ask(setting: Setting, people: list[Member], way: _Way) -> Answer:
    view = replace(setting.view(people), levels=way.levels, start_level=way.start, max_participants=_PLENTY)
    return setting.guarded.decide(view)


def _words(answer: Answer, here: int, size: int, tried: set[int]) -> Cell | None:
    match answer:
        case Assign(level=level):
            if level == here:
                return Cell(STAY, text=f"{size} more")
            if level > here:
                return Cell(UP, text="up")
            return Cell(DOWN, text=f"{size} more one level down" if level in tried else f"{size} one level down")
        case Stop(level=None):
            return Cell(END, text="stop: no dose")
        case Stop(level=level):
            where = "this level" if level == here else "the level below" if level and level < here else "a higher level"
            return Cell(END, text=f"stop: {where}")
    return None

"""Decision tables in words, for rules that look at cohorts and at how the levels around stand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trialsim.design.histories import Member, members
from trialsim.design.tables import DOWN, END, STAY, UP, Cell, Table
from trialsim.rules.base import Answer, Assign, Stop
from trialsim.rules.fixed import Fixed
from trialsim.rules.three_plus_three import ThreePlusThree

if TYPE_CHECKING:
    from trialsim.design.designs import Design

_PLENTY = 1_000_000


def situations(design: Design) -> Table:
    """Return what follows a cohort, or two, in each situation that a level may be in; None where it cannot arise."""
    size = design.dosing.cohort_size or 1
    two = isinstance(design.rule, ThreePlusThree)
    rows = [(dlts, size) for dlts in range(size + 1)]
    if two:
        rows += [(dlts, 2 * size) for dlts in range(2 * size + 1)]
    names: tuple[str, ...]
    if isinstance(design.rule, Fixed):
        names = ("at the start level",)
    elif two:
        names = ("level above untried", "level above exceeded", "top level", "lowest level")
    else:
        names = ("level above untried", "top level", "lowest level")
    found = [tuple(_cell(design, name, dlts, treated, size) for name in names) for dlts, treated in rows]
    merged = _runs([(*row, cells) for row, cells in zip(rows, found, strict=True) if any(cells)])
    keys = tuple((first, last, treated) for first, last, treated, _ in merged)
    return Table("situations", keys, tuple((name,) for name in names), tuple(cells for *_, cells in merged), {})


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


def _cell(design: Design, situation: str, dlts: int, treated: int, size: int) -> Cell | None:
    here = 1 if situation in ("lowest level", "at the start level") else 2
    levels = 2 if situation == "top level" else 3
    before = [(1, 0)] if here == 2 else []
    above = [(here + 1, size)] if situation == "level above exceeded" else []
    if treated == size:
        ways = [[*before, (here, dlts), *above]]
    else:  # the second cohort came before the level above, or after it
        splits = [(first, dlts - first) for first in (0, 1) if 0 <= dlts - first <= size]
        ways = [[*before, (here, first), (here, second), *above] for first, second in splits]
        ways += [[*before, (here, first), *above, (here, second)] for first, second in splits]
    return next((cell for cohorts in ways if (cell := _after(design, cohorts, here, levels))), None)


def _after(design: Design, cohorts: list[tuple[int, int]], here: int, levels: int) -> Cell | None:
    """What follows cohorts, given as (level, DLTs); None if the rule would not have come this way."""
    size = design.dosing.cohort_size or 1
    people: list[Member] = []
    for number, (level, bad) in enumerate(cohorts, start=1):
        if _ask(design, people, levels) != Assign(level, opens_cohort=True):
            return None
        people += members(level, number, bad, size)
    return _words(_ask(design, people, levels), here, size)


def _ask(design: Design, people: list[Member], levels: int) -> Answer:
    view = replace(design.view(people), levels=levels, start_level=1, max_participants=_PLENTY)
    return design.guarded.decide(view)


def _words(answer: Answer, here: int, size: int) -> Cell | None:
    match answer:
        case Assign(level=level):
            if level == here:
                return Cell(STAY, text=f"{size} more")
            return Cell(UP, text="up") if level > here else Cell(DOWN, text=f"{size} more one level down")
        case Stop(level=None):
            return Cell(END, text="stop: no dose")
        case Stop(level=level):
            where = "this level" if level == here else "the level below" if level and level < here else "a higher level"
            return Cell(END, text=f"stop: {where}")
    return None

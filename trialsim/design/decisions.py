"""The decision table of a rule: what it answers to made-up histories.

Which histories tell depends on what the rule decides on. For most rules the question is put at the middle of three
levels, of which the others are untried; the outcomes there are all that such a rule looks at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from trialsim.design.histories import Member, members
from trialsim.design.setting import Setting
from trialsim.design.situations import situations
from trialsim.design.tables import DEPENDS, DOWN, END, OUT, STAY, UP, WAIT, Cell, Table
from trialsim.rules.base import Assign, Stop, View, Wait
from trialsim.rules.built_in import BuiltInRule
from trialsim.rules.kinds import WithBoundaries, WithDirection, WithFollowUp, WithMostAtLevel

_HERE, _LADDER = 2, 3
_PLENTY = 1_000_000


def decision_table(setting: Setting, to: int) -> Table | None:
    """Return the decision table of a rule for up to `to` participants at a level; None if all outcomes decide."""
    if to < 1:
        raise ValueError(f"a table is for 1 participant or more, not {to}")
    match setting.rule.decides_on:
        case "level":
            return _by_counts(setting, to)
        case "pending":
            return _by_pending(setting, to)
        case "follow_up":
            return _by_follow_up(setting, to)
        case "cohorts":
            return situations(setting)
        case "all":
            return None


def _ask(setting: Setting, people: Sequence[Member], cohort_size: int | None) -> str:
    """Return the decision on people at the middle level, as a letter."""
    view = _made_up(setting, people, cohort_size)
    match setting.guarded.decide(view):
        case Wait():
            return WAIT
        case Stop():
            return END
        case Assign(level=level):
            if setting.guarded.admissible(view) < _HERE:
                return OUT
            return UP if level > _HERE else DOWN if level < _HERE else STAY


def _made_up(setting: Setting, people: Sequence[Member], cohort_size: int | None) -> View:
    """What the rule sees of the people, with room for more, and no cohort that ends before all outcomes are known."""
    return replace(
        setting.view(people),
        levels=_LADDER,
        start_level=_HERE,
        cohort_size=cohort_size,
        max_participants=_PLENTY,
        stop_cohort_early=False,
    )


def _by_counts(setting: Setting, to: int) -> Table:
    """DLTs by treated, all outcomes known."""
    treated = range(1, to + 1)
    cells = tuple(
        tuple(Cell(_ask(setting, members(_HERE, 1, dlts, n), n)) if dlts <= n else None for n in treated)
        for dlts in range(to + 1)
    )
    columns = [[(dlts, row[n - 1]) for dlts, row in enumerate(cells)] for n in treated]

    def bound(letters: str, last: bool = False) -> tuple[int | None, ...]:
        found = ([dlts for dlts, cell in column if cell and cell.letter in letters] for column in columns)
        return tuple((each[-1] if last else each[0]) if each else None for each in found)

    if isinstance(setting.rule, WithDirection):
        lines = {
            "up if DLTs ≤": bound(UP, last=True),
            "down if DLTs ≥": bound(DOWN + OUT),
            "eliminated if DLTs ≥": bound(OUT),
        }
    else:
        lines = {"stopped if DLTs ≥": bound(OUT)}
    rows, names = tuple((dlts,) for dlts in range(to + 1)), tuple((n,) for n in treated)
    return Table("counts", rows, names, cells, lines, _edges(setting.rule))


def _edges(rule: BuiltInRule) -> tuple[str, ...]:
    """The DLT rates between which a rule stays, as a protocol names them."""
    if not isinstance(rule, WithBoundaries):
        return ()
    up, down = rule.boundaries()
    return (f"Up at a DLT rate of {up:.3f} (λe) or below, down at {down:.3f} (λd) or above.",)


def _by_pending(setting: Setting, to: int) -> Table:
    """Pending by treated and DLTs, up to the most that a level is given to."""

    def cell(treated: int, dlts: int, pending: int) -> Cell:
        return Cell(_ask(setting, members(_HERE, 1, dlts, treated, pending), setting.cohort_size))

    rule = setting.rule
    most = rule.most_at_level if isinstance(rule, WithMostAtLevel) else to
    return _pending(range(1, most + 1), cell)


def _by_follow_up(setting: Setting, to: int) -> Table:
    """Pending by treated and DLTs, with the total follow-up that decides."""
    rule = setting.rule
    assert isinstance(rule, WithFollowUp)
    size = setting.cohort_size or 1

    def ask(treated: int, dlts: int, pending: int, followed: float) -> str:
        return _ask(setting, members(_HERE, 1, dlts, treated, pending, followed), size)

    def cell(treated: int, dlts: int, pending: int) -> Cell:
        least, most = ask(treated, dlts, pending, 0.0), ask(treated, dlts, pending, 1.0)
        if not pending or not setting.dosing.observation or least in (most, OUT, END):
            return Cell(least)
        if least == WAIT:  # for the least follow-up, before it goes up
            return Cell(most)
        up, down = rule.thresholds(treated, dlts, pending)
        return Cell(DEPENDS, up if most == UP else None, down if least == DOWN else None)

    notes = [*_edges(rule)]
    if rule.minimum_follow_up:
        notes.append(f"Up only once everybody pending was followed for {rule.minimum_follow_up:g} of the window.")
    return _pending(range(size, max(to, size) + 1, size), cell, tuple(notes))


def _pending(treated: range, cell: Callable[[int, int, int], Cell], notes: tuple[str, ...] = ()) -> Table:
    rows = [(n, dlts) for n in treated for dlts in range(n + 1)]
    pending = range(max(treated) + 1)
    cells = tuple(tuple(cell(n, dlts, k) if dlts + k <= n else None for k in pending) for n, dlts in rows)
    return Table("pending", tuple(rows), tuple((k,) for k in pending), cells, {}, notes)

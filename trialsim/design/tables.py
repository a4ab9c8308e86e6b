"""Decision tables, as protocols print them.

Every entry is what the rule answers to a made-up history. For most rules the question is put at the middle of three
levels, of which the others are untried; the outcomes there are all that such a rule looks at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from trialsim.design.histories import Member, members
from trialsim.rules.base import Assign, Stop, View, Wait
from trialsim.rules.beta_binomial import BetaBinomial
from trialsim.rules.boin import BoinDesign
from trialsim.rules.interval import IntervalRule
from trialsim.rules.rolling_six import RollingSix
from trialsim.rules.tite_boin import TiteBoin

if TYPE_CHECKING:
    from trialsim.design.designs import Design

UP, STAY, DOWN, OUT, WAIT, END, DEPENDS = "U", "S", "D", "X", "W", "E", "F"
LEGEND = {
    UP: "up: the next level",
    STAY: "stay at this level",
    DOWN: "down: the level below",
    OUT: "down, and this level and all above are not given any more",
    WAIT: "wait for outcomes that are pending",
    END: "the trial ends",
    DEPENDS: "depends on the follow-up of those pending",
}
"""The letters of decisions. At the lowest level, D means staying there, and X that the trial stops without a dose."""

_EARLY = "With stop_cohort_early, a way down that nothing can change any more is not waited for."

_HERE, _LADDER = 2, 3
_PLENTY = 1_000_000
_TO_SIX = 6


@dataclass(frozen=True)
class Cell:
    """A decision.

    Attributes
    ----------
    letter : str
        One of `LEGEND`.
    up : float or None
        If the decision depends on follow-up: the total follow-up of those pending, in windows, from which to go up.
    down : float or None
        The total follow-up up to which to go down.
    text : str
        In words, where a letter says too little.
    """

    letter: str
    up: float | None = None
    down: float | None = None
    text: str = ""


@dataclass(frozen=True)
class Table:
    """A decision table.

    Attributes
    ----------
    kind : str
        ``counts`` (DLTs by treated), ``pending`` (pending by treated and DLTs) or ``situations`` (in words).
    rows, columns : tuple of tuple
        What each row and column stands for: ``counts``, (DLTs,) and (treated,); ``pending``, (treated, DLTs) and
        (pending,); ``situations``, (DLTs from, DLTs to, treated) and a text.
    cells : tuple of tuple of Cell or None
        By row and column; None where there is no such history.
    lines : mapping
        For ``counts``: what happens from how many DLTs, one number (or None) for each column.
    notes : tuple of str
        What to know when reading it.
    """

    kind: str
    rows: tuple[tuple[int, ...], ...]
    columns: tuple[tuple[int | str, ...], ...]
    cells: tuple[tuple[Cell | None, ...], ...]
    lines: dict[str, tuple[int | None, ...]]
    notes: tuple[str, ...] = ()

    @property
    def legend(self) -> dict[str, str]:
        """The letters that occur, and what they mean."""
        used = {cell.letter for row in self.cells for cell in row if cell}
        return {letter: words for letter, words in LEGEND.items() if letter in used}

    def to_document(self) -> dict[str, Any]:
        """The table as plain values."""
        cells = [[None if cell is None else _plain(cell) for cell in row] for row in self.cells]
        document = {"kind": self.kind, "rows": self.rows, "columns": self.columns, "cells": cells}
        return {**document, "lines": self.lines, "legend": self.legend, "notes": self.notes}


def _plain(cell: Cell) -> dict[str, Any]:
    return {name: value for name, value in asdict(cell).items() if value not in (None, "")}


def table(design: Design, to: int) -> Table | None:
    """Return the decision table of a design for up to `to` participants at a level; None if the rule has none."""
    if to < 1:
        raise ValueError(f"a table is for 1 participant or more, not {to}")
    rule = design.rule
    if isinstance(rule, IntervalRule | BetaBinomial):
        return _counts(design, to)
    if isinstance(rule, TiteBoin):
        return _follow_up(design, to)
    if isinstance(rule, RollingSix):
        return _rolling(design)
    if hasattr(rule, "skeleton"):
        return None
    from trialsim.design.situations import situations

    return situations(design)


def _ask(design: Design, people: Sequence[Member], cohort_size: int | None) -> str:
    """Return the decision on people at the middle level, as a letter."""
    view = _made_up(design, people, cohort_size)
    rule = design.guarded
    answer = rule.decide(view)
    admissible = getattr(rule, "admissible", None)
    out = admissible is not None and admissible(view) < _HERE
    match answer:
        case Wait():
            return WAIT
        case Stop():
            return END
        case Assign(level=level):
            return OUT if out else UP if level > _HERE else DOWN if level < _HERE else STAY


def _made_up(design: Design, people: Sequence[Member], cohort_size: int | None) -> View:
    """What the rule sees of the people, with room for more, and no cohort that ends before all outcomes are known."""
    return replace(
        design.view(people),
        levels=_LADDER,
        start_level=_HERE,
        cohort_size=cohort_size,
        max_participants=_PLENTY,
        stop_cohort_early=False,
    )


def _counts(design: Design, to: int) -> Table:
    """DLTs by treated, all outcomes known."""
    treated = range(1, to + 1)
    cells = tuple(
        tuple(Cell(_ask(design, members(_HERE, 1, dlts, n), n)) if dlts <= n else None for n in treated)
        for dlts in range(to + 1)
    )
    columns = [[(dlts, row[n - 1]) for dlts, row in enumerate(cells)] for n in treated]

    def bound(letters: str, last: bool = False) -> tuple[int | None, ...]:
        found = ([dlts for dlts, cell in column if cell and cell.letter in letters] for column in columns)
        return tuple((each[-1] if last else each[0]) if each else None for each in found)

    if isinstance(design.rule, BetaBinomial):
        lines = {"stopped if DLTs ≥": bound(OUT)}
    else:
        lines = {
            "up if DLTs ≤": bound(UP, last=True),
            "down if DLTs ≥": bound(DOWN + OUT),
            "eliminated if DLTs ≥": bound(OUT),
        }
    rows, names = tuple((dlts,) for dlts in range(to + 1)), tuple((n,) for n in treated)
    return Table("counts", rows, names, cells, lines, _edges(design))


def _edges(design: Design) -> tuple[str, ...]:
    """The DLT rates between which BOIN stays, as a protocol names them."""
    if not isinstance(design.rule, BoinDesign):
        return ()
    up, down = design.rule.boundaries()
    return (f"Up at a DLT rate of {up:.3f} (λe) or below, down at {down:.3f} (λd) or above.",)


def _rolling(design: Design) -> Table:
    """Pending by treated and DLTs, for up to six."""

    def cell(treated: int, dlts: int, pending: int) -> Cell:
        return Cell(_ask(design, members(_HERE, 1, dlts, treated, pending), None))

    return _pending(range(1, _TO_SIX + 1), cell)


def _follow_up(design: Design, to: int) -> Table:
    """Pending by treated and DLTs, with the total follow-up that decides."""
    rule: TiteBoin = design.rule
    size = design.dosing.cohort_size or 1

    def ask(treated: int, dlts: int, pending: int, followed: float) -> str:
        return _ask(design, members(_HERE, 1, dlts, treated, pending, followed), size)

    def cell(treated: int, dlts: int, pending: int) -> Cell:
        least = ask(treated, dlts, pending, rule.minimum_follow_up)
        if not pending or not design.dosing.observation or least in (WAIT, OUT, END):
            return Cell(least)
        most = ask(treated, dlts, pending, 1.0)
        if least == most:
            return Cell(least)
        up, down = rule.thresholds(treated, dlts, pending)
        return Cell(DEPENDS, up if most == UP else None, down if least == DOWN else None)

    notes = [*_edges(design)]
    if rule.minimum_follow_up:
        notes.append(f"Also waits until everybody pending was followed for {rule.minimum_follow_up:g} of the window.")
    return _pending(range(size, max(to, size) + 1, size), cell, (*notes, _EARLY))


def _pending(treated: range, cell: Any, notes: tuple[str, ...] = ()) -> Table:
    rows = [(n, dlts) for n in treated for dlts in range(n + 1)]
    pending = range(max(treated) + 1)
    cells = tuple(tuple(cell(n, dlts, k) if dlts + k <= n else None for k in pending) for n, dlts in rows)
    return Table("pending", tuple(rows), tuple((k,) for k in pending), cells, {}, notes)

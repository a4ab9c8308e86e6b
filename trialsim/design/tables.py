"""Decision tables, as protocols print them: the decisions, their letters, and where in the table they stand."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

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

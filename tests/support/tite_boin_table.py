"""The decisions of the published tables of time-weighted BOIN, worked out in fractions from the text of the paper.

Yuan, Lin, Li, Nie and Warren, Clin Cancer Res 2018;24:4921-4930, table 1 (target .2) and table S1 (target .3): cohorts
of three, from 3 to 15 treated at a level, accrual suspended while more than half of them are pending.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import NamedTuple

from trialsim.rules import Assigned

UP, STAY, DOWN, SUSPEND = "escalate", "stay", "de-escalate", "suspend"
TARGETS = {
    0.2: (Fraction("0.2"), Fraction("0.157242286700307"), Fraction("0.238462438817315")),
    0.3: (Fraction("0.3"), Fraction("0.236490685236468"), Fraction("0.358519464640930")),
}
"""By the target as a scenario has it: the target, and the rates up to which and from which the level changes."""
SHARES = (0.0, 0.5, 1.0)
WINDOW = 28.0


class Row(NamedTuple):
    """A row of the tables."""

    treated: int
    dlts: int
    pending: int


def rows() -> Iterator[Row]:
    """Return all rows of one table: 320."""
    for treated in range(3, 16, 3):
        for dlts, pending in product(range(treated + 1), repeat=2):
            if dlts + pending <= treated:
                yield Row(treated, dlts, pending)


def published(target: float, row: Row, share: float) -> str:
    """Return the decision when each of those pending has been followed for this share of the window."""
    aim, lowest, highest = TARGETS[target]
    rate = Fraction(row.dlts, row.treated)
    if rate >= highest:
        return DOWN
    if row.pending > Fraction(row.treated, 2):
        return SUSPEND
    known = row.treated - row.pending
    mean = (row.dlts + aim / 2) / (known + 1)
    expected = row.pending * (1 - Fraction(share)) * mean / (1 - mean)
    imputed = (row.dlts + expected) / row.treated
    if imputed <= lowest and rate < aim:
        return UP
    if imputed >= highest and rate > aim:
        return DOWN
    return STAY


def people(row: Row, share: float, first: bool) -> list[Assigned]:
    """Return the participants at level 2, those with a DLT in the first cohort or in the last, after three below."""
    bad = [Assigned(2, 0, -WINDOW, "dlt", -1.0)] * row.dlts
    well = [Assigned(2, 0, -2 * WINDOW, "no_dlt", -WINDOW)] * (row.treated - row.dlts - row.pending)
    due = [Assigned(2, 0, 0.0 - share * WINDOW, None, None)] * row.pending
    here = [*bad, *well, *due] if first else [*due, *well, *bad]
    return [Assigned(1, 0, -3 * WINDOW, "no_dlt", -2 * WINDOW)] * 3 + here

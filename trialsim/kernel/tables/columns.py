"""Where the columns of the table of replications stand in compiled code, derived from their declaration.

The kernel keeps whole numbers, days and other numbers in a matrix each, a row a column of the table. A function of the
kernel knows a column by a constant that is looked up by the column's name: ``DAYS.index("end_day")``.
"""

from __future__ import annotations

from trialsim.columns import Kind
from trialsim.tables import PER_LEVEL, REPLICATIONS

_KNOWN = ("scenario", "replication")
"""What the kernel need not be asked."""


def _of_kind(*kinds: Kind) -> tuple[str, ...]:
    return tuple(name for name, column in REPLICATIONS.items() if column.kind in kinds and name not in _KNOWN)


DAYS = _of_kind(Kind.DAY)
NUMBERS = _of_kind(Kind.NUMBER)
COUNTS = _of_kind(*(kind for kind in Kind if kind not in (Kind.DAY, Kind.NUMBER)))
"""Whole numbers: counts, ordinals (0 for none), flags, codes of labels. The columns of the levels follow them."""
OF_LEVELS = tuple(PER_LEVEL)
"""What there is a column of for each dose level: first all levels of the first, then all levels of the next."""


class Summary:
    """A chunk that is to be summarised, and where to."""

    replications: int
    levels: int
    close_out: float
    ends_at: int
    people_at: int
    lots_at: int
    counts_at: int
    days_at: int
    numbers_at: int
    stride: int
    """How many replications the columns have room for; one follows the other."""
    row: int
    """The row of the first replication of the chunk."""
    # The courses.
    grid: int
    grid_at: int
    width: int
    reached_at: int
    """How many replications had reached which count by which day, up to their end: quantity, day, count."""
    stays_at: int
    """The same, of the day of the end: where the count stays what it is."""
    new_at: int
    """Room for the three quantities of a replication, by day."""

"""Reading and writing the columns of the table of replications: by column (see `columns`) and row."""

from __future__ import annotations

import numpy as np

from trialsim.kernel.language import count_at, inlined, number_at, put_number, records
from trialsim.kernel.language import put_count as put
from trialsim.kernel.tables.columns import Summary

summary_at = records(Summary)


@inlined
def count(s: Summary, column: int, row: int) -> int:
    """A whole number of a row."""
    return count_at(s.counts_at, column * s.stride + row)


@inlined
def put_count(s: Summary, column: int, row: int, value: int) -> None:
    """Write a whole number."""
    put(s.counts_at, column * s.stride + row, value)


@inlined
def add_one(s: Summary, column: int, row: int) -> None:
    """Count one more."""
    put_count(s, column, row, count(s, column, row) + 1)


@inlined
def put_day(s: Summary, column: int, row: int, day: float) -> None:
    """Write a day."""
    put_number(s.days_at, column * s.stride + row, day)


@inlined
def add_days(s: Summary, column: int, row: int, days: float) -> None:
    """Make a length of time longer."""
    put_day(s, column, row, number_at(s.days_at, column * s.stride + row) + days)


@inlined
def put_quantity(s: Summary, column: int, row: int, value: float) -> None:
    """Write a number that is neither whole nor a day."""
    put_number(s.numbers_at, column * s.stride + row, value)


@inlined
def earlier(one: float, other: float) -> float:
    """The earlier of two days, of which either may not exist."""
    return other if np.isnan(one) or other < one else one


@inlined
def later(one: float, other: float) -> float:
    """The later of two days, of which either may not exist."""
    return other if np.isnan(one) or other > one else one

"""Counting, first and last per replication, as plain arrays: fast for chunks of thousands of replications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Replications:
    """The replications of one scenario, in the order of a table's rows.

    Parameters
    ----------
    numbers : sequence of int
        The number of each replication; no number twice.

    Raises
    ------
    ValueError
        If a number is there twice: then the rows are not replications of one scenario.
    """

    def __init__(self, numbers: Any) -> None:
        self._numbers = np.asarray(numbers, dtype=np.int64)
        self._order = np.argsort(self._numbers, kind="stable")
        self._sorted = self._numbers[self._order]
        self.count = len(self._numbers)
        if (self._sorted[1:] == self._sorted[:-1]).any():
            raise ValueError("a replication is there twice: give the tables of one scenario at a time")

    def rows(self, table: pd.DataFrame) -> Ints:
        """For each row of ``table``, the position of its replication.

        Raises
        ------
        ValueError
            If a row belongs to a replication that is not there.
        """
        wanted = table["replication"].to_numpy(dtype=np.int64)
        if len(wanted) == 0:
            return np.empty(0, dtype=np.int64)
        found = np.searchsorted(self._sorted, wanted)
        if self.count == 0 or (self._sorted[np.minimum(found, self.count - 1)] != wanted).any():
            raise ValueError("a row belongs to a replication that has no end")
        return self._order[found]

    def counts(self, rows: Ints, chosen: Flags) -> Ints:
        """How many of ``rows`` are ``chosen``, for each replication."""
        return np.bincount(rows[chosen], minlength=self.count).astype(np.int64)

    def sums(self, rows: Ints, values: Floats) -> Floats:
        """The sum of ``values`` for each replication, exact for multiples of 2**-20 of ordinary size."""
        return np.bincount(rows, weights=values, minlength=self.count).astype(np.float64)

    def first(self, rows: Ints, days: Floats) -> Floats:
        """The least of ``days`` for each replication, NaN where there is none; NaN among the days is passed over."""
        result = np.full(self.count, np.nan)
        np.fmin.at(result, rows, days)
        return result

    def last(self, rows: Ints, days: Floats) -> Floats:
        """The greatest of ``days`` for each replication, like `first`."""
        result = np.full(self.count, np.nan)
        np.fmax.at(result, rows, days)
        return result

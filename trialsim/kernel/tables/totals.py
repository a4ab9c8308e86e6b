"""The rows of the table of replications, and the courses, of chunk after chunk."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from trialsim.kernel.calling import Entry
from trialsim.kernel.engine import Raw
from trialsim.kernel.state.memory import address, array
from trialsim.kernel.state.plan import Plan
from trialsim.kernel.tables import columns

Ints = NDArray[np.int64]
Grid = Callable[[float], Sequence[int]]
"""The days at which courses are kept, as far as a horizon; a shorter horizon gives the first of them."""


class Courses:
    """How many replications had reached which count by which day; each thread needs one of its own."""

    def __init__(self, grid: Grid) -> None:
        self._grid_to = grid
        self.grid: Ints = np.zeros(0, dtype=np.int64)
        self.reached = np.zeros((3, 0, 1), dtype=np.int64)
        self.stays = np.zeros((3, 0, 1), dtype=np.int64)

    def make_room(self, horizon: float, most: int) -> None:
        """Room for ends up to a horizon, and for counts up to ``most``."""
        _, days, width = self.reached.shape
        if days and self.grid[-1] >= horizon and width > most:
            return
        if not days or self.grid[-1] < horizon:
            self.grid = np.array(self._grid_to(1.25 * horizon), dtype=np.int64)
        shape = (3, len(self.grid), max(width, most + 1 + most // 4))
        for name in ("reached", "stays"):
            old, new = getattr(self, name), np.zeros(shape, dtype=np.int64)
            new[:, :days, :width] = old
            setattr(self, name, new)

    def add(self, other: Courses) -> None:
        """Add what another one has counted."""
        self.make_room(float(other.grid[-1]) if len(other.grid) else 0.0, other.reached.shape[2] - 1)
        _, days, width = other.reached.shape
        self.reached[:, :days, :width] += other.reached
        self.stays[:, :days, :width] += other.stays

    def counts(self, horizon: float) -> list[tuple[Ints, Ints, Ints]]:
        """Days, counts and how many replications had just that count by then, for each quantity."""
        days = len(self._grid_to(horizon))
        through = self.reached[:, :days] + self.stays[:, :days].cumsum(axis=1)
        parts = []
        for one in through:
            at, value = np.nonzero(one)
            parts.append((self.grid[at], value, one[at, value]))
        return parts


class Totals:
    """The columns of the table of replications.

    Attributes
    ----------
    first : int
        The number of the first replication.
    counts, days, numbers : array of shape (columns, replications)
        The columns of each kind, in the order of `trialsim.kernel.tables.columns`.
    """

    def __init__(self, plan: Plan, run: Entry, first: int, last: int) -> None:
        self.first = first
        self._run = run
        self._levels, self._close_out = plan.scenario.levels, plan.scenario.trial.close_out
        replications = last - first + 1
        counts = len(columns.COUNTS) + len(columns.OF_LEVELS) * self._levels
        self.counts = np.zeros((counts, replications), dtype=np.int64)
        self.days = np.zeros((len(columns.DAYS), replications))
        self.numbers = np.zeros((len(columns.NUMBERS), replications))

    def add(self, raw: Raw, courses: Courses) -> None:
        """Summarise a chunk. Chunks may come in any order, and from several threads."""
        most = int(raw.ends["people"].max(initial=0))
        courses.make_room(float(raw.ends["end_day"].max(initial=0.0)), most)
        new = np.zeros((3, len(courses.grid)), dtype=np.int64)
        wanted = array(columns.Summary, 1)
        values = {
            "replications": len(raw.ends),
            "levels": self._levels,
            "close_out": self._close_out,
            "ends_at": address(raw.ends),
            "people_at": address(raw.people),
            "lots_at": address(raw.lots),
            "counts_at": address(self.counts),
            "days_at": address(self.days),
            "numbers_at": address(self.numbers),
            "stride": self.counts.shape[1],
            "row": raw.first - self.first,
            "grid": len(courses.grid),
            "grid_at": address(courses.grid),
            "width": courses.reached.shape[2],
            "reached_at": address(courses.reached),
            "stays_at": address(courses.stays),
            "new_at": address(new),
        }
        for name, value in values.items():
            wanted[name] = value
        self._run(address(wanted), 0, 0, 0)

"""The replications of the points of a sweep, which may be more than the memory holds: read point by point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trialsim.experiment.jobs import Tables
from trialsim.frames import Lazy
from trialsim.scenario.sweep import Point

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Histories:
    """The replications of some points.

    Attributes
    ----------
    points : sequence of Point
        All points of the sweep.
    results : sequence of Tables
        Theirs; they may be read from the disk each time.
    chosen : sequence of int or None
        The positions of the points meant; None is all.
    columns : tuple of str or None
        The columns that are wanted; None is all.
    """

    points: Sequence[Point]
    results: Sequence[Tables]
    chosen: Sequence[int] | None = None
    columns: tuple[str, ...] | None = None

    @property
    def tables(self) -> Sequence[pd.DataFrame]:
        """The table of replications of each point of the sweep, as simulated."""
        return Lazy(len(self.points), lambda position: self.results[position].replications)

    def only(self, chosen: Sequence[int], columns: tuple[str, ...]) -> Histories:
        """Some columns of some points."""
        return replace(self, chosen=chosen, columns=columns)

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """The replications of each point, with its number, its name and its values at the keys of the axes."""
        from trialsim.analysis.points import with_point

        for position in range(len(self.points)) if self.chosen is None else self.chosen:
            point, table = self.points[position], self.tables[position]
            yield with_point(
                table if self.columns is None else table[list(self.columns)], position + 1, point.name, point.values
            )

    def table(self) -> pd.DataFrame:
        """All of them, in memory."""
        import pandas as pd

        return pd.concat(list(self), ignore_index=True)

"""What the table of points says of a measure: estimates with the error of the simulation, differences to the base."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from trialsim.analysis.measures import is_share, more_is_better, scale
from trialsim.figures.varied import MATTERS
from trialsim.tables import COUNTS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

_95 = 1.959964
"""Standard errors of a mean from it to the ends of its 95 % interval."""


@dataclass(frozen=True)
class Estimates:
    """A measure at some points, an entry a point: months of milestones, numbers of counts, chances from 0 to 1."""

    middle: Floats
    """Medians of milestones, means of counts, chances; NaN where no trial has a milestone."""
    low: Floats
    high: Floats
    """The ends of their 95 % intervals."""
    p10: Floats
    p80: Floats
    p90: Floats
    """Of a milestone: of the trials. Of others NaN."""
    difference: Floats
    difference_low: Floats
    difference_high: Floats
    """To the base, pair by pair, of means, with their 95 % intervals: in months, numbers, percentage points."""
    limited: Flags
    """Whether a limit ended so many of the trials that the measure says less of the trial than of the limit."""

    def at(self, rows: Any) -> Estimates:
        """Those of some points, by position or flag."""
        return Estimates(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})


def estimates(points: pd.DataFrame, measure: str) -> Estimates:
    """What is known of a measure at each row of a table of points (`trialsim.tables.point_columns`)."""

    def column(name: str, factor: float = 1.0) -> Floats:
        if name not in points:
            return np.full(len(points), np.nan)
        found: Floats = factor * points[name].to_numpy(dtype=float)
        return found

    def three(name: str, factor: float) -> tuple[Floats, Floats, Floats]:
        return column(name, factor), column(f"{name}_low", factor), column(f"{name}_high", factor)

    unit = 1.0 if is_share(measure) else scale(measure)
    if measure in COUNTS:
        middle, error = column(f"{measure}_mean"), _95 * column(f"{measure}_standard_error")
        low, high = middle - error, middle + error
    else:
        middle, low, high = three(measure if is_share(measure) else f"{measure}_p50", unit)
    ended = column("time_limit") + column("slow_accrual")
    counts = not is_share(measure) and not measure.startswith("first")
    return Estimates(
        middle,
        low,
        high,
        column(f"{measure}_p10", unit),
        column(f"{measure}_p80", unit),
        column(f"{measure}_p90", unit),
        *three(f"{measure}_difference", scale(measure)),
        (ended >= MATTERS) & counts,
    )


def from_best(found: Estimates, measure: str) -> NDArray[np.intp]:
    """The positions of points, the best first; those without an estimate last."""
    order: NDArray[np.intp] = np.argsort(-found.middle if more_is_better(measure) else found.middle, kind="stable")
    return order

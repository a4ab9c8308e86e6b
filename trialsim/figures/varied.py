"""What was varied, and what each point of a sweep is measured at: what its figures share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from trialsim.analysis import statistics
from trialsim.analysis.measures import happened, is_share, scale, values, words
from trialsim.figures import style
from trialsim.tables import COUNTS
from trialsim.vocabulary import EndCause
from trialsim.wording import percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


_LIMITS = (EndCause.TIME_LIMIT, EndCause.SLOW_ACCRUAL)
"""Ends that come of a limit, and say nothing of how long a trial would have taken, or how many it would have had."""

MATTERS = 0.1
"""The share of a point's trials from which on a limit changes what P10 to P90 say."""


class Point(NamedTuple):
    """A point of a sweep."""

    x: float
    """Where it stands on the first axis."""
    table: Any
    """Its replications."""


def points(replications: pd.DataFrame, key: str, across: Sequence[Any], place: Sequence[float]) -> list[Point]:
    """The points along an axis, of the values that there are."""
    texts = replications[key].map(text)
    found = []
    for value, x in zip(across, place, strict=True):
        mine = replications[texts == text(value)]
        if len(mine):
            found.append(Point(x, mine))
    return found


def single(replications: pd.DataFrame, keys: Sequence[str]) -> bool:
    """Whether there is one replication a point, of which there are no quantiles."""
    return int(replications[list(keys)].map(text).value_counts().max()) == 1


def is_base(point: Point, keys: Sequence[str], base: Mapping[str, Any] | None) -> bool:
    """Whether the point has the base's values on all axes."""
    first = point.table.iloc[0]
    return base is not None and all(text(first[key]) == text(base[key]) for key in keys)


def cells(
    replications: pd.DataFrame, keys: Sequence[str], down: Sequence[Any], across: Sequence[Any]
) -> dict[tuple[int, int], Point]:
    """The points of two axes, by row and column."""
    texts = replications[keys[1]].map(text)
    return {
        (row, int(point.x)): point
        for row, value in enumerate(down)
        for point in points(replications[texts == text(value)], keys[0], across, range(len(across)))
    }


def share(point: Point, measure: str) -> statistics.Proportion:
    """The chance of an end, with its interval."""
    chosen = happened(point.table, measure)
    return statistics.proportion(int(np.count_nonzero(chosen)), len(chosen))


def quantiles(point: Point, measure: str, shares: Sequence[float]) -> list[float]:
    """Quantiles of a count, or of a milestone in months, of the trials that have it; NaN if none has."""
    found = values(point.table, measure)
    found = scale(measure) * found[~np.isnan(found)]
    return [float(np.quantile(found, share)) if len(found) else np.nan for share in shares]


class Cut(NamedTuple):
    """The trials of a point that a limit ended: their share of those that have the measure, and where they lie."""

    share: float
    low: float
    high: float
    top: float
    """P90 of all of them."""


def cut(point: Point, measure: str) -> Cut | None:
    """What a limit cuts off at a point; None if it is too little to matter, or cannot change the measure."""
    if is_share(measure) or measure.startswith("first"):
        return None
    found = scale(measure) * values(point.table, measure)
    known = ~np.isnan(found)
    limited = known & point.table["end_cause"].isin(_LIMITS).to_numpy()
    part = float(np.mean(limited[known])) if known.any() else 0.0
    if part < MATTERS:
        return None
    ends = np.quantile(found[known], (0.1, 0.9))
    low, high = np.clip(np.quantile(found[limited], (0.1, 0.9)), *ends)
    return Cut(part, float(low), float(high), float(ends[1]))


def title(measure: str, called: Mapping[str, str] | None = None) -> str:
    """What a measure is called as a topic."""
    return "Risk of ending early" if measure == "early_termination" else _capital(words(measure, called))


def message(
    measure: str, found: Sequence[float], called: Mapping[str, str] | None = None, middle: str = "median "
) -> str:
    """What is to be seen: from what to what the points go (medians in months or persons, shares), NaN for none."""
    known = [value for value in found if not math.isnan(value)]
    name = title(measure, called)
    if not known:
        return f"{name}: in no trial"
    low, high = min(known), max(known)
    if is_share(measure):
        return f"{name}: {percent(low)}" + f" to {percent(high)}" * (percent(low) != percent(high))
    unit = "" if measure in COUNTS else " months"
    digits = ".4g" if measure in COUNTS else ".1f"
    if f"{low:{digits}}" == f"{high:{digits}}":
        return f"{name}: {middle}{low:{digits}}{unit}, whatever is varied"
    return f"{name}: {middle}from {low:{digits}} to {high:{digits}}{unit}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def unit(measure: str) -> str:
    """What its numbers are, for an axis without its name."""
    return "% of trials" if is_share(measure) else "in one trial" if measure in COUNTS else "months"


def unit_of_difference(measure: str) -> str:
    """What differences in it are in, and which are for the better where that is not plain."""
    return "percentage points" if is_share(measure) else "a trial" if measure in COUNTS else "months; below 0: sooner"


def axis_label(measure: str, called: Mapping[str, str] | None = None) -> str:
    """What a measure is called at its axis."""
    if is_share(measure):
        return f"Trials that {'end early' if measure == 'early_termination' else 'end so'}"
    return f"{_capital(words(measure, called))} ({'in one trial' if measure in COUNTS else 'months from day 0'})"


def values_of(replications: pd.DataFrame, key: str) -> list[Any]:
    """The values of a key: numbers in order, anything else as it comes."""
    found = list({text(value): value for value in replications[key]}.values())
    return sorted(found) if all(is_number(value) for value in found) else found


def is_number(value: Any) -> bool:
    """Whether it has a place on a scale."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and math.isfinite(value)


def text(value: Any) -> str:
    """A value of an axis in words."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "none"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | np.ndarray):
        return " + ".join(text(inner) for inner in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {text(inner)}" for name, inner in value.items())
    return f"{value:g}" if is_number(value) else str(value)


def label(key: str, labels: Mapping[str, str] | None) -> str:
    """What a key is called."""
    return (labels or {}).get(key, key)


def caption(
    replications: pd.DataFrame, keys: Sequence[str], held: Mapping[str, Any] | None = None, about: str = ""
) -> str:
    """What was varied, how many replications are behind each point, and what further axes are held at."""
    sizes = replications[list(keys)].map(text).value_counts()
    least, most = int(sizes.min()), int(sizes.max())
    count = f"{style.trials(most) if least == most else f'{least:,} to {style.trials(most)}'} a point"
    parts = [count, *(f"{name}: {text(value)} throughout" for name, value in (held or {}).items())]
    return f"{about}: " * bool(about) + "; ".join(parts)


def name_values(ax: Axes, values: Sequence[Any], places: Sequence[float]) -> float:
    """Name the values under the axis, slanted if they are long; returns how much lower they reach, in points."""
    names = [style.shortened(text(value), 22) for value in values]
    nearest = min(np.diff(places), default=1.0)
    room = style.points_wide(ax) * nearest / (places[-1] - places[0] + nearest)
    slanted = max(len(name) for name in names) * 0.62 * style.TICK > room
    ax.set_xticks(places, names)
    ax.tick_params(axis="x", rotation=35 if slanted else 0)
    if not slanted:
        return 0.0
    for tick in ax.get_xticklabels():
        tick.set_horizontalalignment("right")
        tick.set_rotation_mode("anchor")
    return 0.36 * style.TICK * max(len(name) for name in names)

"""What a sensitivity analysis asks about: the mean of a measure, the chance of an end, or a quantile of a milestone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trialsim.analysis.grouping import Flags, Floats
from trialsim.analysis.measures import USUAL, happened, is_share, named, values, words
from trialsim.analysis.pairs import difference, difference_of_shares
from trialsim.scenario.messages.words import unknown
from trialsim.tables import MEASURES, QUANTILES
from trialsim.vocabulary import Milestone

if TYPE_CHECKING:
    import pandas as pd

OF_QUANTILES = tuple(f"{milestone}_{quantile}" for milestone in Milestone.texts() for quantile in QUANTILES)
"""The names of answers that are quantiles: ``last_visit_p80``."""
_RESAMPLES, _AT_ONCE = 500, 25


@dataclass(frozen=True, slots=True)
class Answer:
    """A number that a scenario has, and that replications estimate.

    Attributes
    ----------
    name : str
        The measure, with ``_p10`` to ``_p90`` behind it for a quantile.
    measure : str
        One of `trialsim.tables.MEASURES`.
    probability : float or None
        Which quantile; None is the mean, of an end its chance.
    """

    name: str
    measure: str
    probability: float | None = None

    def of(self, table: pd.DataFrame) -> Floats:
        """What each row of a table of replications has of it; NaN where a milestone was not reached."""
        return happened(table, self.measure).astype(float) if is_share(self.measure) else values(table, self.measure)

    def estimate(self, each: Floats) -> float | None:
        """The number, from what replications have of it; those without a value do not count."""
        known = each[~np.isnan(each)]
        if not len(known):
            return None
        return float(known.mean() if self.probability is None else np.quantile(known, self.probability))

    def words(self, called: Mapping[str, str] | None = None) -> str:
        """How people say it; ``called`` are other words for measures."""
        said = words(self.measure, called)
        return said if self.probability is None else f"{said}, P{100 * self.probability:.0f}"


@dataclass(frozen=True, slots=True)
class Moved:
    """How far an answer moves from one scenario to another with the same luck, with its 95 % interval.

    ``low`` and ``high`` are None where all pairs differ alike, and nothing is known of their spread.
    """

    value: float
    low: float | None
    high: float | None


def answers(names: Iterable[str]) -> tuple[Answer, ...]:
    """The answers of these names, each once; the usual ones for none.

    Raises
    ------
    ValueError
        For a name that is none.
    """
    found = {}
    for name in tuple(names) or USUAL:
        known = name if name in OF_QUANTILES else named(name)
        if known in OF_QUANTILES:
            measure, _, quantile = known.rpartition("_")
            found[known] = Answer(known, measure, QUANTILES[quantile])
        elif known in MEASURES:
            found[known] = Answer(known, known)
        else:
            raise ValueError(f"{unknown(name, MEASURES, 'measure')}, and of each milestone _{', _'.join(QUANTILES)}")
    return tuple(found.values())


def moved(answer: Answer, one: Floats, other: Floats) -> Moved | None:
    """How far ``other`` is from ``one``: what replications of two scenarios have of an answer, in the same order.

    Each side's answer is that of the replications in which it has a value, and so the difference is one of two answers
    as they are reported, also where some replications have a value on one side only. None if a side has no value.
    """
    of_one, of_other = ~np.isnan(one), ~np.isnan(other)
    if not of_one.any() or not of_other.any():
        return None
    if is_share(answer.measure):
        found = difference_of_shares(other > 0, one > 0)
    elif answer.probability is None:
        found = difference(_linearised(other, of_other), _linearised(one, of_one))
    else:
        return _quantiles_apart(answer.probability, one, other)
    return Moved(found.mean, found.low, found.high)


def _linearised(each: Floats, known: Flags) -> Floats:
    """Numbers, one a replication, whose mean and its error are those of the mean of the values that are known.

    A mean of which the number of values is random as well is a ratio; this is its linearisation (delta method).
    """
    if known.all():
        return each
    mean = each[known].mean()
    numbers: Floats = np.where(known, mean + (each - mean) / known.mean(), mean)
    return numbers


def _quantiles_apart(probability: float, one: Floats, other: Floats) -> Moved:
    """With the percentile interval of the bootstrap of pairs (Efron, Tibshirani 1993, chapter 13)."""

    def apart(pairs: Any) -> Floats:
        return _quantiles(other[pairs], probability) - _quantiles(one[pairs], probability)

    luck, size = np.random.default_rng(0), len(one)
    drawn = [apart(luck.integers(size, size=(_AT_ONCE, size))) for _ in range(_RESAMPLES // _AT_ONCE)]
    low, high = np.nanquantile(drawn, [0.025, 0.975]).tolist()
    value = float(apart(np.arange(size)[np.newaxis])[0])
    return Moved(value, None, None) if low == high == value else Moved(value, low, high)


def _quantiles(rows: Floats, probability: float) -> Floats:
    """A quantile of each row, interpolated linearly between the values that are known; NaN where none is."""
    ordered = np.sort(rows, axis=1)  # what is not known comes last
    place = probability * ((~np.isnan(ordered)).sum(axis=1) - 1)
    below = np.floor(place).astype(int)
    ends = [np.take_along_axis(ordered, (below + more)[:, np.newaxis], axis=1)[:, 0] for more in (0, place > below)]
    found: Floats = np.where(place < 0, np.nan, ends[0] + (place - below) * (ends[1] - ends[0]))
    return found

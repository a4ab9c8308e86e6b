"""How many replications are enough: until the intervals that were asked for are as narrow as was asked.

Stopping at the first moment at which an interval is narrow enough would be stopping by luck: an interval is narrow
where the values happen to lie close, and then holds the truth less often than it says. So there are few looks, far
apart: each of them plans the next number from the width so far, with a margin, so that hardly ever more than one look
has a choice. That the intervals keep their 95 % is shown by ``python -m tests.coverage_of_intervals``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trialsim.analysis import statistics
from trialsim.analysis.measures import amount, happened, is_share, values
from trialsim.analysis.pairs import Difference, difference, difference_of_shares
from trialsim.tables import COUNTS, QUANTILES, SHARES
from trialsim.vocabulary import Milestone

if TYPE_CHECKING:
    import pandas as pd

FIRST, MOST = 200, 100_000
"""Replications: before the first look at least, and at most."""
_MARGIN, _LEAST_GROWTH, _MOST_GROWTH = 1.15, 1.25, 10.0
"""Of the replications that the width so far asks for, how many times as many; and how they grow from look to look."""

DIFFERENCE = "difference"
_ALONE = (
    *SHARES,
    *(f"{name}_{quantile}" for name in Milestone.texts() for quantile in QUANTILES),
    *(f"{name}_mean" for name in (*Milestone.texts(), *COUNTS)),
)
_PAIRED = tuple(f"{name}_{DIFFERENCE}" for name in (*Milestone.texts(), *COUNTS, *SHARES))


@dataclass(frozen=True)
class Wanted:
    """An estimate, and how wide its 95 % interval may be.

    Attributes
    ----------
    name : str
        As the column of the table of points: ``early_termination``, ``last_visit_p80``, ``infused_mean``,
        ``last_visit_difference``.
    half_width : float
        In its own unit: days, a count, or a probability.
    """

    name: str
    half_width: float

    @property
    def measure(self) -> str:
        """What is measured; see `trialsim.tables.MEASURES`."""
        return self.name if self.name in SHARES else self.name.rpartition("_")[0]

    def found(self, table: pd.DataFrame, base: pd.DataFrame | None = None) -> float:
        """Half of the width of the interval; infinite where it has an open end, or nothing is known."""
        interval = self.interval(table, base)
        if interval is None or interval.low is None or interval.high is None:
            return math.inf
        return float(interval.high - interval.low) / 2

    def interval(
        self, table: pd.DataFrame, base: pd.DataFrame | None = None
    ) -> statistics.Proportion | statistics.Quantile | Difference | None:
        """The estimate with its 95 % interval; None where nothing is known.

        A milestone is that of the replications that reach it; of those in which both do, for a difference to ``base``.
        """
        if base is not None:
            return _of_pairs(table, base, self.measure)
        if is_share(self.measure):
            chosen = happened(table, self.measure)
            return statistics.proportion(int(chosen.sum()), len(chosen))
        known = values(table, self.measure)
        known = known[~np.isnan(known)]
        if (statistic := self.name.rpartition("_")[2]) in QUANTILES:
            return statistics.quantile(known, QUANTILES[statistic])
        return difference(known, np.zeros(len(known))) if len(known) else None


@dataclass(frozen=True)
class Reached:
    """How near one came to what was asked.

    Attributes
    ----------
    name : str
        Of the estimate.
    asked : float
        The half-width that was asked for.
    half_width : float or None
        That of the interval at the end; None if it has an open end. Of several points the widest.
    met : bool
        Whether it is as narrow as was asked.
    """

    name: str
    asked: float
    half_width: float | None
    met: bool


def wanted(options: Sequence[str], paired: bool = False) -> tuple[Wanted, ...]:
    """What ``NAME=HALF-WIDTH`` says, each.

    Parameters
    ----------
    options : sequence of str
        Such as ``early_termination=0.02`` or ``last_visit_p80=2 weeks``.
    paired : bool
        Whether there is a base to which differences are taken.

    Raises
    ------
    ValueError
        With what was given and what is allowed.
    """
    found: dict[str, Wanted] = {}
    for option in options:
        name, sign, text = option.partition("=")
        if not sign:
            raise ValueError(f'"{option}" has no "="; write NAME=HALF-WIDTH, say early_termination=0.02')
        if name not in (*_ALONE, *(_PAIRED if paired else ())):
            raise ValueError(f'"{name}" is nothing that has a precision here; {_allowed(name, paired)}')
        each = Wanted(name, 0.0)
        found[name] = Wanted(name, amount(each.measure, text.strip()))
    return tuple(found.values())


def _allowed(name: str, paired: bool) -> str:
    from trialsim.scenario.messages.words import nearest

    if not paired and name in _PAIRED:
        return "differences are those of sweeps and comparisons"
    close = nearest(name, (*_ALONE, *(_PAIRED if paired else ())))
    also = ", and of each NAME_difference" if paired else ""
    return (f'did you mean "{close}"? ' if close else "") + (
        "allowed are the chance of an end (early_termination), MILESTONE_p10, _p50, _p80, _p90 (last_visit_p80), and "
        f"the mean of a milestone or count (infused_mean){also}"
    )


def _of_pairs(table: pd.DataFrame, base: pd.DataFrame, measure: str) -> Difference | None:
    if is_share(measure):
        return difference_of_shares(happened(table, measure), happened(base, measure))
    one, other = values(table, measure), values(base, measure)
    both = ~np.isnan(one - other)
    return difference(one[both], other[both]) if both.any() else None


def reached(asked: Iterable[Wanted], tables: Sequence[pd.DataFrame], base: int | None = None) -> tuple[Reached, ...]:
    """How near the tables of replications of all points come to what was asked; ``base`` is the position of theirs."""
    found = []
    for each in asked:
        if each.name in _PAIRED:
            assert base is not None
            widths = [each.found(table, tables[base]) for place, table in enumerate(tables) if place != base]
        else:
            widths = [each.found(table) for table in tables]
        widest = max(widths)
        half_width = widest if math.isfinite(widest) else None
        found.append(Reached(each.name, each.half_width, half_width, widest <= each.half_width))
    return tuple(found)


def next_size(size: int, found: Iterable[Reached], most: int) -> int | None:
    """How many replications there should be after so many; None if these are enough, or as many as there may be."""
    ratios = [math.inf if each.half_width is None else each.half_width / each.asked for each in found if not each.met]
    if not ratios or size >= most:
        return None
    growth = min(max(_MARGIN * max(ratios) ** 2, _LEAST_GROWTH), _MOST_GROWTH)
    return min(most, math.ceil(size * growth))

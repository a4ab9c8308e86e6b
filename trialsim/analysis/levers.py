"""What each lever of a trial buys, and which of them buys most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from trialsim.analysis.measures import happened, is_share, more_is_better, values
from trialsim.analysis.pairs import Difference, difference, difference_of_shares
from trialsim.frames import typed
from trialsim.tables import COUNTS, LEVERS
from trialsim.vocabulary import EndCause

if TYPE_CHECKING:
    import pandas as pd

ENOUGH = 20
"""Pairs that differ all alike, and so tell of a difference that has no interval."""


def levers_table(moved: Mapping[str, pd.DataFrame], planned: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """One row a lever and measure, the levers in the order of what they buy.

    Parameters
    ----------
    moved : mapping of DataFrame
        The replications with each lever, by its name.
    planned : DataFrame
        The same replications of the trial as planned.
    measures : sequence of str
        What is compared. A milestone's day is compared in trials that complete with the lever and without: a trial that
        no longer ends early takes longer, and that is no loss.

    Returns
    -------
    DataFrame
        As `trialsim.tables.LEVERS` says. First the levers that surely better the first measure, most before less; then
        those that surely better a later one; then those that may change nothing; last what surely makes the first
        worse. Earlier, less likely to end early, and more people are better.
    """
    import pandas as pd

    found = {name: {each: _difference(table, planned, each) for each in measures} for name, table in moved.items()}
    rows = [
        {
            "lever": name,
            "measure": measure,
            "difference": None if each is None else each.mean,
            "difference_low": None if each is None else each.low,
            "difference_high": None if each is None else each.high,
            "pairs": 0 if each is None else each.replications,
        }
        for name in sorted(found, key=lambda name: _rank(found[name]))
        for measure, each in found[name].items()
    ]
    return typed(LEVERS, pd.DataFrame(rows, columns=list(LEVERS)))


def is_sure(mean: float | None, low: float | None, high: float | None, pairs: int) -> bool:
    """Whether a difference is told from none: its interval does not hold 0, or it is the same in each of enough pairs.

    None and NaN are what is not known. Of a few pairs without an interval nothing is sure: they are alike by chance.
    """
    if low is None or high is None or isnan(low):
        return pairs >= ENOUGH and mean is not None and mean != 0 and not isnan(mean)
    return not low <= 0 <= high


def betters(measure: str, mean: float | None, low: float | None, high: float | None, pairs: int) -> bool:
    """Whether a difference is surely for the better: earlier, less likely to end early, more people, fewer DLTs."""
    return is_sure(mean, low, high, pairs) and mean is not None and (mean > 0) == more_is_better(measure)


def _difference(table: pd.DataFrame, planned: pd.DataFrame, measure: str) -> Difference | None:
    if is_share(measure):
        return difference_of_shares(happened(table, measure), happened(planned, measure))
    each, before = values(table, measure), values(planned, measure)
    if measure in COUNTS:
        return difference(each, before)
    both = happened(table, EndCause.COMPLETED) & happened(planned, EndCause.COMPLETED) & ~np.isnan(each - before)
    return difference(each[both], before[both]) if both.any() else None


def _rank(found: Mapping[str, Difference | None]) -> tuple[int, float]:
    for place, (measure, each) in enumerate(found.items()):
        if each is not None and betters(measure, each.mean, each.low, each.high, each.replications):
            return place, -abs(each.mean)
    measure, first = next(iter(found.items()))
    if first is None:
        return len(found), 0.0
    harms = is_sure(first.mean, first.low, first.high, first.replications)
    return len(found) + harms, -first.mean if more_is_better(measure) else first.mean

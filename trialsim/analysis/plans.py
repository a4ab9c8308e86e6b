"""The plans of a selection, one row each: its estimate, its difference to the one selected, how probably it is best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from trialsim.analysis.grouping import Flags, Floats
from trialsim.analysis.measures import happened, is_share, values
from trialsim.analysis.pairs import Difference, difference, difference_of_shares
from trialsim.analysis.statistics import proportion
from trialsim.frames import frame
from trialsim.tables import COUNTS, PLANS
from trialsim.vocabulary import EndCause

if TYPE_CHECKING:
    import pandas as pd


def scores(table: pd.DataFrame, measure: str) -> Floats:
    """What each replication counts: the day of a milestone if it completes (NaN if not), a count, or 1 for the end.

    A trial that is stopped early has its last visit early too, and is no better for it.
    """
    if is_share(measure):
        return happened(table, measure).astype(float)
    found = values(table, measure)
    return found if measure in COUNTS else np.where(happened(table, EndCause.COMPLETED), found, np.nan)


def estimate(numbers: Floats, measure: str) -> tuple[float | None, float | None, float | None]:
    """The mean, or the chance of an end, with its 95 % interval; None where nothing is known."""
    if is_share(measure):
        share = proportion(int(np.count_nonzero(numbers)), len(numbers))
        return share.probability, share.low, share.high
    if not len(numbers):
        return None, None, None
    found = difference(numbers, np.zeros(len(numbers)))
    return found.mean, found.low, found.high


def paired(numbers: Floats, base: Floats, measure: str) -> Difference | None:
    """The mean difference of the replications in which both have a value; None if there are none."""
    both = ~np.isnan(numbers - base)
    if not both.any():
        return None
    return (difference_of_shares if is_share(measure) else difference)(numbers[both], base[both])


def plans_table(
    names: Sequence[str], outcomes: Sequence[str], found: Floats, simulated: Flags, chances: Floats, measure: str
) -> pd.DataFrame:
    """One row a plan, as `trialsim.tables.PLANS` says.

    Parameters
    ----------
    names, outcomes
        Of each plan; one of them is ``selected``.
    found : ndarray of shape (replications, plans)
        The `scores`; missing where a plan was not simulated, or has none.
    simulated : ndarray of bool, of the same shape
        Where it was.
    chances : ndarray of shape (plans,)
        How probably each is the best.
    measure : str
        What they are selected by.
    """
    selected = list(outcomes).index("selected")
    rows: list[tuple[Any, ...]] = []
    for plan, (name, outcome) in enumerate(zip(names, outcomes, strict=True)):
        column = found[:, plan]
        known = column[~np.isnan(column)]
        differs = None if plan == selected else paired(column, found[:, selected], measure)
        rows.append(
            (
                *(plan + 1, name, outcome, int(simulated[:, plan].sum()), len(known)),
                *estimate(known, measure),
                *((None, None, None, 0) if differs is None else (differs.mean, differs.low, differs.high)),
                *(() if differs is None else (differs.replications,)),
                chances[plan],
            )
        )
    return frame(PLANS, rows)

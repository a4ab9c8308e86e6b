"""Which inputs an answer rises and falls with: partial rank correlations, from one sample in which all inputs vary.

They say how well an input sorts the answer once the others are taken account of, as far as a straight line between
ranks does that, and so which of many inputs may be left alone. With one trial a point, luck makes all of them smaller.

References
----------
Marino, Hogue, Ray, Kirschner: A methodology for performing global uncertainty and sensitivity analysis in systems
biology. Journal of Theoretical Biology 254 (2008) 178-196, doi 10.1016/j.jtbi.2008.04.011.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from trialsim.analysis.grouping import Flags, Floats
from trialsim.analysis.jackknife import jackknifed, on_fishers_scale
from trialsim.frames import typed
from trialsim.tables import RANK_CORRELATIONS

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.analysis.answers import Answer

FEWEST = 100
"""Replications of which anything is said."""
_DEPENDENT = 1e-9
"""A variance of ranks, of which no more than this is an input's own, belongs to the others."""


@dataclass(frozen=True, slots=True)
class RankCorrelation:
    """From -1 to 1, with its 95 % interval of Monte Carlo error; None where nothing varies or nothing is known."""

    value: float | None
    low: float | None
    high: float | None


_NOTHING = RankCorrelation(None, None, None)


def partial_rank_correlations(inputs: Floats, answer: Floats) -> list[RankCorrelation]:
    """That of each input with the answer, given the other inputs.

    Parameters
    ----------
    inputs : array of float, shape (replications, inputs)
        What was drawn.
    answer : array of float, shape (replications,)
        What came of it; NaN is what has no value.
    """
    known = ~np.isnan(answer)
    inputs, answer = inputs[known], answer[known]
    told = _independent(inputs) if len(answer) >= FEWEST else np.zeros(inputs.shape[1], dtype=bool)
    if not told.any() or (answer == answer[0]).all():
        return [_NOTHING] * len(told)
    found = np.tanh(jackknifed(partial(_scores, told), inputs, answer))
    each = iter(found.T.tolist())
    return [RankCorrelation(*next(each)) if is_told else _NOTHING for is_told in told]


def _independent(inputs: Floats) -> Flags:
    """Which inputs vary, and are not what others are in other words."""
    sizes, directions = np.linalg.eigh(_correlations(inputs))
    is_own = (np.abs(directions[:, sizes < _DEPENDENT]) < 1e-4).all(axis=1)
    told: Flags = is_own & (inputs != inputs[0]).any(axis=0)
    return told


def _scores(told: Flags, inputs: Floats, answer: Floats) -> Floats:
    """The partial correlations of the ranks on Fisher's scale, from the regression of the answer on all inputs."""
    together = _correlations(np.column_stack([inputs, answer]))
    own = np.linalg.pinv(together[:-1, :-1], hermitian=True)
    slope = own @ together[:-1, -1]
    unexplained = max(1 - float(slope @ together[:-1, -1]), 0.0)
    size = np.sqrt(slope**2 + unexplained * np.diag(own))
    shares = np.divide(slope, size, out=np.zeros(len(slope)), where=size > 0)
    return np.array([on_fishers_scale(float(each)) for each in shares[told]])


def _correlations(columns: Floats) -> Floats:
    """The correlation matrix of the ranks of columns; a column that does not vary goes with no other."""
    from scipy.stats import rankdata

    ranks = rankdata(columns, axis=0)
    ranks -= ranks.mean(axis=0)
    sizes = np.sqrt((ranks**2).sum(axis=0))
    ranks /= np.where(sizes > 0, sizes, 1.0)
    found: Floats = ranks.T @ ranks
    np.fill_diagonal(found, 1.0)
    return found


def ranks_table(
    inputs: Mapping[str, Floats], table: pd.DataFrame, measured: Sequence[Answer], dummy: str
) -> pd.DataFrame:
    """One row a measure and input, as `trialsim.tables.RANK_CORRELATIONS` says; the strongest first, the dummy last.

    Parameters
    ----------
    inputs : mapping
        What was drawn in each replication, by input; among them the ``dummy``.
    table : DataFrame
        The replications.
    measured : sequence of Answer
        With what they are correlated, trial by trial.
    """
    drawn = np.column_stack(list(inputs.values()))
    rows: list[dict[str, Any]] = []
    for measure in measured:
        each = measure.of(table)
        found = dict(zip(inputs, partial_rank_correlations(drawn, each), strict=True))
        rows += [
            {
                "measure": measure.name,
                "input": name,
                "is_dummy": name == dummy,
                "correlation": found[name].value,
                "correlation_low": found[name].low,
                "correlation_high": found[name].high,
                "replications": int((~np.isnan(each)).sum()),
            }
            for name in sorted(found, key=lambda name: (name == dummy, -abs(found[name].value or 0.0)))
        ]
    return typed(RANK_CORRELATIONS, {name: [row[name] for row in rows] for name in RANK_CORRELATIONS})

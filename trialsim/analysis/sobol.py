"""How much of the ignorance in an answer is that of each input: Sobol's first and total indices, free of luck.

What is shared out is the variance of f(X), the expectation of the answer given the inputs X, and not that of single
trials. A trial is f(X) and luck, so that the usual estimator of a total effect, half the mean square of Y(A) - Y(AB),
would count the variance of luck for every input. Here each point is simulated on two lucks. Within one, all that
differs are inputs (common random numbers); between the two nothing is shared but inputs, so that products over the two
have the expectation of the products of f. `docs/model.md` has the derivation.

References
----------
Sobol: Sensitivity estimates for nonlinear mathematical models. Mathematical Modelling and Computational Experiment 1
(1993) 407-414. Saltelli et al.: Variance based sensitivity analysis of model output. Computer Physics Communications
181 (2010) 259-270: the products, there (b) and (f) of table 2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trialsim.analysis.grouping import Floats
from trialsim.analysis.pairs import difference
from trialsim.frames import typed
from trialsim.tables import INDICES

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.analysis.answers import Answer

FEWEST = 100
"""Points of which anything is said."""


@dataclass(frozen=True, slots=True)
class Index:
    """A share of the ignorance, with its 95 % interval of Monte Carlo error, which may reach below 0 and above 1."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Indices:
    """What one input does; None where too few points have a value, or no ignorance is seen that could be shared out.

    ``first`` is what it does alone: how much less the variance would be, on average, if it were known. ``total`` is
    what it does alone and together with others: how much would be left if all others were known.
    """

    points: int
    first: Index | None
    total: Index | None


def indices(sample: Floats, other: Floats, exchanged: Floats) -> Indices:
    """The indices of an input.

    Parameters
    ----------
    sample, other, exchanged : arrays of float, shape (2, points)
        The answer at the points A, at independent points B, and at those of A with this input taken from B; each on two
        lucks, which are independent of each other; the three share them, row by row. NaN is what has no value. Of a
        dummy, which changes nothing, ``exchanged`` are the points A on lucks of their own.
    """
    known = ~np.isnan(np.concatenate([sample, other, exchanged])).any(axis=0)
    number = int(known.sum())
    if number < FEWEST:
        return Indices(number, None, None)
    a, b, ab = (each[:, known] for each in (sample, other, exchanged))
    mean = (a.mean() + b.mean() + ab.mean()) / 3
    variance = sum(np.prod(each - mean, axis=0) for each in (a, b, ab)) / 3
    least = difference(variance, np.zeros(number)).low
    if least is None or least <= 0:
        return Indices(number, None, None)
    moved = ab - a
    first = _crossed(b - mean, moved)
    nothing = _crossed(b - mean, a - mean)
    return Indices(number, *(_share(part, variance, nothing) for part in (first, np.prod(moved, axis=0) / 2)))


def _crossed(one: Floats, other: Floats) -> Floats:
    """Products over the two lucks, either way."""
    products: Floats = (one[0] * other[1] + one[1] * other[0]) / 2
    return products


def _share(part: Floats, whole: Floats, nothing: Floats) -> Index:
    """The ratio of two means over the same points, with the interval of its linearisation (delta method).

    ``nothing`` has the expectation 0, A and B being independent, and goes with the error of the ratio: as much of it is
    taken away as makes the error smallest (a control variate).
    """
    rest = part - part.mean() / whole.mean() * whole
    spread = float(np.var(nothing))
    part = part - float(np.mean((rest - rest.mean()) * nothing)) / spread * nothing if spread > 0 else part
    ratio = float(part.mean() / whole.mean())
    found = difference(ratio + (part - ratio * whole) / whole.mean(), np.zeros(len(part)))
    if found.low is None or found.high is None:
        return Index(ratio, ratio, ratio)
    return Index(ratio, found.low, found.high)


def indices_table(
    sample: Sequence[pd.DataFrame],
    other: Sequence[pd.DataFrame],
    exchanged: Mapping[str, Sequence[pd.DataFrame]],
    measured: Sequence[Answer],
    dummy: str,
) -> pd.DataFrame:
    """One row a measure and input, as `trialsim.tables.INDICES` says; the largest total first, the dummy last.

    Parameters
    ----------
    sample, other : sequence of DataFrame
        The replications of the points A and B, on either luck.
    exchanged : mapping
        The same of each input by its name, with this input exchanged.
    measured : sequence of Answer
        Of these, means or chances.
    dummy : str
        The name of the input that changes nothing.
    """
    rows: list[dict[str, Any]] = []
    for measure in measured:
        a, b = (_on_both(measure, tables) for tables in (sample, other))
        found = {name: indices(a, b, _on_both(measure, tables)) for name, tables in exchanged.items()}
        order = sorted(found, key=lambda name: (name == dummy, -(found[name].total or Index(0.0, 0.0, 0.0)).value))
        rows += [
            {
                "measure": measure.name,
                "input": name,
                "is_dummy": name == dummy,
                **_named("first", found[name].first),
                **_named("total", found[name].total),
                "points": found[name].points,
            }
            for name in order
        ]
    return typed(INDICES, {name: [row.get(name) for row in rows] for name in INDICES})


def _on_both(measure: Answer, tables: Sequence[pd.DataFrame]) -> Floats:
    return np.stack([measure.of(table) for table in tables])


def _named(name: str, found: Index | None) -> dict[str, float]:
    return {} if found is None else {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}

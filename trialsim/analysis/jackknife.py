"""The jackknife of twenty groups: how far an estimate may be off that is no plain mean of its replications.

References
----------
Efron, Tibshirani: An introduction to the bootstrap (1993), chapter 11.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from trialsim.analysis.grouping import Floats

GROUPS = 20
_T95 = 2.093024054408263
"""The 97.5 % point of Student's distribution with one degree of freedom less than there are groups."""


def jackknifed(estimate: Callable[..., ArrayLike], *columns: Floats) -> tuple[Floats, Floats, Floats]:
    """An estimate, or several, with the ends of their 95 % intervals.

    Parameters
    ----------
    estimate : callable
        Of as many arrays as there are columns, for fewer replications too.
    columns : arrays
        Replications along the first axis, equally many in all, and no fewer than `GROUPS`.
    """
    value = np.asarray(estimate(*columns), dtype=float)
    group = np.arange(len(columns[0])) % GROUPS
    without = np.array([estimate(*(column[group != each] for column in columns)) for each in range(GROUPS)])
    half = _T95 * np.sqrt((GROUPS - 1) / GROUPS * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    return value, value - half, value + half


def on_fishers_scale(correlation: float) -> float:
    """A correlation on the scale on which its error is nearly normal; from there, `math.tanh` leads back."""
    nearly_one = 1 - 1e-12
    return math.atanh(min(max(correlation, -nearly_one), nearly_one))

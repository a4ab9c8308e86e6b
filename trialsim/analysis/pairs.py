"""Differences between two scenarios simulated with the same luck, replication by replication."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trialsim.analysis.statistics import CONFIDENCE


@dataclass(frozen=True, slots=True)
class Difference:
    """The mean of paired differences, with its t interval.

    ``correlation`` is that of the pairs, and ``variance_factor`` how many times more replications two independent sets
    would need for the same interval; both are None where one side does not vary (or nothing differs).
    """

    mean: float
    standard_error: float | None
    low: float | None
    high: float | None
    correlation: float | None
    variance_factor: float | None
    replications: int


def difference(values: ArrayLike, base: ArrayLike, confidence: float = CONFIDENCE) -> Difference:
    """The mean of ``values - base``, both in the order of the replications, shape (n,).

    Raises
    ------
    ValueError
        If the two have different lengths, or none.
    """
    one, other = np.asarray(values, dtype=float), np.asarray(base, dtype=float)
    if one.shape != other.shape or one.ndim != 1 or one.size == 0:
        raise ValueError(f"pairs need two equally long rows of numbers, not {one.shape} and {other.shape}")
    each = one - other
    mean = float(each.mean())
    if each.size == 1:
        return Difference(mean, None, None, None, None, None, 1)
    variance = float(each.var(ddof=1))
    error = math.sqrt(variance / each.size)
    half = _t_quantile(each.size - 1, confidence) * error
    spread = float(one.std(ddof=1)), float(other.std(ddof=1))
    correlation = float(np.corrcoef(one, other)[0, 1]) if min(spread) > 0 else None
    factor = (spread[0] ** 2 + spread[1] ** 2) / variance if variance > 0 else None
    return Difference(mean, error, mean - half, mean + half, correlation, factor, each.size)


def _t_quantile(degrees: int, confidence: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.5 + confidence / 2))

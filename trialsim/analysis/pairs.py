"""Differences between two scenarios simulated with the same luck, replication by replication."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialsim.analysis.statistics import CONFIDENCE, Mean


@dataclass(frozen=True, slots=True)
class Difference:
    """The mean of paired differences, with its interval.

    Where all differences are equal, or there is only one, nothing is known of their spread: ``standard_error`` is
    None, and of numbers ``low`` and ``high`` too. ``correlation`` is that of the pairs, and ``variance_factor`` how
    many times more replications two independent sets would need for the same interval; both are None where one side
    does not vary, the factor also where all differences are equal.
    """

    mean: float
    standard_error: float | None
    low: float | None
    high: float | None
    correlation: float | None
    variance_factor: float | None
    replications: int


def difference(values: ArrayLike, base: ArrayLike, confidence: float = CONFIDENCE) -> Difference:
    """The mean of ``values - base``, both in the order of the replications, shape (n,), with its t interval.

    Raises
    ------
    ValueError
        If the two have different lengths, or none.
    """
    one, other = _pairs(values, base)
    mean, variance, correlation, factor = _moments(one, other)
    if variance == 0:
        return Difference(mean, None, None, None, correlation, factor, one.size)
    error = math.sqrt(variance / one.size)
    half = _t_quantile(one.size - 1, confidence) * error
    return Difference(mean, error, mean - half, mean + half, correlation, factor, one.size)


def difference_of_shares(values: ArrayLike, base: ArrayLike, confidence: float = CONFIDENCE) -> Difference:
    """The share of ``values`` that are true less that of ``base``, both in the order of the replications, shape (n,).

    The difference is that of two shares of all pairs: those in which only the one is true, and only the other. Their
    intervals are Clopper's and Pearson's, put together by the squares of the distances to their bounds, with the
    correlation of two shares of one multinomial: G. Y. Zou and A. Donner, Statistics in Medicine 27 (2008) 1693-1702.
    So the interval has a width where no pair differs, and holds the truth as often as it says (from 8 pairs on).

    Raises
    ------
    ValueError
        If the two have different lengths, or none.
    """
    one, other = _pairs(values, base)
    size = one.size
    more, less = (int(np.count_nonzero(one > other)), int(np.count_nonzero(one < other)))
    (up, up_low, up_high), (down, down_low, down_high) = (_exact(count, size, confidence) for count in (more, less))
    both = (1 - up) * (1 - down)
    together = math.sqrt(up * down / both) if both > 0 else 0.0
    mean, variance, correlation, factor = _moments(one, other)
    return Difference(
        mean,
        math.sqrt(variance / size) if variance else None,
        max(-1.0, mean - _distance(up - up_low, down_high - down, together)),
        min(1.0, mean + _distance(up_high - up, down - down_low, together)),
        correlation,
        factor,
        size,
    )


def t_interval(mean: Mean, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
    """Student's interval of a mean; None where nothing is known of its error."""
    if mean.mean is None or mean.standard_error is None:
        return None
    half = _t_quantile(mean.replications - 1, confidence) * mean.standard_error
    return mean.mean - half, mean.mean + half


def _pairs(values: ArrayLike, base: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    one, other = np.asarray(values, dtype=float), np.asarray(base, dtype=float)
    if one.shape != other.shape or one.ndim != 1 or one.size == 0:
        raise ValueError(f"pairs need two equally long rows of numbers, not {one.shape} and {other.shape}")
    return one, other


def _moments(one: NDArray[np.float64], other: NDArray[np.float64]) -> tuple[float, float, float | None, float | None]:
    """Mean and variance of the differences, correlation, variance factor; sums are exact, so in whatever order."""
    each = one - other
    mean = _mean(each)
    variance, of_one, of_other = (_squares(row, row) for row in (each, one, other))
    correlation = _squares(one, other) / math.sqrt(of_one * of_other) if of_one and of_other else None
    factor = (of_one + of_other) / variance if variance and correlation is not None else None
    return mean, variance / max(each.size - 1, 1), correlation, factor


def _squares(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """The sum of the products of the distances to the means."""
    from_mean, from_other = (row - _mean(row) for row in (one, other))
    return math.fsum(from_mean * from_other)


def _mean(row: NDArray[np.float64]) -> float:
    """The mean, and of equal numbers that number itself."""
    return float(row[0]) if (row == row[0]).all() else math.fsum(row) / row.size


def _exact(count: int, size: int, confidence: float) -> tuple[float, float, float]:
    """A share with its interval: C. J. Clopper and E. S. Pearson, Biometrika 26 (1934) 404-413."""
    from scipy.special import betaincinv

    error = (1 - confidence) / 2
    low = float(betaincinv(count, size - count + 1, error)) if count > 0 else 0.0
    high = float(betaincinv(count + 1, size - count, 1 - error)) if count < size else 1.0
    return count / size, low, high


def _distance(one: float, other: float, together: float) -> float:
    return math.sqrt(one * one + 2 * together * one * other + other * other)


def _t_quantile(degrees: int, confidence: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.5 + confidence / 2))

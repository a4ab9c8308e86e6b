"""Estimates from independent replications, each with the error of the estimate and the number behind it.

Two things are never mixed up here: how much one trial differs from another (quantiles, ``sd``), and how far an
estimate may be off because only so many trials were simulated (``low`` and ``high``, ``standard_error``).
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share of replications with its Wilson interval."""

    count: int
    replications: int
    probability: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Quantile:
    """A quantile with a distribution-free interval.

    ``low`` or ``high`` is None where so few values cannot bound the quantile on that side with the confidence wanted:
    the interval is then open on that side.
    """

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean: ``sd`` is the spread of one trial, ``standard_error`` the error of the mean; None where undefined."""

    mean: float | None
    sd: float | None
    standard_error: float | None
    replications: int


@dataclass(frozen=True, slots=True)
class Rank:
    """Where a value lies in a simulated distribution.

    ``mid_rank`` is the share of replications below it and half of those equal to it.
    """

    mid_rank: float | None
    at_most: float | None
    at_least: float | None
    replications: int


def proportion(count: int, replications: int, confidence: float = CONFIDENCE) -> Proportion:
    """The share ``count / replications`` with Wilson's score interval.

    E. B. Wilson, Journal of the American Statistical Association 22 (1927) 209-212, without continuity correction.
    Without replications nothing is known and everything is None.
    """
    if replications == 0:
        return Proportion(0, 0, None, None, None)
    low, high = wilson(count, replications, confidence)
    return Proportion(count, replications, count / replications, float(low), float(high))


def wilson(
    counts: ArrayLike, replications: int, confidence: float = CONFIDENCE
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The bounds of Wilson's score intervals of the shares ``counts / replications``, each of the shape of ``counts``.

    Of shares by each of many days they are a pointwise band: each interval holds with its confidence, not all at once.
    """
    count = np.asarray(counts, dtype=float)
    z = _normal_quantile(0.5 + confidence / 2)
    share = count / replications
    scale = 1 + z * z / replications
    centre = (share + z * z / (2 * replications)) / scale
    half = z / scale * np.sqrt(share * (1 - share) / replications + z * z / (4 * replications**2))
    # At the ends the bound is exactly 0 or 1; rounding must not say otherwise.
    low = np.where(count == 0, 0.0, np.maximum(0.0, centre - half))
    high = np.where(count == replications, 1.0, np.minimum(1.0, centre + half))
    return low, high


@lru_cache(maxsize=256)
def quantile_ranks(size: int, probability: float, confidence: float = CONFIDENCE) -> tuple[int | None, int | None]:
    """The ranks, from 1, of the order statistics that bound a quantile, each side with half of the error allowed.

    With B ~ Binomial(size, probability), the value of rank r lies above the quantile with probability at most
    P(B < r), and below it with probability at most P(B >= r). ``low`` is the highest rank with P(B < low) <= error,
    ``high`` the lowest with P(B >= high) <= error; None where no rank is good enough. Exact for continuous
    distributions, conservative for others.
    """
    from scipy.special import bdtr, bdtrc

    error = (1 - confidence) / 2
    ranks = range(1, size + 1)
    low = bisect_right(ranks, error, key=lambda rank: float(bdtr(rank - 1.0, size, probability)))  # P(B <= r - 1)
    high = bisect_left(ranks, -error, key=lambda rank: -float(bdtrc(rank - 1.0, size, probability))) + 1  # P(B > r - 1)
    return (low if low >= 1 else None), (high if high <= size else None)


def quantile(values: ArrayLike, probability: float, confidence: float = CONFIDENCE) -> Quantile:
    """A quantile of ``values`` (interpolated linearly between the sorted values) and its order-statistics interval."""
    ordered = np.sort(np.asarray(values, dtype=float))
    if len(ordered) == 0:
        return Quantile(None, None, None)
    low, high = quantile_ranks(len(ordered), probability, confidence)
    return Quantile(
        float(np.quantile(ordered, probability)),
        None if low is None else float(ordered[low - 1]),
        None if high is None else float(ordered[high - 1]),
    )


def mean(values: ArrayLike) -> Mean:
    """The mean of ``values`` with the sample's standard deviation and the standard error of the mean."""
    array = np.asarray(values, dtype=float)
    size = len(array)
    if size == 0:
        return Mean(None, None, None, 0)
    if size == 1:
        return Mean(float(array[0]), None, None, 1)
    sd = float(array.std(ddof=1))
    return Mean(float(array.mean()), sd, sd / math.sqrt(size), size)


def rank(value: float, values: ArrayLike) -> Rank:
    """The rank of an observed ``value`` among simulated ``values``."""
    array = np.asarray(values, dtype=float)
    size = len(array)
    if size == 0:
        return Rank(None, None, None, 0)
    below = int(np.count_nonzero(array < value))
    equal = int(np.count_nonzero(array == value))
    return Rank((below + equal / 2) / size, (below + equal) / size, (size - below) / size, size)


def cumulative_incidence(
    days: ArrayLike, causes: Sequence[str] | NDArray[Any], cause: str, grid: ArrayLike
) -> NDArray[np.float64]:
    """The share of all replications that ended for ``cause`` on or before each day of ``grid``.

    Every replication is followed to its end, so this is a plain proportion, which the estimator of O. O. Aalen and S.
    Johansen (Scandinavian Journal of Statistics 5 (1978) 141-150) is where nothing is censored: a limit that ends a
    trial is one of the causes. At the last end it is the probability of the cause, and the causes together make 1.
    """
    ends = np.asarray(days, dtype=float)
    of_cause = np.sort(ends[np.asarray(causes, dtype=object) == cause])
    return np.searchsorted(of_cause, np.asarray(grid, dtype=float), side="right") / max(len(ends), 1)


def _normal_quantile(probability: float) -> float:
    """The standard normal's quantile."""
    from statistics import NormalDist

    return NormalDist().inv_cdf(probability)

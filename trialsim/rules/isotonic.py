"""Isotonic regression: which level's DLT rate is nearest to the target, if the rate does not fall with the dose."""

from __future__ import annotations

from collections.abc import Sequence

_SUCCESSIVE = 1e-10  # makes pooled estimates strictly increasing, so that none are equally near to the target


def isotonic(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Return the non-decreasing sequence nearest to `values` in weighted squares (pool adjacent violators)."""
    blocks: list[tuple[float, float, int]] = []  # mean, weight, how many
    for value, weight in zip(values, weights, strict=True):
        count = 1
        while blocks and blocks[-1][0] > value:
            mean, other, many = blocks.pop()
            value = (mean * other + value * weight) / (other + weight)
            weight += other
            count += many
        blocks.append((value, weight, count))
    return [mean for mean, _, many in blocks for _ in range(many)]


def isotonic_rates(tallies: Sequence[tuple[int, int]]) -> list[float]:
    """Return the isotonic estimates of the DLT probability from (evaluable, DLTs) of each level tried.

    Each rate is (DLTs + 0.05) / (evaluable + 0.1), weighted by the inverse of the variance of Beta(DLTs + 0.05,
    evaluable - DLTs + 0.05), as the program of BOIN's authors does (Yan et al., J Stat Softw 2020;94(13)).
    """
    rates = [(y + 0.05) / (n + 0.1) for n, y in tallies]
    weights = [(n + 0.1) * (n + 0.1) * (n + 1.1) / ((y + 0.05) * (n - y + 0.05)) for n, y in tallies]
    return isotonic(rates, weights)


def nearest(tallies: Sequence[tuple[int, int]], target: float) -> int | None:
    """Return the level (from 1) whose isotonic estimate is nearest to the target, of those tried; None if none was.

    Parameters
    ----------
    tallies : sequence of (evaluable, DLTs)
        One a level, from level 1; those not tried have nobody evaluable.
    target : float
        Target probability of a DLT.
    """
    tried = [index for index, (evaluable, _) in enumerate(tallies) if evaluable]
    if not tried:
        return None
    rates = isotonic_rates([tallies[index] for index in tried])
    distances = [abs(rate + k * _SUCCESSIVE - target) for k, rate in enumerate(rates)]
    return tried[distances.index(min(distances))] + 1

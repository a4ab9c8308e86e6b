"""Bayesian optimal interval design."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import log
from typing import Annotated, Self

from pydantic import Field, model_validator

from trialsim.rules.base import Probability, Stop, View
from trialsim.rules.beta import too_toxic_from
from trialsim.rules.cohorts import Cohort, CohortRule, tally

_ELIMINATION_NEEDS = 3
_SUCCESSIVE = 1e-10  # makes pooled estimates strictly increasing, so that none are equally near to the target


@lru_cache(maxsize=1024)
def boundaries(target: float, p1: float | None = None, p2: float | None = None) -> tuple[float, float]:
    """Return the interval of the DLT rate within which BOIN stays: go up at or below the first, down from the second.

    Parameters
    ----------
    target : float
        Target probability of a DLT.
    p1, p2 : float, optional
        The highest probability that is too low, and the lowest that is too high; 0.6 and 1.4 times the target if left
        out.

    Notes
    -----
    Liu and Yuan, J R Stat Soc C 2015;64:507, equations for the locally optimal boundaries:
    log((1 - p1)/(1 - target)) / log(target (1 - p1)/(p1 (1 - target))), and the same with p2 for the second, the parts
    being turned round so that both logarithms are positive.
    """
    low = 0.6 * target if p1 is None else p1
    high = 1.4 * target if p2 is None else p2
    up = log((1 - low) / (1 - target)) / log(target * (1 - low) / (low * (1 - target)))
    down = log((1 - target) / (1 - high)) / log(high * (1 - target) / (target * (1 - high)))
    return up, down


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
    evaluable - DLTs + 0.05), as the authors' own program does.
    """
    rates = [(y + 0.05) / (n + 0.1) for n, y in tallies]
    weights = [(n + 0.1) * (n + 0.1) * (n + 1.1) / ((y + 0.05) * (n - y + 0.05)) for n, y in tallies]
    return isotonic(rates, weights)


class Boin(CohortRule):
    """BOIN: compare the DLT rate at the current level with two boundaries."""

    target: Probability
    p1: Probability | None = None
    """The highest DLT probability that is too low; 0.6 times the target if left out."""
    p2: Probability | None = None
    """The lowest DLT probability that is too high; 1.4 times the target if left out."""
    elimination: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 0.95
    """A level and all above are eliminated when P(p > target | data) is above this, from three evaluable on."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        low = 0.6 * self.target if self.p1 is None else self.p1
        high = 1.4 * self.target if self.p2 is None else self.p2
        if not low < self.target < high < 1:
            raise ValueError(f"p1 < target < p2 < 1 is needed; they are {low:g}, {self.target:g}, {high:g}")
        return self

    def ceiling(self, view: View, cohorts: Sequence[Cohort]) -> int:
        """Return the level below the lowest one eliminated."""
        return self._ceiling(tally(cohorts, view.levels))

    def _ceiling(self, tallies: Sequence[tuple[int, int]]) -> int:
        for index, (evaluable, dlts) in enumerate(tallies):
            if evaluable >= _ELIMINATION_NEEDS and dlts >= too_toxic_from(evaluable, self.target, self.elimination):
                return index
        return len(tallies)

    def propose(self, view: View, cohorts: Sequence[Cohort], ceiling: int) -> int | Stop:
        """Go up, stay or go down by the DLT rate at the current level; the guards see to the ceiling."""
        here = cohorts[-1].level
        evaluable, dlts = tally(cohorts, view.levels)[here - 1]
        if not evaluable:
            return here
        up, down = boundaries(self.target, self.p1, self.p2)
        if dlts <= up * evaluable:
            return min(here + 1, view.levels)
        if dlts >= down * evaluable:
            return max(here - 1, 1)
        return here

    def recommend(self, view: View) -> int | None:
        """Name the level whose isotonic estimate is nearest to the target, of those tried and not eliminated."""
        tallies = view.tallies()
        tried = [index for index in range(self._ceiling(tallies)) if tallies[index][0]]
        if not tried:
            return None
        rates = isotonic_rates([tallies[index] for index in tried])
        distances = [abs(rate + k * _SUCCESSIVE - self.target) for k, rate in enumerate(rates)]
        return tried[distances.index(min(distances))] + 1

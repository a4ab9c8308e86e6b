"""Bayesian optimal interval design."""

from __future__ import annotations

from functools import lru_cache
from math import log
from typing import Self

from pydantic import model_validator

from trialsim.rules.base import Probability
from trialsim.rules.interval import IntervalDesign, IntervalRule


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


class BoinDesign(IntervalDesign):
    """The parameters of BOIN, and its two boundaries of the DLT rate."""

    p1: Probability | None = None
    """The highest DLT probability that is too low; 0.6 times the target if left out."""
    p2: Probability | None = None
    """The lowest DLT probability that is too high; 1.4 times the target if left out."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        low = 0.6 * self.target if self.p1 is None else self.p1
        high = 1.4 * self.target if self.p2 is None else self.p2
        if not low < self.target < high < 1:
            raise ValueError(f"p1 < target < p2 < 1 is needed; they are {low:g}, {self.target:g}, {high:g}")
        return self

    def boundaries(self) -> tuple[float, float]:
        """Return the DLT rates at or below which the trial goes up, and from which it goes down."""
        return boundaries(self.target, self.p1, self.p2)

    def numbers(self) -> dict[str, float]:
        """Return by name what the rule is computed with, besides the outcomes."""
        return {**super().numbers(), "up": self.boundaries()[0], "down": self.boundaries()[1]}

    def direction(self, evaluable: int, dlts: int) -> int:
        """Compare the DLT rate with the boundaries."""
        up, down = self.boundaries()
        return (dlts <= up * evaluable) - (dlts >= down * evaluable)


class Boin(BoinDesign, IntervalRule):
    """BOIN: compare the DLT rate at the current level with two boundaries."""

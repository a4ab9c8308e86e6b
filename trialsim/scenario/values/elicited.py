"""Distributions by three quantiles that somebody was asked for: the Johnson quantile-parameterized distributions.

They pass exactly through the 10 %, 50 % and 90 % points, and never leave the values that there are: all from 0 on, or
those from 0 to 1. Three points that a lognormal has give that lognormal.

References
----------
Hadlock, Bickel: Johnson quantile-parameterized distributions. Decision Analysis 14 (2017) 35-64,
doi 10.1287/deca.2016.0343: J-QPD-S and J-QPD-B.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from trialsim.scenario.values.distribution import Distribution
from trialsim.scenario.values.exact_functions import exponential_function
from trialsim.scenario.values.unbounded import Z90

if TYPE_CHECKING:
    from trialsim.scenario.values.distribution import Floats

_LARGEST_RATIO = 1e6
"""Between the distances of the outer points from the middle one, on the scale of the distribution."""


@dataclass(frozen=True, slots=True)
class _Elicited(Distribution):
    name: ClassVar[str] = "quantiles"
    keys: ClassVar[dict[str, str]] = {"p10": "p10", "p50": "p50", "p90": "p90"}
    p10: float
    p50: float
    p90: float

    @abstractmethod
    def _scaled(self, value: float) -> float:
        """A value on the scale without bounds."""

    def _shape(self) -> tuple[float, float, float, int]:
        """The three points on the scale without bounds, and on which side the longer tail is: 1, 0 or -1."""
        low, middle, high = (self._scaled(value) for value in (self.p10, self.p50, self.p90))
        lean = low + high - 2 * middle
        is_straight = abs(lean) <= 1e-9 * (high - low)
        return low, middle, high, 0 if is_straight else int(math.copysign(1, lean))

    def mean(self) -> float:
        import numpy as np

        return float(np.mean(self.quantile((np.arange(10_000) + 0.5) / 10_000)))

    def fault(self) -> str | None:
        if not self.p10 < self.p50 < self.p90:
            return "p10, p50 and p90 must rise"
        if self.p10 <= 0:
            return "p10 must be above 0"
        if self.p90 >= self.upper():
            return f"p90 must be below {self.upper():g}"
        low, middle, high, _ = self._shape()
        nearer, farther = sorted((middle - low, high - middle))
        return None if nearer * _LARGEST_RATIO > farther else "p50 is too close to one of the others"


@dataclass(frozen=True, slots=True)
class ElicitedAmount(_Elicited):
    """From 0 on: J-QPD-S, whose moments are all finite."""

    def _scaled(self, value: float) -> float:
        return math.log(value)

    def quantile(self, u: Floats) -> Floats:
        import numpy as np
        from scipy.special import ndtri

        low, middle, high, side = self._shape()
        z = ndtri(u)
        if side == 0:
            return exponential_function(middle + (high - low) / (2 * Z90) * z)
        nearer = min(middle - low, high - middle)
        delta = math.sinh(math.acosh((high - low) / (2 * nearer))) / Z90
        scale = nearer / (delta * Z90)
        bend = side * Z90 * delta
        # sinh(arsinh(a) + arsinh(b)), which needs nothing but square roots
        a = delta * z
        steps = a * math.sqrt(1 + bend * bend) + bend * np.sqrt(1 + a * a)
        return exponential_function((low if side > 0 else high) + scale * steps)


@dataclass(frozen=True, slots=True)
class ElicitedFraction(_Elicited):
    """From 0 to 1: J-QPD-B."""

    def _scaled(self, value: float) -> float:
        from statistics import NormalDist

        return NormalDist().inv_cdf(value)

    def upper(self) -> float:
        return 1.0

    def quantile(self, u: Floats) -> Floats:
        from scipy.special import ndtr, ndtri

        low, middle, high, side = self._shape()
        z = ndtri(u)
        if side == 0:
            values: Floats = ndtr(middle + (high - low) / (2 * Z90) * z)
            return values
        nearer = min(middle - low, high - middle)
        delta = math.acosh((high - low) / (2 * nearer)) / Z90
        scale = (high - low) / math.sinh(2 * delta * Z90)
        steps = exponential_function(delta * (z + side * Z90))
        values = ndtr((low if side > 0 else high) + scale * (steps - 1 / steps) / 2)
        return values

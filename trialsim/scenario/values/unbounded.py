"""Distributions without a greatest value: exponential, gamma, lognormal, Weibull."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from trialsim.scenario.values.distribution import Distribution
from trialsim.scenario.values.exact_functions import exponential_function, power, unit_exponentials

if TYPE_CHECKING:
    from trialsim.scenario.values.distribution import Floats

Z90 = 1.2815515655446004
"""The 90 % point of the standard normal distribution."""

MOST_CV = 1000.0
SHAPES = (0.05, 1000.0)


@dataclass(frozen=True, slots=True)
class Exponential(Distribution):
    """Exponential with the given mean."""

    name: ClassVar[str] = "exponential"
    keys: ClassVar[dict[str, str]] = {"mean": "average"}
    average: float

    def quantile(self, u: Floats) -> Floats:
        return self.average * unit_exponentials(u)

    def mean(self) -> float:
        return self.average

    def median(self) -> float:
        return self.average * math.log(2)

    def point(self) -> float | None:
        return 0.0 if self.average == 0 else None


@dataclass(frozen=True, slots=True)
class Gamma(Distribution):
    """Gamma by mean and standard deviation: shape (mean/sd)², scale sd²/mean."""

    name: ClassVar[str] = "gamma"
    keys: ClassVar[dict[str, str]] = {"mean": "average", "sd": "sd"}
    average: float
    sd: float

    def quantile(self, u: Floats) -> Floats:
        from scipy.special import gammaincinv

        values: Floats = gammaincinv((self.average / self.sd) ** 2, u).astype(float)
        return values * (self.sd**2 / self.average)

    def mean(self) -> float:
        return self.average

    def point(self) -> float | None:
        return self.average if self.sd == 0 else None

    def fault(self) -> str | None:
        return _wide(self.average, self.sd)


class _LogNormal(Distribution):
    """What both ways to give a lognormal have in common: exp(mu + sigma·Z)."""

    __slots__ = ()
    name: ClassVar[str] = "lognormal"

    @property
    @abstractmethod
    def mu(self) -> float:
        """Mean of the logarithm."""

    @property
    @abstractmethod
    def sigma(self) -> float:
        """Standard deviation of the logarithm."""

    def quantile(self, u: Floats) -> Floats:
        from scipy.special import ndtri

        return exponential_function(self.mu + self.sigma * ndtri(u))

    def mean(self) -> float:
        return math.exp(self.mu + self.sigma**2 / 2)

    def median(self) -> float:
        return math.exp(self.mu)


@dataclass(frozen=True, slots=True)
class LogNormal(_LogNormal):
    """Lognormal by mean and standard deviation: sigma² = ln(1 + (sd/mean)²), mu = ln(mean) − sigma²/2."""

    keys: ClassVar[dict[str, str]] = {"mean": "average", "sd": "sd"}
    average: float
    sd: float

    @property
    def mu(self) -> float:
        return math.log(self.average) - self.sigma**2 / 2

    @property
    def sigma(self) -> float:
        return math.sqrt(math.log1p((self.sd / self.average) ** 2))

    def mean(self) -> float:
        return self.average

    def point(self) -> float | None:
        return self.average if self.sd == 0 else None

    def fault(self) -> str | None:
        return _wide(self.average, self.sd)


@dataclass(frozen=True, slots=True)
class LogNormalByPercentiles(_LogNormal):
    """Lognormal by median and 90 % point: mu = ln(median), sigma = ln(p90/median)/z₀.₉."""

    keys: ClassVar[dict[str, str]] = {"median": "middle", "p90": "p90"}
    middle: float
    p90: float

    @property
    def mu(self) -> float:
        return math.log(self.middle)

    @property
    def sigma(self) -> float:
        return math.log(self.p90 / self.middle) / Z90

    def median(self) -> float:
        return self.middle

    def point(self) -> float | None:
        return self.middle if self.p90 == self.middle else None

    def fault(self) -> str | None:
        if self.p90 < self.middle:
            return "p90 is the value that nine in ten stay below; it must not be less than the median"
        if self.middle <= 0 < self.p90:
            return "the median must be above 0"
        return f"p90 may be at most {MOST_CV:g} times the median" if self.p90 > MOST_CV * self.middle else None


@dataclass(frozen=True, slots=True)
class Weibull(Distribution):
    """Weibull by shape (a plain number) and scale (the 63 % point)."""

    name: ClassVar[str] = "weibull"
    keys: ClassVar[dict[str, str]] = {"shape": "shape", "scale": "scale"}
    pure: ClassVar[frozenset[str]] = frozenset({"shape"})
    shape: float
    scale: float

    def quantile(self, u: Floats) -> Floats:
        return self.scale * power(unit_exponentials(u), 1 / self.shape)

    def mean(self) -> float:
        return self.scale * math.gamma(1 + 1 / self.shape)

    def median(self) -> float:
        return float(self.scale * math.log(2) ** (1 / self.shape))

    def point(self) -> float | None:
        return 0.0 if self.scale == 0 else None

    def fault(self) -> str | None:
        low, high = SHAPES
        return None if low <= self.shape <= high else f"the shape must be a number from {low:g} to {high:g}"


def _wide(average: float, sd: float) -> str | None:
    """Why a mean and a standard deviation do not go together."""
    if average == 0 and sd > 0:
        return "the mean must be above 0 (or the sd 0)"
    return f"the sd may be at most {MOST_CV:g} times the mean" if sd > MOST_CV * average else None

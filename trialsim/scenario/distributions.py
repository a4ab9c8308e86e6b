"""Distributions with parameters that people can elicit, and their exact inverse distribution functions.

Random quantities come from uniforms through the inverse CDF, so that a larger uniform never gives a smaller value.
Formulas are the textbook ones (Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions); scipy.special is
imported only when a quantile needs it, so that reading and checking a scenario stays quick.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Z90 = 1.2815515655446004
"""The 90 % point of the standard normal distribution."""

MOST_CV = 1000.0
SHAPES = (0.05, 1000.0)


class Distribution(ABC):
    """A distribution of days, cells, kilograms or fractions.

    Subclasses are frozen dataclasses. `keys` maps the parameter names of the scenario file to field names, in order;
    `pure` names those parameters that are plain numbers whatever the quantity.
    """

    __slots__ = ()
    name: ClassVar[str]
    keys: ClassVar[dict[str, str]]
    pure: ClassVar[frozenset[str]] = frozenset()
    optional: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def quantile(self, u: Floats) -> Floats:
        """Inverse distribution function.

        Parameters
        ----------
        u : array of float
            Probabilities strictly between 0 and 1, any shape.

        Returns
        -------
        array of float
            Values in the unit of the quantity, same shape.
        """

    @abstractmethod
    def mean(self) -> float:
        """Expected value."""

    def median(self) -> float:
        """The value that half of the draws stay below."""
        import numpy as np

        return float(self.quantile(np.array([0.5]))[0])

    def upper(self) -> float:
        """Least number that no draw exceeds (infinite when there is none)."""
        return math.inf

    def fault(self) -> str | None:
        """Why these parameters make no distribution, or None."""
        return None

    def point(self) -> float | None:
        """The only value this distribution can take, if there is only one."""
        return None


@dataclass(frozen=True, slots=True)
class Constant(Distribution):
    """Always the same value."""

    name: ClassVar[str] = "constant"
    keys: ClassVar[dict[str, str]] = {}
    value: float

    def quantile(self, u: Floats) -> Floats:
        import numpy as np

        return np.full(np.shape(u), self.value)

    def mean(self) -> float:
        return self.value

    def median(self) -> float:
        return self.value

    def upper(self) -> float:
        return self.value


@dataclass(frozen=True, slots=True)
class Exponential(Distribution):
    """Exponential with the given mean."""

    name: ClassVar[str] = "exponential"
    keys: ClassVar[dict[str, str]] = {"mean": "average"}
    average: float

    def quantile(self, u: Floats) -> Floats:
        import numpy as np

        return -self.average * np.log1p(-u)

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

        values: Floats = gammaincinv((self.average / self.sd) ** 2, u)
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
        import numpy as np
        from scipy.special import ndtri

        values: Floats = np.exp(self.mu + self.sigma * ndtri(u))
        return values

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
        import numpy as np

        return self.scale * (-np.log1p(-u)) ** (1 / self.shape)

    def mean(self) -> float:
        return self.scale * math.gamma(1 + 1 / self.shape)

    def median(self) -> float:
        return float(self.scale * math.log(2) ** (1 / self.shape))

    def point(self) -> float | None:
        return 0.0 if self.scale == 0 else None

    def fault(self) -> str | None:
        low, high = SHAPES
        return None if low <= self.shape <= high else f"the shape must be a number from {low:g} to {high:g}"


@dataclass(frozen=True, slots=True)
class Uniform(Distribution):
    """Uniform from min to max."""

    name: ClassVar[str] = "uniform"
    keys: ClassVar[dict[str, str]] = {"min": "low", "max": "high"}
    low: float
    high: float

    def quantile(self, u: Floats) -> Floats:
        return self.low + u * (self.high - self.low)

    def mean(self) -> float:
        return (self.low + self.high) / 2

    def median(self) -> float:
        return self.mean()

    def upper(self) -> float:
        return self.high

    def point(self) -> float | None:
        return self.low if self.low == self.high else None

    def fault(self) -> str | None:
        return None if self.low <= self.high else "min must not be greater than max"


@dataclass(frozen=True, slots=True)
class _Peaked(Distribution):
    """What triangular and PERT have in common: a least, a likeliest and a greatest value."""

    keys: ClassVar[dict[str, str]] = {"min": "low", "mode": "mode", "max": "high"}
    low: float
    mode: float
    high: float

    def upper(self) -> float:
        return self.high

    def point(self) -> float | None:
        return self.low if self.low == self.high else None

    def fault(self) -> str | None:
        return None if self.low <= self.mode <= self.high else "min, mode and max must not decrease"


@dataclass(frozen=True, slots=True)
class Triangular(_Peaked):
    """Triangular from min over mode to max."""

    name: ClassVar[str] = "triangular"

    def quantile(self, u: Floats) -> Floats:
        import numpy as np

        span, rise, fall = self.high - self.low, self.mode - self.low, self.high - self.mode
        return np.where(
            u * span < rise, self.low + np.sqrt(u * span * rise), self.high - np.sqrt((1 - u) * span * fall)
        )

    def mean(self) -> float:
        return (self.low + self.mode + self.high) / 3

    def median(self) -> float:
        span, rise, fall = self.high - self.low, self.mode - self.low, self.high - self.mode
        return self.low + math.sqrt(span * rise / 2) if span / 2 < rise else self.high - math.sqrt(span * fall / 2)


@dataclass(frozen=True, slots=True)
class Pert(_Peaked):
    """PERT: a beta on min..max with mean (min + 4·mode + max)/6."""

    name: ClassVar[str] = "pert"

    def quantile(self, u: Floats) -> Floats:
        from scipy.special import betaincinv

        span = self.high - self.low
        a = 1 + 4 * (self.mode - self.low) / span
        values: Floats = self.low + span * betaincinv(a, 6 - a, u)
        return values

    def mean(self) -> float:
        return (self.low + 4 * self.mode + self.high) / 6


@dataclass(frozen=True, slots=True)
class Beta(Distribution):
    """Beta on 0..1 by mean and standard deviation: a + b = mean(1 − mean)/sd² − 1."""

    name: ClassVar[str] = "beta"
    keys: ClassVar[dict[str, str]] = {"mean": "average", "sd": "sd"}
    average: float
    sd: float

    def quantile(self, u: Floats) -> Floats:
        from scipy.special import betaincinv

        total = self.average * (1 - self.average) / self.sd**2 - 1
        values: Floats = betaincinv(self.average * total, (1 - self.average) * total, u)
        return values

    def mean(self) -> float:
        return self.average

    def upper(self) -> float:
        return 1.0

    def point(self) -> float | None:
        return self.average if self.sd == 0 else None

    def fault(self) -> str | None:
        if self.sd == 0 and self.average <= 1:
            return None
        if not 0 < self.average < 1:
            return "the mean must lie between 0 and 1"
        widest = math.sqrt(self.average * (1 - self.average))
        if not 1e-6 <= self.sd <= 0.99 * widest:
            return f"with this mean the sd must lie between 0.000001 and {0.99 * widest:.4f} (or be 0)"
        return None


@dataclass(frozen=True, slots=True)
class Empirical(Distribution):
    """One of the given values, with probability in proportion to its weight (equal weights when left out)."""

    name: ClassVar[str] = "empirical"
    keys: ClassVar[dict[str, str]] = {"values": "values", "weights": "weights"}
    pure: ClassVar[frozenset[str]] = frozenset({"weights"})
    optional: ClassVar[frozenset[str]] = frozenset({"weights"})
    values: tuple[float, ...]
    weights: tuple[float, ...] = ()

    def quantile(self, u: Floats) -> Floats:
        import numpy as np

        values, cumulative = (np.array(column) for column in zip(*self._steps(), strict=True))
        place = np.searchsorted(cumulative, np.asarray(u), side="left")
        chosen: Floats = values[np.minimum(place, len(values) - 1)]
        return chosen

    def mean(self) -> float:
        weights = self.weights or (1.0,) * len(self.values)
        return math.fsum(v * w for v, w in zip(self.values, weights, strict=True)) / math.fsum(weights)

    def median(self) -> float:
        return next(value for value, cumulative in self._steps() if cumulative >= 0.5)

    def upper(self) -> float:
        return max(self.values)

    def fault(self) -> str | None:
        if not self.values:
            return "values must list at least one value"
        if self.weights and len(self.weights) != len(self.values):
            return f"{len(self.weights)} weights for {len(self.values)} values; give one weight for each value"
        return "the weights must not all be 0" if self.weights and not any(self.weights) else None

    def _steps(self) -> list[tuple[float, float]]:
        """Values in order, each with the probability of not exceeding it."""
        weights = self.weights or (1.0,) * len(self.values)
        total, running, steps = math.fsum(weights), 0.0, []
        for value, weight in sorted(zip(self.values, weights, strict=True)):
            running += weight
            steps.append((value, running / total))
        steps[-1] = (steps[-1][0], 1.0)
        return steps


def _wide(average: float, sd: float) -> str | None:
    """Why a mean and a standard deviation do not go together."""
    if average == 0 and sd > 0:
        return "the mean must be above 0 (or the sd 0)"
    return f"the sd may be at most {MOST_CV:g} times the mean" if sd > MOST_CV * average else None


FORMS: dict[str, tuple[type[Distribution], ...]] = {
    "exponential": (Exponential,),
    "gamma": (Gamma,),
    "lognormal": (LogNormal, LogNormalByPercentiles),
    "weibull": (Weibull,),
    "uniform": (Uniform,),
    "triangular": (Triangular,),
    "pert": (Pert,),
    "beta": (Beta,),
    "empirical": (Empirical,),
}
"""Every distribution a scenario can name, with the ways to give its parameters."""

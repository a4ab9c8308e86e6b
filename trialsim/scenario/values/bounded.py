"""Distributions with a least and a greatest value: uniform, triangular, PERT, beta, empirical."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from trialsim.scenario.values.distribution import Distribution

if TYPE_CHECKING:
    from trialsim.scenario.values.distribution import Floats


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

    def lower(self) -> float:
        return self.low

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

    def lower(self) -> float:
        return self.low

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

        values, cumulative = (np.array(column) for column in zip(*self.steps(), strict=True))
        index = np.searchsorted(cumulative, np.asarray(u), side="left")
        chosen: Floats = values[np.minimum(index, len(values) - 1)]
        return chosen

    def mean(self) -> float:
        weights = self.weights or (1.0,) * len(self.values)
        return math.fsum(v * w for v, w in zip(self.values, weights, strict=True)) / math.fsum(weights)

    def median(self) -> float:
        return next(value for value, cumulative in self.steps() if cumulative >= 0.5)

    def upper(self) -> float:
        return max(self.values)

    def lower(self) -> float:
        return min(self.values)

    def fault(self) -> str | None:
        if not self.values:
            return "values must list at least one value"
        if self.weights and len(self.weights) != len(self.values):
            return f"{len(self.weights)} weights for {len(self.values)} values; give one weight for each value"
        return "the weights must not all be 0" if self.weights and not any(self.weights) else None

    def steps(self) -> list[tuple[float, float]]:
        """Values in order, each with the probability of not exceeding it."""
        weights = self.weights or (1.0,) * len(self.values)
        total, running, steps = math.fsum(weights), 0.0, []
        for value, weight in sorted(zip(self.values, weights, strict=True)):
            running += weight
            steps.append((value, running / total))
        steps[-1] = (steps[-1][0], 1.0)
        return steps

"""When the n-th point of a Poisson process comes, for any cumulative intensity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from math import sqrt

from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import poisson


@dataclass
class NthArrival:
    """The time T of point number `n`: P(T > t) = P(Poisson(cumulative(t)) < n), and moments are integrals of that tail.

    `kinks` are the times at which the intensity changes, for the quadrature; from `end` on the tail is negligible.
    """

    n: int
    cumulative: Callable[[float], float]
    end: float
    kinks: list[float] = field(default_factory=list)

    def tail(self, t: float) -> float:
        return float(poisson.cdf(self.n - 1, self.cumulative(t)))

    def cdf(self, t: float) -> float:
        return 1 - self.tail(t)

    def mean(self) -> float:
        return self._integral(self.tail)

    def sd(self) -> float:
        return sqrt(self._integral(lambda t: 2 * t * self.tail(t)) - self.mean() ** 2)

    def quantile(self, probability: float) -> float:
        return float(brentq(lambda t: self.cdf(t) - probability, 0, self.end, xtol=1e-10))

    def _integral(self, function: Callable[[float], float]) -> float:
        edges = [0.0, *self.kinks, self.end]
        return sum(quad(function, low, high, epsabs=1e-11, epsrel=1e-11, limit=200)[0] for low, high in pairwise(edges))

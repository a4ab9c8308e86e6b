"""The posterior of the CRM by Gauss-Legendre quadrature over where it matters; it shares nothing with the program.

A scan finds where the log density is within 60 of its peak; that stretch is cut into panels of twelve nodes each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit, log_expit, logit

INTERCEPT = 3.0
NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)


def log_p_and_q(model: str, skeleton: Sequence[float], b: Any) -> tuple[Any, Any]:
    """Logarithms of the DLT probability and its complement, of shape (levels, points)."""
    slope = np.exp(np.asarray(b, dtype=float))
    if model == "logistic":
        u = INTERCEPT + np.outer(logit(np.asarray(skeleton)) - INTERCEPT, slope)
        return log_expit(u), log_expit(-u)
    log_p = np.outer(np.log(skeleton), slope)
    return log_p, np.log(-np.expm1(log_p))


@dataclass
class Reference:
    """The posterior, its means and its tails."""

    model: str
    skeleton: Sequence[float]
    prior_sd: float
    tallies: Sequence[tuple[int, int]]
    partial: Sequence[tuple[int, float]] = ()

    def __post_init__(self) -> None:
        reach = max(12 * self.prior_sd, 20.0)
        scan = np.linspace(-reach, reach, 40_001)
        density = self.log_density(scan)
        self.peak = float(density.max())
        near = np.flatnonzero(density > self.peak - 60)
        assert near[0] > 0 and near[-1] < len(scan) - 1, "the scan is too short"
        self.low, self.high = float(scan[near[0] - 1]), float(scan[near[-1] + 1])
        nodes, weights = self.panels(self.low, self.high)
        self.b, mass = nodes, weights * np.exp(self.log_density(nodes) - self.peak)
        self.total = float(mass.sum())
        self.mass = mass / self.total
        self.mean = float(self.b @ self.mass)

    def log_density(self, b: Any) -> Any:
        log_p, log_q = log_p_and_q(self.model, self.skeleton, b)
        total = -0.5 * (np.asarray(b) / self.prior_sd) ** 2
        for level, (evaluable, dlts) in enumerate(self.tallies):
            total = total + (dlts * log_p[level] if dlts else 0.0)
            total = total + ((evaluable - dlts) * log_q[level] if evaluable > dlts else 0.0)
        for level, share in self.partial:
            one = log_q[level - 1]
            total = total + (one if share == 1 else np.log((1 - share) + share * np.exp(one)))
        return total

    @staticmethod
    def panels(low: float, high: float, many: int = 600) -> tuple[Any, Any]:
        edges = np.linspace(low, high, many + 1)
        half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
        return (middle[:, None] + half[:, None] * NODES).ravel(), (half[:, None] * WEIGHTS).ravel()

    def plug_in(self) -> list[float]:
        return [float(each) for each in np.exp(log_p_and_q(self.model, self.skeleton, [self.mean])[0][:, 0])]

    def means(self) -> list[float]:
        return [float(each) for each in np.exp(log_p_and_q(self.model, self.skeleton, self.b)[0]) @ self.mass]

    def below(self, b: float) -> float:
        """P(parameter < b)."""
        if b <= self.low or b >= self.high:
            return float(b >= self.high)
        nodes, weights = self.panels(self.low, b)
        return float((weights * np.exp(self.log_density(nodes) - self.peak)).sum()) / self.total

    def above(self, level: int, limit: float) -> float:
        """P(DLT probability of a level > limit)."""
        s = self.skeleton[level - 1]
        if self.model == "empiric":
            return self.below(float(np.log(np.log(limit) / np.log(s))))
        dose, other = float(logit(s)) - INTERCEPT, float(logit(limit)) - INTERCEPT
        if dose * other <= 0:
            return float(expit(INTERCEPT + dose) > limit)
        share = self.below(float(np.log(other / dose)))
        return share if dose < 0 else 1 - share

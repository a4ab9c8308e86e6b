"""One-parameter dose-toxicity curves and their posterior, as the continual reassessment method uses them.

The parameter b has a normal prior of mean 0. `empiric`: p_i = s_i ** exp(b), s being the skeleton, the prior guesses of
the DLT probabilities. `logistic`: logit p_i = 3 + exp(b) x_i, with x_i such that p_i = s_i at b = 0. Source: Cheung,
Dose Finding by the Continual Reassessment Method, 2011. Everything is computed from logarithms: powers underflow.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import ceil, exp, log, sqrt
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Curve = Literal["empiric", "logistic"]
Floats = NDArray[np.float64]

_INTERCEPT = 3.0
_SPAN = 8.0
"""The grid reaches so many prior standard deviations either way: after many DLTs at the lowest level the posterior
lies far from the prior, and four would cut it off."""
_STEPS = 160
"""The least number of steps of the grid."""
_MOST_INFORMATION: dict[Curve, float] = {"empiric": 0.65, "logistic": 3.2}
"""No participant adds more than this to the precision of b: the maximum over b of (dp/db)² / (p (1 - p))."""
_FINENESS = 1.2
"""A trapezoid with so many steps a standard deviation of a normal density is within 1e-12 of its integral."""


class Partial(NamedTuple):
    """A participant without a DLT so far: the level, and the share of the window that has been observed."""

    level: int
    share: float


@dataclass(frozen=True, slots=True)
class Posterior:
    """What the data say.

    Attributes
    ----------
    b : ndarray of shape (points,)
        An even grid over the parameter.
    density : ndarray of shape (points,)
        Its posterior, adding up to 1.
    p : ndarray of shape (levels, points)
        The DLT probability of each level at each point.
    mean : float
        The posterior mean of b.
    plug_in : tuple of float
        The DLT probability of each level at the posterior mean of b.
    """

    b: Floats
    density: Floats
    p: Floats
    mean: float
    plug_in: tuple[float, ...]

    def means(self) -> tuple[float, ...]:
        """Return the posterior mean of each level's DLT probability."""
        return tuple((self.p @ self.density).tolist())

    def above(self, level: int, limit: float) -> float:
        """Return the probability that a level's DLT probability is above a limit."""
        return float(self.density[self.p[level - 1] > limit].sum())

    def quantiles(self, level: int, low: float, high: float) -> tuple[float, float]:
        """Return two quantiles of a level's DLT probability."""
        rising = self.p[level - 1][::-1]  # the DLT probability falls with b
        reached = np.cumsum(self.density[::-1])
        found = np.interp([low, high], reached, rising)
        return float(found[0]), float(found[1])


@dataclass(frozen=True)
class Model:
    """A curve, its skeleton, and the prior standard deviation of its parameter."""

    curve: Curve
    skeleton: tuple[float, ...]
    prior_sd: float

    def probabilities(self, b: float) -> tuple[float, ...]:
        """Return the DLT probability of each level for one value of the parameter."""
        return tuple(np.exp(_log_p(self.curve, self.skeleton, np.array([b])))[:, 0].tolist())

    def posterior(self, tallies: tuple[tuple[int, int], ...], partial: tuple[Partial, ...] = ()) -> Posterior:
        """Return the posterior from (evaluable, DLTs) of each level, and those whose window is not over.

        Notes
        -----
        A participant observed for the share w of the window without a DLT contributes 1 - w p (Cheung and Chappell,
        Biometrics 2000;56:1177); one evaluable contributes p or 1 - p.
        """
        people = sum(evaluable for evaluable, _ in tallies) + len(partial)
        b, log_p, log_q = _grid(self, _steps(self, people))
        evaluable = np.array([n for n, _ in tallies], dtype=float)
        dlts = np.array([y for _, y in tallies], dtype=float)
        log_density = -0.5 * (b / self.prior_sd) ** 2
        for index in np.flatnonzero(dlts):  # only these: nought times the logarithm of nought is not a number
            log_density = log_density + dlts[index] * log_p[index]
        for index in np.flatnonzero(evaluable - dlts):
            log_density = log_density + (evaluable[index] - dlts[index]) * log_q[index]
        for level, share in partial:
            log_density = log_density + np.log1p(-share * np.exp(log_p[level - 1]))
        density = np.exp(log_density - log_density.max())
        density /= density.sum()
        mean = float(b @ density)
        return Posterior(b, density, np.exp(log_p), mean, self.probabilities(mean))


def _steps(model: Model, people: int) -> int:
    """How many steps of the grid resolve the narrowest posterior that so many people can give."""
    narrowest = 1 / sqrt(_MOST_INFORMATION[model.curve] * people + model.prior_sd**-2)
    return max(_STEPS, 2 * ceil(_SPAN * model.prior_sd * _FINENESS / narrowest))


@lru_cache(maxsize=256)
def _grid(model: Model, steps: int) -> tuple[Floats, Floats, Floats]:
    """The grid, and the logarithms of p and 1 - p of each level on it."""
    b = np.linspace(-_SPAN * model.prior_sd, _SPAN * model.prior_sd, steps + 1)
    log_p = _log_p(model.curve, model.skeleton, b)
    with np.errstate(divide="ignore"):  # where p is 1 to the last digit, nobody without a DLT can be
        log_q = np.log(-np.expm1(log_p))
    return b, log_p, log_q


def _log_p(curve: Curve, skeleton: tuple[float, ...], b: Floats) -> Floats:
    """The logarithm of the DLT probability, of shape (levels, points)."""
    slope = np.exp(b)
    if curve == "empiric":
        return np.outer(np.log(skeleton), slope)
    doses = np.array([log(s / (1 - s)) - _INTERCEPT for s in skeleton])
    return -np.logaddexp(0.0, -(_INTERCEPT + np.outer(doses, slope)))


@lru_cache(maxsize=1024)
def skeleton(curve: Curve, target: float, half_width: float, prior_mtd: int, levels: int) -> tuple[float, ...]:
    """Return the skeleton for which the method cannot tell DLT probabilities within target ± half_width from it.

    Parameters
    ----------
    curve : {"empiric", "logistic"}
    target : float
        Target probability of a DLT: the skeleton's value at `prior_mtd`.
    half_width : float
        Half of the indifference interval.
    prior_mtd, levels : int
        The level (from 1) expected to be the MTD, and how many there are.

    Raises
    ------
    ValueError
        If the ladder is so long that two levels could not be told apart.

    Notes
    -----
    Lee and Cheung, Clin Trials 2009;6:227: at the value of b where the recommendation passes from one level to the
    next, their DLT probabilities are target + half_width and target - half_width.
    """
    low, high = _to_scale(curve, target - half_width), _to_scale(curve, target + half_width)
    doses = [_to_scale(curve, target)] * levels
    # Where the recommendation changes, one level has the upper value and the one below it the lower.
    for k in range(prior_mtd - 1, 0, -1):
        doses[k - 1] = doses[k] * low / high
    for k in range(prior_mtd - 1, levels - 1):
        doses[k + 1] = doses[k] * high / low
    values = tuple(exp(dose) if curve == "empiric" else 1 / (1 + exp(-dose - _INTERCEPT)) for dose in doses)
    if not all(one < other for one, other in pairwise((0.0, *values, 1.0))):
        raise ValueError(f"half_width {half_width:g} leaves levels that cannot be told apart")
    return values


def _to_scale(curve: Curve, p: float) -> float:
    """What exp(b) multiplies: log p, or logit p less the intercept."""
    return log(p) if curve == "empiric" else log(p / (1 - p)) - _INTERCEPT

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
"""The grid reaches so many prior standard deviations either way, and as many again where that cuts the posterior off:
after many DLTs at the lowest level, or under a narrow prior, it lies far from the prior."""
_NEGLIGIBLE = -30.0
"""The logarithm of a density, relative to its peak, at which the grid may end."""
_STEPS = 640
"""The least number of steps over twice the span."""
_MOST_INFORMATION: dict[Curve, float] = {"empiric": 0.65, "logistic": 3.2}
"""No participant adds more than this to the precision of b: the maximum over b of (dp/db)² / (p (1 - p))."""
_FINENESS = 5.0
"""Steps a standard deviation of the narrowest posterior. One is enough for means: a trapezoid is then within 1e-8 of
the integral of a normal density. Tails and quantiles take more."""


class Partial(NamedTuple):
    """A participant without a DLT so far: the level, and the share of the window that has been observed."""

    level: int
    share: float


class Grid(NamedTuple):
    """Where a density is worked out: the parameter, and what depends on nothing else."""

    b: Floats
    log_prior: Floats
    p: Floats
    """The DLT probability, of shape (levels, points); then its logarithm, and that of its complement."""
    log_p: Floats
    log_q: Floats


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
    model : Model
        The curve.
    """

    b: Floats
    density: Floats
    p: Floats
    mean: float
    plug_in: tuple[float, ...]
    model: Model

    def means(self) -> tuple[float, ...]:
        """Return the posterior mean of each level's DLT probability."""
        return tuple((self.p @ self.density).tolist())

    def above(self, level: int, limit: float) -> float:
        """Return the probability that a level's DLT probability is above a limit."""
        crossing = self.model.crossing(level, limit)
        if crossing is None:
            return float(self.model.skeleton[level - 1] > limit)
        below = _below(self, crossing)
        return below if self.model.scale(level) < 0 else 1 - below

    def quantiles(self, level: int, low: float, high: float) -> tuple[float, float]:
        """Return two quantiles of a level's DLT probability."""
        falls = self.model.scale(level) < 0  # the DLT probability with b; else it rises
        shares = (1 - low, 1 - high) if falls else (low, high)
        first, second = (self.model.probabilities(_quantile(self, share))[level - 1] for share in shares)
        return first, second


def _reached(posterior: Posterior) -> Floats:
    """The probability that b is below each point of the grid: a trapezoid with its end corrected."""
    density = posterior.density
    return np.cumsum(density) - density / 2 - np.gradient(density) / 12


def _below(posterior: Posterior, b: float) -> float:
    """The probability that the parameter is below b: cubic between the points, the density being the slope."""
    grid, density = posterior.b, posterior.density
    where = (b - grid[0]) / (grid[1] - grid[0])
    if not 0 <= where < len(grid) - 1:
        return float(where > 0)
    k = int(where)
    t, reached = where - k, _reached(posterior)
    rise = reached[k + 1] - reached[k]
    bend = (1 - t) * (density[k] - rise) - t * (density[k + 1] - rise)
    return float(reached[k] + t * rise + t * (1 - t) * bend)


def _quantile(posterior: Posterior, share: float) -> float:
    """The value that the parameter is below with the probability `share`."""
    k = int(np.searchsorted(_reached(posterior), share))
    low, high = float(posterior.b[max(k - 1, 0)]), float(posterior.b[min(k, len(posterior.b) - 1)])
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if _below(posterior, middle) < share else (low, middle)
    return middle


@dataclass(frozen=True)
class Model:
    """A curve, its skeleton, and the prior standard deviation of its parameter."""

    curve: Curve
    skeleton: tuple[float, ...]
    prior_sd: float

    def probabilities(self, b: float) -> tuple[float, ...]:
        """Return the DLT probability of each level for one value of the parameter."""
        return tuple(np.exp(_log_p(self.curve, self.skeleton, np.array([b])))[:, 0].tolist())

    def scale(self, level: int) -> float:
        """Return what exp(b) multiplies at a level."""
        return _to_scale(self.curve, self.skeleton[level - 1])

    def crossing(self, level: int, limit: float) -> float | None:
        """Return where a level's DLT probability is the limit; the logistic curve does not cross its intercept."""
        own, other = self.scale(level), _to_scale(self.curve, limit)
        return log(other / own) if own * other > 0 else None

    def grid(self, below: int, above: int, people: int) -> Grid:
        """Return a grid that is fine enough for so many people, reaching so many spans below 0 and above it."""
        return _grid(self, below, above, _steps(self, people))

    def posterior(self, tallies: tuple[tuple[int, int], ...], partial: tuple[Partial, ...] = ()) -> Posterior:
        """Return the posterior from (evaluable, DLTs) of each level, and those whose window is not over.

        Notes
        -----
        A participant observed for the share w of the window without a DLT contributes 1 - w p (Cheung and Chappell,
        Biometrics 2000;56:1177); one evaluable contributes p or 1 - p.
        """
        people = sum(evaluable for evaluable, _ in tallies) + len(partial)
        below = above = 1
        while True:
            grid = self.grid(below, above, people)
            log_density = _log_density(grid, tallies, partial)
            log_density -= log_density.max()
            if log_density[0] <= _NEGLIGIBLE and log_density[-1] <= _NEGLIGIBLE:
                break
            below += int(log_density[0] > _NEGLIGIBLE)
            above += int(log_density[-1] > _NEGLIGIBLE)
        density = np.exp(log_density)
        density /= density.sum()
        mean = float(grid.b @ density)
        return Posterior(grid.b, density, grid.p, mean, self.probabilities(mean), self)


def _log_density(grid: Grid, tallies: tuple[tuple[int, int], ...], partial: tuple[Partial, ...]) -> Floats:
    """The logarithm of prior times likelihood, up to a constant."""
    result = grid.log_prior.copy()
    for index, (evaluable, dlts) in enumerate(tallies):  # nought times the logarithm of nought is not a number
        if dlts:
            result += dlts * grid.log_p[index]
        if evaluable > dlts:
            result += (evaluable - dlts) * grid.log_q[index]
    with np.errstate(divide="ignore"):
        for level, share in partial:  # 1 - w p is 1 - w + w (1 - p)
            result += np.logaddexp(np.log1p(-share), np.log(share) + grid.log_q[level - 1])
    return result


def _steps(model: Model, people: int) -> int:
    """How many steps over twice the span resolve the narrowest posterior that so many people can give.

    The number of people is raised to a power of two, so that a trial needs few grids.
    """
    people = 1 << max(people - 1, 0).bit_length()
    narrowest = 1 / sqrt(_MOST_INFORMATION[model.curve] * people + model.prior_sd**-2)
    return max(_STEPS, 2 * ceil(_SPAN * model.prior_sd * _FINENESS / narrowest))


@lru_cache(maxsize=256)
def _grid(model: Model, below: int, above: int, steps: int) -> Grid:
    """An even grid, and the logarithms of the prior, of p and of 1 - p on it."""
    span = _SPAN * model.prior_sd
    b = np.linspace(-below * span, above * span, steps // 2 * (below + above) + 1)
    log_p = _log_p(model.curve, model.skeleton, b)
    with np.errstate(divide="ignore"):  # where p is 1 to the last digit, nobody without a DLT can be
        log_q = np.log(-np.expm1(log_p))
    return Grid(b, -0.5 * (b / model.prior_sd) ** 2, np.exp(log_p), log_p, log_q)


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

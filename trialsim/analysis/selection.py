"""Choosing the best of several plans from paired replications, with a promised probability of being right.

Smaller is better throughout; who wants the largest turns the signs. A value may be missing (NaN): two plans are then
compared in the replications in which both have one.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_DRAWS, _AT_ONCE = 100_000, 1000
"""From the posterior: a probability of being the best is computed to 0.002."""
_CELLS = 20_000
"""Differences that are looked at together."""


def constants(plans: int, first: int, error: float) -> tuple[float, float]:
    """Kim's and Nelson's eta and h², for so many plans and a first stage of ``first`` replications.

    S.-H. Kim and B. L. Nelson, ACM Transactions on Modeling and Computer Simulation 11 (2001) 251-273, with c = 1:
    eta = ((2 error / (plans - 1)) ** (-2 / (first - 1)) - 1) / 2 and h² = 2 eta (first - 1). The error is shared out
    among the comparisons of the best with each other plan (Bonferroni), so the luck of the plans may be common.
    """
    eta = ((2 * error / (plans - 1)) ** (-2 / (first - 1)) - 1) / 2
    return eta, 2 * eta * (first - 1)


class Race:
    """Kim's and Nelson's fully sequential selection, fed with replications one after the other.

    A plan is out as soon as another is ahead of it by more than chance allows (``W``, which shrinks with every
    replication). With normal differences the plan that is left is the best with probability ``confidence`` at least,
    if it is better than each other by ``indifference`` or more.

    Parameters
    ----------
    plans : int
        How many, from 2 on.
    indifference : float
        A difference that is worth nothing more.
    confidence : float
        The promise, at least 1 / plans.
    first : int
        Replications from which the variance of each difference is estimated, from 2 on.
    least_variance : float
        What the variance of a difference is at least. Of differences of 0 and 1 that matter it is
        indifference (1 - indifference): without it, pairs that agree by chance in all of the first replications would
        seem never to differ.

    Attributes
    ----------
    left : ndarray of bool, shape (plans,)
        Who is not out.
    out_at : ndarray of int, shape (plans,)
        The replication at which a plan went out; 0 while it is not.
    replications : int
        How many have been looked at.
    """

    def __init__(
        self, plans: int, indifference: float, confidence: float, first: int, least_variance: float = 0.0
    ) -> None:
        _, self._h2 = constants(plans, first, 1 - confidence)
        self._indifference, self._first, self._least = indifference, first, least_variance
        self.left = np.ones(plans, dtype=bool)
        self.out_at = np.zeros(plans, dtype=int)
        self.replications = 0
        self._running = np.arange(plans)
        """Who is in the matrices: those that were left not long ago."""
        square = (plans, plans)
        self._pairs, self._sums, self._squares, self._firsts = (np.zeros(square) for _ in range(4))
        self._origin = np.full(square, math.nan)
        """Of the differences of rows from columns: how many, their sum and, of the first stage, sum and sum of
        squares; each less the first of all, so that sums are small."""
        self._mean, self._margin = np.zeros(square), np.full(square, math.inf)
        """The mean, and by how much a plan must be behind another to be out (W in the paper)."""

    @property
    def is_over(self) -> bool:
        """Whether one plan is left, or the time to tell those apart that are is over."""
        among = self._of_left(self._margin)
        return not among[~np.eye(len(among), dtype=bool)].any()

    @property
    def is_level(self) -> bool:
        """Whether it is over, and the means of those that are left are the same."""
        return self.is_over and not self._of_left(self._mean).any()

    def run(self, values: ArrayLike) -> None:
        """Look at further replications, shape (replications, plans), until the race is over; the others do not count.

        What stands in the columns of plans that are out is not looked at.
        """
        rows = np.asarray(values, dtype=float)
        begin = 0
        while begin < len(rows) and not self.is_over:
            self._forget()
            size = max(1, _CELLS // len(self._running) ** 2)
            self._screen(*self._margins(rows[begin : begin + size, self._running]))
            begin += size

    def _of_left(self, matrix: Floats) -> Floats:
        """The rows and columns of those that are left."""
        left = self.left[self._running]
        found: Floats = matrix[np.ix_(left, left)]
        return found

    def _forget(self) -> None:
        """Leave out of all matrices whoever is out."""
        for name in ("_pairs", "_sums", "_squares", "_firsts", "_origin", "_mean", "_margin"):
            setattr(self, name, self._of_left(getattr(self, name)))
        self._running = self._running[self.left[self._running]]

    def _screen(self, mean: Floats, margin: Floats) -> None:
        """Go through replications, of which these are the means and margins, shape (replications, plans, plans)."""
        behind, is_open = mean > margin, margin > 0
        row, last = 0, len(mean) - 1
        while True:
            left = self.left[self._running]
            pairs = left[:, np.newaxis] & left & ~np.eye(len(left), dtype=bool)
            is_next = (behind[row:] & pairs).any(axis=(1, 2)) | ~(is_open[row:] & pairs).any(axis=(1, 2))
            row = row + int(np.argmax(is_next)) if is_next.any() else last
            beaten: Flags = np.any(behind[row] & pairs, axis=1)
            if not beaten[left].all():  # a circle, which missing values may make, is decided by nobody
                self.left[self._running[beaten]] = False
                self.out_at[self._running[beaten]] = self.replications + row + 1
            self._mean, self._margin = mean[row], margin[row]
            if self.is_over or row == last:
                self.replications += row + 1
                return
            row += 1

    def _margins(self, rows: Floats) -> tuple[Floats, Floats]:
        """The mean differences after each of some further replications, and the margins."""
        each = rows[:, :, np.newaxis] - rows[:, np.newaxis, :]
        known = ~np.isnan(each)
        begin = np.take_along_axis(each, known.argmax(axis=0)[np.newaxis], axis=0)[0]
        self._origin = np.where(np.isnan(self._origin), begin, self._origin)
        less = np.where(known, each - self._origin, 0.0)
        pairs = _cumulated(self._pairs, known)
        sums = _cumulated(self._sums, less)
        is_first = pairs <= self._first
        squares = _cumulated(self._squares, np.where(is_first, less**2, 0.0))
        firsts = _cumulated(self._firsts, np.where(is_first, less, 0.0))
        self._pairs, self._sums, self._squares, self._firsts = pairs[-1], sums[-1], squares[-1], firsts[-1]
        variance = np.maximum((squares - firsts**2 / self._first) / (self._first - 1), self._least)
        needed = self._h2 * variance / self._indifference**2
        counted = np.maximum(pairs, 1)
        margin = self._indifference / 2 * np.maximum(0.0, needed / counted - 1)
        return np.where(pairs > 0, self._origin + sums / counted, 0.0), np.where(pairs < self._first, math.inf, margin)


def _cumulated(begin: Floats, each: Floats | Flags) -> Floats:
    """Sums that begin with one, and with each further row: the same, however the rows are cut."""
    return np.cumsum(np.concatenate([begin[np.newaxis], each]), axis=0)[1:]


def shares(means: ArrayLike, spreads: ArrayLike, errors: ArrayLike = 0.0) -> Floats:
    """Which part of a budget each plan should get, so that the best is most probably recognised (OCBA).

    C.-H. Chen, J. Lin, E. Yücesan and S. E. Chick, Discrete Event Dynamic Systems 10 (2000) 251-270, theorem 1: for
    plans that are not the best in proportion to (spread / distance to the best)², for the best
    spread_b (sum of (share / spread)²) ** ½. Theirs are independent plans; common luck makes it better than it says.

    Parameters
    ----------
    means, spreads : array_like, shape (plans,)
        Estimates so far: of the mean, and of the standard deviation of one replication.
    errors : array_like
        What the distance of a plan to the best is taken for at least: its standard error. Plans that are no distance
        apart, and whose error is 0 as well, count as one with the best.
    """
    means, spreads = np.asarray(means, dtype=float), np.asarray(spreads, dtype=float)
    best = int(np.argmin(means))
    distance = np.maximum(means - means[best], errors)
    found = np.zeros(len(means))
    others = distance > 0
    others[best] = False
    found[others] = (spreads[others] / distance[others]) ** 2
    varies = others & (spreads > 0)
    as_best = spreads[best] * math.sqrt(float(np.sum((found[varies] / spreads[varies]) ** 2)))
    found[~others] = as_best
    total = found.sum()
    return found / total if total > 0 else np.full(len(means), 1 / len(means))


def alike(values: Floats) -> list[int]:
    """For each plan the first whose values are the same in every replication that both have; its own if there is none.

    ``values`` has the shape (replications, plans).
    """
    found: list[int] = []
    for plan, column in enumerate(values.T):
        earlier = (other for other in dict.fromkeys(found) if _same(column, values[:, other]))
        found.append(next(earlier, plan))
    return found


def chances(values: Floats, leader: int) -> Floats:
    """How probably each plan is the best, given what was simulated.

    The differences to the leader have, without other knowledge, the posterior of a multivariate normal mean: centred at
    their means, with the covariances of these (S. E. Chick and K. Inoue, Management Science 47 (2001) 1133-1149, with
    the normal in place of the t distribution, as there are many replications). How it was decided to stop simulating
    does not change it. Plans that are `alike` share the probability of one.

    Parameters
    ----------
    values : ndarray of shape (replications, plans)
        Missing where a plan was not simulated, or has no value.
    leader : int
        The plan that the others are compared with.

    Returns
    -------
    ndarray of shape (plans,)
        They add up to 1. NaN for a plan that has no two replications in common with the leader, and for all if
        none has.
    """
    group = alike(values)
    some = [plan for plan in dict.fromkeys(group) if plan != group[leader]]
    each = values[:, some] - values[:, [group[leader]]]
    known = ~np.isnan(each)
    told = known.sum(axis=0) >= 2
    if some and not told.any():
        return np.full(len(group), math.nan)
    some, each, known = (
        [plan for plan, is_told in zip(some, told, strict=True) if is_told],
        each[:, told],
        known[:, told],
    )
    means, covariances = _of_means(each, known)
    size, turn = np.linalg.eigh(covariances)
    root = turn * np.sqrt(np.maximum(size, 0.0))
    luck = np.random.default_rng(0)
    best = np.full(1 + len(some), 0.5)  # what was never drawn is not impossible
    for _ in range(_DRAWS // _AT_ONCE):
        drawn = means + luck.standard_normal((_AT_ONCE, len(some))) @ root.T
        ahead = np.argmin(np.column_stack([np.zeros(_AT_ONCE), drawn]), axis=1)
        best += np.bincount(ahead, minlength=len(best))
    of_group = dict(zip([group[leader], *some], best / best.sum(), strict=True))
    return np.array([of_group.get(first, math.nan) / group.count(first) for first in group])


def _same(one: Floats, other: Floats) -> bool:
    differences = one - other
    differences = differences[~np.isnan(differences)]
    return differences.size > 0 and not differences.any()


def _of_means(each: Floats, known: Flags) -> tuple[Floats, Floats]:
    """The means of columns of which parts are missing, and the covariances of these means.

    Of two columns with n and m values, c of them in the same rows, it is that of the rows that both have times
    c / (n m).
    """
    number = known.sum(axis=0)
    means = np.where(known, each, 0.0).sum(axis=0) / number
    centred = np.where(known, each - means, 0.0)
    common = known.T.astype(float) @ known
    return means, centred.T @ centred / np.maximum(common - 1, 1) * common / np.outer(number, number)

"""Simulating the plans of a selection for as long as it takes to choose one, or within a budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trialsim.analysis.grouping import Flags, Floats
from trialsim.analysis.measures import is_share
from trialsim.analysis.plans import paired, scores
from trialsim.analysis.selection import Race, alike, shares
from trialsim.experiment.collection import Progress
from trialsim.experiment.jobs import Job
from trialsim.experiment.running import run_jobs

if TYPE_CHECKING:
    from trialsim.scenario import Scenario

_MORE = 0.25
"""By how much the replications are made more at a time. What is found does not depend on it."""
_ROUNDS = 10
"""In how many parts a budget is shared out after the first stage."""


@dataclass(frozen=True)
class Rules:
    """By what a selection goes.

    Attributes
    ----------
    measure : str
        One of `trialsim.tables.MEASURES`.
    larger : bool
        Whether the largest is the best.
    indifference : float or None
        A difference that does not matter, in the measure's own unit (days, a count, a probability). None with a budget.
    confidence : float
        The promised probability of choosing the best, if it is better than each other by the indifference.
    first : int
        Replications of each plan in the first stage.
    most : int
        Replications of each plan at most.
    budget : int or None
        Replications of all plans together; without one, as many are simulated as the promise needs.
    fresh : int
        Replications of the plan selected and of the next best on fresh luck.
    """

    measure: str
    larger: bool
    indifference: float | None
    confidence: float
    first: int
    most: int
    budget: int | None
    fresh: int


class Work:
    """The plans, simulated as far as is needed, each from its first replication on."""

    def __init__(
        self,
        plans: Sequence[Scenario],
        measure: str,
        seed: int,
        jobs: int | None,
        progress: Progress | None,
        engine: str,
        executor: str = "auto",
    ) -> None:
        self.plans, self.seed, self.measure = plans, seed, measure
        self.engine = engine
        self.found = [np.empty(0) for _ in plans]
        self._jobs, self._progress, self._asked, self._executor = jobs, progress, engine, executor
        self._before = 0
        """How many replications were simulated by earlier calls."""

    @property
    def done(self) -> list[int]:
        """How many replications of each plan there are."""
        return [len(each) for each in self.found]

    def more(self, which: Sequence[int], upto: int) -> None:
        """Simulate these plans, of which there are equally many replications, up to a number."""
        (after,) = {len(self.found[plan]) for plan in which}
        for plan, numbers in zip(which, self._simulated(which, upto, self.seed, after), strict=True):
            self.found[plan] = np.concatenate([self.found[plan], numbers])

    def anew(self, which: Sequence[int], number: int, seed: int) -> list[Floats]:
        """The scores of these plans in as many replications of another seed."""
        return self._simulated(which, number, seed, 0)

    def until(self, at: Sequence[int]) -> tuple[Floats, Flags]:
        """The scores of the first so many replications of each plan, and where there are any."""
        found = np.full((max(at), len(at)), np.nan)
        for plan, number in enumerate(at):
            found[:number, plan] = self.found[plan][:number]
        return found, np.arange(max(at))[:, np.newaxis] < np.asarray(at)

    def _simulated(self, which: Sequence[int], upto: int, seed: int, after: int) -> list[Floats]:
        work = [Job(self.plans[plan], seed) for plan in which]
        before, tell = self._before, self._progress
        told = None if tell is None else lambda done, asked: tell(before + done, before + asked)
        results, self.engine = run_jobs(work, upto, self._jobs, told, self._asked, after, executor=self._executor)
        self._before += len(work) * (upto - after)
        return [scores(each.replications, self.measure) for each in results]


Chosen = tuple[list[str], list[int], bool]
"""What became of each plan, how many of its replications were looked at, and whether the promise holds."""


def race(work: Work, rules: Rules) -> Chosen:
    """Kim's and Nelson's procedure."""
    assert rules.indifference is not None
    count, step = len(work.plans), rules.indifference
    least = step * (1 - step) if is_share(rules.measure) else 0.0
    running = Race(count, step, rules.confidence, rules.first, least)
    sign = -1 if rules.larger else 1
    size = 0
    while not running.is_over and size < rules.most:
        upto = min(rules.most, max(rules.first, size + round(_MORE * size)))
        left = np.flatnonzero(running.left)
        work.more([int(plan) for plan in left], upto)
        fresh = np.zeros((upto - size, count))
        fresh[:, left] = np.column_stack([work.found[plan][size:upto] for plan in left])
        running.run(sign * fresh)
        size = upto
    at = np.where(running.left, running.replications, running.out_at)
    found, _ = work.until(list(at))
    left = np.flatnonzero(running.left)
    best = left[_ahead(sign * found[:, left])]
    outcomes = ["left" if is_left else "out" for is_left in running.left]
    if running.is_level:
        outcomes = ["level" if is_left else "out" for is_left in running.left]
    return (
        _named(outcomes, found, int(best)),
        [int(number) for number in at],
        running.is_over and "left" not in outcomes,
    )


def share_out(work: Work, rules: Rules) -> Chosen:
    """Optimal computing budget allocation, in rounds."""
    assert rules.budget is not None
    count, sign = len(work.plans), -1 if rules.larger else 1
    work.more(range(count), rules.first)
    while (spent := sum(work.done)) < rules.budget:
        found, _ = work.until(work.done)
        base = _ahead(sign * found)
        differs = [paired(found[:, plan], found[:, base], rules.measure) for plan in range(count)]
        means = [0.0 if each is None else sign * each.mean for each in differs]
        errors = [0.0 if each is None else each.standard_error or 0.0 for each in differs]
        spreads = [float(np.nanstd(each, ddof=1)) if np.sum(~np.isnan(each)) > 1 else 0.0 for each in work.found]
        total = min(rules.budget, spent + max(count, (rules.budget - count * rules.first) // _ROUNDS))
        part = shares(means, spreads, errors)
        part[base] = part.max()  # so that every replication of another plan has its pair
        wanted = np.maximum(part / part.sum() * total - work.done, 0.0)
        more = np.floor(wanted / wanted.sum() * (total - spent)).astype(int)
        more[int(np.argmax(wanted))] += total - spent - more.sum()
        for plan in np.flatnonzero(more):
            work.more([int(plan)], work.done[plan] + int(more[plan]))
    found, _ = work.until(work.done)
    return _named(["left"] * count, found, _ahead(sign * found)), work.done, False


def _named(outcomes: list[str], found: Floats, best: int) -> list[str]:
    """The outcomes, with the best as what is selected, and those of the others that are the same as such."""
    same = alike(found)
    named = ["identical" if each != "out" and same[plan] == same[best] else each for plan, each in enumerate(outcomes)]
    named[best] = "selected"
    return named


def _ahead(found: Floats) -> int:
    """The plan that is ahead of all others, replication by replication; one of those ahead, if they are in a circle."""
    means = [np.nanmean(column) if not np.isnan(column).all() else np.inf for column in found.T]
    ahead = int(np.argmin(means))
    for _ in means:
        known = ~np.isnan(found - found[:, [ahead]])
        behind = np.where(known, found - found[:, [ahead]], 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        if behind.min() >= 0:
            break
        ahead = int(np.argmin(behind))
    return ahead

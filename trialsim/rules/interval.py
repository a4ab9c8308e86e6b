"""Interval designs: the DLTs at the current level alone say up, stay or down; a level too toxic is eliminated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from trialsim.rules.base import Parameters, Probability, Stop, View
from trialsim.rules.beta import too_toxic_from
from trialsim.rules.cohorts import Cohort, CohortRule, tally
from trialsim.rules.isotonic import nearest

ELIMINATION_NEEDS = 3


class IntervalDesign(Parameters):
    """What all interval designs share; each has its own `direction`."""

    target: Probability
    elimination: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 0.95
    """A level and all above are eliminated when P(p > target | data) is above this, from three evaluable on."""

    def direction(self, evaluable: int, dlts: int) -> int:
        """Return 1 for up, 0 for stay and -1 for down, from the data at the current level (`evaluable` at least 1)."""
        raise NotImplementedError

    def is_eliminated(self, evaluable: int, dlts: int) -> bool:
        """Say whether these data rule a level out: P(p > target) above `elimination` under a uniform prior."""
        return evaluable >= ELIMINATION_NEEDS and dlts >= too_toxic_from(evaluable, self.target, self.elimination)

    def highest_left(self, tallies: Sequence[tuple[int, int]]) -> int:
        """Return the level below the lowest one eliminated, from (evaluable, DLTs) per level; 0 if that is level 1."""
        return next((index for index, data in enumerate(tallies) if self.is_eliminated(*data)), len(tallies))

    def recommend(self, view: View) -> int | None:
        """Name the level whose isotonic estimate is nearest to the target, of those tried and not eliminated."""
        tallies = view.tallies()
        return nearest(tallies[: self.highest_left(tallies)], self.target)


class IntervalRule(IntervalDesign, CohortRule):
    """An interval design in cohorts, every outcome known before the next one."""

    def ceiling(self, view: View, cohorts: Sequence[Cohort]) -> int:
        """Return the level below the lowest one eliminated."""
        return self.highest_left(tally(cohorts, view.levels))

    def propose(self, view: View, cohorts: Sequence[Cohort], ceiling: int) -> int | Stop:
        """Go up, stay or go down by the data at the current level; the guards see to the ceiling."""
        here = cohorts[-1].level
        evaluable, dlts = tally(cohorts, view.levels)[here - 1]
        step = self.direction(evaluable, dlts) if evaluable else 0
        return min(max(here + step, 1), view.levels)

"""Interval designs: the DLTs at the current level alone say up, stay or down; a level too toxic is eliminated."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from trialsim.rules.base import Probability, Stop
from trialsim.rules.beta import too_toxic_from, too_toxic_table
from trialsim.rules.built_in import BuiltInRule, Evidence
from trialsim.rules.by_tallies import Tallies, TallyRule
from trialsim.rules.isotonic import isotonic_rates, nearest

ELIMINATION_NEEDS = 3


class IntervalDesign(BuiltInRule):
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

    def eliminating_dlts(self, length: int) -> list[int]:
        """Return how many DLTs among 0, 1, ... `length - 1` evaluable participants rule a level out."""
        return too_toxic_table(length, ELIMINATION_NEEDS, self.target, self.elimination)

    def highest_left(self, tallies: Tallies) -> int:
        """Return the level below the lowest one eliminated; 0 if that is level 1, and the top if none is."""
        return next((index for index, data in enumerate(tallies) if self.is_eliminated(*data)), len(tallies))

    def after(self, here: int, tallies: Tallies) -> int | Stop:
        """Go up, stay or go down by the data at the current level, but not to a level eliminated."""
        highest = self.highest_left(tallies)
        if not highest:
            return Stop(None)
        evaluable, dlts = tallies[here - 1]
        step = self.direction(evaluable, dlts) if evaluable else 0
        return min(max(here + step, 1), highest)

    def best(self, tallies: Tallies) -> int | None:
        """Return the level whose isotonic estimate is nearest to the target, of those tried and not eliminated."""
        return nearest(tallies[: self.highest_left(tallies)], self.target)

    def estimates_of_tried(self, tallies: Tallies) -> dict[int, float]:
        """Return the isotonic estimate of each level where somebody is evaluable, by level (from 1)."""
        tried = {level: data for level, data in enumerate(tallies, 1) if data[0]}
        return dict(zip(tried, isotonic_rates(list(tried.values())), strict=True))

    def numbers(self) -> dict[str, float]:
        """Return by name what the rule is computed with, besides the outcomes."""
        return {**super().numbers(), "target": self.target}


class IntervalRule(IntervalDesign, TallyRule):
    """An interval design in cohorts, every outcome known before the next one."""

    decides_on: ClassVar[Evidence] = "level"

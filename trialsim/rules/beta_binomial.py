"""Up one level after each cohort, unless a level is too likely to be above the target."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from trialsim.rules.base import Positive, Probability, Stop, View
from trialsim.rules.beta import too_toxic_from, too_toxic_table
from trialsim.rules.built_in import Evidence
from trialsim.rules.cohorts import CohortRule, Cohorts, cohorts_so_far


class BetaBinomial(CohortRule):
    """Independent beta posteriors, one a level; a level that they stop is never given again."""

    decides_on: ClassVar[Evidence] = "level"

    target: Probability
    cutoff: Probability
    """A level and all above are stopped when P(p > target | data) is above this."""
    prior_a: Positive = 1.0
    prior_b: Positive = 1.0
    minimum_n: Annotated[int, Field(ge=1)] = 1
    """How many evaluable participants it takes to stop a level."""

    def ceiling(self, view: View, cohorts: Cohorts) -> int:
        """Return the level below the lowest one stopped."""
        highest = view.levels
        for index, (evaluable, dlts) in enumerate(cohorts.tallies):
            if evaluable >= self.minimum_n and dlts >= too_toxic_from(
                evaluable, self.target, self.cutoff, self.prior_a, self.prior_b
            ):
                highest = index
                break
        # Only a stopped level is left downwards. It stays stopped even if outcomes still due then turn out well.
        return highest if cohorts.lowest_left is None else min(highest, cohorts.lowest_left - 1)

    def propose(self, view: View, cohorts: Cohorts, ceiling: int) -> int | Stop:
        """Go up one level, as far as the ceiling; stay if nobody in the cohort was evaluable."""
        current = cohorts[-1]
        return min(current.level + (current.evaluable > 0), ceiling)

    def recommend(self, view: View) -> int | None:
        """Name the highest level tried that is not stopped."""
        cohorts = cohorts_so_far(view)
        ceiling = self.ceiling(view, cohorts)
        return max((level for level in range(1, ceiling + 1) if cohorts.tallies[level - 1][0]), default=None)

    def eliminating_dlts(self, length: int) -> list[int]:
        """Return how many DLTs among 0, 1, ... `length - 1` evaluable participants stop a level."""
        return too_toxic_table(length, self.minimum_n, self.target, self.cutoff, self.prior_a, self.prior_b)

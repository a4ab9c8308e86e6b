"""Rules that look at nothing but the numbers of outcomes at each level, and at the level of the cohort that is over."""

from __future__ import annotations

from collections.abc import Sequence

from trialsim.rules.base import Stop, View
from trialsim.rules.cohorts import CohortRule, Cohorts, cohorts_so_far

Tallies = Sequence[tuple[int, int]]
"""(evaluable participants, DLTs) per level, from level 1."""


class TallyRule(CohortRule):
    """A cohort rule whose answers follow from the tallies and the level of the cohort that is over.

    `after`, `highest_left` and `best` must depend on their arguments alone: then whoever runs the rule may look an
    answer up that was worked out before.
    """

    @property
    def may_skip(self) -> bool:
        """Whether the trial may go up past a level that nobody has been given."""
        return False

    @property
    def stays_after_dlt(self) -> bool:
        """Whether a DLT in the cohort that is over forbids going up."""
        return False

    @property
    def eliminates(self) -> bool:
        """Whether the rule ever eliminates a level."""
        return type(self).highest_left is not TallyRule.highest_left

    def after(self, here: int, tallies: Tallies) -> int | Stop:
        """Return the level that the data ask for after a cohort at level `here`, or a stop."""
        raise NotImplementedError

    def highest_left(self, tallies: Tallies) -> int:
        """Return the level below the lowest one eliminated; 0 if that is level 1, and the top if none is."""
        return len(tallies)

    def best(self, tallies: Tallies) -> int | None:
        """Return the level to go on with if the trial ended now: one that was not eliminated, or None."""
        raise NotImplementedError

    def propose(self, view: View, cohorts: Cohorts, ceiling: int) -> int | Stop:
        """Return the level that the data ask for, or a stop."""
        return self.after(cohorts[-1].level, cohorts.tallies)

    def ceiling(self, view: View, cohorts: Cohorts) -> int:
        """Return the level below the lowest one eliminated; 0 if that is level 1, and the top if none is."""
        return self.highest_left(cohorts.tallies)

    def reach(self, view: View, cohorts: Cohorts) -> int:
        """Return the highest level that may come next, whatever the proposal."""
        highest = view.levels if self.may_skip else super().reach(view, cohorts)
        return min(highest, cohorts[-1].level) if self.stays_after_dlt and cohorts[-1].dlts else highest

    def recommend(self, view: View) -> int | None:
        """Name the level to go on with if the trial ended now."""
        return self.best(cohorts_so_far(view).tallies)

    def numbers(self) -> dict[str, float]:
        """Return by name what the rule is computed with, besides the outcomes."""
        return {
            **super().numbers(),
            "eliminates": self.eliminates,
            "skip": self.may_skip,
            "coherent": self.stays_after_dlt,
        }

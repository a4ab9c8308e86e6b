"""One cohort a level, upwards, until a cohort has too many DLTs."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from trialsim.rules.base import Stop, View
from trialsim.rules.built_in import Evidence
from trialsim.rules.cohorts import CohortRule, Cohorts, cohort_size, cohorts_so_far, is_whole


class Ladder(CohortRule):
    """Up one level after each cohort with at most `max_dlts` DLTs; the first that has more ends the trial."""

    decides_on: ClassVar[Evidence] = "cohorts"

    max_dlts: Annotated[int, Field(ge=0)] = 0

    def propose(self, view: View, cohorts: Cohorts, ceiling: int) -> int | Stop:
        """Go up, stop above the top, or stop at the highest level cleared."""
        current = cohorts[-1]
        if any(cohort.dlts > self.max_dlts for cohort in cohorts):
            return Stop(self._highest_cleared(view, cohorts))
        if not is_whole(current, cohort_size(view)):
            return current.level
        if current.level == view.levels:
            return Stop(self._highest_cleared(view, cohorts))
        return current.level + 1

    def recommend(self, view: View) -> int | None:
        """Name the highest level that a whole cohort has cleared."""
        return self._highest_cleared(view, cohorts_so_far(view))

    def numbers(self) -> dict[str, float]:
        """Return by name what the rule is computed with, besides the outcomes."""
        return {"max_dlts": self.max_dlts}

    def _highest_cleared(self, view: View, cohorts: Cohorts) -> int | None:
        size = cohort_size(view)
        too_high = min((c.level for c in cohorts if c.dlts > self.max_dlts), default=view.levels + 1)
        return max((c.level for c in cohorts if c.level < too_high and is_whole(c, size)), default=None)

"""The classic: three participants, and three more if one of them has a DLT."""

from __future__ import annotations

from typing import ClassVar, Literal

from trialsim.rules.base import Stop, View
from trialsim.rules.built_in import Evidence
from trialsim.rules.cohorts import CohortRule, Cohorts, cohort_size, cohorts_so_far, is_whole

_TOO_MANY = 2


class ThreePlusThree(CohortRule):
    """The 3+3 rule.

    A level is cleared by a first cohort without a DLT or by two cohorts with at most one; two DLTs exceed it. The trial
    ends at the highest level cleared below one that is exceeded, or at the top.
    """

    fixed_cohort_size: ClassVar[int | None] = 3
    decides_on: ClassVar[Evidence] = "cohorts"

    mtd: Literal["level_below", "six_at_mtd"] = "level_below"
    """Whether the level below one that is exceeded is the MTD as it stands, or only once two cohorts were there."""
    top_needs_six: bool = False
    """Whether the top level needs two cohorts before the trial may end there."""

    @property
    def confirms_mtd(self) -> bool:
        """Whether the level below one that is exceeded needs its second cohort before it is the MTD."""
        return self.mtd == "six_at_mtd"

    def propose(self, view: View, cohorts: Cohorts, ceiling: int) -> int | Stop:
        """Go up from a cleared level, down from an exceeded one, stop where both meet, stay otherwise."""
        highest = _highest_not_exceeded(view, cohorts)
        if not highest:
            return Stop(None)
        here = min(cohorts[-1].level, highest)
        if not _is_cleared(here, view, cohorts):
            return here
        if here < highest:
            return here + 1
        needs_six = self.top_needs_six if here == view.levels else self.confirms_mtd
        if needs_six and _whole_cohorts(here, view, cohorts) < 2:
            return here
        return Stop(here)

    def recommend(self, view: View) -> int | None:
        """Name the highest level cleared below the lowest one exceeded."""
        cohorts = cohorts_so_far(view)
        for level in range(_highest_not_exceeded(view, cohorts), 0, -1):
            if _is_cleared(level, view, cohorts):
                return level
        return None

    def numbers(self) -> dict[str, float]:
        """Return by name what the rule is computed with, besides the outcomes."""
        return {"six_at_mtd": self.confirms_mtd, "six_at_top": self.top_needs_six}

    def options(self) -> dict[str, str]:
        """Return by name the choices that every report mentions, because they move the calendar."""
        return {"mtd": self.mtd}


def _highest_not_exceeded(view: View, cohorts: Cohorts) -> int:
    """Return the level below the lowest one exceeded; 0 if that is level 1, and the top if none is."""
    for index, (_, dlts) in enumerate(cohorts.tallies):
        if dlts >= _TOO_MANY:
            return index
    return view.levels


def _whole_cohorts(level: int, view: View, cohorts: Cohorts) -> int:
    size = cohort_size(view)
    return sum(1 for cohort in cohorts if cohort.level == level and is_whole(cohort, size))


def _is_cleared(level: int, view: View, cohorts: Cohorts) -> bool:
    """Say whether a level that is not exceeded has whole cohorts enough for its DLTs: one for none, two for one."""
    dlts = sum(cohort.dlts for cohort in cohorts if cohort.level == level)
    return _whole_cohorts(level, view, cohorts) > dlts

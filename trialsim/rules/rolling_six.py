"""The rolling six: places go on being given while windows are open, up to six at a level."""

from __future__ import annotations

from typing import ClassVar

from trialsim.rules.base import LOST, Answer, Assign, Stop, View, Wait
from trialsim.rules.built_in import BuiltInRule, Evidence

_TOO_MANY = 2
_CLEARED_BY = 3
_SIX = 6


class RollingSix(BuiltInRule):
    """The rolling six of Skolnik et al., J Clin Oncol 2008;26:190.

    Three without a DLT, none pending, clear a level, and so do six with at most one DLT, even if the last one pending
    should have it; two DLTs exceed it. Until then the next participant gets the same level, up to six.
    """

    cohorts: ClassVar[bool] = False
    takes_cohort_size: ClassVar[bool] = False
    decides_on: ClassVar[Evidence] = "pending"
    most_at_level: ClassVar[int] = _SIX
    """To how many a level is given and no more; those lost who are replaced do not count."""

    strict: bool = False
    """Whether all six must be resolved before the next level is given."""

    def decide(self, view: View) -> Answer:
        """Say whether the next participant may have a place now, and at which level."""
        if not view.participants:
            return Assign(view.start_level)
        highest = self.admissible(view)
        if not highest:
            return Stop(None)
        here = min(view.participants[-1].level, highest)
        is_last = here == highest
        goes_up = not is_last and self._is_cleared(view, here)
        if goes_up or _treated(view, here) < _SIX:
            return Assign(here + goes_up) if view.places_used() < view.max_participants else Wait()
        return Stop(here) if is_last and not view.pending(here) else Wait()

    def recommend(self, view: View) -> int | None:
        """Name the highest level cleared below the lowest one exceeded."""
        return next((level for level in range(self.admissible(view), 0, -1) if self._is_cleared(view, level)), None)

    def admissible(self, view: View) -> int:
        """Return the level below the lowest one exceeded; 0 if that is level 1, and the top if none is."""
        return next((index for index, (_, dlts) in enumerate(view.tallies()) if dlts >= _TOO_MANY), view.levels)

    def numbers(self) -> dict[str, float]:
        """Return by name what the rule is computed with, besides the outcomes."""
        return {"strict": self.strict}

    def _is_cleared(self, view: View, level: int) -> bool:
        """Say whether a level that is not exceeded has been given to enough, with outcomes enough."""
        evaluable, dlts = view.tallies()[level - 1]
        pending, treated = view.pending(level), _treated(view, level)
        if treated >= _SIX:
            return evaluable > 0 and (not pending if self.strict else dlts + pending < _TOO_MANY)
        return treated >= _CLEARED_BY and evaluable > 0 and not dlts and not pending


def _treated(view: View, level: int) -> int:
    """Return how many have been given a level, without those lost who are to be replaced, or if all were lost."""
    counted = view.tallies()[level - 1][0] + view.pending(level)
    if not counted or view.replace_non_evaluable:
        return counted
    return counted + sum(who.level == level and who.outcome == LOST for who in view.participants)

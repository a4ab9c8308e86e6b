"""What time-weighted rules share: they go on while windows are open, and weigh partial follow-up.

A rule of this kind says which level follows from complete data (`after`, as its parent does) and from partial follow-up
(`propose`). Everything is asked in this order: elimination, waiting (a cohort is filled; too many are pending), the
rule's own proposal, no going up straight after a DLT or before the least follow-up, and no skipping.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from trialsim.rules.base import DLT, LOST, Answer, Assign, Assigned, Stop, View, Wait
from trialsim.rules.built_in import BuiltInRule

Tallies = tuple[tuple[int, int], ...]
"""(evaluable, DLTs) per level, from level 1."""

_TICKS = 2.0**20  # a day: every time of the model is a whole number of these
_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class TimeWeightedRule(BuiltInRule):
    """A rule that does not wait for every window; `cohort_size` participants are given a level before it is asked."""

    cohorts: ClassVar[bool] = False

    max_pending_fraction: _Share = 0.5
    """The trial waits while more than this share of those treated at the current level have no known outcome."""
    minimum_follow_up: _Share = 0.0
    """The trial does not go up until everybody at the current level has been followed for this share of the window."""

    def after(self, here: int, tallies: Tallies) -> int | Stop:
        """Return the level that complete data ask for, as the parent rule would, or a stop."""
        raise NotImplementedError

    def propose(self, view: View, here: int) -> int:
        """Return the level that the data ask for, partial follow-up included."""
        raise NotImplementedError

    def must_leave(self, view: View, here: int) -> bool:
        """Say whether the outcomes known lead down, however those still due turn out."""
        return False

    def ceiling(self, view: View) -> int:
        """Return the level below the lowest one eliminated; 0 if that is level 1, and the top if none is."""
        return view.levels

    def may_rise(self, view: View, cohort: Sequence[Assigned]) -> bool:
        """Say whether the trial may go up from what the current cohort and all others have shown last."""
        return True

    def reach(self, view: View, here: int) -> int:
        """Return the highest level that may come next whatever the proposal: no untried level is skipped."""
        return max((who.level + 1 for who in view.participants if who.infusion_day is not None), default=here)

    def decide(self, view: View) -> Answer:
        """Say whether the next participant may have a place now, and at which level."""
        if not view.participants:
            return Assign(view.start_level)
        ceiling = self.ceiling(view)
        if ceiling < 1:
            return Stop(None)
        here = view.participants[-1].level
        cohort = current_cohort(view)
        left = max(0, view.max_participants - view.places_used())
        missing = min((view.cohort_size or 1) - len(cohort), left) if here <= ceiling else 0
        settled = None
        if view.stop_cohort_early and any(who.outcome == DLT for who in cohort):
            settled = self._settled(view, here, missing)
        if settled is None:
            if missing > 0:
                return Assign(here)
            goes_down = here > ceiling or (here > 1 and self.must_leave(view, here))
            if left <= 0 or (not goes_down and self._too_many_pending(view, here)):
                return Wait()
            settled = min(max(self.propose(view, here), 1), ceiling)
            if settled > here and not self.may_rise(view, cohort):
                settled = here
            if settled > here and (wait := self._follow_up_due(view, here)):
                return wait
            settled = min(settled, self.reach(view, here))
        if isinstance(settled, Stop):
            return settled
        return Assign(settled) if left > 0 else Wait()

    def admissible(self, view: View) -> int:
        """Return the level below the lowest one eliminated; 0 if that is level 1, and the top if none is."""
        return self.ceiling(view)

    def numbers(self) -> dict[str, float]:
        """Return by name what the rule is computed with, besides the outcomes."""
        return {
            **super().numbers(),
            "max_pending_fraction": self.max_pending_fraction,
            "minimum_follow_up": self.minimum_follow_up,
        }

    def _too_many_pending(self, view: View, here: int) -> bool:
        """Say whether more of those at the current level are pending than may be."""
        treated = [who.outcome for who in view.participants if who.level == here and who.outcome != LOST]
        return treated.count(None) > self.max_pending_fraction * len(treated)

    def _follow_up_due(self, view: View, here: int) -> Wait | None:
        """Return until when somebody at the current level has been followed too short for going up, if so."""
        if not self.minimum_follow_up:
            return None
        needed = round(self.minimum_follow_up * view.window * _TICKS) / _TICKS
        days = [who.infusion_day for who in view.participants if who.level == here and who.outcome is None]
        until = [day + needed for day in days if day is not None]
        if len(until) < len(days):
            return Wait()  # somebody is still to be infused
        latest = max(until, default=view.now)
        return Wait(latest) if latest > view.now else None

    def _settled(self, view: View, here: int, missing: int) -> int | Stop | None:
        """Return the lower level, or the stop, that follows however the open outcomes turn out; None if there is none.

        More DLTs never lead to a higher level, so the best and the worst of all ends tell, and the data so far: ways in
        which some are lost lie between these.
        """
        reach = self.reach(view, here)
        due = [sum(who.outcome is None and who.level == level for who in view.participants) for level in _levels(view)]
        due[here - 1] += missing
        ends = []
        for known, bad in ((0, 0), (1, 0), (1, 1)):
            tallies = zip(view.tallies(), due, strict=True)
            end = self.after(here, tuple((n + known * more, y + bad * more) for (n, y), more in tallies))
            ends.append(end if isinstance(end, Stop) else min(end, reach))
        now, *others = ends
        return now if others == [now, now] and (isinstance(now, Stop) or now < here) else None


def current_cohort(view: View) -> list[Assigned]:
    """Return the latest `cohort_size` (or fewer, if it is not filled) who were given the current level in a row.

    Somebody lost who is to be replaced does not count.
    """
    size, here = view.cohort_size or 1, view.participants[-1].level
    row: list[Assigned] = []
    for who in reversed(view.participants):
        if who.level != here:
            break
        if not (who.outcome == LOST and view.replace_non_evaluable):
            row.append(who)
    return row[: len(row) % size or size]


def with_pending(view: View) -> Tallies:
    """Return (treated, DLTs) per level, those without a known outcome counted as without a DLT."""
    return tuple((n + view.pending(level), y) for level, (n, y) in enumerate(view.tallies(), 1))


def with_infused(view: View) -> Tallies:
    """Return (infused, DLTs) per level, those without a known outcome counted as without a DLT.

    What rules a level out on these numbers rules it out however the open outcomes turn out. Whoever has a place but was
    not infused must not count: if they did, giving them the place might rule out their level, taking it back allow it,
    and so on for ever.
    """
    due = [0] * view.levels
    for who in view.participants:
        due[who.level - 1] += who.outcome is None and who.infusion_day is not None
    return tuple((n + more, y) for (n, y), more in zip(view.tallies(), due, strict=True))


def _levels(view: View) -> range:
    return range(1, view.levels + 1)

"""What all rules that work in cohorts share: filling a cohort, waiting for it, ending it early, and the guards.

A rule of this kind has to say which level follows when a cohort is over (`propose`) and, if it eliminates levels, how
high the data allow to go (`ceiling`). Everything is asked in this order: elimination, waiting, the rule's own proposal,
no skipping of untried levels, and the number of participants. Each step can only lower the proposal or stop.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product, takewhile
from typing import ClassVar

from trialsim.rules.base import DLT, LOST, NO_DLT, Answer, Assign, Stop, View, Wait
from trialsim.rules.built_in import BuiltInRule
from trialsim.rules.counting import Cohort, Cohorts, Counted

__all__ = ["Cohort", "CohortRule", "Cohorts", "cohort_size", "cohorts_so_far", "is_whole"]


def cohort_size(view: View) -> int:
    """Return the size of a whole cohort; without one, everybody is in the same cohort."""
    return view.cohort_size or view.max_participants


def cohorts_so_far(view: View) -> Cohorts:
    """Return the cohorts so far; the participants of a cohort follow one another."""
    if isinstance(view.participants, Counted):
        return view.participants.cohorts
    cohorts: list[Cohort] = []
    participants = view.participants
    start, size = 0, len(participants)
    while start < size:
        level, number, *_ = participants[start]
        end = start + 1
        if participants[-1].cohort == number:
            end = size
        while end < size and participants[end].cohort == number:
            end += 1
        outcomes = [who.outcome for who in participants[start:end]]  # asked often, and counting in a list is quick
        dlts = outcomes.count(DLT)
        places = end - start - (outcomes.count(LOST) if view.replace_non_evaluable else 0)
        cohorts.append(Cohort(level, places, outcomes.count(None), dlts + outcomes.count(NO_DLT), dlts))
        start = end
    return Cohorts.of(cohorts, view.levels)


def is_whole(cohort: Cohort, size: int) -> bool:
    """Say whether a cohort has all its members and outcomes, at least one of them evaluable.

    The last cohort, cut to what `max_participants` leaves, is not whole: it can rule a level out, but not clear it.
    """
    return cohort.places >= size and not cohort.pending and cohort.evaluable > 0


class CohortRule(BuiltInRule):
    """A rule that gives a level to a cohort at a time."""

    cohorts: ClassVar[bool] = True

    def ceiling(self, view: View, cohorts: Cohorts) -> int:
        """Return the level below the lowest one eliminated; 0 if that is level 1, and the top if none is."""
        return view.levels

    def propose(self, view: View, cohorts: Cohorts, ceiling: int) -> int | Stop:
        """Return the level of the next cohort, or a stop.

        The last of `cohorts` has just ended, and `ceiling` is at least 1.
        """
        raise NotImplementedError

    def reach(self, view: View, cohorts: Cohorts) -> int:
        """Return the highest level that may come next whatever the proposal: no untried level is skipped."""
        return cohorts.highest + 1

    def decide(self, view: View) -> Answer:
        """Say whether the next participant may have a place now, and at which level."""
        cohorts = cohorts_so_far(view)
        if not cohorts:
            return Assign(view.start_level, opens_cohort=True)
        current = cohorts[-1]
        left = view.max_participants - cohorts.places
        missing = max(0, min(cohort_size(view) - current.places, left))
        room = 0 if current.level > self.ceiling(view, cohorts) else missing
        if not room and not cohorts.pending:
            return _answer(self._guarded(view, cohorts), left)
        # A cohort without a DLT of its own goes on: it may have been opened where only good news can keep it.
        if view.stop_cohort_early and current.dlts:
            settled = self._settled(view, cohorts, missing)
            if settled is not None:
                of_it = takewhile(lambda who: who.cohort == view.participants[-1].cohort, reversed(view.participants))
                sent_back = sum(1 for who in of_it if who.infusion_day is None)
                return _answer(settled, left + sent_back)
        return Assign(current.level) if room else Wait()

    def admissible(self, view: View) -> int:
        """Return the level below the lowest one eliminated; 0 if that is level 1, and the top if none is."""
        return self.ceiling(view, cohorts_so_far(view))

    def _guarded(self, view: View, cohorts: Cohorts) -> int | Stop:
        """Return the rule's proposal after the guards."""
        ceiling = self.ceiling(view, cohorts)
        if ceiling < 1:
            return Stop(None)
        proposal = self.propose(view, cohorts, ceiling)
        if isinstance(proposal, Stop):
            return proposal
        return min(proposal, ceiling, self.reach(view, cohorts))

    def _settled(self, view: View, cohorts: Cohorts, missing: int) -> int | Stop | None:
        """Return the proposal if it is a lower level or a stop, and the same whatever is still unknown; else None."""
        level = cohorts[-1].level
        proposal = self._guarded(view, cohorts)
        if not isinstance(proposal, Stop) and proposal >= level:
            return None
        if all(level > self.ceiling(view, known) for known in (cohorts, *_completions(cohorts, 0))):
            missing = 0  # eliminated whatever is still due, so nobody else will join
        for completed in _completions(cohorts, missing):
            if self._guarded(view, completed) != proposal:
                return None
        return proposal


def _answer(proposal: int | Stop, places_left: int) -> Answer:
    if isinstance(proposal, Stop):
        return proposal
    return Assign(proposal, opens_cohort=True) if places_left > 0 else Wait()


def _completions(cohorts: Cohorts, missing: int) -> Iterable[Cohorts]:
    """Return every way in which the outcomes still unknown may turn out, also of earlier cohorts that ended early.

    Ways in which some are lost lie between these and the data so far.
    """
    last = len(cohorts) - 1
    unknown = {index: cohorts[index].pending + missing * (index == last) for index in {*cohorts.open, last}}
    for ends in product(*(range(number + 1) for number in unknown.values())):
        completed = cohorts
        for (index, number), bad in zip(unknown.items(), ends, strict=True):
            level, places, pending, evaluable, dlts = cohorts[index]
            whole = Cohort(level, places + number - pending, 0, evaluable + number, dlts + bad)
            completed = completed.changed(index, whole)
        yield completed

"""Spacing: the least gap between one infusion and the next, which may be longer after a sentinel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialsim.model.path import START, Step
from trialsim.model.records import Participant

if TYPE_CHECKING:
    from trialsim.scenario.sections.dosing import Dosing as Layer


class Spacing:
    """Days between infusions: ``sentinel`` after the first one of a cohort, ``stagger`` after each later one.

    Under a rule that does not work in cohorts the sentinel is the first one at a level.
    """

    def __init__(self, layer: Layer, in_cohorts: bool) -> None:
        self.in_cohorts = in_cohorts
        self.sentinel, self.stagger = layer.sentinel, layer.stagger
        self.schedule: list[Participant] = []
        """Infusions given or booked, in order of time: a booking is never before an earlier one."""

    def spacing_day(self) -> float:
        """From when another infusion is allowed: the latest one given or booked, plus the gap that it asks for."""
        if not self.schedule:
            return 0.0
        latest = self.schedule[-1]
        assert latest.booked_day is not None
        return latest.booked_day + (self.sentinel if self._is_sentinel(latest) else self.stagger)

    def latest_step(self) -> Step:
        """The latest infusion given or booked, on its path."""
        return self.schedule[-1].booked if self.schedule else START

    def _is_sentinel(self, latest: Participant) -> bool:
        """Whether the latest infusion given or booked is the first of its cohort or, without cohorts, of its level."""
        earlier = self.schedule[:-1]
        if self.in_cohorts:
            return not earlier or earlier[-1].cohort != latest.cohort
        return all(person.level != latest.level for person in earlier)

    def booked(self, person: Participant) -> None:
        """Put somebody whose infusion is booked at the end of the schedule."""
        self.schedule.append(person)

    def given_up(self, person: Participant) -> None:
        """Take somebody whose booked infusion will not take place off the schedule."""
        self.schedule.remove(person)


class NoSpacing:
    """Without dosing in the scenario, one infusion need not wait for another."""

    def spacing_day(self) -> float:
        """Infusions are allowed from the first day on."""
        return 0.0

    def latest_step(self) -> Step:
        """There is none that counts."""
        return START

    def booked(self, person: Participant) -> None:
        """The next infusion may be at any time."""

    def given_up(self, person: Participant) -> None:
        """It makes no difference."""

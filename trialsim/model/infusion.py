"""Infusion: a dose is reserved, a slot is booked, and on that day the participant is infused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialsim.model.path import Step, wait
from trialsim.model.records import Participant
from trialsim.vocabulary import Outcome, Phase, Piece

if TYPE_CHECKING:
    from trialsim.model.trial import Trial


class Infusion:
    """From enrolment to infusion, in order of enrolment; whoever cannot be supplied does not hold up the next."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.lacking: list[Participant] = []
        """Enrolled, without a reserved dose."""
        self.infused = 0

    def enrol(self, person: Participant) -> None:
        """Take in somebody enrolled, who needs a dose: one may have to be made."""
        self.lacking.append(person)
        person.dose_wanted = person.path
        self.trial.manufacturing.order(person)

    def book(self) -> bool:
        """Reserve a dose and book a slot for the first who can be supplied; ``False`` if there was nothing to do."""
        if not self.lacking:
            return False
        trial, now = self.trial, self.trial.clock.now
        spacing_day = max(now, trial.spacing.spacing_day())
        slot = trial.slots.first(max(now + trial.slots.notice, spacing_day))
        for person in self.lacking:
            if trial.doses.reserve(person, slot):
                break
        else:
            return False
        self.lacking.remove(person)
        trial.slots.take(slot)
        person.ready_day, person.spacing_day, person.booked_day = now, spacing_day, slot
        person.booking += 1
        person.path = person.booked = self._until_infused(person, slot, spacing_day)
        trial.spacing.booked(person)
        trial.clock.call(slot, Phase.INFUSIONS, person.address, self.infuse, person, person.booking)
        return True

    def _until_infused(self, person: Participant, slot: float, spacing_day: float) -> Step:
        """The infusion just booked, on its path: what bound, spacing or the time to prepare, and then the calendar."""
        trial, now = self.trial, self.trial.clock.now
        trial.manufacturing.demand = ready = trial.doses.reserved(person)
        prepared = now + trial.slots.notice
        if spacing_day > prepared:
            possible = wait(trial.spacing.latest_step(), Piece.SPACING, spacing_day)
        else:
            possible = wait(ready, Piece.PREPARATION, prepared)
        return wait(possible, Piece.SLOT, slot)

    def give_up(self, person: Participant, why: Step) -> None:
        """Free the dose and the slot of somebody who leaves before infusion."""
        if person in self.lacking:
            self.lacking.remove(person)
        else:
            assert person.booked_day is not None
            self.trial.slots.give_back(person.booked_day)
            self.trial.spacing.given_up(person)
            person.booking += 1
            person.ready_day = person.spacing_day = person.booked_day = None
        self.trial.doses.give_up(person, why)
        self.trial.manufacturing.cancel(person, why)

    def infuse(self, person: Participant, booking: int) -> None:
        """Infuse somebody as booked, unless the booking was given up; the window opens."""
        if person.booking != booking:
            return
        self.trial.dosing.settle(person)
        self.infused += 1
        person.infusion_day = self.trial.clock.now
        person.outcome = Outcome.IN_WINDOW
        self.trial.doses.infuse(person)
        self.trial.dosing.infused(person)
        self.trial.observation.watch(person)

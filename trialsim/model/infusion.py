"""Infusion: a dose is reserved, a slot is booked, and on that day the participant is infused."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from trialsim.model.clock import Phase
from trialsim.model.records import Participant

if TYPE_CHECKING:
    from trialsim.model.trial import Trial
    from trialsim.scenario.sections.infusion import Infusion as Layer


class Infusion:
    """From enrolment to infusion, in order of enrolment; whoever cannot be supplied does not hold up the next."""

    def __init__(self, trial: Trial, slots: Slots | AnyMoment) -> None:
        self.trial = trial
        self.slots = slots
        self.lacking: list[Participant] = []
        """Enrolled, without a reserved dose."""
        self.infused = 0

    def enrol(self, person: Participant) -> None:
        """Somebody has a place and needs a dose."""
        self.lacking.append(person)
        self.trial.product.order(person)

    def book(self) -> bool:
        """Reserve a dose and book a slot for the first who can be supplied; ``False`` if there was nothing to do."""
        if not self.lacking:
            return False
        trial, now = self.trial, self.trial.clock.now
        spacing_day = max(now, trial.spacing.spacing_day())
        slot = self.slots.first(max(now + self.slots.notice, spacing_day))
        for person in self.lacking:
            if trial.product.reserve(person, slot):
                break
        else:
            return False
        self.lacking.remove(person)
        self.slots.take(slot)
        person.ready_day, person.spacing_day, person.booked_day = now, spacing_day, slot
        person.booking += 1
        trial.spacing.booked(person)
        trial.clock.call(slot, Phase.INFUSIONS, person.address, self.infuse, person, person.booking)
        return True

    def give_up(self, person: Participant) -> None:
        """The person has left: the dose and the slot are free again."""
        if person in self.lacking:
            self.lacking.remove(person)
        else:
            assert person.booked_day is not None
            self.slots.give_back(person.booked_day)
            self.trial.spacing.given_up(person)
            person.booking += 1
            person.ready_day = person.spacing_day = person.booked_day = None
        self.trial.product.give_up(person)

    def infuse(self, person: Participant, booking: int) -> None:
        """The booked infusion, unless it was given up."""
        if person.booking != booking:
            return
        self.trial.places.settle(person)
        self.infused += 1
        person.infusion_day = self.trial.clock.now
        person.outcome = "in_window"
        self.trial.product.infuse(person)
        self.trial.places.infused(person)
        self.trial.observation.watch(person)


class Slots:
    """The unit's calendar: whole days of the week, except closures, with room for so many a day."""

    def __init__(self, trial: Trial, layer: Layer) -> None:
        self.notice = layer.notice
        self.room = layer.per_day
        self.booked: dict[int, int] = {}
        first = trial.scenario.trial.start_date.weekday()
        self.open_on = [(first + offset) % 7 in layer.weekdays for offset in range(7)]
        self.closures = trial.scenario.closures()

    def first(self, earliest: float) -> float:
        """The first open day with room, at or after the moment ``earliest``."""
        day = ceil(earliest)
        while not self._has_room(day):
            day += 1
        return float(day)

    def take(self, day: float) -> None:
        """One place less on that day."""
        self.booked[int(day)] = self.booked.get(int(day), 0) + 1

    def give_back(self, day: float) -> None:
        """One place more on that day."""
        self.booked[int(day)] -= 1

    def _has_room(self, day: int) -> bool:
        if not self.open_on[day % 7] or any(start <= day < end for start, end in self.closures):
            return False
        return self.room is None or self.booked.get(day, 0) < self.room


class AnyMoment:
    """Without an infusion unit in the scenario, any moment will do."""

    notice = 0.0

    def first(self, earliest: float) -> float:
        """That very moment."""
        return earliest

    def take(self, day: float) -> None:
        """There is always room."""

    def give_back(self, day: float) -> None:
        """There is always room."""

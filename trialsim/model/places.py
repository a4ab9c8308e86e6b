"""Places: who is enrolled, and when there is room for another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialsim.model.path import START, Step, later, wait
from trialsim.model.records import Participant
from trialsim.vocabulary import Outcome, Piece

if TYPE_CHECKING:
    from trialsim.model.trial import Trial


class Places:
    """The places in the trial. One is free until the trial is full, or whenever the dose rule assigns it."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.maximum = trial.scenario.trial.max_participants
        self.holders = 0
        """How many places are taken, by participants infused or still to be infused."""
        self.open_since = 0.0
        """Since when there have been places; one that somebody left before infusion counts as open all the time."""
        self.opened = START
        """When a place last came to be open, or was given back."""
        self.closed_for_good = False

    def has_room(self) -> bool:
        """Whether a place is left, and the trial still enrols."""
        return self.holders < self.maximum and not self.closed_for_good

    def is_open(self) -> bool:
        """Whether the next eligible person may be enrolled now; the dose rule is asked even when no place is left."""
        return self.trial.dosing.is_open() and self.has_room()

    def give(self) -> bool:
        """Enrol the head of the queue, if there is a place; ``False`` if there was nothing to do."""
        trial = self.trial
        if not self.is_open() or not trial.waiting.queue:
            return False
        person = trial.waiting.queue.pop(0)
        person.outcome = Outcome.ENROLLED
        person.place_open_day = self.open_since
        person.enrolment_day = trial.clock.now
        person.path = wait(later(person.eligible, self.opened), Piece.REVIEW, trial.clock.now)
        trial.waiting.opened = person.path
        self.holders += 1
        trial.dosing.assign(person)
        trial.infusion.enrol(person)
        return True

    def give_up(self, person: Participant, why: Step) -> None:
        """Let somebody enrolled leave before infusion: the dose, the slot and the place are free again."""
        self.trial.infusion.give_up(person, why)
        self.trial.dosing.left(person, why)
        self.take_back(why)

    def take_back(self, why: Step) -> None:
        """Free a place: its holder left before infusion, or is to be replaced."""
        self.opened = why
        self.holders -= 1
        self.trial.wake()

    def send_back(self, people: list[Participant], why: Step) -> None:
        """Those of the people who are not yet infused go back to the head of the queue, in their order."""
        sent_back = [person for person in people if person.outcome == Outcome.ENROLLED]
        for person in sent_back:
            self.give_up(person, why)
        self.trial.waiting.put_back(sent_back)

    def release(self) -> None:
        """Release those still enrolled when the trial ends."""
        for person in self.trial.people:
            if person.outcome == Outcome.ENROLLED:
                self.trial.doses.give_up(person, person.path)
                person.outcome = Outcome.RELEASED

"""Waiting: the queue of eligible people, and the two ways of leaving it without a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialsim.model.path import START, wait
from trialsim.model.records import Participant
from trialsim.vocabulary import Outcome, Phase, Piece, Stream

if TYPE_CHECKING:
    from trialsim.model.trial import Trial
    from trialsim.scenario.sections.waiting import Waiting as Layer


class Waiting:
    """Eligible people, in order of eligibility. Without the layer, everybody waits as long as it takes."""

    def __init__(self, trial: Trial, layer: Layer | None) -> None:
        self.trial = trial
        self.queue: list[Participant] = []
        self.opened = START
        """When somebody last left the queue, so that there was room for another."""
        self.valid = layer.eligibility_valid if layer else None
        self.loses_patience = bool(layer and layer.withdrawal > 0)
        if layer:
            self.patience = trial.draws.waits(Stream.WITHDRAWAL, layer.withdrawal)
            self.rescreened = trial.draws.happens(Stream.RESCREENED, layer.rescreen_probability)

    def join(self, person: Participant) -> None:
        """Put somebody found eligible at the end of the queue; in time, they may withdraw or their eligibility end."""
        clock, attempt = self.trial.clock, person.attempt
        person.outcome = Outcome.WAITING
        person.eligible = person.path
        self.queue.append(person)
        if self.loses_patience:
            leaves = clock.now + self.patience(person.site_candidate, person.site, attempt)
            clock.call(leaves, Phase.DEPARTURES, person.address, self.withdraw, person, attempt)
        if self.valid is not None:
            clock.call(clock.now + self.valid, Phase.DEPARTURES, person.address, self.expire, person, attempt)
        self.trial.wake()

    def withdraw(self, person: Participant, attempt: int) -> None:
        """Let somebody who waits, with or without a place, withdraw."""
        if self._still_waits(person, attempt):
            self._leave(person)
            person.outcome = Outcome.WITHDRAWN
            person.withdrawal_day = self.trial.clock.now

    def expire(self, person: Participant, attempt: int) -> None:
        """End an eligibility that has run out before infusion: another screening, or the person is lost."""
        if not self._still_waits(person, attempt):
            return
        self._leave(person)
        if self.rescreened(person.site_candidate, person.site, attempt):
            person.attempt += 1
            person.forget_place()
            self.trial.screening.admit(person)
        else:
            person.outcome = Outcome.ELIGIBILITY_EXPIRED

    def put_back(self, people: list[Participant]) -> None:
        """Put people who were sent back from their places at the head of the queue, in their order."""
        for person in people:
            person.outcome = Outcome.WAITING
            person.forget_place()
        self.queue[:0] = people

    def _still_waits(self, person: Participant, attempt: int) -> bool:
        """Whether somebody is still waiting for an infusion, as when this was noted."""
        return person.attempt == attempt and person.outcome in (Outcome.WAITING, Outcome.ENROLLED)

    def _leave(self, person: Participant) -> None:
        """Take somebody out of the queue, or from the place that they have been given."""
        person.path = wait(person.eligible, Piece.REPLACEMENT, self.trial.clock.now)
        if person.outcome == Outcome.WAITING:
            self.queue.remove(person)
            self.opened = person.path
        else:
            self.trial.places.give_up(person, person.path)

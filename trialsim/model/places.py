"""Places: who is enrolled, and when there is room for another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialsim.model.records import Participant
from trialsim.vocabulary import Outcome

if TYPE_CHECKING:
    from trialsim.model.trial import Trial


class Places:
    """One open-ended group: a place is free until the trial is full. The dosing layer narrows this down."""

    cohorts = 0
    in_cohorts = False

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.maximum = trial.scenario.trial.max_participants
        self.holders = 0
        self.level = 1
        self.open_since = 0.0
        """Since when there have been places; one that somebody left before infusion counts as open all the time."""
        self.closed_for_good = False

    @property
    def open(self) -> bool:
        """Whether the next eligible person may be enrolled now."""
        return self.holders < self.maximum and not self.closed_for_good

    def open_day(self) -> float | None:
        """Since when a place has been open, or ``None``; unlike `open` this asks nobody."""
        return self.open_since if self.open else None

    def give(self) -> bool:
        """Enrol the head of the queue, if there is a place; ``False`` if there was nothing to do."""
        trial = self.trial
        if not self.open or not trial.waiting.queue:
            return False
        person = trial.waiting.queue.pop(0)
        person.outcome = Outcome.ENROLLED
        person.place_open_day = self.open_since
        person.enrolment_day = trial.clock.now
        self.assign(person)
        trial.infusion.enrol(person)
        return True

    def assign(self, person: Participant) -> None:
        """Give the person the place, and with it a level."""
        self.holders += 1
        person.level = self.level

    def take_back(self, person: Participant) -> None:
        """The place is free again: its holder left before infusion, or is to be replaced."""
        self.holders -= 1
        self.trial.wake()

    def settle(self, person: Participant) -> None:
        """The person is about to be infused: the level may still change."""

    def infused(self, person: Participant) -> None:
        """The person has been infused."""

    def outcome_known(self, person: Participant) -> None:
        """The person's window is over, or their outcome is known before."""

    def recommend(self) -> int | None:
        """The recommended level, of a trial that looks for one."""
        return None

"""Screening: candidates are examined, perhaps after waiting for a screening place, and found eligible or not."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import simpy

from trialsim.model.path import START, wait
from trialsim.model.records import Participant
from trialsim.vocabulary import Outcome, Phase, Piece, Stream, criterion_stream

if TYPE_CHECKING:
    from trialsim.model.trial import Trial
    from trialsim.scenario.sections.screening import Screening as Layer


class Screening:
    """Examines candidates in order of arrival, as many at once as there are screening places."""

    def __init__(self, trial: Trial, layer: Layer) -> None:
        self.trial = trial
        self.places = simpy.Resource(trial.clock, layer.capacity) if layer.capacity is not None else None
        self.freed = START
        """The end of the latest screening."""
        self.duration = trial.draws.durations(Stream.SCREENING, layer.duration)
        self.checks = [
            (reason, trial.draws.happens(criterion_stream(reason), probability)) for reason, probability in layer.checks
        ]

    def admit(self, person: Participant) -> None:
        """Take somebody in, for a first screening or another one."""
        person.outcome = Outcome.IN_SCREENING
        self.trial.clock.process(self.examine(person))

    def examine(self, person: Participant) -> Generator[simpy.Event, None, None]:
        """Wait for a screening place if they are limited, be screened, and be found eligible or not."""
        if self.places is None:
            yield from self._screen(person)
        else:
            with self.places.request() as place:
                has_waited = not place.triggered
                yield place
                if has_waited:
                    person.path = self.freed
                yield from self._screen(person)
        who = person.site_candidate, person.site, person.attempt
        for reason, passes in self.checks:
            if not passes(*who):
                person.outcome = Outcome.SCREEN_FAILURE
                person.failure_reason = reason
                return
        self.trial.waiting.join(person)

    def _screen(self, person: Participant) -> Generator[simpy.Event, None, None]:
        """Screen somebody, which takes a while."""
        clock = self.trial.clock
        person.screenings += 1
        if person.screening_start_day is None:
            person.screening_start_day = clock.now
        takes = self.duration(person.site_candidate, person.site, person.attempt)
        yield clock.at(clock.now + takes, Phase.SCREENINGS, person.address)
        person.screening_end_day = clock.now
        self.freed = person.path = wait(person.path, Piece.SCREENING, clock.now)


class NoScreening:
    """Without screening, whoever comes is eligible."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial

    def admit(self, person: Participant) -> None:
        """Eligible on the spot."""
        person.screenings += 1
        if person.screening_start_day is None:
            person.screening_start_day = self.trial.clock.now
        person.screening_end_day = self.trial.clock.now
        self.trial.waiting.join(person)

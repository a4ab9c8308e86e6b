"""History: what the dose rule may know of those who have, or had, a place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trialsim.model.records import Participant
from trialsim.rules.base import DLT, LOST, NO_DLT, Assigned, View
from trialsim.rules.counting import Cohort, Cohorts, Counted
from trialsim.vocabulary import Outcome

if TYPE_CHECKING:
    from trialsim.model.trial import Trial
    from trialsim.scenario.sections.dosing import Dosing as Layer

_KNOWN_AS = {Outcome.DLT: DLT, Outcome.OBSERVED: NO_DLT, Outcome.NON_EVALUABLE: LOST}
"""An outcome in the words of `trialsim.rules.base`."""


class RuleHistory:
    """What the rule may know of each who has a place, or had one until infused, in order of assignment."""

    def __init__(self, trial: Trial, layer: Layer) -> None:
        self.trial, self.layer = trial, layer
        self.treated: list[Participant] = []
        self.known: list[Assigned] = []
        self.enrolled: list[Participant] = []
        """Those of them who are not infused yet."""
        self.cohorts = Cohorts.of((), trial.scenario.levels)

    @property
    def cohort(self) -> int:
        """The latest cohort that has a member; one whose members have all left may be opened again."""
        return self.treated[-1].cohort or 0 if self.treated else 0

    def add(self, person: Participant) -> None:
        """Add somebody who has been given a place, at a level and perhaps in a cohort."""
        assert person.level is not None
        self.treated.append(person)
        self.known.append(Assigned(person.level, person.cohort or 0, None, None, None))
        self.enrolled.append(person)
        if person.cohort:
            if person.cohort > len(self.cohorts):
                self.cohorts = self.cohorts.added(Cohort(person.level, 0, 0, 0, 0))
            self._count(person, places=1, pending=1)

    def remove(self, person: Participant) -> None:
        """Remove somebody who has left before infusion."""
        position = self._position(person)
        del self.treated[position], self.known[position]
        self.enrolled.remove(person)
        if person.cohort:
            self._count(person, places=-1, pending=-1)
            if self.cohort < person.cohort:
                self.cohorts = self.cohorts.without_last()

    def note_level(self, person: Participant) -> None:
        """Note that somebody is to be infused at another level."""
        self._note(person, level=person.level)

    def note_infusion(self, person: Participant) -> None:
        """Note that somebody has been infused, and is watched from now on."""
        self._note(person, infusion_day=self.trial.clock.now)
        self.enrolled.remove(person)

    def note_outcome(self, person: Participant) -> None:
        """Note that somebody's outcome has become known."""
        outcome = _KNOWN_AS[person.outcome]
        self._note(person, outcome=outcome, outcome_day=self.trial.clock.now)
        if person.cohort:
            is_lost = outcome == LOST
            places = -1 if is_lost and self.layer.replace_non_evaluable else 0
            self._count(person, places=places, pending=-1, evaluable=not is_lost, dlts=outcome == DLT)

    def view(self) -> View:
        """All that the rule may know now."""
        trial, layer = self.trial, self.layer
        return View(
            now=trial.clock.now,
            levels=trial.scenario.levels,
            start_level=layer.start_level,
            cohort_size=layer.cohort_size,
            max_participants=trial.places.maximum,
            window=layer.observation,
            replace_non_evaluable=layer.replace_non_evaluable,
            stop_cohort_early=layer.stop_cohort_early,
            participants=self._participants(),
        )

    def view_without(self, person: Participant) -> View:
        """What the rule might know now if somebody had no place yet."""
        position = self._position(person)
        return replace(self.view(), participants=(*self.known[:position], *self.known[position + 1 :]))

    def _participants(self) -> tuple[Assigned, ...]:
        """Those whom the rule knows of; in cohorts, which are counted here, so that the rule need not do it."""
        if not self.cohorts:
            return tuple(self.known)
        participants = Counted(self.known)
        participants.cohorts = self.cohorts
        return participants

    def _position(self, person: Participant) -> int:
        """Where somebody stands in order of assignment, looked for from the end: news are of those who came last."""
        position = len(self.treated) - 1
        while self.treated[position] is not person:
            position -= 1
        return position

    def _count(self, person: Participant, **changes: int) -> None:
        """Count what has changed in somebody's cohort."""
        assert person.cohort
        old = self.cohorts[person.cohort - 1]._asdict()
        new = Cohort(**{name: number + changes.get(name, 0) for name, number in old.items()})
        self.cohorts = self.cohorts.changed(person.cohort - 1, new)

    def _note(self, person: Participant, **news: object) -> None:
        """Change what is known of somebody."""
        position = self._position(person)
        self.known[position] = self.known[position]._replace(**news)  # type: ignore[arg-type]

"""History: what the dose rule may know of those who have, or had, a place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trialsim.model.records import Participant
from trialsim.rules.base import DLT, LOST, NO_DLT, Assigned, View
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

    @property
    def cohort(self) -> int:
        """The latest cohort that has a member; one whose members have all left may be opened again."""
        return self.treated[-1].cohort or 0 if self.treated else 0

    def add(self, person: Participant) -> None:
        """Add somebody who has been given a place, at a level and perhaps in a cohort."""
        assert person.level is not None
        self.treated.append(person)
        self.known.append(Assigned(person.level, person.cohort or 0, None, None, None))

    def remove(self, person: Participant) -> None:
        """Remove somebody who has left before infusion."""
        position = self.treated.index(person)
        del self.treated[position], self.known[position]

    def note_level(self, person: Participant) -> None:
        """Note that somebody is to be infused at another level."""
        self._note(person, level=person.level)

    def note_infusion(self, person: Participant) -> None:
        """Note that somebody has been infused, and is watched from now on."""
        self._note(person, infusion_day=self.trial.clock.now)

    def note_outcome(self, person: Participant) -> None:
        """Note that somebody's outcome has become known."""
        self._note(person, outcome=_KNOWN_AS[person.outcome], outcome_day=self.trial.clock.now)

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
            participants=tuple(self.known),
        )

    def view_without(self, person: Participant) -> View:
        """What the rule might know now if somebody had no place yet."""
        position = self.treated.index(person)
        return replace(self.view(), participants=(*self.known[:position], *self.known[position + 1 :]))

    def _note(self, person: Participant, **news: object) -> None:
        """Change what is known of somebody."""
        position = self.treated.index(person)
        self.known[position] = self.known[position]._replace(**news)  # type: ignore[arg-type]

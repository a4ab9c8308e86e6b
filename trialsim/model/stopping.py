"""Stopping: the one cause for which the trial ends, and the day."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from trialsim.model.path import Step
from trialsim.model.records import Participant
from trialsim.vocabulary import EndCause, Outcome, Phase, Stream

if TYPE_CHECKING:
    from trialsim.model.trial import Trial
    from trialsim.scenario.sections.stopping import AccrualLook


class Stopping:
    """Watches for the end. A replication ends when one of the causes is first met."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        layer = trial.scenario.stopping
        self.ended = trial.clock.event()
        self.cause: EndCause | None = None
        self.settled: Step | None = None
        """What has settled the end of the trial, on its path; None for a limit or a decision from outside."""
        self.past_limit = False
        self.concluded_for_good = 0
        """Participants whose window is over and who are not to be replaced."""
        dosing = trial.scenario.dosing
        self.replaces = dosing.replace_non_evaluable if dosing else False
        self._at(trial.scenario.time_limit, EndCause.TIME_LIMIT, self.reach_limit)
        if layer:
            for look in layer.accrual_looks:
                self._at(look.at, EndCause.SLOW_ACCRUAL, self.look, look)
            if layer.external_stop > 0:
                sponsor = trial.draws.waits(Stream.EXTERNAL, layer.external_stop)(0)
                self._at(sponsor, EndCause.EXTERNAL, self.end, EndCause.EXTERNAL)

    def end(self, cause: EndCause) -> None:
        """End the trial now."""
        if self.cause is None:
            self.cause = cause
            self.ended.succeed()

    def look(self, look: AccrualLook) -> None:
        """Look at accrual, as planned: with too few infused, the trial ends."""
        if self.trial.infusion.infused < look.minimum_infused:
            self.end(EndCause.SLOW_ACCRUAL)

    def reach_limit(self) -> None:
        """Infuse nobody after the time limit. If enough have been infused, their windows settle the cause."""
        if self.concluded_for_good + self.trial.observation.in_window < self.trial.places.maximum:
            self.end(EndCause.TIME_LIMIT)
        else:
            self.past_limit = True
            self.trial.places.closed_for_good = True

    def concluded(self, person: Participant) -> None:
        """Count an outcome that is known: with the last one the trial ends."""
        if not (person.outcome == Outcome.NON_EVALUABLE and self.replaces):
            self.concluded_for_good += 1
        if self.concluded_for_good >= self.trial.places.maximum:
            self._now(EndCause.COMPLETED, person.path)
        elif self.past_limit and self.trial.observation.in_window == 0:
            self._now(EndCause.TIME_LIMIT, person.path)

    def rule_stops(self, level: int | None, why: Step) -> None:
        """End the trial as the rule has answered: with a level, or because no dose is acceptable."""
        self._now(EndCause.SAFETY if level is None else EndCause.COMPLETED, why)

    def lots_failed(self, why: Step) -> None:
        """End the trial if there are still doses to give: too many lots have failed in a row."""
        if self.trial.doses.needed() > 0:
            self._now(EndCause.PRODUCT, why)

    def _now(self, cause: EndCause, why: Step) -> None:
        self.settled = why
        self._at(self.trial.clock.now, cause, self.end, cause)

    def _at(self, day: float, cause: EndCause, action: Callable[..., None], *arguments: Any) -> None:
        self.trial.clock.call(day, Phase.STOPPING, cause.code, action, *arguments)

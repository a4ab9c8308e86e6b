"""Observation: what happens to somebody in the window after the infusion, and when it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialsim.model.path import wait
from trialsim.model.records import Participant
from trialsim.randomness import round_days
from trialsim.vocabulary import Outcome, Phase, Piece, Stream

if TYPE_CHECKING:
    from trialsim.model.trial import Trial
    from trialsim.scenario.sections.dosing import Dosing
    from trialsim.scenario.sections.truth import Truth


class Observation:
    """The windows of infused participants, each watched to its end even when the trial has ended before."""

    def __init__(self, trial: Trial, dosing: Dosing | None, truth: Truth | None) -> None:
        self.trial = trial
        self.window = dosing.observation if dosing else 0.0
        self.dlt_resolves = dosing.dlt_resolves if dosing else True
        self.in_window = 0
        self.truth = truth
        self.listed = {site.name: site.people for site in trial.scenario.sites if site.people is not None}
        """Sites whose scenario says what would happen to each candidate."""
        if truth:
            draws = trial.draws
            self.toxicity = draws.uniforms(Stream.DLT)
            self.onset = draws.quantities(Stream.ONSET, truth.dlt_onset)
            self.is_lost = draws.happens(Stream.LOSS, truth.loss_in_window_probability)
            self.lost_after = draws.uniforms(Stream.LOSS_TIME)

    def watch(self, person: Participant) -> None:
        """Open somebody's window. What will happen in it is fixed by their luck; the trial learns it in time."""
        assert person.infusion_day is not None
        self.in_window += 1
        window_end = person.window_end_day = person.infusion_day + self.window
        outcome, known = Outcome.OBSERVED, window_end
        dlt_day, lost_day = self._fate(person)
        if dlt_day is not None:
            outcome = Outcome.DLT
            person.dlt_day = dlt_day
            known = dlt_day if self.dlt_resolves else window_end
        elif lost_day is not None:
            outcome, known = Outcome.NON_EVALUABLE, lost_day
        person.outcome_known_day = known
        person.last_visit_day = self.trial.follow_up.last_visit(person, lost_day)
        self.trial.clock.call(known, Phase.OUTCOMES, person.address, self.conclude, person, outcome)

    def conclude(self, person: Participant, outcome: Outcome) -> None:
        """Learn an outcome: the dose rule may know it, and it may be the last one that was waited for."""
        self.in_window -= 1
        person.outcome = outcome
        person.path = wait(person.booked, Piece.OBSERVATION, self.trial.clock.now)
        self.trial.dosing.outcome_known(person)
        self.trial.stopping.concluded(person)

    def _fate(self, person: Participant) -> tuple[float | None, float | None]:
        """The day of a DLT and the day on which the person is lost without one; at most one of them."""
        dlt_day, lost_day = self._dlt_day(person), self._lost_day(person)
        if dlt_day is not None and lost_day is not None:
            if dlt_day <= lost_day:
                lost_day = None
            else:
                dlt_day = None
        return dlt_day, lost_day

    def _dlt_day(self, person: Participant) -> float | None:
        """The day of a DLT, as the scenario or luck has it; None for never. The window's last instant is in time."""
        infusion_day, truth = person.infusion_day, self.truth
        assert infusion_day is not None and person.level is not None
        if person.site in self.listed:
            days = self.listed[person.site][person.site_candidate - 1].dlt_after(person.level)
            return infusion_day + days if days is not None and days <= self.window else None
        who = person.site_candidate, person.site, person.attempt
        if truth is None or self.toxicity(*who) >= truth.dlt_probability[person.level - 1]:
            return None
        return infusion_day + float(min(round_days(self.onset(*who) * self.window), self.window))

    def _lost_day(self, person: Participant) -> float | None:
        """The day on which the person is lost, as the scenario or luck has it; None for never, or not in the window."""
        infusion_day = person.infusion_day
        assert infusion_day is not None
        if person.site in self.listed:
            days = self.listed[person.site][person.site_candidate - 1].lost
            return infusion_day + days if days is not None and days < self.window else None
        who = person.site_candidate, person.site, person.attempt
        if self.truth is None or not self.is_lost(*who):
            return None
        return infusion_day + float(round_days(self.lost_after(*who) * self.window))

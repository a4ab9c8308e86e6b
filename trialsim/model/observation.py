"""Observation: what happens to somebody in the window after the infusion, and when it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialsim.model.records import Participant
from trialsim.randomness import round_days
from trialsim.vocabulary import Outcome, Phase, Stream

if TYPE_CHECKING:
    from trialsim.model.trial import Trial
    from trialsim.scenario.sections.dosing import Dosing
    from trialsim.scenario.sections.truth import Truth


class Observation:
    """The window of each infused participant, watched to its end even when the trial has ended before."""

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
        """The window opens. What will happen in it is fixed by the person's luck; the trial learns it in time."""
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
        """The trial learns the outcome."""
        self.in_window -= 1
        person.outcome = outcome
        self.trial.places.outcome_known(person)
        self.trial.stopping.concluded(person)

    def _fate(self, person: Participant) -> tuple[float | None, float | None]:
        """The day of a DLT and the day on which the person is lost without one; at most one of them."""
        dlt_day, lost_day = self._written(person) if person.site in self.listed else self._drawn(person)
        if dlt_day is not None and lost_day is not None:
            if dlt_day <= lost_day:
                lost_day = None
            else:
                dlt_day = None
        return dlt_day, lost_day

    def _written(self, person: Participant) -> tuple[float | None, float | None]:
        """What the scenario says of this person. The window's last instant is in time for a DLT, and ends it."""
        infusion_day, own = person.infusion_day, self.listed[person.site][person.site_candidate - 1]
        assert infusion_day is not None and person.level is not None
        dlt = own.dlt_after(person.level)
        dlt_day = infusion_day + dlt if dlt is not None and dlt <= self.window else None
        lost_day = infusion_day + own.lost if own.lost is not None and own.lost < self.window else None
        return dlt_day, lost_day

    def _drawn(self, person: Participant) -> tuple[float | None, float | None]:
        """What luck has in store for this person."""
        truth, infusion_day = self.truth, person.infusion_day
        if truth is None or infusion_day is None or person.level is None:
            return None, None
        who = person.site_candidate, person.site, person.attempt
        dlt_day = lost_day = None
        if self.toxicity(*who) < truth.dlt_probability[person.level - 1]:
            dlt_day = infusion_day + min(round_days(self.onset(*who) * self.window), self.window)
        if self.is_lost(*who):
            lost_day = infusion_day + round_days(self.lost_after(*who) * self.window)
        return dlt_day, lost_day

"""The trial: the layers put together, the people in it, and one replication from the first day to the end."""

from __future__ import annotations

from trialsim.model.clock import Clock
from trialsim.model.dosing import Dosing, OneGroup, RuleError
from trialsim.model.draws import Draws
from trialsim.model.follow_up import FollowUp
from trialsim.model.infusion import Infusion
from trialsim.model.manufacturing import Allogeneic, Autologous, NoManufacturing
from trialsim.model.observation import Observation
from trialsim.model.path import Step, cut, wait
from trialsim.model.places import Places
from trialsim.model.records import History, Participant
from trialsim.model.recruitment import Recruitment
from trialsim.model.screening import NoScreening, Screening
from trialsim.model.slots import AnyMoment, Slots
from trialsim.model.spacing import NoSpacing, Spacing
from trialsim.model.stopping import Stopping
from trialsim.model.waiting import Waiting
from trialsim.randomness import Luck
from trialsim.rules.base import Rule
from trialsim.scenario import Scenario
from trialsim.scenario.copula import scenario_drawn
from trialsim.vocabulary import Outcome, Phase, Piece


def run(scenario: Scenario, seed: int, replication: int, rule: Rule | None = None) -> History:
    """Simulate one replication, with what is not known drawn for it.

    Parameters
    ----------
    scenario : Scenario
    seed : int
        From 0 to 2**64 - 1.
    replication : int
        Counted from 1. The same seed and replication give the same history, whatever else is run.
    rule : Rule, optional
        A dose rule to use instead of the scenario's.

    Raises
    ------
    TooManyEvents
        If the replication has more events than a trial can have.
    RuleError
        If a rule gives an answer that is none, or is passed for a scenario without ``dosing``.
    """
    if rule is not None and scenario.dosing is None:
        raise RuleError("a dose rule needs a scenario with a `dosing` section")
    trial = Trial(scenario_drawn(scenario, seed, replication), seed, replication, rule)
    trial.clock.run(until=trial.stopping.ended)
    return trial.close()


class Trial:
    """One replication under way.

    A candidate goes from `recruitment` to `screening` to `waiting`. `places` enrols at a level that `dosing` gives,
    once its committee has agreed. `infusion` reserves one of the `doses` that `manufacturing` has made lots for, and
    books one of the `slots`, at the distance that `spacing` asks for. `observation` learns the outcome; `stopping` ends
    it all. A layer that the scenario leaves out is replaced by one that constrains nothing.
    """

    def __init__(self, scenario: Scenario, seed: int, replication: int, rule: Rule | None = None) -> None:
        self.scenario = scenario
        self.replication = replication
        self.clock = Clock()
        self.draws = Draws(Luck(seed, replication))
        self.people: list[Participant] = []
        self._awake = False
        dosing = scenario.dosing
        self.stopping = Stopping(self)
        self.waiting = Waiting(self, scenario.waiting)
        self.places = Places(self)
        self.dosing = Dosing(self, dosing, dosing.guarded(rule)) if dosing else OneGroup()
        self.spacing = Spacing(dosing, self.dosing.in_cohorts) if dosing else NoSpacing()
        self.slots = Slots(self, scenario.infusion) if scenario.infusion else AnyMoment()
        self.infusion = Infusion(self)
        self.follow_up = FollowUp(self, scenario.follow_up)
        self.observation = Observation(self, dosing, scenario.truth)
        self.manufacturing = self._manufacturing()
        self.doses = self.manufacturing.doses
        self.screening = Screening(self, scenario.screening) if scenario.screening else NoScreening(self)
        self.recruitment = Recruitment(self)
        self.wake()

    def _manufacturing(self) -> Allogeneic | Autologous | NoManufacturing:
        layer = self.scenario.product
        if layer is None:
            return NoManufacturing()
        return Autologous(self, layer) if layer.kind == "autologous" else Allogeneic(self, layer)

    def wake(self) -> None:
        """Have a place, a dose, a slot or a suite given if that is possible: something has changed."""
        if not self._awake:
            self._awake = True
            self.clock.call(self.clock.now, Phase.PLACES, 0, self._act)

    def _act(self) -> None:
        """Do one thing: give a place, or reserve a dose and book a slot, or start a lot.

        One thing at a time, because what it causes at the same instant may belong to an earlier phase and goes first.
        """
        self._awake = False
        if self.places.give() or self.infusion.book() or self.manufacturing.start():
            self.wake()

    def close(self) -> History:
        """Close the trial that has ended: what became of each participant and each lot, and how it ended."""
        clock, cause = self.clock, self.stopping.cause
        assert cause is not None
        recommended = self.dosing.recommend()
        path = self.stopping.settled or self._awaited()
        self.places.release()
        self.manufacturing.close()
        return History(
            replication=self.replication,
            end_cause=cause,
            end_day=clock.now,
            first_site_open_day=self.recruitment.first_site_open_day,
            recommended_level=recommended,
            cohorts=self.dosing.cohorts,
            events=sum(clock.scheduled),
            path=path,
            participants=self.people,
            lots=list(self.manufacturing.lots),
        )

    def _awaited(self) -> Step:
        """What the next infusion is waited for now, when the trial is cut short."""
        now, dosing, lacking = self.clock.now, self.dosing, self.infusion.lacking
        enrolled = [person for person in self.people if person.outcome == Outcome.ENROLLED]
        booked = [(person.booked_day, person.participant, person.booked) for person in enrolled if person.booked_day]
        if booked:
            return cut(min(booked)[2], now)
        if lacking:
            return self.manufacturing.awaited(lacking[0])
        if dosing.open and self.places.has_room():
            candidate = next((person for person in self.people if person.outcome == Outcome.IN_SCREENING), None)
            return wait(candidate.path, Piece.SCREENING, now) if candidate else self.recruitment.awaited()
        if dosing.committee and dosing.committee.under_review is not None:
            return wait(dosing.committee.asked, Piece.REVIEW, now)
        watched = [(person.infusion_day, person.participant, person.booked) for person in self.people
                   if person.outcome == Outcome.IN_WINDOW]  # fmt: skip
        return wait(max(watched)[2] if watched else dosing.latest_news, Piece.OBSERVATION, now)

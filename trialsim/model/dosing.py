"""Dosing: the rule that gives places at a level, the cohorts it works in, and their reviews."""

from __future__ import annotations

from dataclasses import replace
from math import floor
from typing import TYPE_CHECKING

from trialsim.model.places import Places
from trialsim.model.records import Participant
from trialsim.rules.base import DLT, LOST, NO_DLT, Assign, Assigned, Rule, Stop, View, Wait
from trialsim.scenario.values.distributions import Constant
from trialsim.vocabulary import Outcome, Phase, Stream

if TYPE_CHECKING:
    from trialsim.model.trial import Trial
    from trialsim.scenario.sections.dosing import Dosing as Layer


class RuleError(ValueError):
    """A dose rule gave an answer that is none."""


class Dosing(Places):
    """Places under a dose rule.

    The rule is a pure function of the history. It is asked again whenever the history has changed; between two
    cohorts (or, for a rule that does not work in cohorts, two levels) its answer goes to the committee first.
    """

    def __init__(self, trial: Trial, layer: Layer, rule: Rule) -> None:
        super().__init__(trial)
        self.layer = layer
        self.rule = rule
        self.in_cohorts = getattr(rule, "cohorts", False)
        self.level = layer.start_level
        self.cohorts = 0
        self.review = trial.draws.durations(Stream.REVIEW, layer.review)
        self.replaces = layer.replace_non_evaluable
        self._is_reviewing = bool(layer.committee_every) or layer.review != Constant(0.0)
        self._keeps_levels = self.in_cohorts or layer.dose_fixed_at == "enrolment"
        self.treated: list[Participant] = []
        """Everybody who has, or had until infused, a place, in the order of assignment."""
        self.history: list[Assigned] = []
        """What the rule may know of each of them."""
        self._answer: Assign | Wait | Stop = Wait()
        self._asked_at = -1.0
        self._wanted_at = -1.0
        self._news = True
        self._open = False
        self._left = False
        self._outcome_seen = False
        self._under_review: int | None = None
        self._reviews = 0
        self._approved = 1 if self.in_cohorts else layer.start_level
        """The latest cohort, or without cohorts the level, that the committee has agreed to."""

    # Places

    @property
    def open(self) -> bool:
        """Whether the rule and the committee have a place for the next eligible person."""
        if self._news or (not self.in_cohorts and self._asked_at != self.trial.clock.now):
            self.ask()
        return self._open

    def open_day(self) -> float | None:
        """Since when a place has been open, as far as the rule has been asked."""
        return self.open_since if self._open and self.holders < self.maximum else None

    def assign(self, person: Participant) -> None:
        """Give the person a place at the level that the rule has answered."""
        answer = self._answer
        assert isinstance(answer, Assign)
        super().assign(person)
        if self.in_cohorts:
            person.cohort = self._cohort + answer.opens_cohort
            self.cohorts = max(self.cohorts, person.cohort)
        self.treated.append(person)
        self.history.append(Assigned(self.level, person.cohort or 0, None, None, None))
        self._news = True

    def take_back(self, person: Participant) -> None:
        """Somebody has left before their infusion."""
        position = self.treated.index(person)
        del self.treated[position], self.history[position]
        self._news = True
        self._left = not self._open
        super().take_back(person)

    def infused(self, person: Participant) -> None:
        """The rule may know of the infusion; to one that works in cohorts it is no news."""
        news = self._news
        self._note(person, infusion_day=self.trial.clock.now)
        self._news = news
        if not self.in_cohorts:
            self._news = True
            self.trial.clock.call(self.trial.clock.now, Phase.COMMITTEE, 0, self._hear)

    def settle(self, person: Participant) -> None:
        """Somebody is about to be infused: the level may change now if that is when it is fixed.

        The rule is asked as if this person were next. A higher level needs the committee's consent, and cells enough.
        """
        if self._keeps_levels:
            return
        view, position = self._view(), self.treated.index(person)
        others = (*self.history[:position], *self.history[position + 1 :])
        answer = self._checked(self.rule.decide(replace(view, participants=others)))
        assert person.level is not None
        level = answer.level if isinstance(answer, Assign) else person.level
        if level > person.level and self._is_reviewing and level not in (self.level, self._approved):
            level = person.level
        level = min(level, max(1, self._admissible(view)))
        if level != person.level and self.trial.product.change_level(person, level):
            person.level = level
            self._note(person, level=level)
            self.trial.wake()

    def outcome_known(self, person: Participant) -> None:
        """The rule may know the outcome; it is asked when everything else of this instant is known too."""
        clock = self.trial.clock
        outcome = {Outcome.DLT: DLT, Outcome.OBSERVED: NO_DLT, Outcome.NON_EVALUABLE: LOST}[person.outcome]
        self._note(person, outcome=outcome, outcome_day=clock.now)
        self._outcome_seen = True
        if outcome == LOST and self.replaces:
            super().take_back(person)
        clock.call(clock.now, Phase.COMMITTEE, 0, self._hear)

    def recommend(self) -> int | None:
        """The level that the rule recommends on what is known now."""
        return self.rule.recommend(self._view())

    # The rule and the committee

    def ask(self) -> None:
        """Ask the rule, and act on its answer."""
        now, was_open = self.trial.clock.now, self._open
        self._leave_eliminated_levels()
        left, self._left = self._left, False
        self._news, self._asked_at, self._open = False, now, False
        answer = self._answer = self._checked(self.rule.decide(self._view()))
        if isinstance(answer, Stop):
            self.trial.stopping.rule_stops(answer.level)
        elif isinstance(answer, Wait):
            if answer.until is not None and answer.until != self._wanted_at:
                self._wanted_at = answer.until
                self.trial.clock.call(answer.until, Phase.COMMITTEE, 0, self.ask)
        elif self._is_reviewed(answer):
            self._open = self.holders < self.maximum and not self.closed_for_good
        if self._open:
            assert isinstance(answer, Assign)
            self.level = answer.level
            if not self.in_cohorts:
                self._approved = answer.level  # consent to another level, given meanwhile, does not outlast this
            if not was_open:
                self.trial.wake()
                if not left:  # else this is a place of before, given back
                    self.open_since = now

    def _checked(self, answer: object) -> Assign | Wait | Stop:
        """The answer, if it is one: rules may be written by users."""
        levels = range(1, self.trial.scenario.levels + 1)
        match answer:
            case Assign(level=level) if level in levels:
                return answer
            case Stop(level=level) if level is None or level in levels:
                return answer
            case Wait(until=until) if until is None or until > self.trial.clock.now:
                return answer
        name = type(getattr(self.rule, "rule", self.rule)).__name__  # the user's, not the guards around it
        raise RuleError(
            f"the rule {name} answered {answer!r} on day {self.trial.clock.now:g}; it may answer "
            f"Assign or Stop with a level from 1 to {len(levels)}, Stop(None), Wait(), or Wait with a later day"
        )

    def _is_reviewed(self, answer: Assign) -> bool:
        """Whether the committee has agreed to what the answer would begin; if not, it is handed to the committee."""
        begins = self._begins(answer)
        if begins is None or (begins <= self._approved if self.in_cohorts else begins == self._approved):
            return True
        if self._under_review is None:
            self._begin_review(begins)
        return False

    def _begins(self, answer: Assign) -> int | None:
        """The new cohort, or without cohorts the new level, that the answer would begin; the first needs no review."""
        if self.in_cohorts:
            return self._cohort + 1 if answer.opens_cohort else None
        return answer.level if self.treated and answer.level != self.level else None

    @property
    def _cohort(self) -> int:
        """The latest cohort that has a member; one whose members have all left may be opened again."""
        return self.treated[-1].cohort or 0 if self.treated else 0

    def _begin_review(self, begins: int) -> None:
        """From the outcomes being known to the committee's decision."""
        clock = self.trial.clock
        self._under_review = begins
        if self.in_cohorts:
            self._send_back(self.treated)  # of a cohort that ended early, those not yet infused
            self._left = False
        self._reviews += 1
        ready = clock.now + self.review(begins if self.in_cohorts else self._reviews)
        clock.call(self._next_meeting(ready), Phase.COMMITTEE, 0, self._decide)

    def _next_meeting(self, day: float) -> float:
        """The committee's next meeting; a report handed in on a meeting's day is in time."""
        every = self.layer.committee_every
        if not every:
            return day
        number = max(0, floor(day / every) - 1)
        while floor(number * every) < floor(day):
            number += 1
        return max(day, float(floor(number * every)))

    def _decide(self) -> None:
        """The committee has decided; the rule is heard on what is known by now."""
        assert self._under_review is not None
        self._approved, self._under_review = self._under_review, None
        self.ask()

    def _hear(self) -> None:
        """Ask the rule if there is news."""
        if self._news:
            self.ask()

    def _leave_eliminated_levels(self) -> None:
        """A level that the rule has eliminated is not given any more, not even to those who were enrolled at it."""
        if self._outcome_seen and self._keeps_levels:
            highest = self._admissible(self._view())
            self._send_back([person for person in self.treated if (person.level or 0) > highest])

    def _admissible(self, view: View) -> int:
        """The highest level that the rule has not eliminated."""
        admissible = getattr(self.rule, "admissible", None)
        return int(admissible(view)) if admissible else view.levels

    def _send_back(self, people: list[Participant]) -> None:
        """Those of the people who are not yet infused go back to the head of the queue, in their order."""
        sent_back = [person for person in people if person.outcome == Outcome.ENROLLED]
        for person in sent_back:
            self.trial.give_up_place(person)
        self.trial.waiting.put_back(sent_back)

    def _view(self) -> View:
        trial, layer = self.trial, self.layer
        return View(
            now=trial.clock.now,
            levels=trial.scenario.levels,
            start_level=layer.start_level,
            cohort_size=layer.cohort_size,
            max_participants=self.maximum,
            window=layer.observation,
            replace_non_evaluable=self.replaces,
            stop_cohort_early=layer.stop_cohort_early,
            participants=tuple(self.history),
        )

    def _note(self, person: Participant, **known: object) -> None:
        position = self.treated.index(person)
        self.history[position] = self.history[position]._replace(**known)  # type: ignore[arg-type]
        self._news = True

"""Dosing: the rule that gives places at a level, and the cohorts that it works in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialsim.model.committee import Committee
from trialsim.model.history import RuleHistory
from trialsim.model.path import START, Step, wait
from trialsim.model.records import Participant
from trialsim.rules.base import Assign, Rule, Stop, View, Wait
from trialsim.vocabulary import Outcome, Phase, Piece

if TYPE_CHECKING:
    from trialsim.model.trial import Trial
    from trialsim.scenario.sections.dosing import Dosing as Layer


class RuleError(ValueError):
    """A dose rule gave an answer that is none."""


class Dosing:
    """The dose rule: what it answers, and what follows from that.

    The rule is a pure function of the history. It is asked again whenever the history has changed; between two
    cohorts (or, for a rule that does not work in cohorts, two levels) its answer goes to the committee first.
    """

    def __init__(self, trial: Trial, layer: Layer, rule: Rule) -> None:
        self.trial = trial
        self.rule = rule
        self.in_cohorts = getattr(rule, "cohorts", False)
        self.level = layer.start_level
        """The level of the next place."""
        self.cohorts = 0
        """The highest number that a cohort has had."""
        self.open = False
        """Whether there was a place for the next eligible person when the rule was asked last."""
        self.history = RuleHistory(trial, layer)
        self.committee = Committee(trial, layer, self)
        self._replaces = layer.replace_non_evaluable
        self._keeps_levels = self.in_cohorts or layer.dose_fixed_at == "enrolment"
        self._answer: Assign | Wait | Stop = Wait()
        self._asked_day = -1.0
        self._wanted_day = -1.0
        """The latest day on which the rule has wanted to be asked again."""
        self._has_news = True
        """Whether something has become known since the rule was asked."""
        self._vacated = False
        """Whether the place that the rule gives next is one that somebody left before infusion."""
        self._outcome_seen = False
        self.latest_news = START
        """What the rule learned last, or the end of the committee's latest review."""
        self._latest_infusion = START

    # A place

    def is_open(self) -> bool:
        """Whether the rule and the committee have a place for the next eligible person."""
        if self._has_news or (not self.in_cohorts and self._asked_day != self.trial.clock.now):
            self.ask()
        return self.open

    def assign(self, person: Participant) -> None:
        """Give somebody enrolled the level and the cohort that the rule has answered."""
        answer = self._answer
        assert isinstance(answer, Assign)
        person.level = self.level
        if self.in_cohorts:
            person.cohort = self.history.cohort + answer.opens_cohort
            self.cohorts = max(self.cohorts, person.cohort)
        self.history.add(person)
        self._has_news = True

    def left(self, person: Participant, why: Step) -> None:
        """Take somebody who has left before infusion out of what the rule knows."""
        self.history.remove(person)
        self.latest_news = why
        self._has_news = True
        self._vacated = not self.open

    def settle(self, person: Participant) -> None:
        """Settle the level of somebody about to be infused: it may change now, if that is when it is fixed.

        The rule is asked as if this person were next. A higher level needs the committee's consent, and cells enough.
        """
        if self._keeps_levels:
            return
        answer = self._checked(self.rule.decide(self.history.view_without(person)))
        assert person.level is not None
        level = answer.level if isinstance(answer, Assign) else person.level
        if level > person.level and not self.committee.allows(level):
            level = person.level
        level = min(level, max(1, self._admissible(self.history.view())))
        if level != person.level and self.trial.doses.change_level(person, level):
            person.level = level
            self.history.note_level(person)
            self._has_news = True
            self.trial.wake()

    def infused(self, person: Participant) -> None:
        """Note an infusion. A rule that works in cohorts need not be asked because of it."""
        self.history.note_infusion(person)
        self._latest_infusion = person.path
        if not self.in_cohorts:
            self.latest_news = person.path
            self._has_news = True
            self._hear_soon()

    def outcome_known(self, person: Participant) -> None:
        """Note an outcome; the rule is asked when everything else of this instant is known too."""
        self.history.note_outcome(person)
        self.latest_news = person.path
        self._has_news = True
        self._outcome_seen = True
        if person.outcome == Outcome.NON_EVALUABLE and self._replaces:
            self.trial.places.take_back(person.path)
        self._hear_soon()

    # The rule

    def ask(self) -> None:
        """Ask the rule, and act on its answer."""
        now, was_open = self.trial.clock.now, self.open
        self._leave_eliminated_levels()
        vacated, self._vacated = self._vacated, False
        self._has_news, self._asked_day, self.open = False, now, False
        answer = self._answer = self._checked(self.rule.decide(self.history.view()))
        if isinstance(answer, Stop):
            self.trial.stopping.rule_stops(answer.level, self._reason())
        elif isinstance(answer, Wait):
            if answer.until is not None and answer.until != self._wanted_day:
                self._wanted_day = answer.until
                self.trial.clock.call(answer.until, Phase.COMMITTEE, 0, self.ask)
        elif self._is_reviewed(answer):
            self.open = self.trial.places.has_room()
        if self.open:
            assert isinstance(answer, Assign)
            if answer.level != self.level:
                self.trial.manufacturing.demand = self._reason()
            self.level = answer.level
            if not self.in_cohorts:
                self.committee.approved = answer.level  # consent to another level does not outlast this
            if not was_open:
                self.trial.wake()
                self.trial.places.opened = self._reason()
                if not vacated:  # else this is a place of before, given back
                    self.trial.places.open_since = now

    def hear(self) -> None:
        """Ask the rule if there is news."""
        if self._has_news:
            self.ask()

    def recommend(self) -> int | None:
        """The level that the rule recommends on what is known now."""
        return self.rule.recommend(self.history.view())

    def _hear_soon(self) -> None:
        """Ask the rule later in this instant, once everything that is to become known in it is known."""
        self.trial.clock.call(self.trial.clock.now, Phase.COMMITTEE, 0, self.hear)

    def _reason(self) -> Step:
        """Why the rule answers so only now: news, somebody who has just joined the queue, or grown follow-up."""
        now, queue = self.trial.clock.now, self.trial.waiting.queue
        if self.latest_news.day == now:
            return self.latest_news
        if queue and queue[-1].eligible.day == now:
            return queue[-1].eligible
        return wait(self._latest_infusion, Piece.OBSERVATION, now)

    def _is_reviewed(self, answer: Assign) -> bool:
        """Whether the committee has agreed to what the answer would begin; if not, it is handed to the committee."""
        begins = self._begins(answer)
        if begins is None or self.committee.has_approved(begins):
            return True
        if self.committee.under_review is None:
            if self.in_cohorts:
                # Of a cohort that ended early, those not yet infused.
                self.trial.places.send_back(self.history.enrolled, self._reason())
                self._vacated = False
            self.committee.begin_review(begins, self._reason())
        return False

    def _begins(self, answer: Assign) -> int | None:
        """The new cohort, or without cohorts the new level, that the answer would begin; the first needs no review."""
        if self.in_cohorts:
            return self.history.cohort + 1 if answer.opens_cohort else None
        return answer.level if self.history.treated and answer.level != self.level else None

    def _leave_eliminated_levels(self) -> None:
        """Send back those enrolled at a level that the rule has eliminated: it is not given any more."""
        if self._outcome_seen and self._keeps_levels:
            highest = self._admissible(self.history.view())
            gone = [person for person in self.history.enrolled if (person.level or 0) > highest]
            self.trial.places.send_back(gone, self._reason())

    def _admissible(self, view: View) -> int:
        """The highest level that the rule has not eliminated."""
        admissible = getattr(self.rule, "admissible", None)
        return int(admissible(view)) if admissible else view.levels

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


class OneGroup:
    """Without dosing in the scenario, the trial is one open group at level 1."""

    level = 1
    in_cohorts = False
    cohorts = 0
    open = True
    committee = None
    latest_news = START

    def is_open(self) -> bool:
        """Places are only limited by their number."""
        return True

    def assign(self, person: Participant) -> None:
        """There is one level."""
        person.level = self.level

    def left(self, person: Participant, why: Step) -> None:
        """There is no rule that would have to know."""

    def settle(self, person: Participant) -> None:
        """The level stays."""

    def infused(self, person: Participant) -> None:
        """There is no rule that would have to know."""

    def outcome_known(self, person: Participant) -> None:
        """There is no rule that would have to know."""

    def recommend(self) -> int | None:
        """Nobody looks for a level."""
        return None

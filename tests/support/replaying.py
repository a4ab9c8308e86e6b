"""The dose rule and its committee, replayed over the events of a replication.

This knows nothing of the model's own bookkeeping. At each event it makes a fresh `View` of what was known by then, asks
the rule, counts the review from the first time that the rule asked for another cohort, and says whether a place was
open.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import floor
from typing import Any

import numpy as np

from tests.support.watching import Event, Watched
from trialsim.randomness import Luck, round_days
from trialsim.rules.base import Answer, Assign, Assigned, Stop, View, Wait
from trialsim.scenario import Scenario

OUTCOMES = {"observed": "no_dlt", "dlt": "dlt", "non_evaluable": "lost"}


@dataclass
class Replay:
    """What a rule and its committee would have said, event by event."""

    scenario: Scenario
    luck: Luck
    members: dict[int, Assigned] = field(default_factory=dict)
    """Those who hold a place or held it until infusion, by participant, in order of assignment."""
    approved: int = 1
    under_review: tuple[int, float] | None = None
    """The cohort asked for (or the level, without cohorts), and the day of the committee's decision."""
    reviews: int = 0
    """How many reviews there were, without cohorts."""
    level: int = 1
    """The latest level at which a place was open."""

    def __post_init__(self) -> None:
        dosing = self.scenario.dosing
        if dosing is not None and not dosing.rule.cohorts:
            self.approved = self.level = dosing.start_level

    @property
    def rule(self) -> Any:
        """The rule with its guards, which has more methods than `Rule` promises."""
        assert self.scenario.dosing is not None
        return self.scenario.dosing.guarded()

    def view(self, now: float) -> View:
        """What the rule may know."""
        dosing = self.scenario.dosing
        return View(
            now=now,
            levels=self.scenario.levels,
            start_level=dosing.start_level if dosing else 1,
            cohort_size=dosing.cohort_size if dosing else None,
            max_participants=self.scenario.trial.max_participants,
            window=dosing.observation if dosing else 0.0,
            replace_non_evaluable=dosing.replace_non_evaluable if dosing else False,
            stop_cohort_early=dosing.stop_cohort_early if dosing else False,
            participants=tuple(self.members.values()),
        )

    @property
    def cohort(self) -> int:
        """The latest cohort with a member."""
        return list(self.members.values())[-1].cohort if self.members else 0

    def ask(self, now: float) -> tuple[Answer, bool]:
        """The rule's answer, and whether the committee lets it be acted upon."""
        if self.scenario.dosing is None:
            return Assign(1), True
        answer: Answer = self.rule.decide(self.view(now))
        self._decide(now)
        if not isinstance(answer, Assign):
            return answer, False
        if not self.rule.cohorts:
            return answer, not self.members or answer.level in (self.level, self.approved)
        if not answer.opens_cohort or self.cohort + 1 <= self.approved:
            return answer, True
        if self.under_review is None:
            self.under_review = self.cohort + 1, self._decision_day(now, self.cohort + 1)
            self._decide(now)
        return answer, self.cohort + 1 <= self.approved

    def asked(self, now: float) -> Answer:
        """The dosing layer asks. Without cohorts this is when a review of another level begins, or a place opens."""
        answer, agreed = self.ask(now)
        if isinstance(answer, Assign) and not self.rule.cohorts:
            if not agreed and self.under_review is None:
                # The committee decides when all of this instant is known, even if the review takes no time.
                self.reviews += 1
                self.under_review = answer.level, self._decision_day(now, self.reviews)
            used = self.view(now).places_used()
            if agreed and used < self.scenario.trial.max_participants:
                self.level = self.approved = answer.level
        return answer

    def settled(self, who: int, now: float) -> int:
        """The level of somebody about to be infused, by what the rule and the committee say at that moment."""
        dosing, own = self.scenario.dosing, self.members[who].level
        if dosing is None or self.rule.cohorts or dosing.dose_fixed_at == "enrolment":
            return own
        view = self.view(now)
        others = tuple(member for person, member in self.members.items() if person != who)
        answer = self.rule.decide(replace(view, participants=others))
        level = answer.level if isinstance(answer, Assign) else own
        reviewed = dosing.committee_every is not None or dosing.review.upper() > 0
        if level > own and reviewed and level not in (self.level, self.approved):
            level = own
        return min(level, max(1, int(self.rule.admissible(view))))

    def _decide(self, now: float) -> None:
        if self.under_review and self.under_review[1] <= now:
            self.approved, self.under_review = self.under_review[0], None

    def _decision_day(self, now: float, number: int) -> float:
        dosing = self.scenario.dosing
        assert dosing is not None
        uniform = self.luck.uniforms("dosing.review", first=number)
        ready = now + float(round_days(np.asarray(dosing.review.quantile(uniform)))[0])
        every = dosing.committee_every
        if not every:
            return ready
        # The first meeting on the report's day or later; a meeting's day is the whole day it falls on.
        meeting = next(floor(n * every) for n in range(floor(ready / every) + 3) if floor(n * every) >= floor(ready))
        return max(ready, float(meeting))

    def learn(self, event: Event) -> None:
        """Take note of what happened."""
        who = event.person
        if event.kind == "assigned":
            assert event.level is not None
            self.members[who] = Assigned(event.level, event.cohort or 0, None, None, None)
        elif event.kind == "leaves":
            del self.members[who]
        elif event.kind == "infused":
            level = event.level or self.members[who].level
            self.members[who] = self.members[who]._replace(infusion_day=event.day, level=level)
        elif event.kind == "outcome":
            assert event.outcome is not None
            self.members[who] = self.members[who]._replace(outcome=OUTCOMES[event.outcome], outcome_day=event.day)


def replay(watched: Watched) -> tuple[list[str], Answer]:
    """Everything in which the model went against the rule or the committee, and the rule's last answer."""
    scenario, history = watched.scenario, watched.history
    people = {person.participant: person for person in history.participants}
    replayed = Replay(scenario, Luck(watched.seed, history.replication))
    maximum, limit = scenario.trial.max_participants, _limit(scenario)
    turns_away = scenario.recruitment.while_closed == "turn_away"
    most_waiting = scenario.recruitment.max_waiting
    in_cohorts = scenario.dosing is None or watched.in_cohorts
    faults: list[str] = []
    final: Answer = Wait()
    last = 0.0
    for event in watched.events:
        day, who = event.day, event.person
        if event.kind == "asked":
            final = replayed.asked(day)
        if day > last:
            # What a rule without cohorts says may change while nobody asks.
            answer = replayed.ask(last)[0] if in_cohorts else final
            if isinstance(answer, Stop):
                faults.append(f"the rule said {answer} on day {last}, and the trial went on")
            last = day
        if event.kind == "leaves" and in_cohorts:
            replayed.ask(day)  # the review begins before those who are sent back have left
        if event.kind in ("arrives", "assigned"):
            answer, agreed = replayed.ask(day)
            places = replayed.view(day).places_used()
            is_open = agreed and places < maximum and day <= limit
            if event.kind == "assigned":
                cohort = replayed.cohort + getattr(answer, "opens_cohort", 0) if watched.in_cohorts else None
                expected = (answer.level, cohort) if isinstance(answer, Assign) else None
                if not is_open or expected != (event.level, event.cohort):
                    faults.append(
                        f"day {day}: {who} got {event.level, event.cohort}, the rule said {answer}, open: {is_open}"
                    )
            else:
                crowded = most_waiting is not None and event.waiting >= most_waiting
                away = crowded or (turns_away and not is_open)
                if away != (people[who].outcome == "turned_away"):
                    faults.append(f"day {day}: {who} is {people[who].outcome}; crowded: {crowded}, open: {is_open}")
        if event.kind == "infused" and scenario.dosing is not None:
            allowed = max(1, replayed.rule.admissible(replayed.view(day)))
            expected_levels = {replayed.settled(who, day)}
            if scenario.product is not None:  # the reserved lot may be too small for a higher level
                expected_levels |= {level for level in [replayed.members[who].level] if level < max(expected_levels)}
            if event.level not in expected_levels or event.level > allowed:
                faults.append(f"day {day}: {who} was infused at {event.level}, not {expected_levels}, up to {allowed}")
        replayed.learn(event)
    return faults, replayed.ask(history.end_day)[0] if in_cohorts else final


def _limit(scenario: Scenario) -> float:
    stopping = scenario.stopping
    return 36525.0 if stopping is None or stopping.time_limit is None else stopping.time_limit

"""Dosing: the twin of `trialsim.model.dosing`; the rules themselves are in `trialsim.kernel.rules`."""

from __future__ import annotations

import numpy as np

from trialsim.kernel.language import compiled, inlined
from trialsim.kernel.layers import committee, doses, history, path, places, stopping
from trialsim.kernel.machine.calendar import schedule, wake
from trialsim.kernel.machine.lists import before, last, length
from trialsim.kernel.machine.views import person_at
from trialsim.kernel.rules import cohorts, guards
from trialsim.kernel.state.codes import (
    ASK,
    COMMITTEE,
    HEAR,
    NON_EVALUABLE,
    NOT_INFUSED,
    QUEUE,
    TREATED,
    WAITS_FOR_OBSERVATION,
)
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.records import Person

# A place


@compiled
def is_open(t: State) -> bool:
    """Whether the rule and the committee have a place for the next eligible person; without a rule, always."""
    if not t.has_dosing:
        return True
    if has_news(t):
        ask(t)
    return t.open != 0


@inlined
def has_news(t: State) -> bool:
    """Whether the rule may answer otherwise than when it was asked last; without cohorts, for time alone."""
    return t.has_dosing != 0 and (t.news != 0 or (not t.in_cohorts and t.asked_day != t.now))


@compiled
def assign(t: State, person: Person, patient: int) -> None:
    """Give somebody enrolled the level and the cohort that the rule has answered."""
    person.level = t.level
    if not t.has_dosing:
        return
    if t.in_cohorts:
        person.cohort = max(1, t.cohort + t.answer_opens)
        t.cohorts = max(t.cohorts, person.cohort)
    history.add(t, person, patient)
    t.news = 1


@compiled
def left(t: State, patient: int, why: int) -> None:
    """Take somebody who has left before infusion out of what the rule knows."""
    if t.has_dosing:
        history.remove(t, person_at(t.people_at, patient), patient)
        t.latest_news = why
        t.news = 1
        t.vacated = not t.open


@compiled
def settle(t: State, person: Person, patient: int) -> None:
    """Settle the level of somebody about to be infused: it may change now, if that is when it is fixed."""
    if not t.has_dosing or t.keeps_levels:
        return
    level = _level_without(t, person, patient)
    if level > person.level and not committee.allows(t, level):
        level = person.level
    level = min(level, max(1, guards.admissible(t)))
    if level != person.level and doses.change_level(t, person, level):
        history.note_level(t, person, level)
        person.level = level
        t.news = 1
        wake(t)


@compiled
def _level_without(t: State, person: Person, patient: int) -> int:
    """The level at which the rule would have this person if they were next, and not there already; else their own."""
    answer, level, opens, until = t.answer, t.answer_level, t.answer_opens, t.answer_until
    behind = before(t, TREATED, patient)
    history.remove(t, person, patient)
    guards.decide(t)
    found = t.answer_level if t.answer == cohorts.ASSIGN else person.level
    history.restore(t, person, patient, behind)
    t.answer = answer
    t.answer_level = level
    t.answer_opens = opens
    t.answer_until = until
    return found


@compiled
def infused(t: State, person: Person) -> None:
    """Note an infusion. A rule that works in cohorts need not be asked because of it."""
    if not t.has_dosing:
        return
    history.note_infusion(t, person)
    t.latest_infusion = person.path
    if not t.in_cohorts:
        t.latest_news = person.path
        t.news = 1
        _hear_soon(t)


@compiled
def outcome_known(t: State, person: Person) -> None:
    """Note an outcome; the rule is asked when everything else of this instant is known too."""
    if not t.has_dosing:
        return
    history.note_outcome(t, person)
    t.latest_news = person.path
    t.news = 1
    t.outcome_seen = 1
    if person.outcome == NON_EVALUABLE and t.replaces:
        places.take_back(t, person.path)
    _hear_soon(t)


# The rule


@compiled
def ask(t: State) -> None:
    """Ask the rule, and act on its answer."""
    was_open = t.open
    _leave_eliminated_levels(t)
    vacated = t.vacated
    t.vacated = 0
    t.news = 0
    t.asked_day = t.now
    t.open = 0
    t.answer_until = np.nan
    guards.decide(t)
    if t.answer == cohorts.STOP:
        stopping.rule_stops(t, t.answer_level, _reason(t))
    elif t.answer == cohorts.WAIT:
        if not np.isnan(t.answer_until) and t.answer_until != t.wanted_day:
            t.wanted_day = t.answer_until
            schedule(t, t.answer_until, COMMITTEE, 0, ASK, 0, 0)
    elif _is_reviewed(t):
        t.open = places.has_room(t)
    if t.open:
        if t.answer_level != t.level:
            t.demand = _reason(t)
        t.level = t.answer_level
        if not t.in_cohorts:
            t.approved = t.answer_level  # consent to another level does not outlast this
        if not was_open:
            wake(t)
            t.opened = _reason(t)
            if not vacated:  # else this is a place of before, given back
                t.open_since = t.now


@compiled
def hear(t: State) -> None:
    """Ask the rule if there is news."""
    if t.news:
        ask(t)


@compiled
def recommend(t: State) -> int:
    """The level that the rule recommends on what is known now; 0 for none, and without a rule."""
    return guards.recommend(t) if t.has_dosing else 0


@inlined
def _hear_soon(t: State) -> None:
    """Ask the rule later in this instant, once everything that is to become known in it is known."""
    schedule(t, t.now, COMMITTEE, 0, HEAR, 0, 0)


@compiled
def _reason(t: State) -> int:
    """Why the rule answers as it does only now: news, somebody who has just joined the queue, or grown follow-up."""
    if path.day_of(t, t.latest_news) == t.now:
        return t.latest_news
    patient = last(t, QUEUE)
    if patient >= 0 and path.day_of(t, person_at(t.people_at, patient).eligible) == t.now:
        return person_at(t.people_at, patient).eligible
    return path.wait(t, t.latest_infusion, WAITS_FOR_OBSERVATION, t.now)


@compiled
def _is_reviewed(t: State) -> bool:
    """Whether the committee has agreed to what the answer would begin; if not, it is handed to the committee."""
    begins = _begins(t)
    if not begins or committee.has_approved(t, begins):
        return True
    if not t.under_review:
        if t.in_cohorts:  # of a cohort that ended early, those not yet infused
            places.send_back(t, 0, _reason(t))
            t.vacated = 0
        committee.begin_review(t, begins, _reason(t))
    return False


@inlined
def _begins(t: State) -> int:
    """The new cohort, or without cohorts the new level, that the answer would begin; 0 for none."""
    if t.in_cohorts:
        return t.cohort + 1 if t.answer_opens else 0
    return t.answer_level if last(t, TREATED) >= 0 and t.answer_level != t.level else 0


@compiled
def _leave_eliminated_levels(t: State) -> None:
    """Send back those enrolled at a level that the rule has eliminated: it is not given any more."""
    if t.outcome_seen and t.keeps_levels and length(t, NOT_INFUSED):
        places.send_back(t, guards.admissible(t), _reason(t))

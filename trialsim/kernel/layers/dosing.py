"""Places and dosing in compiled code: `trialsim.model.places` and `trialsim.model.dosing`, function by function."""

from __future__ import annotations

from math import floor

import numpy as np

from trialsim.kernel.language import (
    compiled,
    inlined,
)
from trialsim.kernel.layers import doses, infusion, stopping, waiting
from trialsim.kernel.machine.calendar import schedule, wake
from trialsim.kernel.machine.lists import after, before, come_back, first, join, last, leave, length
from trialsim.kernel.machine.random import duration
from trialsim.kernel.machine.views import (
    cohort_at,
    person_at,
    tally_at,
)
from trialsim.kernel.rules import cohorts, curve, guards
from trialsim.kernel.state.codes import (
    ASK,
    COHORTS_FULL,
    COMMITTEE,
    DECIDE,
    DLT,
    ENROLLED,
    HEAR,
    HOLDERS,
    NON_EVALUABLE,
    OF_REVIEW,
    QUEUE,
    RELEASED,
    SENT_BACK,
    TREATED,
)
from trialsim.kernel.state.records import (
    Person,
    State,
)

_BEYOND = 2.0**52


# Places


@compiled
def is_open(t: State) -> bool:
    """Whether the next eligible person may be enrolled now."""
    if not t.has_dosing:
        return t.holders < t.maximum and not t.closed_for_good
    if has_news(t):
        ask(t)
    return t.open != 0


@inlined
def has_news(t: State) -> bool:
    """Whether the rule may answer otherwise than when it was asked last; without cohorts, for time alone."""
    return t.has_dosing != 0 and (t.news != 0 or (not t.in_cohorts and t.asked_at != t.now))


@compiled
def open_day(t: State) -> float:
    """Since when a place has been open, as far as the rule has been asked; NaN if none is."""
    if t.has_dosing:
        is_free = t.open != 0 and t.holders < t.maximum
    else:
        is_free = t.holders < t.maximum and not t.closed_for_good
    return t.open_since if is_free else np.nan


@compiled
def give(t: State) -> bool:
    """Enrol the head of the queue, if there is a place."""
    if not is_open(t):
        return False
    patient = first(t, QUEUE)
    if patient < 0:
        return False
    leave(t, QUEUE, patient)
    person = person_at(t.people_at, patient)
    person.outcome = ENROLLED
    person.place_open_day = t.open_since
    person.enrolment_day = t.now
    t.holders += 1
    join(t, HOLDERS, patient)
    person.level = t.level
    if t.has_dosing:
        _assign(t, person, patient)
    infusion.enrol(t, patient)
    return True


@compiled
def _assign(t: State, person: Person, patient: int) -> None:
    """The rule's history grows by one."""
    if t.in_cohorts:
        _join_cohort(t, person)
    else:
        join(t, TREATED, patient)
    tally_at(t.tallies_at, t.level - 1).pending += 1
    t.places_used += 1
    t.pending += 1
    t.news = 1


@compiled
def _join_cohort(t: State, person: Person) -> None:
    number = max(1, t.cohort + t.answer_opens)
    if number > t.cohorts_room:
        t.status = COHORTS_FULL
        return
    cohort = cohort_at(t.cohorts_at, number - 1)
    if number > t.cohort:
        cohort.members = 0
        cohort.places = 0
        cohort.pending = 0
        cohort.evaluable = 0
        cohort.dlts = 0
        cohort.level = t.level
        tally_at(t.tallies_at, t.level - 1).cohorts += 1
        t.cohort = number
    person.cohort = number
    t.cohorts = max(t.cohorts, number)
    cohort.members += 1
    cohort.places += 1
    cohort.pending += 1


@compiled
def give_up(t: State, patient: int) -> None:
    """Somebody enrolled leaves before infusion: the dose, the slot and the place are free again."""
    infusion.give_up(t, patient)
    leave(t, HOLDERS, patient)
    if t.has_dosing:
        person = person_at(t.people_at, patient)
        if t.in_cohorts:
            _leave_cohort(t, person)
        else:
            leave(t, TREATED, patient)
        tally = tally_at(t.tallies_at, person.level - 1)
        tally.pending -= 1
        t.places_used -= 1
        t.pending -= 1
        t.news = 1
        t.left = not t.open
    _take_back(t)


@compiled
def _leave_cohort(t: State, person: Person) -> None:
    cohort = cohort_at(t.cohorts_at, person.cohort - 1)
    cohort.members -= 1
    cohort.places -= 1
    cohort.pending -= 1
    while t.cohort and not cohort_at(t.cohorts_at, t.cohort - 1).members:
        tally_at(t.tallies_at, cohort_at(t.cohorts_at, t.cohort - 1).level - 1).cohorts -= 1
        t.cohort -= 1


@inlined
def _take_back(t: State) -> None:
    t.holders -= 1
    wake(t)


@compiled
def settle(t: State, person: Person, patient: int) -> None:
    """Somebody is about to be infused: the level may change now if that is when it is fixed."""
    if not t.has_dosing or t.keeps_levels:
        return
    level = _level_without(t, person, patient)
    if level > person.level and t.is_reviewing and level != t.level and level != t.approved:
        level = person.level
    level = min(level, max(1, guards.admissible(t)))
    if level != person.level and doses.change_level(t, person, level):
        old, new = tally_at(t.tallies_at, person.level - 1), tally_at(t.tallies_at, level - 1)
        old.pending -= 1
        new.pending += 1
        person.level = level
        t.news = 1
        wake(t)


@compiled
def _level_without(t: State, person: Person, patient: int) -> int:
    """The level at which the rule would have this person if they were next, and not there already; else their own."""
    answer, level, opens, until = t.answer, t.answer_level, t.answer_opens, t.answer_until
    tally, behind = tally_at(t.tallies_at, person.level - 1), before(t, TREATED, patient)
    leave(t, TREATED, patient)
    tally.pending -= 1
    t.places_used -= 1
    t.pending -= 1
    guards.decide(t)
    found = t.answer_level if t.answer == cohorts.ASSIGN else person.level
    come_back(t, TREATED, patient, behind)
    tally.pending += 1
    t.places_used += 1
    t.pending += 1
    t.answer = answer
    t.answer_level = level
    t.answer_opens = opens
    t.answer_until = until
    return found


@compiled
def infused(t: State, person: Person, patient: int) -> None:
    """The rule may know of the infusion; to one that works in cohorts it is no news."""
    leave(t, HOLDERS, patient)
    if t.has_dosing:
        tally = tally_at(t.tallies_at, person.level - 1)
        tally.infused += 1
        tally.watched += 1
        curve.forget_posterior(t)
        if not t.in_cohorts:
            t.news = 1
            schedule(t, t.now, COMMITTEE, 0, HEAR, 0, 0)


@compiled
def outcome_known(t: State, person: Person) -> None:
    """The rule may know the outcome; it is asked when everything else of this instant is known too."""
    if not t.has_dosing:
        return
    tally = tally_at(t.tallies_at, person.level - 1)
    is_evaluable, is_dlt = person.outcome != NON_EVALUABLE, person.outcome == DLT
    is_replaced = not is_evaluable and t.replaces
    tally.pending -= 1
    tally.watched -= 1
    tally.evaluable += is_evaluable
    tally.dlts += is_dlt
    tally.lost += not is_evaluable
    curve.forget_posterior(t)
    if is_evaluable:
        curve.learn(t, person.level, is_dlt)
    t.pending -= 1
    if t.in_cohorts:
        cohort = cohort_at(t.cohorts_at, person.cohort - 1)
        cohort.pending -= 1
        cohort.evaluable += is_evaluable
        cohort.dlts += is_dlt
        if is_replaced:
            cohort.places -= 1
    t.outcome_seen = 1
    t.news = 1
    if is_replaced:
        t.places_used -= 1
        _take_back(t)
    schedule(t, t.now, COMMITTEE, 0, HEAR, 0, 0)


# The rule and the committee


@compiled
def ask(t: State) -> None:
    """Ask the rule, and act on its answer."""
    was_open = t.open
    _leave_eliminated_levels(t)
    left = t.left
    t.left = 0
    t.news = 0
    t.asked_at = t.now
    t.open = 0
    t.answer_until = np.nan
    guards.decide(t)
    if t.answer == cohorts.STOP:
        stopping.rule_stops(t, t.answer_level)
    elif t.answer == cohorts.WAIT:
        if not np.isnan(t.answer_until) and t.answer_until != t.wanted_at:
            t.wanted_at = t.answer_until
            schedule(t, t.answer_until, COMMITTEE, 0, ASK, 0, 0)
    elif _is_reviewed(t):
        t.open = t.holders < t.maximum and not t.closed_for_good
    if t.open:
        t.level = t.answer_level
        if not t.in_cohorts:
            t.approved = t.answer_level
        if not was_open:
            wake(t)
            if not left:
                t.open_since = t.now


@compiled
def _is_reviewed(t: State) -> bool:
    """Whether the committee has agreed to what the answer would begin; if not, it is handed to the committee."""
    begins = _begins(t)
    if not begins or (begins <= t.approved if t.in_cohorts else begins == t.approved):
        return True
    if not t.under_review:
        t.under_review = begins
        if t.in_cohorts:
            _send_back(t, 0)
            t.left = 0
        t.reviews += 1
        number = begins if t.in_cohorts else t.reviews
        ready = t.now + duration(t, t.review, OF_REVIEW, t.sites, number, 0)
        schedule(t, _next_meeting(t, ready), COMMITTEE, 0, DECIDE, 0, 0)
    return False


@inlined
def _begins(t: State) -> int:
    """The new cohort, or without cohorts the new level, that the answer would begin; 0 for none."""
    if t.in_cohorts:
        return t.cohort + 1 if t.answer_opens else 0
    return t.answer_level if last(t, TREATED) >= 0 and t.answer_level != t.level else 0


@compiled
def _next_meeting(t: State, day: float) -> float:
    """The committee's next meeting; a report handed in on a meeting's day is in time."""
    every = t.committee_every
    if np.isnan(every) or day >= _BEYOND:
        return day
    number = max(0, floor(day / every) - 1)
    while floor(number * every) < floor(day):
        number += 1
    return max(day, float(floor(number * every)))


@compiled
def review_ends(t: State) -> None:
    """The committee has decided; the rule is heard on what is known by now."""
    t.approved = t.under_review
    t.under_review = 0
    ask(t)


@compiled
def hear(t: State) -> None:
    """Ask the rule if there is news."""
    if t.news:
        ask(t)


@compiled
def _leave_eliminated_levels(t: State) -> None:
    """A level that the rule has eliminated is not given any more, not even to those who were enrolled at it."""
    if t.outcome_seen and t.keeps_levels and length(t, HOLDERS):
        _send_back(t, guards.admissible(t))


@compiled
def _send_back(t: State, highest: int) -> None:
    """Those above a level who are not yet infused go back to the head of the queue, in their order."""
    patient = first(t, HOLDERS)
    while patient >= 0:
        following = after(t, HOLDERS, patient)
        if person_at(t.people_at, patient).level > highest:
            give_up(t, patient)
            join(t, SENT_BACK, patient)
        patient = following
    waiting.put_back(t)


@compiled
def release(t: State) -> None:
    """The trial has ended before those who hold a place could be infused."""
    patient = first(t, HOLDERS)
    while patient >= 0:
        doses.give_up(t, patient)
        person_at(t.people_at, patient).outcome = RELEASED
        patient = after(t, HOLDERS, patient)


@compiled
def recommend(t: State) -> int:
    """The level that the rule recommends on what is known now; 0 for none, and without a rule."""
    return guards.recommend(t) if t.has_dosing else 0

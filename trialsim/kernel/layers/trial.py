"""The trial, the twin of `trialsim.model.trial`: replications one after another, each from the first day to the end."""

from __future__ import annotations

import numpy as np

from trialsim.kernel.language import compiled
from trialsim.kernel.layers import (
    committee,
    doses,
    dosing,
    infusion,
    manufacturing,
    observation,
    path,
    places,
    recruitment,
    screening,
    stopping,
    waiting,
)
from trialsim.kernel.machine import calendar
from trialsim.kernel.machine.beginnings import begin, vary
from trialsim.kernel.machine.calendar import acts_now, kind_of, mark_of, next_event, wake, wake_makers, who_of
from trialsim.kernel.machine.lists import after, first, length
from trialsim.kernel.machine.views import (
    end_at,
    person_at,
    state_at,
)
from trialsim.kernel.state.codes import (
    ACT,
    ASK,
    BOOKING,
    CANDIDATE_COMES,
    CLOSING,
    DECIDE,
    DONE,
    ELIGIBILITY_ENDS,
    END,
    HEAR,
    IDLE,
    IN_SCREENING,
    IN_WINDOW,
    INFUSED,
    LACKING,
    LIMIT,
    LOOK,
    LOOKING_UP,
    LOT_ARRIVES,
    LOT_EXPANDED,
    LOT_EXPIRES,
    LOT_TESTED,
    MAKING,
    NOT_INFUSED,
    OUTCOME_KNOWN,
    SCREENING_ENDS,
    SETTING_UP,
    SITE_OPENS,
    WAITS_FOR_OBSERVATION,
    WAITS_FOR_REVIEW,
    WAITS_FOR_SCREENING,
    WITHDRAWS,
)
from trialsim.kernel.state.memory import dtype
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.records import End, Lot, Person

PERSON_BYTES = dtype(Person).itemsize
LOT_BYTES = dtype(Lot).itemsize


@compiled
def replicate(t: State, end: End) -> None:
    """Simulate one replication; ``t.status`` says if there was too little room for it."""
    t.doing = SETTING_UP
    begin(t)
    vary(t)
    _set_up(t)
    while not t.ended and t.status == DONE:
        if acts_now(t):
            _act(t)
            continue
        t.doing = LOOKING_UP
        what = next_event(t)
        if t.status == DONE:
            t.doing = kind_of(what)
            _happen(t, t.doing, who_of(what), mark_of(what))
    t.doing = CLOSING
    if t.status == DONE:
        close(t, end)
        calendar.adapt(t)


@compiled
def _set_up(t: State) -> None:
    """Put what is known on day 0 into the calendar, in the order of the model."""
    stopping.set_up(t)
    if t.has_product:
        manufacturing.set_up(t)
    wake(t)
    recruitment.set_up(t)


@compiled
def _happen(t: State, kind: int, who: int, mark: int) -> None:
    """Do what an event says; the most frequent kinds come first."""
    if kind == CANDIDATE_COMES:
        recruitment.candidate_comes(t, who)
    elif kind == SCREENING_ENDS:
        screening.screening_ends(t, who, mark)
    elif kind == WITHDRAWS:
        waiting.withdraw(t, who, mark)
    elif kind == ELIGIBILITY_ENDS:
        waiting.expire(t, who, mark)
    elif kind == INFUSED:
        infusion.infuse(t, who, mark)
    elif kind == OUTCOME_KNOWN:
        observation.conclude(t, who, mark)
    elif kind == LOT_EXPANDED:
        manufacturing.expanded(t, who)
    elif kind == LOT_TESTED:
        manufacturing.tested(t, who)
    elif kind == LOT_ARRIVES:
        manufacturing.arrives(t, who)
    elif kind == LOT_EXPIRES:
        manufacturing.expire(t, who)
    elif kind == HEAR:
        dosing.hear(t)
    elif kind == DECIDE:
        committee.decide(t)
    elif kind == ASK:
        dosing.ask(t)
    elif kind == SITE_OPENS:
        recruitment.site_opens(t, who)
    elif kind == LOOK:
        stopping.look(t, who)
    elif kind == LIMIT:
        stopping.reach_limit(t)
    elif kind == END:
        stopping.end(t, who)
    else:  # making may start
        wake_makers(t)


@compiled
def _act(t: State) -> None:
    """Do one thing: give a place, or reserve a dose and book a slot, or start a lot."""
    t.awake = 0
    if t.stirred or dosing.has_news(t):
        t.stirred = 0
        t.doing = ACT
        if places.give(t):
            wake(t)
            return
        t.doing = BOOKING
        if infusion.book(t):
            wake(t)
            return
    t.doing = MAKING
    if t.has_product and manufacturing.start(t):
        wake_makers(t)


@compiled
def close(t: State, end: End) -> None:
    """Close the trial that has ended: what became of each candidate and each lot, and how it ended."""
    end.recommended_level = dosing.recommend(t)
    if t.admits_ahead:
        recruitment.dismiss_the_late(t)
    screening.settle_failures(t)
    path.days_waited(t, t.settled if t.settled >= 0 else _awaited(t), end)
    places.release(t)
    if t.detailed:
        doses.weigh_all(t)
    manufacturing.close(t)
    end.end_cause = t.cause
    end.end_day = t.now
    end.first_site_open_day = t.first_site_open_day
    end.cohorts = t.cohorts
    end.events = t.order
    end.people = t.people
    end.lots = t.lots


@compiled
def _awaited(t: State) -> int:
    """What the next infusion is waited for now, when the trial is cut short."""
    soonest = _booked_soonest(t)
    if soonest >= 0:
        return path.cut(t, person_at(t.people_at, soonest).booked, t.now)
    if length(t, LACKING):
        return manufacturing.awaited(t, first(t, LACKING))
    if (t.open or not t.has_dosing) and places.has_room(t):
        for patient in range(t.people):
            if person_at(t.people_at, patient).outcome == IN_SCREENING:
                return path.wait(t, person_at(t.people_at, patient).path, WAITS_FOR_SCREENING, t.now)
        return recruitment.awaited(t)
    if t.under_review:
        return path.wait(t, t.asked, WAITS_FOR_REVIEW, t.now)
    latest, since = -np.inf, t.latest_news
    for patient in range(t.people):
        person = person_at(t.people_at, patient)
        if person.outcome == IN_WINDOW and person.infusion_day >= latest:
            latest, since = person.infusion_day, person.booked
    return path.wait(t, since, WAITS_FOR_OBSERVATION, t.now)


@compiled
def _booked_soonest(t: State) -> int:
    """Who of those not infused is booked for the soonest day, or came first of several; -1 for nobody."""
    soonest, found = np.inf, -1
    patient = first(t, NOT_INFUSED)
    while patient >= 0:
        day = person_at(t.people_at, patient).booked_day
        if day < soonest or (day == soonest and patient < found):
            soonest, found = day, patient
        patient = after(t, NOT_INFUSED, patient)
    return found


@compiled
def replicate_many(address: int, first: int, last: int, ends: int) -> int:
    """Simulate the replications ``first`` to ``last``; return how many were done before room ran out, or all.

    People and lots of one replication follow those of the one before.
    """
    t = state_at(address, 0)
    for replication in range(first, last + 1):
        t.replication = replication
        replicate(t, end_at(ends, replication - first))
        if t.status != DONE:
            return replication - first
        t.people_at += t.people * PERSON_BYTES
        t.people_room -= t.people
        t.lots_at += t.lots * LOT_BYTES
        t.lots_room -= t.lots
    t.doing = IDLE
    return last - first + 1

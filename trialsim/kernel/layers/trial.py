"""The trial in compiled code: replications one after another, each from the first day to the end."""

from __future__ import annotations

import numpy as np

from trialsim.kernel.language import (
    compiled,
)
from trialsim.kernel.layers import (
    committee,
    doses,
    dosing,
    infusion,
    manufacturing,
    observation,
    places,
    recruitment,
    screening,
    slots,
    stopping,
    waiting,
)
from trialsim.kernel.machine import calendar, lists, random
from trialsim.kernel.machine.calendar import acts_now, kind_of, mark_of, next_event, wake, wake_makers, who_of
from trialsim.kernel.machine.views import (
    end_at,
    state_at,
    tally_at,
)
from trialsim.kernel.rules import curve
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
    INFUSED,
    LIMIT,
    LOOK,
    LOOKING_UP,
    LOT_ARRIVES,
    LOT_EXPANDED,
    LOT_EXPIRES,
    LOT_TESTED,
    MAKING,
    OUTCOME_KNOWN,
    SCREENING_ENDS,
    SETTING_UP,
    SITE_OPENS,
    WITHDRAWS,
)
from trialsim.kernel.state.memory import dtype
from trialsim.kernel.state.records import (
    End,
    Lot,
    Person,
    State,
)

PERSON_BYTES = dtype(Person).itemsize
LOT_BYTES = dtype(Lot).itemsize


@compiled
def replicate(t: State, end: End) -> None:
    """Simulate one replication; ``t.status`` says if there was too little room for it."""
    t.doing = SETTING_UP
    _forget(t)
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
        _close(t, end)
        calendar.adapt(t)


@compiled
def _forget(t: State) -> None:
    """Nothing has happened yet."""
    random.forget(t)
    calendar.clear(t)
    for level in range(t.levels):
        tally = tally_at(t.tallies_at, level)
        tally.evaluable = 0
        tally.dlts = 0
        tally.cohorts = 0
        tally.pending = 0
        tally.lost = 0
        tally.infused = 0
        tally.watched = 0
    lists.empty(t)
    curve.begin(t)
    if t.has_slots:
        slots.no_bookings(t)
    t.status = DONE
    t.now = 0.0
    t.ended = 0
    t.cause = -1
    t.people = 0
    t.lots = 0
    t.first_site_open_day = np.nan
    t.screening_busy = 0
    t.holders = 0
    t.level = t.start_level
    t.open_since = 0.0
    t.closed_for_good = 0
    t.cohorts = 0
    t.cohort = 0
    t.places_used = 0
    t.pending = 0
    t.asked_at = -1.0
    t.wanted_at = -1.0
    t.news = 1
    t.open = 0
    t.left = 0
    t.outcome_seen = 0
    t.under_review = 0
    t.reviews = 0
    t.approved = 1 if t.in_cohorts else t.start_level
    t.answer = 0
    t.infused = 0
    t.in_window = 0
    t.concluded_for_good = 0
    t.past_limit = 0
    t.suites_busy = 0
    t.in_process = 0
    t.failed_in_a_row = 0
    t.stock_first = -1
    t.stock_last = -1


@compiled
def _set_up(t: State) -> None:
    """What is known on day 0, in the order in which the model puts it into the calendar."""
    stopping.set_up(t)
    if t.has_product:
        manufacturing.set_up(t)
    wake(t)
    recruitment.set_up(t)


@compiled
def _happen(t: State, kind: int, who: int, mark: int) -> None:
    """One event, most frequent kinds first."""
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
        manufacturing.comes(t, who)
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
def _close(t: State, end: End) -> None:
    """The trial has ended: settle what became of each candidate and each lot."""
    end.next_place_open_day = places.open_day(t)
    end.recommended_level = dosing.recommend(t)
    if t.admits_ahead:
        recruitment.dismiss_the_late(t)
    screening.settle_failures(t)
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
        t.infusions_at += t.people * 8
        t.lots_at += t.lots * LOT_BYTES
        t.lots_room -= t.lots
    t.doing = IDLE
    return last - first + 1

"""The calendar of events, in the order of `trialsim.model.clock`.

It has leaves, as many a day as there are events in a day, roughly. What is on a later leaf lies there in any order; the
leaf of the present is a binary heap. When a leaf is done with, the next one that is not empty is turned up. What comes
after the last leaf waits in a list until all leaves are done with; then the calendar begins anew at the first of it.
"""

from __future__ import annotations

import numpy as np

from trialsim.kernel.language import (
    compiled,
    count_at,
    inlined,
    put_count,
    trailing_zeros,
)
from trialsim.kernel.machine.lists import first, join, leave, length
from trialsim.kernel.machine.random import uniform, wait
from trialsim.kernel.machine.views import (
    event_at,
    person_at,
)
from trialsim.kernel.state.codes import (
    CALENDAR_FULL,
    DEPARTING,
    DEPARTURES,
    DONE,
    ELIGIBILITY_ENDS,
    ENROLLED,
    LEAVES,
    NO_EVENTS,
    OF_WITHDRAWAL,
    PLACES,
    TOO_MANY_EVENTS,
    WAITING,
    WITHDRAWS,
)
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.records import Event, Person

_ADDRESS_BITS = 56
_WHO_BITS = 30
_MARK_BITS = 28
_PHASES = 10
_MOST_LEAVES_A_DAY = 64


@inlined
def _comes_before(day: float, key: int, order: int, other: Event) -> bool:
    """Whether an event comes before another one: by day, phase and address, then by which was there first."""
    if day != other.day:
        return day < other.day
    if key != other.key:
        return key < other.key
    return order < other.order


@inlined
def _put(event: Event, day: float, key: int, order: int, what: int) -> None:
    """Write an event into an entry."""
    event.day = day
    event.key = key
    event.order = order
    event.what = what


@inlined
def _count(t: State, phase: int) -> int:
    """Count one more event in a phase; return its number, which says who was there first."""
    put_count(t.scheduled_at, phase, count_at(t.scheduled_at, phase) + 1)
    t.order += 1
    if t.order > t.most_events:
        t.status = TOO_MANY_EVENTS
    return t.order


@inlined
def _written(kind: int, who: int, mark: int) -> int:
    """What an event does, about whom, and its mark, in one number."""
    return (kind << (_WHO_BITS + _MARK_BITS)) | (who << _MARK_BITS) | mark


@compiled
def schedule(t: State, day: float, phase: int, address: int, kind: int, who: int, mark: int) -> None:
    """Put an event of this kind into the calendar: on ``day``, in ``phase`` and, within it, in the order of addresses.

    ``who`` is a person, a lot or a site; ``mark`` a number by which an event that is out of date is recognised.
    """
    _insert(t, day, (phase << _ADDRESS_BITS) | address, _count(t, phase), _written(kind, who, mark))


@inlined
def pass_over(t: State, phase: int) -> None:
    """Count an event that the model has, but that would change nothing."""
    _count(t, phase)


@inlined
def _insert(t: State, day: float, key: int, order: int, what: int) -> None:
    """Put a counted event on the present leaf, or on a later one."""
    leaf = (day - t.first_day) * t.leaves_a_day
    if leaf < t.leaf + 1:
        _put_on_heap(t, day, key, order, what)
    else:
        _put_by(t, leaf, day, key, order, what)


@compiled
def _put_on_heap(t: State, day: float, key: int, order: int, what: int) -> None:
    """Put an event on the present leaf; if there is no room for it, ``t.status`` says so."""
    if t.events >= t.calendar_room:
        t.status = CALENDAR_FULL
        return
    t.events += 1
    _rise(t.calendar_at, t.events - 1, day, key, order, what)


@compiled
def _put_by(t: State, leaf: float, day: float, key: int, order: int, what: int) -> None:
    """Keep an event for later; if there is no room for it, ``t.status`` says so."""
    position = t.free
    if position >= 0:
        t.free = event_at(t.put_by_at, position).following
    elif t.put_by < t.calendar_room:
        position = t.put_by
        t.put_by += 1
    else:
        t.status = CALENDAR_FULL
        return
    event = event_at(t.put_by_at, position)
    _put(event, day, key, order, what)
    _lay(t, event, position, leaf)


@inlined
def _lay(t: State, event: Event, position: int, leaf: float) -> None:
    """Put an event for later on its leaf, or with those that come after the last one."""
    if leaf < LEAVES:
        number = int(leaf)
        marks, bit = count_at(t.marks_at, number >> 6), 1 << (number & 63)
        event.following = count_at(t.leaves_at, number) if marks & bit else -1
        put_count(t.leaves_at, number, position)
        put_count(t.marks_at, number >> 6, marks | bit)
    else:
        event.following = t.beyond
        t.beyond = position


@compiled
def adapt(t: State) -> None:
    """Choose how many leaves a day has in the next replication, from the events a day of this one."""
    if t.order > 4 * t.leaves_a_day * t.now and t.leaves_a_day < _MOST_LEAVES_A_DAY:
        t.leaves_a_day *= 2
    elif t.order < t.leaves_a_day * t.now and t.leaves_a_day > 1:
        t.leaves_a_day /= 2


@compiled
def _turn_over(t: State) -> int:
    """Go on to the next leaf that is not empty; the heap is. Return the first of its events, or -1 if none is left."""
    number = _next_marked(t)
    if number < 0 and t.beyond >= 0:
        _begin_anew(t)
        number = _next_marked(t)
    if number < 0:
        return -1
    t.leaf = number
    word = number >> 6
    put_count(t.marks_at, word, count_at(t.marks_at, word) & ~(1 << (number & 63)))
    return count_at(t.leaves_at, number)


@inlined
def _take_from_leaf(t: State, position: int) -> Event:
    """An event whose position is free from now on."""
    event = event_at(t.put_by_at, position)
    event.following = t.free
    t.free = position
    return event


@compiled
def _put_all_on_heap(t: State, position: int) -> None:
    """Put the events of a leaf, from the one at ``position`` on, on the present leaf."""
    while position >= 0:
        following = event_at(t.put_by_at, position).following
        event = _take_from_leaf(t, position)
        _put_on_heap(t, event.day, event.key, event.order, event.what)
        position = following


@inlined
def _next_marked(t: State) -> int:
    """The first leaf after this one that is not empty, or -1."""
    word = (t.leaf + 1) >> 6
    marks = (count_at(t.marks_at, word) >> ((t.leaf + 1) & 63)) << ((t.leaf + 1) & 63)
    while not marks:
        word += 1
        if word >= LEAVES >> 6:
            return -1
        marks = count_at(t.marks_at, word)
    return (word << 6) + trailing_zeros(marks)


@compiled
def _begin_anew(t: State) -> None:
    """Lay those beyond the last leaf on leaves that begin with the first of them."""
    soonest = np.inf
    position = t.beyond
    while position >= 0:
        event = event_at(t.put_by_at, position)
        soonest = min(soonest, event.day)
        position = event.following
    t.first_day = np.floor(soonest)
    t.leaf = -1
    position, t.beyond = t.beyond, -1
    while position >= 0:
        event = event_at(t.put_by_at, position)
        following = event.following
        _lay(t, event, position, (event.day - t.first_day) * t.leaves_a_day)
        position = following


@compiled
def next_event(t: State) -> int:
    """Take the next event out of the calendar, go on to its day, and tell what it does."""
    top = event_at(t.calendar_at, 0)
    if length(t, DEPARTING) and (t.events == 0 or top.day > t.now):
        _note_departures(t)
    if t.events == 0:
        position = _turn_over(t)
        if position < 0:
            if t.status == DONE:
                t.status = NO_EVENTS
            return 0
        if event_at(t.put_by_at, position).following < 0:  # alone on its leaf, as most events of a small trial
            alone = _take_from_leaf(t, position)
            t.now = alone.day
            return alone.what
        _put_all_on_heap(t, position)
        if t.status:
            return 0
    t.now = top.day
    return _take_first(t)


@compiled
def _take_first(t: State) -> int:
    """Take out the root: the gap goes down to a leaf, where the last event, which is late as a rule, fills it."""
    calendar = t.calendar_at
    what = event_at(calendar, 0).what
    t.events -= 1
    size = t.events
    hole, below = 0, 1
    while below < size:
        child = event_at(calendar, below)
        if below + 1 < size:
            other = event_at(calendar, below + 1)
            if _comes_before(other.day, other.key, other.order, child):
                below += 1
                child = other
        _put(event_at(calendar, hole), child.day, child.key, child.order, child.what)
        hole = below
        below = 2 * hole + 1
    last = event_at(calendar, size)
    _rise(calendar, hole, last.day, last.key, last.order, last.what)
    return what


@inlined
def _rise(calendar: int, hole: int, day: float, key: int, order: int, what: int) -> None:
    """Fill a gap with an event, or with a later one from above it that makes room."""
    while hole > 0:
        above = (hole - 1) >> 1
        parent = event_at(calendar, above)
        if not _comes_before(day, key, order, parent):
            break
        _put(event_at(calendar, hole), parent.day, parent.key, parent.order, parent.what)
        hole = above
    _put(event_at(calendar, hole), day, key, order, what)


@inlined
def kind_of(what: int) -> int:
    """What an event does: its kind."""
    return what >> (_WHO_BITS + _MARK_BITS)


@inlined
def who_of(what: int) -> int:
    """The person, the lot or the site that an event is about."""
    return (what >> _MARK_BITS) & ((1 << _WHO_BITS) - 1)


@inlined
def mark_of(what: int) -> int:
    """The number by which an event that is out of date is recognised."""
    return what & ((1 << _MARK_BITS) - 1)


@inlined
def acts_now(t: State) -> bool:
    """Whether something is to be done before the next event of the calendar."""
    top = event_at(t.calendar_at, 0)
    return t.awake != 0 and (t.events == 0 or _comes_before(t.now, PLACES << _ADDRESS_BITS, t.awake, top))


@inlined
def wake(t: State) -> None:
    """Have a place, a dose, a slot or a suite given if that is possible: something has changed.

    What is to be done then has a number in the order of events but is not in the heap: it is always soon.
    """
    t.stirred = 1
    wake_makers(t)


@inlined
def wake_makers(t: State) -> None:
    """Have a suite given if that is possible: something has changed that matters to nothing else."""
    if not t.awake:
        t.awake = _count(t, PLACES)


# Departures. Most people have been infused long before their patience or their eligibility ends, many of them at the
# very instant at which they were found eligible. So departures go into the heap only when time goes on.


@compiled
def expect_departure(t: State, person: Person, patient: int) -> None:
    """Note that somebody found eligible now may withdraw, and that their eligibility may end."""
    person.leaves_order = _count(t, DEPARTURES) if t.withdrawal > 0.0 else 0
    person.eligibility_order = 0 if np.isnan(t.eligibility_valid) else _count(t, DEPARTURES)
    is_impatient = t.withdrawal > 0.0 and (
        uniform(t, OF_WITHDRAWAL, person.site, person.number, person.attempt) < t.leaves_below
    )
    if is_impatient or t.eligibility_valid <= 0.0:
        _note_departure(t, person, patient)
    else:
        join(t, DEPARTING, patient)


@compiled
def _note_departures(t: State) -> None:
    """Put the departures of those who are still waiting into the calendar, as time is going on."""
    while length(t, DEPARTING):
        patient = first(t, DEPARTING)
        leave(t, DEPARTING, patient)
        person = person_at(t.people_at, patient)
        if person.outcome == WAITING or person.outcome == ENROLLED:
            _note_departure(t, person, patient)


@compiled
def _note_departure(t: State, person: Person, patient: int) -> None:
    """Put the days on which somebody withdraws and on which their eligibility ends into the calendar."""
    key = (DEPARTURES << _ADDRESS_BITS) | person.address
    if person.leaves_order:
        patience = wait(t, t.withdrawal, OF_WITHDRAWAL, person.site, person.number, person.attempt)
        what = _written(WITHDRAWS, patient, person.attempt)
        _insert(t, person.screening_end_day + patience, key, person.leaves_order, what)
    if person.eligibility_order:
        what = _written(ELIGIBILITY_ENDS, patient, person.attempt)
        _insert(t, person.screening_end_day + t.eligibility_valid, key, person.eligibility_order, what)

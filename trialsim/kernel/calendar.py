"""The calendar of events: a binary heap in the order of `trialsim.model.clock`."""

from __future__ import annotations

import numpy as np

from trialsim.kernel.codes import (
    ACT,
    CALENDAR_FULL,
    DEPARTING,
    DEPARTURES,
    ELIGIBILITY_ENDS,
    ENROLLED,
    NO_EVENTS,
    PLACES,
    TOO_MANY_EVENTS,
    WAITING,
    WITHDRAWS,
)
from trialsim.kernel.lists import first, join, leave, length
from trialsim.kernel.memory import compiled, count_at, inlined, put_count
from trialsim.kernel.records import (
    Event,
    Person,
    Trial,
    event_at,
    person_at,
)

_ADDRESS_BITS = 56
_WHO_BITS = 30
_MARK_BITS = 28


@inlined
def _comes_before(day: float, key: int, order: int, other: Event) -> bool:
    """By day, then phase and address, then by who was there first."""
    if day != other.day:
        return day < other.day
    if key != other.key:
        return key < other.key
    return order < other.order


@inlined
def _put(place: Event, day: float, key: int, order: int, what: int) -> None:
    place.day = day
    place.key = key
    place.order = order
    place.what = what


@inlined
def _count(t: Trial, phase: int) -> int:
    """One more event in a phase: its number, which says who was there first."""
    put_count(t.scheduled_at, phase, count_at(t.scheduled_at, phase) + 1)
    t.order += 1
    if t.order > t.most_events:
        t.status = TOO_MANY_EVENTS
    return t.order


@inlined
def _written(kind: int, who: int, mark: int) -> int:
    return (kind << (_WHO_BITS + _MARK_BITS)) | (who << _MARK_BITS) | mark


@compiled
def schedule(t: Trial, day: float, phase: int, address: int, kind: int, who: int, mark: int) -> None:
    """Have an event of this kind at the instant ``day``, in ``phase`` and, within it, in the order of addresses.

    ``who`` is a person, a lot or a site; ``mark`` a number by which an event that is out of date is recognised.
    """
    _insert(t, day, (phase << _ADDRESS_BITS) | address, _count(t, phase), _written(kind, who, mark))


@compiled
def _insert(t: Trial, day: float, key: int, order: int, what: int) -> None:
    if t.events >= t.calendar_room:
        t.status = CALENDAR_FULL
        return
    t.events += 1
    _rise(t.calendar_at, t.events - 1, day, key, order, what)


@compiled
def next_event(t: Trial) -> int:
    """Take the next event out of the calendar, go on to its day, and tell what it does."""
    top = event_at(t.calendar_at, 0)
    if t.awake and (t.events == 0 or _comes_before(t.now, PLACES << _ADDRESS_BITS, t.awake, top)):
        return _written(ACT, 0, 0)
    if length(t, DEPARTING) and (t.events == 0 or top.day > t.now):
        _note_departures(t)
    if t.events == 0:
        t.status = NO_EVENTS
        return 0
    t.now = top.day
    return _take_first(t)


@compiled
def _take_first(t: Trial) -> int:
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
    """What an event does."""
    return what >> (_WHO_BITS + _MARK_BITS)


@inlined
def who_of(what: int) -> int:
    """To whom."""
    return (what >> _MARK_BITS) & ((1 << _WHO_BITS) - 1)


@inlined
def mark_of(what: int) -> int:
    """The number that says whether it is out of date."""
    return what & ((1 << _MARK_BITS) - 1)


@inlined
def wake(t: Trial) -> None:
    """Something has changed that may let a place, a dose, a slot or a suite be given.

    What is to be done then has its place in the order of events but is not in the heap: it is always soon.
    """
    if not t.awake:
        t.awake = _count(t, PLACES)


# Departures. Most people have been infused long before their patience or their eligibility ends, many of them at the
# very instant at which they were found eligible. So departures go into the heap only when time goes on.


@compiled
def expect_departure(t: Trial, person: Person, patient: int, leaves: float, ends: float) -> None:
    """Somebody who waits will lose patience at ``leaves`` and eligibility at ``ends``; NaN is never."""
    person.leaves_day = leaves
    person.eligibility_day = ends
    person.leaves_order = 0 if np.isnan(leaves) else _count(t, DEPARTURES)
    person.eligibility_order = 0 if np.isnan(ends) else _count(t, DEPARTURES)
    if leaves <= t.now or ends <= t.now:
        _note_departure(t, person, patient)
    else:
        join(t, DEPARTING, patient)


@compiled
def _note_departures(t: Trial) -> None:
    while length(t, DEPARTING):
        patient = first(t, DEPARTING)
        leave(t, DEPARTING, patient)
        person = person_at(t.people_at, patient)
        if person.outcome == WAITING or person.outcome == ENROLLED:
            _note_departure(t, person, patient)


@compiled
def _note_departure(t: Trial, person: Person, patient: int) -> None:
    key = (DEPARTURES << _ADDRESS_BITS) | person.address
    if person.leaves_order:
        _insert(t, person.leaves_day, key, person.leaves_order, _written(WITHDRAWS, patient, person.attempt))
    if person.eligibility_order:
        what = _written(ELIGIBILITY_ENDS, patient, person.attempt)
        _insert(t, person.eligibility_day, key, person.eligibility_order, what)

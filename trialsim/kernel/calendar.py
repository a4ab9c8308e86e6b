"""The calendar of events: a binary heap in the order of `trialsim.model.clock`."""

from __future__ import annotations

from trialsim.kernel.memory import compiled, count_at, inlined, put_count
from trialsim.kernel.records import (
    ACT,
    CALENDAR_FULL,
    PLACES,
    TOO_MANY_EVENTS,
    Event,
    Trial,
    event_at,
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


@compiled
def schedule(t: Trial, day: float, phase: int, address: int, kind: int, who: int, mark: int) -> None:
    """Have an event of this kind at the instant ``day``, in ``phase`` and, within it, in the order of addresses.

    ``who`` is a person, a lot or a site; ``mark`` a number by which an event that is out of date is recognised.
    """
    put_count(t.scheduled_at, phase, count_at(t.scheduled_at, phase) + 1)
    t.order += 1
    if t.order > t.most_events:
        t.status = TOO_MANY_EVENTS
        return
    if t.events >= t.calendar_room:
        t.status = CALENDAR_FULL
        return
    key = (phase << _ADDRESS_BITS) | address
    calendar = t.calendar_at
    hole = t.events
    t.events += 1
    while hole > 0:
        above = (hole - 1) >> 1
        parent = event_at(calendar, above)
        if not _comes_before(day, key, t.order, parent):
            break
        _put(event_at(calendar, hole), parent.day, parent.key, parent.order, parent.what)
        hole = above
    what = (kind << (_WHO_BITS + _MARK_BITS)) | (who << _MARK_BITS) | mark
    _put(event_at(calendar, hole), day, key, t.order, what)


@compiled
def next_event(t: Trial) -> int:
    """Take the next event out of the calendar, go on to its day, and tell what it does."""
    calendar = t.calendar_at
    top = event_at(calendar, 0)
    t.now = top.day
    what = top.what
    t.events -= 1
    last = event_at(calendar, t.events)
    day, key, order, moved = last.day, last.key, last.order, last.what
    size = t.events
    hole = 0
    while True:
        below = 2 * hole + 1
        if below >= size:
            break
        child = event_at(calendar, below)
        if below + 1 < size:
            other = event_at(calendar, below + 1)
            if _comes_before(other.day, other.key, other.order, child):
                below += 1
                child = other
        if _comes_before(day, key, order, child):
            break
        _put(event_at(calendar, hole), child.day, child.key, child.order, child.what)
        hole = below
    _put(event_at(calendar, hole), day, key, order, moved)
    return what


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
    """Something has changed that may let a place, a dose, a slot or a suite be given."""
    if not t.awake:
        t.awake = 1
        schedule(t, t.now, PLACES, 0, ACT, 0, 0)

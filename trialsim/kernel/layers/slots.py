"""Slots: the twin of `trialsim.model.slots`, with the bookings of each day in a hash table."""

from __future__ import annotations

from math import ceil

from trialsim.kernel.language import (
    compiled,
    count_at,
    number_at,
)
from trialsim.kernel.machine.views import (
    slot_at,
)
from trialsim.kernel.state.codes import (
    SLOTS_FULL,
)
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.records import Slot

_NO_DAY = -1
_MIX = 0x9E3779B97F4A7C1


@compiled
def first(t: State, earliest: float) -> float:
    """The first open day with room, at or after the moment ``earliest``; without a unit, that very moment."""
    if not t.has_slots:
        return earliest
    day = ceil(earliest)
    while not _has_room(t, day):
        day += 1
    return float(day)


@compiled
def _has_room(t: State, day: int) -> bool:
    """Whether the unit is open on that day, and not fully booked."""
    if not count_at(t.open_on_at, day % 7):
        return False
    for closure in range(t.closures):
        if number_at(t.closures_at, 2 * closure) <= day < number_at(t.closures_at, 2 * closure + 1):
            return False
    return t.per_day < 0 or _slot(t, day).booked < t.per_day


@compiled
def take(t: State, day: float) -> None:
    """Book a slot on that day."""
    if t.has_slots:
        _book(t, int(day), 1)


@compiled
def give_back(t: State, day: float) -> None:
    """Cancel a booking on that day."""
    if t.has_slots:
        _book(t, int(day), -1)


@compiled
def _book(t: State, day: int, number: int) -> None:
    """Add to the bookings of a day; if the table has no room for another day, ``t.status`` says so."""
    if t.per_day < 0:
        return
    slot = _slot(t, day)
    if slot.day == _NO_DAY:
        if 2 * t.slots_used >= t.slots_room:
            t.status = SLOTS_FULL
            return
        slot.day = day
        slot.booked = 0
        t.slots_used += 1
    slot.booked += number


@compiled
def _slot(t: State, day: int) -> Slot:
    """The table's entry for a day, or the empty one where it would be: the day's own position, or the next one free."""
    position = ((day * _MIX) >> 20) & (t.slots_room - 1)
    while slot_at(t.slots_at, position).day != day and slot_at(t.slots_at, position).day != _NO_DAY:
        position = (position + 1) & (t.slots_room - 1)
    return slot_at(t.slots_at, position)

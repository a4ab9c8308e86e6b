"""A dose and a slot for whoever is enrolled, in compiled code: the first half of `trialsim.model.infusion`."""

from __future__ import annotations

from math import ceil

import numpy as np

from trialsim.kernel.language.numba import (
    compiled,
    count_at,
    number_at,
)
from trialsim.kernel.layers import doses, spacing
from trialsim.kernel.machine.lists import after, first, is_in, join, leave
from trialsim.kernel.machine.views import (
    person_at,
    slot_at,
)
from trialsim.kernel.state.codes import (
    LACKING,
    SLOTS_FULL,
)
from trialsim.kernel.state.records import (
    Slot,
    State,
)

_NO_DAY = -1
_MIX = 0x9E3779B97F4A7C1


@compiled
def enrol(t: State, patient: int) -> None:
    """Somebody has a place and needs a dose."""
    join(t, LACKING, patient)
    doses.order(t, patient)


@compiled
def reserve(t: State, spacing_day: float) -> int:
    """Reserve a dose and book a slot for the first who can be supplied; return who that is, or -1."""
    earliest = spacing_day
    if t.has_slots:
        earliest = _first_slot(t, max(t.now + t.notice, spacing_day))
    patient = first(t, LACKING)
    while patient >= 0 and not doses.reserve(t, patient, earliest):
        patient = after(t, LACKING, patient)
    if patient < 0:
        return -1
    leave(t, LACKING, patient)
    if t.has_slots:
        _book(t, int(earliest), 1)
    person = person_at(t.people_at, patient)
    person.ready_day = t.now
    person.spacing_day = spacing_day
    person.booked_day = earliest
    person.booking += 1
    return patient


@compiled
def give_up(t: State, patient: int) -> None:
    """The person has left: the dose and the slot are free again."""
    if is_in(t, LACKING, patient):
        leave(t, LACKING, patient)
    else:
        person = person_at(t.people_at, patient)
        spacing.given_up(t, patient)
        if t.has_slots:
            _book(t, int(person.booked_day), -1)
        person.booking += 1
        person.ready_day = np.nan
        person.spacing_day = np.nan
        person.booked_day = np.nan
    doses.give_up(t, patient)


# The unit's calendar


@compiled
def _first_slot(t: State, earliest: float) -> float:
    """The first open day with room, at or after the moment ``earliest``."""
    day = ceil(earliest)
    while not _has_room(t, day):
        day += 1
    return float(day)


@compiled
def _has_room(t: State, day: int) -> bool:
    if not count_at(t.open_on_at, day % 7):
        return False
    for closure in range(t.closures):
        if number_at(t.closures_at, 2 * closure) <= day < number_at(t.closures_at, 2 * closure + 1):
            return False
    return t.per_day < 0 or _slot(t, day).booked < t.per_day


@compiled
def _slot(t: State, day: int) -> Slot:
    """What is booked on a day: a place in a table that is found from the day, the next one if that is another's."""
    place = ((day * _MIX) >> 20) & (t.slots_room - 1)
    while slot_at(t.slots_at, place).day != day and slot_at(t.slots_at, place).day != _NO_DAY:
        place = (place + 1) & (t.slots_room - 1)
    return slot_at(t.slots_at, place)


@compiled
def _book(t: State, day: int, number: int) -> None:
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
def no_bookings(t: State) -> None:
    """Every day is free."""
    for place in range(t.slots_room):
        slot = slot_at(t.slots_at, place)
        slot.day = _NO_DAY
        slot.booked = 0
    t.slots_used = 0

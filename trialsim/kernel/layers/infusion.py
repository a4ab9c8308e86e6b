"""Infusion: the twin of `trialsim.model.infusion`."""

from __future__ import annotations

import numpy as np

from trialsim.kernel.language import compiled
from trialsim.kernel.layers import doses, dosing, manufacturing, observation, path, slots, spacing
from trialsim.kernel.machine.calendar import schedule
from trialsim.kernel.machine.lists import after, first, is_in, join, leave, length
from trialsim.kernel.machine.views import person_at
from trialsim.kernel.state.codes import (
    IN_WINDOW,
    INFUSED,
    INFUSIONS,
    LACKING,
    NOT_INFUSED,
    WAITS_FOR_PREPARATION,
    WAITS_FOR_SLOT,
    WAITS_FOR_SPACING,
)
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.records import Person


@compiled
def enrol(t: State, patient: int) -> None:
    """Take in somebody enrolled, who needs a dose: one may have to be made."""
    join(t, LACKING, patient)
    person = person_at(t.people_at, patient)
    person.dose_wanted = person.path
    doses.weigh(t, person)
    manufacturing.order(t, patient)


@compiled
def book(t: State) -> bool:
    """Reserve a dose and book a slot for the first who can be supplied; False if there was nothing to do."""
    if not length(t, LACKING):
        return False
    spacing_day = max(t.now, spacing.spacing_day(t))
    slot = slots.first(t, max(t.now + t.notice, spacing_day))
    patient = first(t, LACKING)
    while patient >= 0 and not doses.reserve(t, patient, slot):
        patient = after(t, LACKING, patient)
    if patient < 0:
        return False
    leave(t, LACKING, patient)
    slots.take(t, slot)
    person = person_at(t.people_at, patient)
    person.ready_day = t.now
    person.spacing_day = spacing_day
    person.booked_day = slot
    person.booking += 1
    person.booked = _until_infused(t, person, slot, spacing_day)
    person.path = person.booked
    spacing.booked(t, patient)
    schedule(t, slot, INFUSIONS, person.address, INFUSED, patient, person.booking)
    return True


@compiled
def _until_infused(t: State, person: Person, slot: float, spacing_day: float) -> int:
    """The infusion just booked, on its path: what bound, spacing or the time to prepare, and then the calendar."""
    t.demand = doses.reserved(t, person)
    prepared = t.now + t.notice
    if spacing_day > prepared:
        possible = path.wait(t, spacing.latest_step(t), WAITS_FOR_SPACING, spacing_day)
    else:
        possible = path.wait(t, t.demand, WAITS_FOR_PREPARATION, prepared)
    return path.wait(t, possible, WAITS_FOR_SLOT, slot)


@compiled
def give_up(t: State, patient: int, why: int) -> None:
    """Free the dose and the slot of somebody who leaves before infusion."""
    if is_in(t, LACKING, patient):
        leave(t, LACKING, patient)
    else:
        person = person_at(t.people_at, patient)
        slots.give_back(t, person.booked_day)
        spacing.given_up(t, patient)
        person.booking += 1
        person.ready_day = np.nan
        person.spacing_day = np.nan
        person.booked_day = np.nan
    doses.give_up(t, patient, why)
    manufacturing.cancel(t, patient, why)


@compiled
def infuse(t: State, patient: int, booking: int) -> None:
    """Infuse somebody as booked, unless the booking was given up; the window opens."""
    person = person_at(t.people_at, patient)
    if person.booking != booking:
        return
    dosing.settle(t, person, patient)
    t.infused += 1
    person.infusion_day = t.now
    person.outcome = IN_WINDOW
    leave(t, NOT_INFUSED, patient)
    doses.infuse(t, person)
    dosing.infused(t, person)
    observation.watch(t, person, patient)

"""Doses: the twin of `trialsim.model.doses`."""

from __future__ import annotations

import numpy as np

from trialsim.kernel.language import compiled, inlined
from trialsim.kernel.layers import path
from trialsim.kernel.machine.lists import length
from trialsim.kernel.machine.random import quantity
from trialsim.kernel.machine.views import level_at, lot_at, person_at
from trialsim.kernel.state.codes import EXPIRED, IN_STOCK, LACKING, OF_WEIGHT, TURNED_AWAY, WAITS_FOR_PRODUCT
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.records import Lot, Person


@inlined
def cells(t: State, person: Person, level: int) -> float:
    """Cells in a person's dose of the given level."""
    rung = level_at(t.levels_at, level - 1)
    return rung.amount * _or_zero(person.weight_kg) if rung.per_kg else rung.amount


@compiled
def needed(t: State) -> int:
    """How many more doses must be reserved before the trial is full."""
    if t.closed_for_good:
        return 0
    return t.maximum - t.holders + length(t, LACKING)


@compiled
def reserve(t: State, patient: int, day: float) -> bool:
    """Reserve a dose for an infusion on ``day``: from the lot that expires first, or else an under-dose."""
    if not t.has_product:
        return True
    person = person_at(t.people_at, patient)
    asked = cells(t, person, person.level)
    least = asked * t.minimum_dose_fraction
    chosen, fullest = -1, -1
    soonest, most = np.inf, -np.inf
    number = person.first_lot if t.autologous else t.stock_first
    while number >= 0:
        lot = lot_at(t.lots_at, number)
        if lot.outcome == IN_STOCK and _valid_on(lot, day):
            free = cells_free(lot)
            if free >= asked:
                expiry = np.inf if np.isnan(lot.expiry_day) else lot.expiry_day
                if chosen < 0 or expiry < soonest:
                    chosen, soonest = number, expiry
            elif free >= least and (fullest < 0 or free > most):
                fullest, most = number, free
        number = lot.next_of_patient if t.autologous else lot.stock_after
    taken = asked
    if chosen < 0:
        if fullest < 0:
            return False
        chosen, taken = fullest, most
    lot_at(t.lots_at, chosen).cells_reserved += taken
    person.lot = chosen + 1
    person.dose_cells = taken
    person.under_dosed = taken < asked
    return True


@compiled
def reserved(t: State, person: Person) -> int:
    """The reservation just made, on its path: the enrolment bound it, the arrival of the lot, or cells set free."""
    if not t.has_product:
        return person.path
    lot = lot_at(t.lots_at, person.lot - 1)
    return path.wait(t, path.later(t, path.later(t, person.path, lot.path), t.freed), WAITS_FOR_PRODUCT, t.now)


@compiled
def change_level(t: State, person: Person, level: int) -> bool:
    """Turn what is reserved into a dose of another level; False if the lot does not hold it."""
    if not t.has_product:
        return True
    lot, asked = lot_at(t.lots_at, person.lot - 1), cells(t, person, level)
    at_hand = cells_free(lot) + person.dose_cells
    if at_hand < asked * t.minimum_dose_fraction:
        return False
    taken = min(asked, at_hand)
    lot.cells_reserved += taken - person.dose_cells
    person.dose_cells = taken
    person.under_dosed = taken < asked
    return True


@compiled
def infuse(t: State, person: Person) -> None:
    """Give the reserved dose: its cells are infused."""
    if t.has_product:
        lot = lot_at(t.lots_at, person.lot - 1)
        lot.cells_reserved -= person.dose_cells
        lot.cells_infused += person.dose_cells
        t.freed = person.booked
        t.stirred = 1  # rounding may have made the rest a little more


@compiled
def give_up(t: State, patient: int, why: int) -> None:
    """Free a reserved dose again: the person has left."""
    person = person_at(t.people_at, patient)
    if person.lot:
        lot_at(t.lots_at, person.lot - 1).cells_reserved -= person.dose_cells
        person.lot = 0
        person.dose_cells = np.nan
        person.under_dosed = 0
        t.freed = why


@compiled
def refuse_if_too_small(t: State, lot: Lot, person: Person) -> bool:
    """Discard a lot, made for one person, that does not hold even the smallest share of their dose."""
    asked = cells(t, person, person.level)
    if cells_free(lot) >= asked * t.minimum_dose_fraction:
        return False
    lot.outcome = EXPIRED
    return True


@inlined
def cells_free(lot: Lot) -> float:
    """Cells neither infused nor reserved; what rounding leaves below 0 is nothing."""
    return max(0.0, _or_zero(lot.cells) - lot.cells_infused - lot.cells_reserved)


@inlined
def _valid_on(lot: Lot, day: float) -> bool:
    return np.isnan(lot.expiry_day) or day <= lot.expiry_day


@inlined
def _or_zero(number: float) -> float:
    return 0.0 if np.isnan(number) else number


# Weights: nothing depends on them before there is a dose to be made, so they may wait until then.


@inlined
def weigh(t: State, person: Person) -> None:
    """Weigh a person, unless that has been done or the scenario has no weights."""
    if t.weight >= 0 and np.isnan(person.weight_kg):
        person.weight_kg = quantity(t, t.weight, OF_WEIGHT, person.site, person.number, 0)


@compiled
def weigh_all(t: State) -> None:
    """Weigh everybody but those turned away at the door."""
    for patient in range(t.people):
        person = person_at(t.people_at, patient)
        if person.outcome != TURNED_AWAY:
            weigh(t, person)

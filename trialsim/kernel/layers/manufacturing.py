"""Manufacturing: the twin of `trialsim.model.manufacturing`."""

from __future__ import annotations

import numpy as np

from trialsim.kernel.language import compiled, inlined
from trialsim.kernel.layers import doses, path, stopping
from trialsim.kernel.machine import beginnings
from trialsim.kernel.machine.calendar import pass_over, schedule, wake, wake_makers
from trialsim.kernel.machine.lists import first, is_in, join, jump_in, leave, length
from trialsim.kernel.machine.random import duration, happens, quantity
from trialsim.kernel.machine.views import level_at, lot_at, person_at
from trialsim.kernel.state.codes import (
    DEPARTURES,
    ENROLLED,
    EXPIRED,
    FAILED,
    IN_PROCESS,
    IN_SCREENING,
    IN_STOCK,
    LACKING,
    LOT_ARRIVES,
    LOT_EXPANDED,
    LOT_EXPIRES,
    LOT_TESTED,
    LOTS,
    LOTS_FULL,
    MAKING_STARTS,
    OF_CELLS,
    OF_DONATION,
    OF_EXPANSION,
    OF_RELEASE,
    OF_SHIPPING,
    OF_TESTING,
    ORDERS,
    PLACES,
    RELEASED,
    USED,
    WAITING,
    WAITS_FOR_PRODUCT,
)
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.records import Lot

_NEAR, _MANY = 1e-9, 1e6


@compiled
def set_up(t: State) -> None:
    """Put the starting stock in the freezer, and the first day of making into the calendar."""
    t.suite_free = path.wait(t, path.START, WAITS_FOR_PRODUCT, t.first_start)
    if t.first_start > 0:
        schedule(t, t.first_start, PLACES, 0, MAKING_STARTS, 0, 0)
    for _ in range(t.starting_stock):
        number = new_lot(t)
        if t.status:
            return
        lot = lot_at(t.lots_at, number - 1)
        lot.release_day = 0.0
        lot.available_day = 0.0
        _receive(t, lot, number)


# Making


@compiled
def start(t: State) -> bool:
    """Start one lot, if one is wanted and a suite is free; False if there was nothing to do."""
    if t.now < t.first_start or t.suites_busy >= t.suites or not wanted(t):
        return False
    number = new_lot(t)
    if t.status:
        return False
    t.suites_busy += 1
    t.in_process += 1
    lot = lot_at(t.lots_at, number - 1)
    demand = t.demand
    if t.autologous:
        _make_for_first_in_line(t, lot, number - 1)
        demand = person_at(t.people_at, lot.patient).dose_wanted
    lot.path = path.wait(t, path.later(t, t.suite_free, demand), WAITS_FOR_PRODUCT, t.now)
    lot.start_day = t.now
    lot.expansion_start_day = t.now + duration(t, t.donation, OF_DONATION, t.sites, number, 0)
    lot.expansion_end_day = lot.expansion_start_day + duration(t, t.expansion, OF_EXPANSION, t.sites, number, 0)
    schedule(t, lot.expansion_end_day, LOTS, number, LOT_EXPANDED, number, 0)
    return True


@compiled
def _make_for_first_in_line(t: State, lot: Lot, position: int) -> None:
    """Note for whom a lot is made: the first who waits for one."""
    patient = first(t, ORDERS)
    leave(t, ORDERS, patient)
    lot.patient = patient
    person = person_at(t.people_at, patient)
    if person.last_lot >= 0:
        lot_at(t.lots_at, person.last_lot).next_of_patient = position
    else:
        person.first_lot = position
    person.last_lot = position


@compiled
def wanted(t: State) -> bool:
    """Whether the policy asks for another lot now."""
    if t.autologous:
        return length(t, ORDERS) > 0
    lacking = length(t, LACKING)
    if doses.needed(t) <= 0:
        return False
    if t.to_order:
        return lacking > t.in_process
    level = level_at(t.levels_at, t.level - 1)
    in_stock = 0.0
    number = t.stock_first
    while number >= 0:
        lot = lot_at(t.lots_at, number)
        in_stock += _times(doses.cells_free(lot), level.whole_dose)
        number = lot.stock_after
    return in_stock + t.in_process * level.doses_a_lot - lacking < t.target_doses


@inlined
def _times(cells: float, whole: float) -> float:
    """How many whole doses: ``cells // whole``, which is slow, only where the quotient is too near a whole number."""
    quotient = cells / whole
    if quotient < 1 - _NEAR:
        return 0.0
    times = np.floor(quotient)
    return times if times < _MANY and _NEAR < quotient - times < 1 - _NEAR else cells // whole


@compiled
def new_lot(t: State) -> int:
    """The number of the next lot, counted from 1."""
    if t.lots >= t.lots_room:
        t.status = LOTS_FULL
        return 0
    beginnings.new_lot(t, t.lots)
    t.lots += 1
    return t.lots


@compiled
def expanded(t: State, number: int) -> None:
    """End the expansion of a lot: the suite is free, and testing begins."""
    lot = lot_at(t.lots_at, number - 1)
    if t.suites_busy == t.suites:
        t.suite_free = path.wait(t, lot.path, WAITS_FOR_PRODUCT, t.now)
    t.suites_busy -= 1
    wake_makers(t)
    lot.release_day = t.now + duration(t, t.testing, OF_TESTING, t.sites, number, 0)
    if t.ships_ahead and _passes(t, number):  # nobody is concerned before it arrives
        pass_over(t, LOTS)
        _ship(t, lot, number, lot.release_day)
    else:
        schedule(t, lot.release_day, LOTS, number, LOT_TESTED, number, 0)


@compiled
def tested(t: State, number: int) -> None:
    """End the testing of a lot: it is shipped, or has failed."""
    lot = lot_at(t.lots_at, number - 1)
    if _passes(t, number):
        t.failed_in_a_row = 0
        _ship(t, lot, number, t.now)
    else:
        _fail(t, lot)


@inlined
def _passes(t: State, number: int) -> bool:
    """Whether the lot passes release testing."""
    return happens(t, t.release_probability, OF_RELEASE, t.sites, number, 0)


@compiled
def _ship(t: State, lot: Lot, number: int, day: float) -> None:
    """Release a lot on ``day`` and send it to the infusion unit."""
    lot.available_day = day + duration(t, t.shipping, OF_SHIPPING, t.sites, number, 0)
    schedule(t, lot.available_day, LOTS, number, LOT_ARRIVES, number, 0)


@compiled
def arrives(t: State, number: int) -> None:
    """Let a released lot arrive: it is no longer in process."""
    t.in_process -= 1
    _receive(t, lot_at(t.lots_at, number - 1), number)


@compiled
def _fail(t: State, lot: Lot) -> None:
    """Discard a lot that has failed release testing; perhaps it is one too many in a row."""
    lot.outcome = FAILED
    _note(t, lot)
    t.in_process -= 1
    t.failed_in_a_row += 1
    if t.most_failed_lots >= 0 and t.failed_in_a_row >= t.most_failed_lots:
        stopping.lots_failed(t, lot.path)
    rejected(t, lot)
    wake_makers(t)


@compiled
def _receive(t: State, lot: Lot, number: int) -> None:
    """Take a released lot that has arrived into stock."""
    lot.outcome = IN_STOCK
    _note(t, lot)
    lot.cells = quantity(t, t.cells, OF_CELLS, t.sites, number, 0)
    if not np.isnan(t.shelf_life):
        lot.expiry_day = lot.release_day + t.shelf_life
        schedule(t, max(t.now, lot.expiry_day), DEPARTURES, number, LOT_EXPIRES, number, 0)
    arrived(t, lot, number)
    wake(t)


@compiled
def expire(t: State, number: int) -> None:
    """Discard a lot in stock whose shelf life is over."""
    lot = lot_at(t.lots_at, number - 1)
    if lot.outcome != IN_STOCK:
        return
    lot.outcome = EXPIRED
    _note(t, lot)
    rejected(t, lot)
    wake_makers(t)


@inlined
def _note(t: State, lot: Lot) -> None:
    """Note what has become of a lot, on its path; other lots may be wanted now."""
    lot.path = path.wait(t, lot.path, WAITS_FOR_PRODUCT, t.now)
    t.demand = lot.path


@compiled
def arrived(t: State, lot: Lot, number: int) -> None:
    """Put a lot in the freezer; one made for a single person but too small to be given is started again."""
    if not t.autologous:
        _into_the_freezer(t, lot, number - 1)
        return
    person = person_at(t.people_at, lot.patient)
    if person.outcome == ENROLLED and doses.refuse_if_too_small(t, lot, person):
        rejected(t, lot)


@compiled
def rejected(t: State, lot: Lot) -> None:
    """Take a lot that has failed or expired out of the freezer; one made for a single person is started again."""
    if not t.autologous:
        if lot.stocked:
            _out_of_the_freezer(t, lot)
    elif is_in(t, LACKING, lot.patient) and not is_in(t, ORDERS, lot.patient):
        jump_in(t, ORDERS, lot.patient)
        person_at(t.people_at, lot.patient).dose_wanted = lot.path


@compiled
def _into_the_freezer(t: State, lot: Lot, position: int) -> None:
    """Put a lot at the end of the list of those in stock for anybody."""
    lot.stocked = 1
    lot.stock_before = t.stock_last
    lot.stock_after = -1
    if t.stock_last >= 0:
        lot_at(t.lots_at, t.stock_last).stock_after = position
    else:
        t.stock_first = position
    t.stock_last = position


@compiled
def _out_of_the_freezer(t: State, lot: Lot) -> None:
    """Take a lot off the list of those in stock for anybody."""
    if lot.stock_before >= 0:
        lot_at(t.lots_at, lot.stock_before).stock_after = lot.stock_after
    else:
        t.stock_first = lot.stock_after
    if lot.stock_after >= 0:
        lot_at(t.lots_at, lot.stock_after).stock_before = lot.stock_before
    else:
        t.stock_last = lot.stock_before
    lot.stocked = 0


# For whom


@compiled
def order(t: State, patient: int) -> None:
    """Order a lot for somebody enrolled, unless one that will do is there or under way from an earlier enrolment."""
    person = person_at(t.people_at, patient)
    if not t.autologous:
        t.demand = person.path
        return
    served = False
    number = person.first_lot
    while number >= 0:
        lot = lot_at(t.lots_at, number)
        if lot.outcome == IN_STOCK:
            doses.refuse_if_too_small(t, lot, person)
        served = served or lot.outcome == IN_PROCESS or lot.outcome == IN_STOCK
        number = lot.next_of_patient
    if not served:
        join(t, ORDERS, patient)


@compiled
def cancel(t: State, patient: int, why: int) -> None:
    """Cancel the order of somebody who has left."""
    if not t.autologous:
        t.demand = why
    elif is_in(t, ORDERS, patient):
        leave(t, ORDERS, patient)


@compiled
def awaited(t: State, patient: int) -> int:
    """What somebody without a dose waits for now: the oldest lot under way, their own if there is one."""
    if not t.has_product:
        return person_at(t.people_at, patient).path
    found = -1
    for number in range(t.lots - 1, -1, -1):
        lot = lot_at(t.lots_at, number)
        if lot.outcome == IN_PROCESS and (
            found < 0 or _is_for(lot, patient) or not _is_for(lot_at(t.lots_at, found), patient)
        ):
            found = number
    since = path.later(t, t.suite_free, person_at(t.people_at, patient).dose_wanted)
    if found >= 0:
        since = lot_at(t.lots_at, found).path
    return path.wait(t, since, WAITS_FOR_PRODUCT, t.now)


@inlined
def _is_for(lot: Lot, patient: int) -> bool:
    return lot.patient == patient


# The end


@compiled
def close(t: State) -> None:
    """Tell what became of each lot: expired cells are waste, and so is a remainder that holds no whole dose."""
    if not t.has_product:
        return
    whole = level_at(t.levels_at, t.level - 1).whole_dose
    for number in range(t.lots):
        lot = lot_at(t.lots_at, number)
        if not np.isnan(lot.cells):
            left, useless = lot.cells - lot.cells_infused, is_useless(t, lot)
            if lot.cells_infused != 0.0 and (useless or left < whole):
                lot.outcome = USED
                lot.cells_wasted = left
            elif useless or lot.outcome == EXPIRED:
                lot.outcome = EXPIRED
                lot.cells_wasted = left
        _forget_what_is_to_come(t, lot)


@compiled
def _forget_what_is_to_come(t: State, lot: Lot) -> None:
    """A lot under way has days ahead of it that the trial's end takes away; an expiry date stands."""
    if lot.expansion_start_day > t.now:
        lot.expansion_start_day = np.nan
    if lot.expansion_end_day > t.now:
        lot.expansion_end_day = np.nan
    if lot.release_day > t.now:
        lot.release_day = np.nan
        t.order -= not np.isnan(lot.available_day)  # its arrival, which the calendar has from its release on
    if lot.available_day > t.now:
        lot.available_day = np.nan


@compiled
def is_useless(t: State, lot: Lot) -> bool:
    """Whether the lot was made for one participant, who has been infused or has left."""
    if not t.autologous:
        return False
    outcome = person_at(t.people_at, lot.patient).outcome
    return outcome != RELEASED and outcome != WAITING and outcome != IN_SCREENING

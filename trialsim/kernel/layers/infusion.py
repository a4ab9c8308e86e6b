"""Infusion, observation, follow-up and stopping in compiled code, as in the files of these names in the model."""

from __future__ import annotations

import numpy as np

from trialsim.kernel.language.numba import (
    compiled,
    inlined,
    number_at,
    put_count,
)
from trialsim.kernel.layers import doses, dosing, slots, spacing
from trialsim.kernel.machine.calendar import schedule
from trialsim.kernel.machine.lists import after, first, is_in, join, leave, length
from trialsim.kernel.machine.random import happens, quantity, round_days, uniform, wait
from trialsim.kernel.machine.views import (
    level_at,
    person_at,
    site_at,
)
from trialsim.kernel.state.codes import (
    COMPLETED,
    DLT,
    END,
    IN_WINDOW,
    INFUSED,
    INFUSIONS,
    LACKING,
    NON_EVALUABLE,
    OBSERVED,
    OF_DLT,
    OF_FOLLOW_UP,
    OF_LOSS,
    OF_LOSS_TIME,
    OF_ONSET,
    OUTCOME_KNOWN,
    OUTCOMES,
    SLOW_ACCRUAL,
    STOPPING,
    TIME_LIMIT,
)
from trialsim.kernel.state.records import (
    Person,
    State,
)


@compiled
def enrol(t: State, patient: int) -> None:
    """Somebody has a place and needs a dose."""
    join(t, LACKING, patient)
    doses.order(t, patient)


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
    spacing.booked(t, patient)
    schedule(t, slot, INFUSIONS, person.address, INFUSED, patient, person.booking)
    return True


@compiled
def give_up(t: State, patient: int) -> None:
    """The person has left: the dose and the slot are free again."""
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
    doses.give_up(t, patient)


@compiled
def infuse(t: State, patient: int, booking: int) -> None:
    """The booked infusion, unless it was given up."""
    person = person_at(t.people_at, patient)
    if person.booking != booking:
        return
    dosing.settle(t, person, patient)
    put_count(t.infusions_at, t.infused, patient)
    t.infused += 1
    person.infusion_day = t.now
    person.outcome = IN_WINDOW
    doses.infuse(t, person)
    dosing.infused(t, person, patient)
    _watch(t, person, patient)


@compiled
def _watch(t: State, person: Person, patient: int) -> None:
    """The window opens. What will happen in it is fixed by the person's luck; the trial learns it in time."""
    t.in_window += 1
    person.window_end_day = person.infusion_day + t.window
    outcome, known = OBSERVED, person.window_end_day
    lost_day = _fate(t, person)
    if not np.isnan(person.dlt_day):
        outcome = DLT
        if t.dlt_resolves:
            known = person.dlt_day
    elif not np.isnan(lost_day):
        outcome, known = NON_EVALUABLE, lost_day
    person.outcome_known_day = known
    person.last_visit_day = _last_visit(t, person, lost_day)
    schedule(t, known, OUTCOMES, person.address, OUTCOME_KNOWN, patient, outcome)


@compiled
def _fate(t: State, person: Person) -> float:
    """Note the day of a DLT, or return the day on which the person is lost without one; at most one of them."""
    written = site_at(t.sites_at, person.site).people_at
    if written:
        own = (person.number - 1) * (1 + t.levels)
        dlt, lost = number_at(written, own + person.level), number_at(written, own)
        dlt_day = person.infusion_day + dlt if dlt <= t.window else np.nan
        lost_day = person.infusion_day + lost if lost < t.window else np.nan
    elif t.has_truth:
        dlt_day, lost_day = _dlt_day(t, person), _lost_day(t, person)
    else:
        return np.nan
    if dlt_day <= lost_day or np.isnan(lost_day):
        person.dlt_day = dlt_day
        return np.nan
    return lost_day


@compiled
def _dlt_day(t: State, person: Person) -> float:
    """When luck has a DLT in store; NaN for never."""
    site, number, attempt = person.site, person.number, person.attempt
    if uniform(t, OF_DLT, site, number, attempt) >= level_at(t.levels_at, person.level - 1).dlt_probability:
        return np.nan
    onset = quantity(t, t.onset, OF_ONSET, site, number, attempt)
    return person.infusion_day + min(round_days(onset * t.window), t.window)


@compiled
def _lost_day(t: State, person: Person) -> float:
    """When luck has the person lost; NaN for never."""
    site, number, attempt = person.site, person.number, person.attempt
    if not happens(t, t.loss_probability, OF_LOSS, site, number, attempt):
        return np.nan
    return person.infusion_day + round_days(uniform(t, OF_LOSS_TIME, site, number, attempt) * t.window)


@compiled
def _last_visit(t: State, person: Person, lost_day: float) -> float:
    """The last visit: of somebody lost in the window, or lost later, or followed to the end."""
    if not np.isnan(lost_day):
        return lost_day
    planned = max(person.infusion_day + t.follow_up, person.window_end_day)
    site, number, attempt = person.site, person.number, person.attempt
    if t.lost_below == 0.0 or uniform(t, OF_FOLLOW_UP, site, number, attempt) > t.lost_below:
        return planned  # most people: there is no need to know when they would have been lost
    return min(planned, person.window_end_day + wait(t, t.follow_up_loss, OF_FOLLOW_UP, site, number, attempt))


@compiled
def conclude(t: State, patient: int, outcome: int) -> None:
    """The trial learns the outcome: perhaps it was the last."""
    person = person_at(t.people_at, patient)
    t.in_window -= 1
    person.outcome = outcome
    dosing.outcome_known(t, person)
    if not (outcome == NON_EVALUABLE and t.replaces):
        t.concluded_for_good += 1
    if t.concluded_for_good >= t.maximum:
        schedule(t, t.now, STOPPING, COMPLETED, END, COMPLETED, 0)
    elif t.past_limit and t.in_window == 0:
        schedule(t, t.now, STOPPING, TIME_LIMIT, END, TIME_LIMIT, 0)


@inlined
def end(t: State, cause: int) -> None:
    """The trial ends now."""
    t.cause = cause
    t.ended = 1


@compiled
def look(t: State, which: int) -> None:
    """A planned look at accrual."""
    if t.infused < number_at(t.looks_at, 2 * which + 1):
        end(t, SLOW_ACCRUAL)


@compiled
def reach_limit(t: State) -> None:
    """No infusion after the time limit. If enough have been infused, their windows settle the cause."""
    if t.concluded_for_good + t.in_window < t.maximum:
        end(t, TIME_LIMIT)
    else:
        t.past_limit = 1
        t.closed_for_good = 1

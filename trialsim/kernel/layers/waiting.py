"""Waiting: the twin of `trialsim.model.waiting`."""

from __future__ import annotations

import numpy as np

from trialsim.kernel.language import compiled, inlined
from trialsim.kernel.layers import path, places, screening
from trialsim.kernel.machine import lists
from trialsim.kernel.machine.calendar import expect_departure, wake
from trialsim.kernel.machine.random import happens
from trialsim.kernel.machine.views import person_at
from trialsim.kernel.state.codes import (
    ELIGIBILITY_EXPIRED,
    ENROLLED,
    OF_RESCREENED,
    QUEUE,
    SENT_BACK,
    WAITING,
    WAITS_FOR_REPLACEMENT,
    WITHDRAWN,
)
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.records import Person


@compiled
def join(t: State, person: Person, patient: int) -> None:
    """Put somebody found eligible at the end of the queue; in time, they may withdraw or their eligibility end."""
    person.outcome = WAITING
    person.eligible = person.path
    lists.join(t, QUEUE, patient)
    if t.may_leave:
        expect_departure(t, person, patient)
    wake(t)


@compiled
def withdraw(t: State, patient: int, attempt: int) -> None:
    """Let somebody who waits, with or without a place, withdraw."""
    person = person_at(t.people_at, patient)
    if _still_waits(person, attempt):
        _leave(t, person, patient)
        person.outcome = WITHDRAWN
        person.withdrawal_day = t.now


@compiled
def expire(t: State, patient: int, attempt: int) -> None:
    """End an eligibility that has run out before infusion: another screening, or the person is lost."""
    person = person_at(t.people_at, patient)
    if not _still_waits(person, attempt):
        return
    _leave(t, person, patient)
    if happens(t, t.rescreen_probability, OF_RESCREENED, person.site, person.number, attempt):
        person.attempt += 1
        _forget_place(person)
        screening.admit(t, person, patient)
    else:
        person.outcome = ELIGIBILITY_EXPIRED


@compiled
def put_back(t: State) -> None:
    """Put people who were sent back from their places at the head of the queue, in their order."""
    while lists.length(t, SENT_BACK):
        patient = lists.last(t, SENT_BACK)
        lists.leave(t, SENT_BACK, patient)
        person = person_at(t.people_at, patient)
        person.outcome = WAITING
        _forget_place(person)
        lists.jump_in(t, QUEUE, patient)


@inlined
def _still_waits(person: Person, attempt: int) -> bool:
    """Whether somebody is still waiting for an infusion, as when this was noted."""
    return person.attempt == attempt and (person.outcome == WAITING or person.outcome == ENROLLED)


@inlined
def _leave(t: State, person: Person, patient: int) -> None:
    """Take somebody out of the queue, or from the place that they have been given."""
    person.path = path.wait(t, person.eligible, WAITS_FOR_REPLACEMENT, t.now)
    if person.outcome == WAITING:
        lists.leave(t, QUEUE, patient)
        t.shortened = person.path
    else:
        places.give_up(t, patient, person.path)


@inlined
def _forget_place(person: Person) -> None:
    """Put the person back among those without a place: only the day of the latest enrolment is kept."""
    person.place_open_day = np.nan
    person.cohort = 0
    person.level = 0

"""Screening: the twin of `trialsim.model.screening`."""

from __future__ import annotations

import numpy as np

from trialsim.kernel.language import compiled, inlined, number_at
from trialsim.kernel.layers import path, waiting
from trialsim.kernel.machine.calendar import pass_over, schedule
from trialsim.kernel.machine.lists import first, join, leave
from trialsim.kernel.machine.random import duration, happens, uniform
from trialsim.kernel.machine.views import person_at
from trialsim.kernel.state.codes import (
    BEFORE_SCREENING,
    IN_SCREENING,
    OF_CRITERIA,
    OF_SCREENING,
    SCREEN_FAILURE,
    SCREENING_ENDS,
    SCREENINGS,
    UNLIMITED,
    USUAL,
    WAITS_FOR_SCREENING,
)
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.records import Person


@compiled
def admit(t: State, person: Person, patient: int) -> None:
    """Take somebody in, for a first screening or another one."""
    person.outcome = IN_SCREENING
    if not t.has_screening:
        _begin(person, t.now)
        person.screening_end_day = t.now
        waiting.join(t, person, patient)
    elif t.screening_busy < t.capacity:
        screen(t, person, patient, t.now)
    else:
        join(t, BEFORE_SCREENING, patient)


@compiled
def screen(t: State, person: Person, patient: int, day: float) -> None:
    """Begin a screening. Without a queue the first verdict is passed at once: a failure concerns nobody else."""
    t.screening_busy += 1
    _begin(person, day)
    will_pass = t.capacity == UNLIMITED and not person.attempt
    if will_pass:
        reason = _reason_to_fail(t, person.site, person.number, 0)
        if reason >= 0:
            _fail(person, reason)
            pass_over(t, SCREENINGS)
            return
    takes = duration(t, t.screening_duration, OF_SCREENING, person.site, person.number, person.attempt)
    schedule(t, day + takes, SCREENINGS, person.address, SCREENING_ENDS, patient, will_pass)


@compiled
def screening_ends(t: State, patient: int, will_pass: int) -> None:
    """Pass the verdict, unless that was done already; the next in line is screened."""
    person = person_at(t.people_at, patient)
    person.screening_end_day = t.now
    person.path = path.wait(t, person.path, WAITS_FOR_SCREENING, t.now)
    t.screened = person.path
    t.screening_busy -= 1
    reason = -1 if will_pass else _reason_to_fail(t, person.site, person.number, person.attempt)
    if reason >= 0:
        _fail(person, reason)
    else:
        waiting.join(t, person, patient)
    following = first(t, BEFORE_SCREENING)
    if following >= 0:
        leave(t, BEFORE_SCREENING, following)
        person_at(t.people_at, following).path = t.screened
        screen(t, person_at(t.people_at, following), following, t.now)


@inlined
def _begin(person: Person, day: float) -> None:
    """Note that a screening begins."""
    person.screenings += 1
    if np.isnan(person.screening_start_day):
        person.screening_start_day = day


@inlined
def _fail(person: Person, reason: int) -> None:
    """Note that somebody has failed screening, and why."""
    person.outcome = SCREEN_FAILURE
    person.failure_reason = reason


@compiled
def _reason_to_fail(t: State, position: int, number: int, attempt: int) -> int:
    """The first criterion that a site's candidate of this number does not meet, or -1."""
    for criterion in range(t.criteria):
        probability = number_at(t.criteria_at, criterion)
        if not happens(t, probability, OF_CRITERIA + criterion, position, number, attempt):
            return criterion
    return -1


# Failures without an event of their own: without a queue for screening, `screen` passes the verdict at the beginning.


@compiled
def settle_failures(t: State) -> None:
    """Find out which of those who were going to fail, without an event, had not come to that when the trial ended.

    Without a queue for screening nobody else is concerned by the day on which somebody fails; so it is worked out only
    for those who came near the end, or for the table of participants.
    """
    for patient in range(t.people - 1, -1, -1):
        person = person_at(t.people_at, patient)
        if not t.detailed and person.arrival_day + t.longest_screening <= t.now:
            return
        if person.outcome == SCREEN_FAILURE and np.isnan(person.screening_end_day):
            _settle_failure(t, person)


@inlined
def _settle_failure(t: State, person: Person) -> None:
    """Note when somebody failed, or put them back into screening."""
    site, number = person.site, person.number
    is_in_doubt = t.detailed or person.arrival_day + t.usual_screening > t.now
    if not is_in_doubt and uniform(t, OF_SCREENING, site, number, 0) < USUAL:
        return
    ends = person.screening_start_day + duration(t, t.screening_duration, OF_SCREENING, site, number, 0)
    if ends <= t.now:
        person.screening_end_day = ends
    else:
        person.outcome = IN_SCREENING
        person.failure_reason = -1

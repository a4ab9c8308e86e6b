"""Spacing: the twin of `trialsim.model.spacing`."""

from __future__ import annotations

from trialsim.kernel.language import (
    compiled,
    inlined,
)
from trialsim.kernel.layers import path
from trialsim.kernel.machine.lists import before, join, last, leave
from trialsim.kernel.machine.views import (
    person_at,
)
from trialsim.kernel.state.codes import (
    SCHEDULE,
)
from trialsim.kernel.state.parts import State


@compiled
def spacing_day(t: State) -> float:
    """From when another infusion is allowed: the latest one given or booked, plus the gap that it asks for."""
    if not t.has_dosing:
        return 0.0
    patient = last(t, SCHEDULE)
    if patient < 0:
        return 0.0
    return person_at(t.people_at, patient).booked_day + (t.sentinel if _is_sentinel(t, patient) else t.stagger)


@inlined
def latest_step(t: State) -> int:
    """The latest infusion given or booked, on its path."""
    patient = last(t, SCHEDULE)
    return person_at(t.people_at, patient).booked if patient >= 0 else path.START


@compiled
def _is_sentinel(t: State, patient: int) -> bool:
    """Whether the latest infusion given or booked is the first of its cohort or, without cohorts, of its level."""
    latest, earlier = person_at(t.people_at, patient), before(t, SCHEDULE, patient)
    if t.in_cohorts:
        return earlier < 0 or person_at(t.people_at, earlier).cohort != latest.cohort
    while earlier >= 0:
        if person_at(t.people_at, earlier).level == latest.level:
            return False
        earlier = before(t, SCHEDULE, earlier)
    return True


@compiled
def booked(t: State, patient: int) -> None:
    """Put somebody whose infusion is booked at the end of the schedule."""
    if t.has_dosing:
        join(t, SCHEDULE, patient)


@compiled
def given_up(t: State, patient: int) -> None:
    """Take somebody whose booked infusion will not take place off the schedule."""
    if t.has_dosing:
        leave(t, SCHEDULE, patient)

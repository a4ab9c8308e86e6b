"""Observation: the twin of `trialsim.model.observation`."""

from __future__ import annotations

import numpy as np

from trialsim.kernel.language import compiled, number_at
from trialsim.kernel.layers import dosing, follow_up, path, stopping
from trialsim.kernel.machine.calendar import schedule
from trialsim.kernel.machine.random import happens, quantity, round_days, uniform
from trialsim.kernel.machine.views import level_at, person_at, site_at
from trialsim.kernel.state.codes import (
    DLT,
    NON_EVALUABLE,
    OBSERVED,
    OF_DLT,
    OF_LOSS,
    OF_LOSS_TIME,
    OF_ONSET,
    OUTCOME_KNOWN,
    OUTCOMES,
    WAITS_FOR_OBSERVATION,
)
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.records import Person


@compiled
def watch(t: State, person: Person, patient: int) -> None:
    """Open somebody's window. What will happen in it is fixed by their luck; the trial learns it in time."""
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
    person.last_visit_day = follow_up.last_visit(t, person, lost_day)
    schedule(t, known, OUTCOMES, person.address, OUTCOME_KNOWN, patient, outcome)


@compiled
def conclude(t: State, patient: int, outcome: int) -> None:
    """Learn an outcome: the dose rule may know it, and it may be the last one that was waited for."""
    person = person_at(t.people_at, patient)
    t.in_window -= 1
    person.outcome = outcome
    person.path = path.wait(t, person.booked, WAITS_FOR_OBSERVATION, t.now)
    dosing.outcome_known(t, person)
    stopping.concluded(t, person)


@compiled
def _fate(t: State, person: Person) -> float:
    """Note the day of a DLT, or return the day on which the person is lost without one; at most one of them."""
    dlt_day, lost_day = _dlt_day(t, person), _lost_day(t, person)
    if dlt_day <= lost_day or np.isnan(lost_day):
        person.dlt_day = dlt_day
        return np.nan
    return lost_day


@compiled
def _dlt_day(t: State, person: Person) -> float:
    """The day of a DLT, as the scenario or luck has it; NaN for never. The window's last instant is in time."""
    site, number, attempt = person.site, person.number, person.attempt
    written = site_at(t.sites_at, site).people_at
    if written:
        days = number_at(written, (number - 1) * (1 + t.levels) + person.level)
        return person.infusion_day + days if days <= t.window else np.nan
    if not t.has_truth:
        return np.nan
    if uniform(t, OF_DLT, site, number, attempt) >= level_at(t.levels_at, person.level - 1).dlt_probability:
        return np.nan
    onset = quantity(t, t.onset, OF_ONSET, site, number, attempt)
    return person.infusion_day + min(round_days(onset * t.window), t.window)


@compiled
def _lost_day(t: State, person: Person) -> float:
    """The day on which the person is lost, as the scenario or luck has it; NaN for never. The window's end is later."""
    site, number, attempt = person.site, person.number, person.attempt
    written = site_at(t.sites_at, site).people_at
    if written:
        days = number_at(written, (number - 1) * (1 + t.levels))
        return person.infusion_day + days if days < t.window else np.nan
    if not t.has_truth or not happens(t, t.loss_probability, OF_LOSS, site, number, attempt):
        return np.nan
    return person.infusion_day + round_days(uniform(t, OF_LOSS_TIME, site, number, attempt) * t.window)

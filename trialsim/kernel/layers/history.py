"""History: the twin of `trialsim.model.history`, as counts of each level and cohort, which the rules read."""

from __future__ import annotations

from trialsim.kernel.language import compiled, inlined
from trialsim.kernel.machine.beginnings import new_cohort
from trialsim.kernel.machine.lists import come_back, join, leave
from trialsim.kernel.machine.views import cohort_at, tally_at
from trialsim.kernel.rules import curve
from trialsim.kernel.state.codes import COHORTS_FULL, DLT, NON_EVALUABLE, TREATED
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.records import Person


@compiled
def add(t: State, person: Person, patient: int) -> None:
    """Add somebody who has been given a place, at a level and perhaps in a cohort."""
    if t.in_cohorts:
        _join_cohort(t, person)
    else:
        join(t, TREATED, patient)
    _count(t, person.level, 1)


@compiled
def remove(t: State, person: Person, patient: int) -> None:
    """Remove somebody who has left before infusion."""
    if t.in_cohorts:
        _leave_cohort(t, person)
    else:
        leave(t, TREATED, patient)
    _count(t, person.level, -1)


@compiled
def restore(t: State, person: Person, patient: int, behind: int) -> None:
    """Undo a removal, without cohorts: the person stands behind another one again, or at the head for -1."""
    come_back(t, TREATED, patient, behind)
    _count(t, person.level, 1)


@compiled
def note_level(t: State, person: Person, level: int) -> None:
    """Note that somebody is to be infused at another level."""
    tally_at(t.tallies_at, person.level - 1).pending -= 1
    tally_at(t.tallies_at, level - 1).pending += 1


@compiled
def note_infusion(t: State, person: Person) -> None:
    """Note that somebody has been infused, and is watched from now on."""
    tally = tally_at(t.tallies_at, person.level - 1)
    tally.infused += 1
    tally.watched += 1
    curve.forget_posterior(t)


@compiled
def note_outcome(t: State, person: Person) -> None:
    """Note that somebody's outcome has become known."""
    tally = tally_at(t.tallies_at, person.level - 1)
    is_evaluable, is_dlt = person.outcome != NON_EVALUABLE, person.outcome == DLT
    frees_place = not is_evaluable and t.replaces
    tally.pending -= 1
    tally.watched -= 1
    tally.evaluable += is_evaluable
    tally.dlts += is_dlt
    tally.lost += not is_evaluable
    t.pending -= 1
    if frees_place:
        t.places_used -= 1
    if t.in_cohorts:
        cohort = cohort_at(t.cohorts_at, person.cohort - 1)
        cohort.pending -= 1
        cohort.evaluable += is_evaluable
        cohort.dlts += is_dlt
        if frees_place:
            cohort.places -= 1
    curve.forget_posterior(t)
    if is_evaluable:
        curve.learn(t, person.level, is_dlt)


@inlined
def _count(t: State, level: int, change: int) -> None:
    """Count one more or one less at a level who has no outcome yet and uses one of the trial's places."""
    tally_at(t.tallies_at, level - 1).pending += change
    t.places_used += change
    t.pending += change


@compiled
def _join_cohort(t: State, person: Person) -> None:
    """Count one more in the person's cohort, which may be new; if there is no room for it, ``t.status`` says so."""
    number = person.cohort
    if number > t.cohorts_room:
        t.status = COHORTS_FULL
        return
    cohort = cohort_at(t.cohorts_at, number - 1)
    if number > t.cohort:
        new_cohort(t, number - 1).level = person.level
        tally_at(t.tallies_at, person.level - 1).cohorts += 1
        t.cohort = number
    cohort.members += 1
    cohort.places += 1
    cohort.pending += 1


@compiled
def _leave_cohort(t: State, person: Person) -> None:
    """Count one less in the person's cohort; one whose members have all left may be opened again."""
    cohort = cohort_at(t.cohorts_at, person.cohort - 1)
    cohort.members -= 1
    cohort.places -= 1
    cohort.pending -= 1
    while t.cohort and not cohort_at(t.cohorts_at, t.cohort - 1).members:
        tally_at(t.tallies_at, cohort_at(t.cohorts_at, t.cohort - 1).level - 1).cohorts -= 1
        t.cohort -= 1

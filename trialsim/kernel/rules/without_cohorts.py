"""Rules that do not work in cohorts: `trialsim.rules.rolling_six`, `tite_boin` and `tite_crm`, function by function."""

from __future__ import annotations

from trialsim.kernel.language import (
    compiled,
    inlined,
)
from trialsim.kernel.machine.lists import after, before, first, last
from trialsim.kernel.machine.random import round_days
from trialsim.kernel.machine.views import (
    person_at,
    tally_at,
)
from trialsim.kernel.rules import curve
from trialsim.kernel.rules.cohorts import STOP, UNSETTLED, WAIT, assign, direction, highest_left, nearest_to_target
from trialsim.kernel.rules.lookups import answer
from trialsim.kernel.state.codes import (
    DLT,
    ENROLLED,
    IN_WINDOW,
    NON_EVALUABLE,
    ROLLING_SIX,
    TITE_CRM,
    TREATED,
)
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.records import Person

_TOO_MANY = 2
_CLEARED_BY = 3
_SIX = 6


@compiled
def decide(t: State) -> None:
    """Say whether the next participant may have a place now, and at which level."""
    t.answer_opens = 0
    if last(t, TREATED) < 0:
        assign(t, t.start_level, 0)
    elif t.rule == ROLLING_SIX:
        _decide_rolling(t)
    else:
        _decide_weighted(t)


@compiled
def admissible(t: State) -> int:
    """The level below the lowest one eliminated; 0 if that is level 1, and the top if none is."""
    if t.rule == TITE_CRM:
        return t.levels
    if t.rule != ROLLING_SIX:
        _count_infused(t)
        return highest_left(t, t.completed_tallies_at)
    for level in range(t.levels):
        if tally_at(t.tallies_at, level).dlts >= _TOO_MANY:
            return level
    return t.levels


@compiled
def recommend(t: State) -> int:
    """The level to go on with if the trial ended now; 0 for none."""
    if t.rule == TITE_CRM:
        return curve.recommended(t)
    highest = admissible(t)
    if t.rule != ROLLING_SIX:
        return nearest_to_target(t, min(highest, highest_left(t, t.tallies_at)))
    for level in range(highest, 0, -1):
        if _is_cleared(t, level):
            return level
    return 0


@inlined
def _stop(t: State, level: int) -> None:
    t.answer = STOP
    t.answer_level = level


# The rolling six


@compiled
def _decide_rolling(t: State) -> None:
    highest = admissible(t)
    if not highest:
        _stop(t, 0)
        return
    here = min(person_at(t.people_at, last(t, TREATED)).level, highest)
    goes_up = here != highest and _is_cleared(t, here)
    if goes_up or _treated(t, here) < _SIX:
        if t.places_used < t.maximum:
            assign(t, here + goes_up, 0)
        else:
            t.answer = WAIT
    elif here == highest and not tally_at(t.tallies_at, here - 1).pending:
        _stop(t, here)
    else:
        t.answer = WAIT


@compiled
def _is_cleared(t: State, level: int) -> bool:
    tally = tally_at(t.tallies_at, level - 1)
    treated = _treated(t, level)
    if treated >= _SIX:
        settled = tally.pending == 0 if t.strict else tally.dlts + tally.pending < _TOO_MANY
        return tally.evaluable > 0 and settled
    return treated >= _CLEARED_BY and tally.evaluable > 0 and not tally.dlts and not tally.pending


@compiled
def _treated(t: State, level: int) -> int:
    tally = tally_at(t.tallies_at, level - 1)
    counted = tally.evaluable + tally.pending
    if not counted or t.replaces:
        return counted
    return counted + tally.lost


# Time-weighted rules


@compiled
def _decide_weighted(t: State) -> None:
    highest = admissible(t)
    if highest < 1:
        _stop(t, 0)
        return
    here = person_at(t.people_at, last(t, TREATED)).level
    size = _cohort_size(t, here)
    left = max(0, t.maximum - t.places_used)
    missing = min(t.cohort_size - size, left) if here <= highest else 0
    settled = UNSETTLED
    if t.stop_cohort_early and _has_dlt(t, here, size):
        settled = _settled(t, here, missing, _reach(t, here))
    if settled == UNSETTLED:
        if missing > 0:
            assign(t, here, 0)
            return
        t.answer = WAIT
        goes_down = here > highest or (here > 1 and _must_leave(t, here))
        if left <= 0 or (not goes_down and _too_many_pending(t, here)):
            return
        settled = min(max(_propose(t, here), 1), highest)
        if settled > here and not _may_rise(t, here, size):
            settled = here
        if settled > here and _follow_up_is_due(t, here):
            return
        settled = min(settled, _reach(t, here))
    if settled == 0:
        _stop(t, 0)
    elif left > 0:
        assign(t, settled, 0)
    else:
        t.answer = WAIT


@inlined
def _counts(t: State, person: Person) -> bool:
    """Whether somebody counts towards a cohort: not if lost and to be replaced."""
    return not (person.outcome == NON_EVALUABLE and t.replaces)


@compiled
def _cohort_size(t: State, here: int) -> int:
    """How many of the latest in a row at a level make up the current cohort."""
    row = 0
    patient = last(t, TREATED)
    while patient >= 0 and person_at(t.people_at, patient).level == here:
        if _counts(t, person_at(t.people_at, patient)):
            row += 1
        patient = before(t, TREATED, patient)
    rest = row % t.cohort_size
    return min(row, rest if rest else t.cohort_size)


@compiled
def _has_dlt(t: State, here: int, size: int) -> bool:
    """Whether one of the current cohort has had a DLT."""
    patient = last(t, TREATED)
    while patient >= 0 and size > 0:
        person = person_at(t.people_at, patient)
        if _counts(t, person):
            if person.outcome == DLT:
                return True
            size -= 1
        patient = before(t, TREATED, patient)
    return False


@compiled
def _may_rise(t: State, here: int, size: int) -> bool:
    """Whether the trial may go up from what the current cohort and all others have shown last."""
    return not (t.coherent and (_has_dlt(t, here, size) or _ends_with_dlt(t)))


@inlined
def _reach(t: State, here: int) -> int:
    """The highest level that may come next whatever the proposal."""
    return t.levels if t.skip else _highest_infused(t, here - 1) + 1


@compiled
def _highest_infused(t: State, otherwise: int) -> int:
    for level in range(t.levels, 0, -1):
        if tally_at(t.tallies_at, level - 1).infused:
            return level
    return otherwise


@compiled
def _ends_with_dlt(t: State) -> bool:
    """Whether nobody's outcome is later than the latest DLT, nor as late and of somebody infused after it."""
    latest, is_last = -1.0, False
    patient = first(t, TREATED)
    while patient >= 0:
        person = person_at(t.people_at, patient)
        if person.outcome != ENROLLED and person.outcome != IN_WINDOW:
            day = person.outcome_known_day
            if day > latest:
                latest, is_last = day, False
            if day == latest:
                is_last = person.outcome == DLT or (is_last and person.infusion_day != day)
        patient = after(t, TREATED, patient)
    return is_last


@compiled
def _must_leave(t: State, here: int) -> bool:
    """Whether the outcomes known lead down, however those still due turn out."""
    tally = tally_at(t.tallies_at, here - 1)
    treated = tally.evaluable + tally.pending
    return t.rule != TITE_CRM and treated > 0 and direction(t, treated, tally.dlts) < 0


@compiled
def _too_many_pending(t: State, here: int) -> bool:
    """Whether more of those at the current level are pending than may be."""
    tally = tally_at(t.tallies_at, here - 1)
    return tally.pending > t.max_pending_fraction * (tally.evaluable + tally.pending)


@compiled
def _follow_up_is_due(t: State, here: int) -> bool:
    """Whether somebody at the current level has been followed too short for going up; ``t`` says until when."""
    if t.minimum_follow_up == 0.0:
        return False
    needed, latest = round_days(t.minimum_follow_up * t.window), t.now
    patient = last(t, TREATED)
    while patient >= 0:
        person = person_at(t.people_at, patient)
        if person.level == here:
            if person.outcome == ENROLLED:
                return True  # still to be infused
            if person.outcome == IN_WINDOW:
                latest = max(latest, person.infusion_day + needed)
        patient = before(t, TREATED, patient)
    if latest > t.now:
        t.answer_until = latest
        return True
    return False


@compiled
def _settled(t: State, here: int, missing: int, reach: int) -> int:
    """The lower level, or 0 for a stop, that follows however the open outcomes turn out."""
    now = _after(t, here, missing, reach, 0, 0)
    if now >= here or _after(t, here, missing, reach, 1, 0) != now or _after(t, here, missing, reach, 1, 1) != now:
        return UNSETTLED
    return now


@compiled
def _after(t: State, here: int, missing: int, reach: int, known: int, bad: int) -> int:
    """What BOIN or CRM would do if those due were known, all of them without a DLT or all of them with one."""
    for level in range(t.levels):
        tally, end = tally_at(t.tallies_at, level), tally_at(t.completed_tallies_at, level)
        due = tally.pending + (missing if level == here - 1 else 0)
        end.evaluable = tally.evaluable + known * due
        end.dlts = tally.dlts + bad * due
    if t.rule == TITE_CRM:
        return min(answer(t, t.completed_tallies_at, here).after, reach)
    highest = highest_left(t, t.completed_tallies_at)
    if not highest:
        return 0
    end = tally_at(t.completed_tallies_at, here - 1)
    step = direction(t, end.evaluable, end.dlts) if end.evaluable else 0
    return min(max(here + step, 1), highest, reach)


@compiled
def _count_infused(t: State) -> None:
    """Those infused as if evaluable: in the tallies of completed cohorts, which such rules do not have."""
    for level in range(t.levels):
        tally, counted = tally_at(t.tallies_at, level), tally_at(t.completed_tallies_at, level)
        counted.evaluable = tally.evaluable + tally.watched
        counted.dlts = tally.dlts


@compiled
def _propose(t: State, here: int) -> int:
    """The level that the data ask for: BOIN's by the outcomes and the follow-up at the current level."""
    if t.rule == TITE_CRM:
        return curve.propose(t, here)
    tally = tally_at(t.tallies_at, here - 1)
    treated = tally.evaluable + tally.pending
    if not tally.pending:
        return here + (direction(t, treated, tally.dlts) if treated else 0)
    followed = _followed(t, here) / t.window if t.window else 0.0
    p = (tally.dlts + t.target / 2) / (treated - tally.pending + 1)
    up = tally.pending - (1 - p) / p * (treated * t.up - tally.dlts)
    down = tally.pending - (1 - p) / p * (treated * t.down - tally.dlts)
    goes_down = tally.dlts / treated > t.target and followed <= down
    return here + (1 if followed >= up else 0) - (1 if goes_down else 0)


@compiled
def _followed(t: State, here: int) -> float:
    """For how many days those without an outcome have been followed."""
    days = 0.0
    patient = last(t, TREATED)
    while patient >= 0:
        person = person_at(t.people_at, patient)
        if person.level == here and person.outcome == IN_WINDOW:
            days += min(max(t.now - person.infusion_day, 0.0), t.window)
        patient = before(t, TREATED, patient)
    return days

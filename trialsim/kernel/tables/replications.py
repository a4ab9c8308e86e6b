"""The table of replications in compiled code: `trialsim.analysis.replications` and `attribution` without the frames."""

from __future__ import annotations

from math import floor

import numpy as np

from trialsim.kernel.language import (
    compiled,
    count_at,
    inlined,
    number_at,
    put_count,
    put_number,
    records,
)
from trialsim.kernel.machine.views import (
    end_at,
    lot_at,
    person_at,
)
from trialsim.kernel.state.codes import (
    COMPLETED,
    DLT,
    ELIGIBILITY_EXPIRED,
    FAILED,
    IN_SCREENING,
    IN_WINDOW,
    NON_EVALUABLE,
    OBSERVED,
    RELEASED,
    SCREEN_FAILURE,
    TURNED_AWAY,
    WITHDRAWN,
)
from trialsim.kernel.state.codes import EXPIRED as LOT_EXPIRED
from trialsim.kernel.state.records import (
    End,
    Person,
)
from trialsim.kernel.tables.columns import (
    CANDIDATES,
    DATABASE_LOCK,
    END_DAY,
    FIRST_CANDIDATE,
    FIRST_ENROLMENT,
    FIRST_INFUSION,
    LAST_ENROLMENT,
    LAST_INFUSION,
    LAST_VISIT,
    LOTS_EXPIRED,
    LOTS_FAILED,
    LOTS_STARTED,
    OBSERVATION,
    OF_CAUSE,
    OF_COHORTS,
    OF_DLTS,
    OF_ELIGIBILITY_EXPIRED,
    OF_ENROLLED,
    OF_EVALUABLE,
    OF_INFUSED,
    OF_LEVELS,
    OF_NON_EVALUABLE,
    OF_PIECES,
    OF_RECOMMENDED,
    OF_SCREEN_FAILURES,
    OF_TURNED_AWAY,
    OF_UNDER_DOSED,
    OF_WITHDRAWN,
    PRIMARY_COMPLETION,
    PRODUCT_PIECE,
    RECRUITMENT,
    REVIEW,
    SCREENED,
    SCREENING,
    SLOT,
    SPACING,
    START_UP,
    Summary,
)

summary_at = records(Summary)


@compiled
def summarise(address: int) -> None:
    """Fill the rows of a chunk's replications."""
    s = summary_at(address, 0)
    people = lots = 0
    for replication in range(s.replications):
        end = end_at(s.ends_at, replication)
        row = s.row + replication
        _count(s, end, row, people)
        _count_lots(s, end, row, lots)
        _attribute(s, end, row, people)
        _trace_courses(s, end, people)
        people += end.people
        lots += end.lots


@inlined
def _put_count(s: Summary, column: int, row: int, value: int) -> None:
    put_count(s.counts_at, column * s.stride + row, value)


@inlined
def _add(s: Summary, column: int, row: int) -> None:
    place = column * s.stride + row
    put_count(s.counts_at, place, count_at(s.counts_at, place) + 1)


@inlined
def _put_day(s: Summary, column: int, row: int, day: float) -> None:
    put_number(s.days_at, column * s.stride + row, day)


@inlined
def _first(one: float, other: float) -> float:
    """The earlier of two days, of which either may not exist."""
    return other if np.isnan(one) or other < one else one


@inlined
def _last(one: float, other: float) -> float:
    return other if np.isnan(one) or other > one else one


@compiled
def _count(s: Summary, end: End, row: int, first: int) -> None:
    for column in range(OF_LEVELS + 2 * s.levels):
        _put_count(s, column, row, 0)
    first_candidate = first_enrolment = last_enrolment = np.nan
    first_infusion = last_infusion = completion = last_visit = np.nan
    for position in range(first, first + end.people):
        person = person_at(s.people_at, position)
        outcome = person.outcome
        if person.screenings:
            _add(s, SCREENED, row)
        if outcome == TURNED_AWAY:
            _add(s, OF_TURNED_AWAY, row)
        elif outcome == SCREEN_FAILURE:
            _add(s, OF_SCREEN_FAILURES, row)
        elif outcome == WITHDRAWN:
            _add(s, OF_WITHDRAWN, row)
        elif outcome == ELIGIBILITY_EXPIRED:
            _add(s, OF_ELIGIBILITY_EXPIRED, row)
        elif outcome == NON_EVALUABLE:
            _add(s, OF_NON_EVALUABLE, row)
        elif outcome == OBSERVED:
            _add(s, OF_EVALUABLE, row)
        elif outcome == DLT:
            _add(s, OF_EVALUABLE, row)
            _add(s, OF_DLTS, row)
            _add(s, OF_LEVELS + s.levels + person.level - 1, row)
        first_candidate = _first(first_candidate, person.arrival_day)
        if not np.isnan(person.enrolment_day):
            _add(s, OF_ENROLLED, row)
            first_enrolment = _first(first_enrolment, person.enrolment_day)
            last_enrolment = _last(last_enrolment, person.enrolment_day)
        if not np.isnan(person.infusion_day):
            _add(s, OF_INFUSED, row)
            _add(s, OF_LEVELS + person.level - 1, row)
            if person.under_dosed:
                _add(s, OF_UNDER_DOSED, row)
            first_infusion = _first(first_infusion, person.infusion_day)
            last_infusion = _last(last_infusion, person.infusion_day)
            completion = _last(completion, person.outcome_known_day)
            last_visit = _last(last_visit, person.last_visit_day)
    _put_count(s, CANDIDATES, row, end.people)
    _put_count(s, OF_CAUSE, row, end.end_cause)
    _put_count(s, OF_RECOMMENDED, row, end.recommended_level)
    _put_count(s, OF_COHORTS, row, end.cohorts)
    _put_day(s, END_DAY, row, end.end_day)
    _put_day(s, FIRST_CANDIDATE, row, first_candidate)
    _put_day(s, FIRST_ENROLMENT, row, first_enrolment)
    _put_day(s, LAST_ENROLMENT, row, last_enrolment)
    _put_day(s, FIRST_INFUSION, row, first_infusion)
    _put_day(s, LAST_INFUSION, row, last_infusion)
    _put_day(s, PRIMARY_COMPLETION, row, completion)
    _put_day(s, LAST_VISIT, row, last_visit)
    _put_day(s, DATABASE_LOCK, row, last_visit + s.close_out)


@compiled
def _count_lots(s: Summary, end: End, row: int, first: int) -> None:
    _put_count(s, LOTS_STARTED, row, end.lots)
    for position in range(first, first + end.lots):
        outcome = lot_at(s.lots_at, position).outcome
        if outcome == FAILED:
            _add(s, LOTS_FAILED, row)
        elif outcome == LOT_EXPIRED:
            _add(s, LOTS_EXPIRED, row)


# What held the trial up


@inlined
def _piece(s: Summary, row: int, piece: int, now: float, until: float, stop: float) -> float:
    """Give the time until ``until``, but not beyond ``stop``, to a piece; return from when the next one counts."""
    then = stop if np.isnan(until) else min(max(until, now), stop)
    place = (OF_PIECES + piece) * s.stride + row
    put_number(s.days_at, place, number_at(s.days_at, place) + (then - now))
    return then


@compiled
def _attribute(s: Summary, end: End, row: int, first: int) -> None:
    """Walk from infusion to infusion, and then to the end."""
    for piece in range(8):
        _put_day(s, OF_PIECES + piece, row, 0.0)
    infused = count_at(s.counts_at, OF_INFUSED * s.stride + row)
    _sort_infusions(s, first, infused)
    now = 0.0
    for rank in range(infused):
        person = person_at(s.people_at, first + count_at(s.infusions_at, first + rank))
        awaited = _awaited(s, rank, person.place_open_day)
        _walk(s, end, row, now, person.infusion_day, awaited, person)
        now = person.infusion_day
        _note_known(s, rank, person.outcome_known_day)
    _walk_to_the_end(s, end, row, first, infused, now)


@compiled
def _walk(s: Summary, end: End, row: int, begin: float, stop: float, awaited: float, person: Person) -> None:
    now = _piece(s, row, START_UP, begin, end.first_site_open_day, stop)
    now = _piece(s, row, OBSERVATION, now, awaited, stop)
    now = _piece(s, row, REVIEW, now, person.place_open_day, stop)
    now = _piece(s, row, RECRUITMENT, now, person.screening_start_day, stop)
    now = _piece(s, row, SCREENING, now, person.enrolment_day, stop)
    now = _piece(s, row, PRODUCT_PIECE, now, person.ready_day, stop)
    now = _piece(s, row, SPACING, now, person.spacing_day, stop)
    _piece(s, row, SLOT, now, stop, stop)


@compiled
def _walk_to_the_end(s: Summary, end: End, row: int, first: int, infused: int, begin: float) -> None:
    """After the last infusion: what whoever was next was waiting for."""
    released, screening, in_window = -1, np.nan, False
    for position in range(first, first + end.people):
        person = person_at(s.people_at, position)
        if person.outcome == RELEASED:
            if released < 0 or _is_before(person, person_at(s.people_at, released)):
                released = position
        elif person.outcome == IN_SCREENING:
            if not np.isnan(person.screening_start_day):
                screening = _first(screening, person.screening_start_day)
        elif person.outcome == IN_WINDOW:
            in_window = True
    stop = end.end_day
    place_open = end.next_place_open_day
    if released >= 0:
        place_open = person_at(s.people_at, released).place_open_day
    if end.end_cause == COMPLETED:
        awaited = np.inf
    elif np.isnan(end.next_place_open_day) and released < 0:
        known = number_at(s.known_at, infused - 1) if infused else np.nan
        awaited = known if known <= stop and not in_window else np.inf
    else:
        awaited = _awaited(s, infused, place_open)
    if released >= 0:
        _walk(s, end, row, begin, stop, awaited, person_at(s.people_at, released))
        return
    if np.isnan(place_open):
        screening = np.nan
    now = _piece(s, row, START_UP, begin, end.first_site_open_day, stop)
    now = _piece(s, row, OBSERVATION, now, awaited, stop)
    now = _piece(s, row, REVIEW, now, place_open, stop)
    now = _piece(s, row, RECRUITMENT, now, screening, stop)
    _piece(s, row, SCREENING, now, np.nan, stop)


@inlined
def _is_before(one: Person, other: Person) -> bool:
    """Whether one of two who were released would have been infused first: by readiness, then enrolment."""
    if one.ready_day != other.ready_day and not (np.isnan(one.ready_day) and np.isnan(other.ready_day)):
        return np.isnan(other.ready_day) or one.ready_day < other.ready_day
    return one.enrolment_day < other.enrolment_day


@compiled
def _sort_infusions(s: Summary, first: int, infused: int) -> None:
    """By day and then participant; they are by day already."""
    for rank in range(1, infused):
        moved = count_at(s.infusions_at, first + rank)
        day = person_at(s.people_at, first + moved).infusion_day
        hole = rank
        while hole > 0:
            before = count_at(s.infusions_at, first + hole - 1)
            if before < moved or person_at(s.people_at, first + before).infusion_day != day:
                break
            put_count(s.infusions_at, first + hole, before)
            hole -= 1
        put_count(s.infusions_at, first + hole, moved)


@compiled
def _note_known(s: Summary, size: int, day: float) -> None:
    """Put a day on which an outcome is known among those of earlier infusions, in order."""
    hole = size
    while hole > 0 and number_at(s.known_at, hole - 1) > day:
        put_number(s.known_at, hole, number_at(s.known_at, hole - 1))
        hole -= 1
    put_number(s.known_at, hole, day)


@compiled
def _awaited(s: Summary, size: int, place_open: float) -> float:
    """The last outcome that was known when a place opened; minus infinity if there was none."""
    low, high = 0, size
    while low < high:
        middle = (low + high) >> 1
        if number_at(s.known_at, middle) <= place_open:
            low = middle + 1
        else:
            high = middle
    return number_at(s.known_at, low - 1) if low else -np.inf


# Courses


@compiled
def _trace_courses(s: Summary, end: End, first: int) -> None:
    """Add a replication to the counts by day, up to its end."""
    last = _grid_day(s, end.end_day)
    for place in range(3 * (last + 1)):
        put_count(s.new_at, place, 0)
    for position in range(first, first + end.people):
        person = person_at(s.people_at, position)
        _note_day(s, last, 0, person.screening_start_day)
        _note_day(s, last, 1, person.enrolment_day)
        _note_day(s, last, 2, person.infusion_day)
    for quantity in range(3):
        count = 0
        for day in range(last + 1):
            count += count_at(s.new_at, quantity * (last + 1) + day)
            place = (quantity * s.grid + day) * s.width + count
            if day < last:
                put_count(s.reached_at, place, count_at(s.reached_at, place) + 1)
            else:
                put_count(s.stays_at, place, count_at(s.stays_at, place) + 1)


@inlined
def _note_day(s: Summary, last: int, quantity: int, day: float) -> None:
    if not np.isnan(day):
        place = quantity * (last + 1) + _grid_day(s, day)
        put_count(s.new_at, place, count_at(s.new_at, place) + 1)


@compiled
def _grid_day(s: Summary, day: float) -> int:
    """The position of the first day of the grid that is not before ``day``."""
    whole = floor(day)
    low, high = 0, s.grid - 1
    while low < high:
        middle = (low + high) >> 1
        if count_at(s.grid_at, middle) < whole:
            low = middle + 1
        else:
            high = middle
    return low

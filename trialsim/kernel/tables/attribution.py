"""What held the trial up, in compiled code: `trialsim.analysis.attribution` without the frames."""

from __future__ import annotations

import numpy as np

from trialsim.kernel.language import compiled, count_at, inlined, number_at, put_count, put_number
from trialsim.kernel.machine.views import person_at
from trialsim.kernel.state import codes
from trialsim.kernel.state.records import End, Person
from trialsim.kernel.tables.columns import COUNTS, DAYS, Summary
from trialsim.kernel.tables.writing import add_days, count, earlier, put_day
from trialsim.vocabulary import Piece

INFUSED = COUNTS.index("infused")
DAYS_START_UP = DAYS.index("days_start_up")
DAYS_RECRUITMENT = DAYS.index("days_recruitment")
DAYS_SCREENING = DAYS.index("days_screening")
DAYS_PRODUCT = DAYS.index("days_product")
DAYS_SLOT = DAYS.index("days_slot")
DAYS_SPACING = DAYS.index("days_spacing")
DAYS_OBSERVATION = DAYS.index("days_observation")
DAYS_REVIEW = DAYS.index("days_review")
_PIECES = tuple(DAYS.index(f"days_{piece}") for piece in Piece)


@inlined
def _piece(s: Summary, row: int, piece: int, now: float, until: float, stop: float) -> float:
    """Give the time until ``until``, but not beyond ``stop``, to a piece; return from when the next one counts."""
    then = stop if np.isnan(until) else min(max(until, now), stop)
    add_days(s, piece, row, then - now)
    return then


@compiled
def attribute(s: Summary, end: End, row: int, first: int) -> None:
    """Walk from infusion to infusion, and then to the end."""
    for piece in _PIECES:
        put_day(s, piece, row, 0.0)
    infused = count(s, INFUSED, row)
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
    now = _piece(s, row, DAYS_START_UP, begin, end.first_site_open_day, stop)
    now = _piece(s, row, DAYS_OBSERVATION, now, awaited, stop)
    now = _piece(s, row, DAYS_REVIEW, now, person.place_open_day, stop)
    now = _piece(s, row, DAYS_RECRUITMENT, now, person.screening_start_day, stop)
    now = _piece(s, row, DAYS_SCREENING, now, person.enrolment_day, stop)
    now = _piece(s, row, DAYS_PRODUCT, now, person.ready_day, stop)
    now = _piece(s, row, DAYS_SPACING, now, person.spacing_day, stop)
    _piece(s, row, DAYS_SLOT, now, stop, stop)


@compiled
def _walk_to_the_end(s: Summary, end: End, row: int, first: int, infused: int, begin: float) -> None:
    """After the last infusion: what whoever was next was waiting for."""
    released, screening, in_window = -1, np.nan, False
    for position in range(first, first + end.people):
        person = person_at(s.people_at, position)
        if person.outcome == codes.RELEASED:
            if released < 0 or _is_before(person, person_at(s.people_at, released)):
                released = position
        elif person.outcome == codes.IN_SCREENING:
            if not np.isnan(person.screening_start_day):
                screening = earlier(screening, person.screening_start_day)
        elif person.outcome == codes.IN_WINDOW:
            in_window = True
    stop = end.end_day
    place_open = end.next_place_open_day
    if released >= 0:
        place_open = person_at(s.people_at, released).place_open_day
    if end.end_cause == codes.COMPLETED:
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
    now = _piece(s, row, DAYS_START_UP, begin, end.first_site_open_day, stop)
    now = _piece(s, row, DAYS_OBSERVATION, now, awaited, stop)
    now = _piece(s, row, DAYS_REVIEW, now, place_open, stop)
    now = _piece(s, row, DAYS_RECRUITMENT, now, screening, stop)
    _piece(s, row, DAYS_SCREENING, now, np.nan, stop)


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

"""The table of replications in compiled code: `trialsim.analysis.replications` without the frames."""

from __future__ import annotations

import numpy as np

from trialsim.kernel.language import compiled, inlined
from trialsim.kernel.machine.views import end_at, lot_at, person_at
from trialsim.kernel.state import codes
from trialsim.kernel.state.records import End
from trialsim.kernel.tables.columns import COUNTS, DAYS, OF_LEVELS, Summary
from trialsim.kernel.tables.courses import trace_courses
from trialsim.kernel.tables.writing import add_one, earlier, later, put_count, put_day, summary_at

CANDIDATES = COUNTS.index("candidates")
TURNED_AWAY = COUNTS.index("turned_away")
SCREENED = COUNTS.index("screened")
SCREEN_FAILURES = COUNTS.index("screen_failures")
WITHDRAWN = COUNTS.index("withdrawn")
ELIGIBILITY_EXPIRED = COUNTS.index("eligibility_expired")
ENROLLED = COUNTS.index("enrolled")
INFUSED = COUNTS.index("infused")
EVALUABLE = COUNTS.index("evaluable")
NON_EVALUABLE = COUNTS.index("non_evaluable")
DLTS = COUNTS.index("dlts")
UNDER_DOSED = COUNTS.index("under_dosed")
END_CAUSE = COUNTS.index("end_cause")
RECOMMENDED_LEVEL = COUNTS.index("recommended_level")
COHORTS = COUNTS.index("cohorts")
LOTS_STARTED = COUNTS.index("lots_started")
LOTS_FAILED = COUNTS.index("lots_failed")
LOTS_EXPIRED = COUNTS.index("lots_expired")
END_DAY = DAYS.index("end_day")
FIRST_SITE_OPEN_DAY = DAYS.index("first_site_open_day")
FIRST_CANDIDATE_DAY = DAYS.index("first_candidate_day")
FIRST_ENROLMENT_DAY = DAYS.index("first_enrolment_day")
LAST_ENROLMENT_DAY = DAYS.index("last_enrolment_day")
FIRST_INFUSION_DAY = DAYS.index("first_infusion_day")
LAST_INFUSION_DAY = DAYS.index("last_infusion_day")
PRIMARY_COMPLETION_DAY = DAYS.index("primary_completion_day")
LAST_VISIT_DAY = DAYS.index("last_visit_day")
DATABASE_LOCK_DAY = DAYS.index("database_lock_day")
DAYS_START_UP = DAYS.index("days_start_up")
DAYS_RECRUITMENT = DAYS.index("days_recruitment")
DAYS_SCREENING = DAYS.index("days_screening")
DAYS_PRODUCT = DAYS.index("days_product")
DAYS_PREPARATION = DAYS.index("days_preparation")
DAYS_SLOT = DAYS.index("days_slot")
DAYS_SPACING = DAYS.index("days_spacing")
DAYS_OBSERVATION = DAYS.index("days_observation")
DAYS_REVIEW = DAYS.index("days_review")
DAYS_REPLACEMENT = DAYS.index("days_replacement")
INFUSED_AT_LEVELS = OF_LEVELS.index("infused")
DLTS_AT_LEVELS = OF_LEVELS.index("dlts")
_WITHOUT_LEVELS = len(COUNTS)
_ALL_OF_LEVELS = len(OF_LEVELS)


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
        trace_courses(s, end, people)
        people += end.people
        lots += end.lots


@inlined
def _of_level(s: Summary, which: int, level: int) -> int:
    """The column of a dose level."""
    return _WITHOUT_LEVELS + which * s.levels + level - 1


@compiled
def _count(s: Summary, end: End, row: int, first: int) -> None:
    for column in range(_WITHOUT_LEVELS + _ALL_OF_LEVELS * s.levels):
        put_count(s, column, row, 0)
    first_candidate = first_enrolment = last_enrolment = np.nan
    first_infusion = last_infusion = completion = last_visit = np.nan
    for position in range(first, first + end.people):
        person = person_at(s.people_at, position)
        outcome = person.outcome
        if person.screenings:
            add_one(s, SCREENED, row)
        if outcome == codes.TURNED_AWAY:
            add_one(s, TURNED_AWAY, row)
        elif outcome == codes.SCREEN_FAILURE:
            add_one(s, SCREEN_FAILURES, row)
        elif outcome == codes.WITHDRAWN:
            add_one(s, WITHDRAWN, row)
        elif outcome == codes.ELIGIBILITY_EXPIRED:
            add_one(s, ELIGIBILITY_EXPIRED, row)
        elif outcome == codes.NON_EVALUABLE:
            add_one(s, NON_EVALUABLE, row)
        elif outcome == codes.OBSERVED:
            add_one(s, EVALUABLE, row)
        elif outcome == codes.DLT:
            add_one(s, EVALUABLE, row)
            add_one(s, DLTS, row)
            add_one(s, _of_level(s, DLTS_AT_LEVELS, person.level), row)
        first_candidate = earlier(first_candidate, person.arrival_day)
        if not np.isnan(person.enrolment_day):
            add_one(s, ENROLLED, row)
            first_enrolment = earlier(first_enrolment, person.enrolment_day)
            last_enrolment = later(last_enrolment, person.enrolment_day)
        if not np.isnan(person.infusion_day):
            add_one(s, INFUSED, row)
            add_one(s, _of_level(s, INFUSED_AT_LEVELS, person.level), row)
            if person.under_dosed:
                add_one(s, UNDER_DOSED, row)
            first_infusion = earlier(first_infusion, person.infusion_day)
            last_infusion = later(last_infusion, person.infusion_day)
            completion = later(completion, person.outcome_known_day)
            last_visit = later(last_visit, person.last_visit_day)
    put_count(s, CANDIDATES, row, end.people)
    put_count(s, END_CAUSE, row, end.end_cause)
    put_count(s, RECOMMENDED_LEVEL, row, end.recommended_level)
    put_count(s, COHORTS, row, end.cohorts)
    put_day(s, END_DAY, row, end.end_day)
    put_day(s, FIRST_SITE_OPEN_DAY, row, end.first_site_open_day)
    put_day(s, FIRST_CANDIDATE_DAY, row, first_candidate)
    put_day(s, FIRST_ENROLMENT_DAY, row, first_enrolment)
    put_day(s, LAST_ENROLMENT_DAY, row, last_enrolment)
    put_day(s, FIRST_INFUSION_DAY, row, first_infusion)
    put_day(s, LAST_INFUSION_DAY, row, last_infusion)
    put_day(s, PRIMARY_COMPLETION_DAY, row, completion)
    put_day(s, LAST_VISIT_DAY, row, last_visit)
    put_day(s, DATABASE_LOCK_DAY, row, last_visit + s.close_out)
    _put_days_waited(s, end, row)


@compiled
def _put_days_waited(s: Summary, end: End, row: int) -> None:
    put_day(s, DAYS_START_UP, row, end.days_start_up)
    put_day(s, DAYS_RECRUITMENT, row, end.days_recruitment)
    put_day(s, DAYS_SCREENING, row, end.days_screening)
    put_day(s, DAYS_PRODUCT, row, end.days_product)
    put_day(s, DAYS_PREPARATION, row, end.days_preparation)
    put_day(s, DAYS_SLOT, row, end.days_slot)
    put_day(s, DAYS_SPACING, row, end.days_spacing)
    put_day(s, DAYS_OBSERVATION, row, end.days_observation)
    put_day(s, DAYS_REVIEW, row, end.days_review)
    put_day(s, DAYS_REPLACEMENT, row, end.days_replacement)


@compiled
def _count_lots(s: Summary, end: End, row: int, first: int) -> None:
    put_count(s, LOTS_STARTED, row, end.lots)
    for position in range(first, first + end.lots):
        outcome = lot_at(s.lots_at, position).outcome
        if outcome == codes.FAILED:
            add_one(s, LOTS_FAILED, row)
        elif outcome == codes.EXPIRED:
            add_one(s, LOTS_EXPIRED, row)

from __future__ import annotations

import math

import pandas as pd
import pytest

from tests.support.small_tables import dtypes, end, ends, lot, lots, participants, person
from trialsim.analysis.replications import replications
from trialsim.tables import replication_columns

PEOPLE = [
    person(1, arrival_day=1, outcome="turned_away", screenings=0),
    person(2, arrival_day=2, outcome="screen_failure", screening_start_day=2, screening_end_day=4),
    person(3, arrival_day=3, outcome="withdrawn", enrolment_day=8, level=1, withdrawal_day=9),
    person(4, arrival_day=4, outcome="eligibility_expired", screenings=2),
    person(5, arrival_day=5, outcome="dlt", enrolment_day=10, infusion_day=20, level=2, outcome_known_day=24,
           dlt_day=24, last_visit_day=60, place_open_day=0, screening_start_day=5, ready_day=10, spacing_day=10,
           under_dosed=True),
    person(6, arrival_day=6, outcome="observed", enrolment_day=11, infusion_day=21, level=2, outcome_known_day=31,
           last_visit_day=61, place_open_day=0, screening_start_day=6, ready_day=11, spacing_day=11),
    person(7, arrival_day=7, outcome="non_evaluable", enrolment_day=12, infusion_day=22, level=1, outcome_known_day=25,
           last_visit_day=25, place_open_day=0, screening_start_day=7, ready_day=12, spacing_day=12),
    # in the window when the trial ended, with a toxicity that comes later and is not counted
    person(8, arrival_day=8, outcome="in_window", enrolment_day=13, infusion_day=33, level=2, outcome_known_day=43,
           dlt_day=43, last_visit_day=70, place_open_day=0, screening_start_day=8, ready_day=13, spacing_day=13),
    # dose reserved from a short lot and never infused
    person(9, arrival_day=9, outcome="released", enrolment_day=14, level=2, under_dosed=True),
    person(10, arrival_day=9.5, outcome="in_screening", screening_start_day=10),
    person(11, arrival_day=9.75, outcome="waiting", screening_start_day=10, screening_end_day=12),
]  # fmt: skip


def table() -> pd.DataFrame:
    people = participants(*PEOPLE, person(1, 7, arrival_day=50, outcome="in_screening", screenings=0))
    all_lots = lots(lot(1, outcome="failed", start_day=0), lot(2, outcome="expired"), lot(3), lot(4, outcome="failed"))
    both = ends(
        end(7, end_cause="time_limit", end_day=60, first_site_open_day=50, days_start_up=50, days_recruitment=10),
        end(1, end_cause="safety", end_day=35, recommended_level=1, cohorts=2, days_recruitment=5, days_observation=30),
    )
    return replications(both, people, all_lots, levels=3, close_out=60.875)


def test_columns_types_and_order_of_rows() -> None:
    result = table()
    assert {name: str(kind) for name, kind in result.dtypes.items()} == dtypes(replication_columns(3))
    assert list(result) == list(replication_columns(3))
    assert list(result["replication"]) == [7, 1]


def test_counts() -> None:
    row = table().iloc[1].to_dict()
    expected = {
        "scenario": "small", "end_cause": "safety", "end_day": 35.0, "candidates": 11, "turned_away": 1, "screened": 10,
        "screen_failures": 1, "withdrawn": 1, "eligibility_expired": 1, "enrolled": 6, "infused": 4, "evaluable": 2,
        "non_evaluable": 1, "dlts": 1, "under_dosed": 1, "recommended_level": 1, "cohorts": 2, "lots_started": 4,
        "lots_failed": 2, "lots_expired": 1, "infused_level_1": 1, "infused_level_2": 3, "infused_level_3": 0,
        "dlts_level_1": 0, "dlts_level_2": 1, "dlts_level_3": 0,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected


def test_days() -> None:
    row = table().iloc[1]
    expected = {
        "first_candidate_day": 1, "first_enrolment_day": 8, "last_enrolment_day": 14, "first_infusion_day": 20,
        "last_infusion_day": 33, "primary_completion_day": 43, "last_visit_day": 70, "database_lock_day": 130.875,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected
    assert row.filter(like="days_").sum() == 35


def test_what_did_not_happen_is_missing() -> None:
    row = table().iloc[0]
    assert row["candidates"] == 1
    assert row["screened"] == row["infused"] == row["lots_started"] == 0
    assert math.isnan(row["first_infusion_day"])
    assert math.isnan(row["database_lock_day"])
    assert row["recommended_level"] is pd.NA
    assert row["first_site_open_day"] == row["days_start_up"] == 50


def test_no_replications_no_rows() -> None:
    result = replications(ends(), participants(), lots(), levels=1, close_out=0)
    assert len(result) == 0
    assert {name: str(kind) for name, kind in result.dtypes.items()} == dtypes(replication_columns(1))


def test_a_replication_twice_or_without_an_end_is_an_error() -> None:
    with pytest.raises(ValueError, match="twice"):
        replications(ends(end(1), end(1)), participants(), lots(), 1, 0)
    with pytest.raises(ValueError, match="no end"):
        replications(ends(end(1)), participants(person(1, 2)), lots(), 1, 0)

from __future__ import annotations

import datetime
from typing import Any

import pytest

import trialsim
from tests.support.small_tables import end, ends, lots, participants, person
from tests.unit.test_events import LOTS, PEOPLE
from trialsim.analysis.chronology import chronology
from trialsim.analysis.facts import Facts
from trialsim.report.diary import write

FACTS = Facts("small", datetime.date(2024, 2, 1), 3, title="A small trial", levels=("1e8 cells",))
END = end(1, end_cause="time_limit", end_day=46, cohorts=1, recommended_level=1)

EXPECTED = """\
A small trial
Replication 1

Date            Day  Who        What
2024-02-01      0.0  Lot 3      is in stock from the start with 1e8 cells
                     Cohort 1   opens at level 1, 1e8 cells
                     Trial      the first site opens
                     Lot 1      is started, awaiting a donation
2024-02-02      1.0  Person 1   comes to A
                     Person 1   screening begins
                1.5  Person 2   comes to A and is turned away
2024-02-03      2.0  Person 3   comes to A
                     Person 3   screening begins
2024-02-04      3.0  Person 4   comes to A
2024-02-05      4.0  Lot 1      has its donation, expansion begins
                     Person 5   comes to A
2024-02-06      5.0  Person 1   is eligible
                     Person 4   screening begins
                     Person 1   is enrolled: cohort 1, level 1, 1e8 cells
2024-02-08      7.0  Person 3   fails screening: age
2024-02-10      9.0  Person 4   is eligible
                     Person 5   screening begins
2024-02-12     11.0  Person 5   is eligible
2024-02-13     12.0  Person 4   withdraws
2024-02-21     20.0  Lot 1      is expanded, release testing begins
                     Lot 2      is started, awaiting a donation
2024-02-23     22.0  Lot 2      has its donation, expansion begins
2024-02-29     28.0  Lot 1      passes release testing and is shipped
2024-03-02     30.0  Lot 1      is in stock with 2e8 cells
                     Lot 2      is expanded, release testing begins
                     Person 1   has a dose reserved from lot 1, infusion booked
                                for 2024-03-03
                     Lot 4      is started, awaiting a donation
2024-03-03     31.0  Person 1   is infused with 1e8 cells from lot 1
                     Person 5   is no longer eligible: the screening is too long
                                ago
2024-03-05     33.0  Person 6   comes to A
                     Person 6   screening begins
2024-03-06     34.0  Person 6   is eligible
                     Person 6   is enrolled: cohort 1, level 1, 1e8 cells
2024-03-07     35.0  Person 6   has a dose reserved from lot 1, infusion booked
                                for 2024-03-17
2024-03-08     36.0  Lot 2      fails release testing
2024-03-12     40.0  Person 7   comes to A
                     Person 7   screening begins
2024-03-13     41.0  Person 1   the observation window is over, no toxicity
2024-03-14     42.0  Lot 3      can no longer be given, 1e8 cells wasted
2024-03-16     44.0  Lot 4      has its donation, expansion begins
                     Person 8   comes to A
2024-03-17     45.0  Person 6   is infused with 1e8 cells from lot 1
                     Lot 1      is used up, 0 cells left over
2024-03-18     46.0  Trial      ends: time limit; 2 infused, 1 of them still
                                observed, recommended: level 1, 1e8 cells
2024-03-22     50.0  Person 6   has a dose-limiting toxicity
2024-05-01     90.0  Person 6   has the last visit
2024-05-11    100.0  Person 1   has the last visit"""


def text(**options: object) -> str:
    told = chronology(ends(END), participants(*PEOPLE), lots(*LOTS), eligibility_valid=20)
    return write(FACTS, told, heading="Replication 1", **options)  # type: ignore[arg-type]


def test_a_whole_diary() -> None:
    assert text(product="allogeneic") == EXPECTED


def test_autologous_lots_begin_with_apheresis() -> None:
    assert "awaiting apheresis" in text(product="autologous")
    assert "cord" not in text(product="autologous")


def test_without_screening_nobody_is_screened() -> None:
    assert "screening begins" not in text(product="allogeneic", screened=False)


@pytest.mark.parametrize(
    ("outcome", "line"),
    [
        ("non_evaluable", "is lost in the observation window"),
        ("dlt", "has a dose-limiting toxicity"),
        ("observed", "the observation window is over, no toxicity"),
    ],
)
def test_outcomes(outcome: str, line: str) -> None:
    dlt_day = 8 if outcome == "dlt" else None
    one = person(1234567, arrival_day=0, outcome=outcome, infusion_day=5, dlt_day=dlt_day, outcome_known_day=8,
                 window_end_day=15, last_visit_day=15)  # fmt: skip
    told = chronology(ends(end(1, end_day=15)), participants(one), lots())
    lines = write(FACTS, told, heading="Replication 1").split("\n")
    assert f"Person 1234567 {line}" in lines[-3]
    assert all(len(each) <= 80 for each in lines)
    assert "Trial      ends: completed; 1 infused, no level recommended" in "\n".join(lines)


def test_released_without_infusion() -> None:
    one = person(1, arrival_day=0, outcome="released", enrolment_day=4, screening_end_day=2, screenings=2)
    told = chronology(ends(end(1, end_day=15, end_cause="safety")), participants(one), lots())
    diary = write(FACTS, told, heading="Replication 1")
    assert "is eligible, in screening no. 2" in diary
    assert diary.endswith("0 infused, 1 released\n" + " " * 32 + "without infusion, no level recommended")


@pytest.mark.parametrize(
    ("cohort", "dose_cells", "enrolled", "infused"),
    [
        (None, None, "is enrolled; the level is settled at the infusion", "is infused: level 1, 1e8 cells"),
        (None, 9e7, "is enrolled; the level is settled at the infusion",
         "is infused at level 1, 1e8 cells, with 9e7 cells from lot 1"),
        (1, None, "is enrolled: cohort 1, level 1, 1e8 cells", "is infused: level 1, 1e8 cells"),
    ],
)  # fmt: skip
def test_a_level_that_may_change_is_told_at_the_infusion(
    cohort: int | None, dose_cells: float | None, enrolled: str, infused: str
) -> None:
    one = person(1, arrival_day=0, outcome="observed", place_open_day=0, enrolment_day=2, cohort=cohort, level=1,
                 infusion_day=5, dose_cells=dose_cells, lot=dose_cells and 1, outcome_known_day=15, window_end_day=15,
                 last_visit_day=15)  # fmt: skip
    told = chronology(ends(end(1, end_day=15)), participants(one), lots())
    diary = " ".join(write(FACTS, told, heading="Replication 1", settled_at_infusion=True).split())
    assert f"Person 1 {enrolled} " in diary
    assert f" {infused} " in diary


def test_the_diary_never_names_a_level_that_was_settled_later() -> None:
    people = [
        {"arrival": "1 day", "count": 2, "every": "1 day"},
        {"arrival": "13 days", "dlt": [None, "3 days"]},
        {"arrival": "14 days", "count": 3, "every": "1 day"},
    ]
    document = {
        "trial": {"name": "late", "start_date": "2024-01-01", "max_participants": 6},
        "recruitment": {"sites": [{"name": "A", "people": people}]},
        "infusion": {"notice": "14 days"},
        "dosing": {
            "levels": ["1 mg", "2 mg"],
            "observation": "10 days",
            "cohort_size": 1,
            "rule": {"tite_boin": {"target": 0.3}},
        },
    }
    for fixed_at, at_enrolment in (("enrolment", True), ("infusion", False)):
        scenario = trialsim.Scenario.from_document(document).changed({"dosing.dose_fixed_at": fixed_at})
        diary = trialsim.trace(scenario).diary()
        assert ("is enrolled: level" in diary) is at_enrolment
        assert diary.count("is infused: level") == 6


@pytest.mark.parametrize(
    ("facts", "visits"),
    [
        ({"outcome": "observed", "outcome_known_day": 15, "last_visit_day": 15}, 0),
        ({"outcome": "observed", "outcome_known_day": 15, "last_visit_day": 40}, 1),
        ({"outcome": "non_evaluable", "outcome_known_day": 9, "last_visit_day": 9}, 0),
        ({"outcome": "dlt", "dlt_day": 8, "outcome_known_day": 8, "last_visit_day": 15}, 1),
        ({"outcome": "dlt", "dlt_day": 15, "outcome_known_day": 15, "last_visit_day": 15}, 1),
    ],
)
def test_a_last_visit_at_the_window_s_end_is_told_once(facts: dict[str, Any], visits: int) -> None:
    one = person(1, arrival_day=0, infusion_day=5, window_end_day=15, **facts)
    told = chronology(ends(end(1, end_day=15)), participants(one), lots())
    assert write(FACTS, told, heading="Replication 1").count("has the last visit") == visits

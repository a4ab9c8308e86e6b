"""What is in use over time, what people wait for, what is in stock, and who comes from where: by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.support.small_tables import end, ends, lot, lots, participants, person
from trialsim import simulate
from trialsim.analysis.occupancy import Resource, Spans, in_service, occupancy, periods, reviews, slots_a_week
from trialsim.analysis.of_sites import of_sites
from trialsim.analysis.stock import Stock
from trialsim.analysis.waits import Wait, waits
from trialsim.scenario import Scenario


def scenario(**parts: Any) -> Scenario:
    trial = {"name": "small", "start_date": "2024-01-08", "max_participants": 6}  # a Monday
    sites = {"sites": [{"name": "A", "arrival_days": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]}]}
    return Scenario.from_document({"trial": trial, "recruitment": sites, **parts})


PRODUCT: dict[str, Any] = {"policy": "to_stock", "target_doses": 2, "cells_per_lot": 10.0}
DOSING: dict[str, Any] = {"levels": ["2 cells", "4 cells"], "rule": "fixed", "cohort_size": 3}


def test_a_time_average_of_each_period() -> None:
    spans = Spans(np.array([0, 0, 2]), np.array([0.0, 3.5, 10.0]), np.array([7.0, 14.0, np.nan]))
    found = in_service(spans, np.array([0.0, 7.0, 14.0, 21.0]), 3)
    assert found.tolist() == [[(7 + 3.5) / 7, 1.0, 0.0], [0, 0, 0], [0, 0, 0]]


def test_periods_are_whole_weeks_and_few() -> None:
    assert periods(0.0).tolist() == [0, 7]
    assert periods(20.5).tolist() == [0, 7, 14, 21] and periods(21.0).tolist() == [0, 7, 14, 21, 28]
    long = periods(3000.0)
    assert len(long) <= 62 and set(np.diff(long)) == {56.0} and long[-1] > 3000


def test_slots_count_open_days_of_the_week_without_closures() -> None:
    unit = {"weekdays": ["Tuesday", "Thursday"], "per_day": 2}
    closed = {**unit, "closures": [{"from": "2024-01-16", "until": "2024-01-18"}]}  # the Tuesday of the second week
    bounds = np.array([0.0, 7, 14, 21])
    assert slots_a_week(scenario(infusion=unit), bounds) == pytest.approx([4, 4, 4])
    assert slots_a_week(scenario(infusion=closed), bounds) == pytest.approx([4, 2, 4])
    assert slots_a_week(scenario(infusion=closed), np.array([0.0, 14, 28])) == pytest.approx([3, 4])
    assert slots_a_week(scenario(infusion={"weekdays": ["Monday"]}), bounds) is None


def test_each_resource_that_there_is() -> None:
    trial = scenario(
        screening={"duration": "7 days", "capacity": 2, "pass_probability": 1.0},
        product={**PRODUCT, "suites": 1},
        dosing=DOSING,
        infusion={"weekdays": ["Monday"], "per_day": 3},
    )
    people = participants(
        person(1, arrival_day=0.0, screening_start_day=0.0, screening_end_day=7.0, infusion_day=14.0),
        person(2, arrival_day=0.0, screening_start_day=3.5, screening_end_day=10.5, infusion_day=14.0),
        person(3, arrival_day=0.0, screening_start_day=0.0, screening_end_day=21.0, screenings=2),  # which days?
        person(4, 2, arrival_day=9.0, screening_start_day=14.0, outcome="in_screening"),  # until its trial's end
    )
    made = lots(lot(1, start_day=0.0, expansion_end_day=14.0), lot(2, start_day=14.0), lot(1, 2, available_day=0.0))
    bounds, found = occupancy(trial, ends(end(1, end_day=20.9), end(2, end_day=17.5)), people, made)
    assert bounds.tolist() == [0, 7, 14, 21]
    by_name = {use.resource: use for use in found}
    assert list(by_name) == [Resource.SCREENING, Resource.SUITES, Resource.SLOTS]
    screening = by_name[Resource.SCREENING]
    assert screening.mean == pytest.approx([1.5 / 2, 0.5 / 2, 0.5 / 2])
    assert screening.capacity is not None and screening.capacity.tolist() == [2, 2, 2]
    assert screening.peak == 0 and screening.load == pytest.approx(0.375)
    assert screening.standard_error[0] == pytest.approx(0.75)  # of 1.5 and 0
    assert by_name[Resource.SUITES].mean == pytest.approx([0.5, 0.5, 0.5 * 6.9 / 7])
    assert by_name[Resource.SLOTS].mean == pytest.approx([0, 0, 1])
    assert by_name[Resource.SLOTS].p90 == pytest.approx([0, 0, 1.8])
    assert occupancy(scenario(), ends(end(1, end_day=21.0)), people[:1], made[:0])[1] == []


def test_the_committee_is_waited_for_from_a_cohorts_last_outcome_to_the_next_cohorts_opening() -> None:
    people = participants(
        person(1, cohort=1, place_open_day=0.0, outcome_known_day=10.0),
        person(2, cohort=1, place_open_day=0.0, outcome_known_day=12.0),
        person(3, cohort=1, place_open_day=0.0, outcome_known_day=99.0),  # after the decision
        person(4, cohort=2, place_open_day=20.0, outcome_known_day=40.0),
        person(5, 2, cohort=1, place_open_day=0.0, outcome_known_day=10.0),
    )
    found = reviews(people, np.array([0, 0, 0, 0, 1]))
    assert (found.rows.tolist(), found.begin.tolist(), found.until.tolist()) == ([0], [12.0], [20.0])


def test_reviews_of_simulated_trials_are_those_on_the_critical_path() -> None:
    trial = scenario(dosing={**DOSING, "observation": "5 days", "review": "9 days"})
    results = simulate(trial, 3, detail=True)
    assert results.participants is not None and results.lots is not None
    _, found = occupancy(trial, results.replications, results.participants, results.lots)
    (committee,) = found
    assert committee.resource is Resource.COMMITTEE
    assert 7 * committee.mean.sum() == pytest.approx(9.0)
    assert results.replications["days_review"].tolist() == [9.0] * 3


def test_days_of_waiting_by_hand() -> None:
    trial = scenario(
        product=PRODUCT, dosing=DOSING, infusion={"notice": "3 days"}, waiting={"eligibility_valid": "30 days"}
    )
    came: dict[str, Any] = {"arrival_day": 0.0, "screening_start_day": 2.0, "screening_end_day": 5.0}
    people = participants(
        person(1, **came, enrolment_day=6.0, ready_day=10.0, spacing_day=12.0, infusion_day=14.0),
        person(2, **came, enrolment_day=6.0, ready_day=10.0, spacing_day=18.0, infusion_day=20.0),
        person(3, **came, outcome="withdrawn", withdrawal_day=9.0),
        person(4, **came, outcome="withdrawn", withdrawal_day=9.0, enrolment_day=6.0),
        person(5, **came, outcome="eligibility_expired"),
        person(6, **came, outcome="screen_failure"),
        person(7, arrival_day=90.0, outcome="in_screening"),
        person(8, arrival_day=1.0, outcome="turned_away", screenings=0),
        person(9, **came, outcome="waiting"),
        person(10, **came, outcome="released", enrolment_day=95.0),
    )
    found = {wait.value: days.tolist() for wait, days in waits(trial, ends(end(1, end_day=100.0)), people).items()}
    assert found == {
        "screening_place": [8 * 2.0 + 10],
        "place": [1 + 1 + 4 + 1 + 30 + 95 + 90.0],
        "product": [8.0],
        "preparation": [3.0],
        "spacing": [8.0],
        "slot": [1 + 2.0],
        "in_vain": [3 + 5.0],
    }


def test_whoever_is_infused_has_waited_for_what_was_not_screening() -> None:
    trial = scenario(
        screening={"duration": {"uniform": {"min": "2 days", "max": "9 days"}}, "capacity": 1, "pass_probability": 1.0},
        product={**PRODUCT, "expansion": "6 days"},
        dosing={**DOSING, "stagger": "4 days"},
        infusion={"weekdays": ["Monday", "Friday"], "notice": "2 days"},
    )
    results = simulate(trial, 5, detail=True)
    people = results.participants
    assert people is not None
    infused = people[people["infusion_day"].notna()]
    found = waits(trial, results.replications, infused)
    total = infused["infusion_day"] - infused["arrival_day"]
    total -= infused["screening_end_day"] - infused["screening_start_day"]
    assert sum(days for days in found.values()) == pytest.approx(total.groupby(infused["replication"]).sum().to_numpy())
    assert found[Wait.SPACING].sum() > 0 and found[Wait.SCREENING_PLACE].sum() > 0


def stock(kind: str = "allogeneic") -> Stock:
    policy = PRODUCT if kind == "allogeneic" else {"policy": "to_order", "cells_per_lot": 10.0}
    trial = scenario(product={**policy, "kind": kind}, dosing=DOSING)
    people = participants(
        person(1, enrolment_day=1.0, level=1, lot=1, dose_cells=2.0, infusion_day=8.0),
        person(2, enrolment_day=20.0, level=2, lot=2, dose_cells=4.0, infusion_day=25.0),
        person(1, 7, enrolment_day=3.0, level=2),
    )
    made = lots(
        lot(1, available_day=5.0, cells=11.0, expiry_day=40.0, outcome="expired"),
        lot(2, available_day=10.0, cells=9.0, expiry_day=200.0, outcome="in_stock"),
        lot(3, outcome="failed"),
        lot(1, 7, available_day=5.0, cells=11.0, expiry_day=60.0, outcome="in_stock"),
    )
    return Stock(trial, ends(end(1, end_day=100.0), end(7, end_day=50.0)), people, made)


def test_doses_in_stock_by_hand() -> None:
    found = stock()
    days = (4, 5, 7.9, 8, 10, 20, 25, 40, 50, 99, 100)
    assert [found.doses(day).tolist() for day in days] == [
        [0, 0],
        [5, 2],  # 11 cells in doses of 2; the other trial gives doses of 4
        [5, 2],
        [4, 2],
        [8, 2],
        [4, 2],  # a place at level 2: 9 cells are 2 doses of 4, and 9 more 2
        [3, 2],
        [1, 2],
        [1, 0],  # over
        [1, 0],
        [0, 0],
    ]
    assert found.changes(0).tolist() == [0, 1, 5, 8, 10, 20, 25, 40, 100]
    assert found.expiries(0) == [(40.0, 2)] and found.expiries(1) == []
    assert [found.expired(day).tolist() for day in (39, 40, 99)] == [[0, 0], [2, 0], [2, 0]]


def test_lots_for_one_person_are_one_dose() -> None:
    found = stock("autologous")
    assert [found.doses(day)[0] for day in (4, 5, 8, 10, 24, 25)] == [0, 1, 0, 1, 1, 0]


def test_people_of_sites() -> None:
    people = participants(
        *(person(k, 1, site="B", infusion_day=1.0) for k in (1, 2, 3)),
        person(4, 1, site="A", infusion_day=1.0),
        person(5, 1, site="A"),
        person(1, 2, site="A", infusion_day=1.0),
    )
    found = of_sites(["A", "B", "C"], ends(end(1), end(2)), people, "infusion_day")
    assert found.counts.tolist() == [[1, 3, 0], [1, 0, 0]] and found.ranked().tolist() == [[3, 1, 0], [1, 0, 0]]
    assert found.idle == 1.5 and found.concentration(1 / 3) == pytest.approx(4 / 5)
    mean, low, high = found.spread(ranked=True)
    assert (mean.tolist(), low.tolist(), high.tolist()) == ([2, 0.5, 0], [1, 0, 0], [3, 1, 0])
    nobody = of_sites(["A"], ends(end(1)), people[:0], "infusion_day")
    assert nobody.concentration() is None and nobody.counts.tolist() == [[0]]


def test_tables_of_nobody_are_no_error() -> None:
    trial = scenario(product=PRODUCT, dosing=DOSING, infusion={})
    over: pd.DataFrame = ends(end(1, end_day=0.0))
    assert [use.mean.tolist() for use in occupancy(trial, over, participants(), lots())[1]] == [[0.0], [0.0]]
    assert {float(days.sum()) for days in waits(trial, over, participants()).values()} == {0.0}
    empty = Stock(trial, over, participants(), lots())
    assert empty.doses(0.0).tolist() == [0] and empty.expiries(0) == [] and empty.changes(0).tolist() == [0]


def test_no_more_is_in_use_than_there_is() -> None:
    sites = {"sites": [{"name": "A", "rate": "40 per month"}]}
    trial = scenario(
        recruitment=sites,
        screening={"duration": "3 days", "capacity": 1, "pass_probability": 0.9},
        product={**PRODUCT, "expansion": "9 days", "suites": 2},
        dosing=DOSING,
        infusion={"weekdays": ["Monday", "Thursday"], "per_day": 1},
    )
    results = simulate(trial, 10, detail=True)
    assert results.participants is not None and results.lots is not None
    _, found = occupancy(trial, results.replications, results.participants, results.lots)
    assert len(found) == 3
    for use in found:
        assert use.capacity is not None
        assert (use.p90 <= use.capacity + 1e-9).all() and use.mean.max() > 0.3 * use.capacity.max()
    held = Stock(trial, results.replications, results.participants, results.lots)
    for day in (0.0, 10.0, 20.0, 40.0):
        assert (held.doses(day) >= 0).all() and (held.expired(day) == 0).all()  # nothing has a shelf life

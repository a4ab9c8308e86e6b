"""The plan as data: a calendar worked out by hand, links that hold in every history, and numbers of the summary."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest

import trialsim
from trialsim.analysis.facts import facts_of
from trialsim.analysis.schedule import RARE, Schedule, Task
from trialsim.analysis.stretches import stretches
from trialsim.analysis.summary import summarise
from trialsim.frames import typed
from trialsim.results.run import Results
from trialsim.scenario import Scenario
from trialsim.tables import QUANTILES
from trialsim.tables.plan import SPANS
from trialsim.vocabulary import Piece

# Nine people come on days 1 to 9, nobody has a DLT, windows of 14 days, reviews of 7 days that end at meetings on days
# 0, 20, 40, ...: cohort 1 is infused on days 1 to 3 and known on day 17, its report is ready on day 24, and the
# committee decides on day 40. Cohort 2 is infused at once and known on day 54.
BY_HAND: dict[str, Any] = {
    "trial": {
        "name": "by-hand",
        "start_date": "2025-01-06",
        "max_participants": 9,
        "planned_end": "2025-04-05",
        "close_out": "10 days",
    },
    "recruitment": {
        "sites": [
            {"name": "One", "people": [{"arrival": "1 day", "count": 9, "every": "1 day"}]},
            {"name": "Two", "people": [{"arrival": "30 days"}]},
        ]
    },
    "dosing": {
        "levels": ["1 mg", "2 mg"],
        "observation": "14 days",
        "review": "7 days",
        "committee_every": "20 days",
        "rule": "three_plus_three",
    },
    "follow_up": {"duration": "30 days"},
}


def by_hand() -> Results:
    return trialsim.simulate(Scenario.from_document(BY_HAND), 3)


def tasks_of(plan: Schedule) -> dict[str, Task]:
    return {task.key: task for task in plan.tasks}


def days(task: Task) -> tuple[float | None, float | None]:
    for range_ in (task.start, task.finish, task.duration):
        assert len({each.value for each in range_.values()}) == 1  # nothing is left to chance
    return task.start["p50"].value, task.finish["p50"].value


def test_a_calendar_worked_out_by_hand() -> None:
    plan = by_hand().schedule
    tasks = tasks_of(plan)
    found = {key: days(task) for key, task in tasks.items()}
    assert found == {
        "start_up": (0, 0),
        "recruitment": (0, 40),
        "infusions": (1, 40),
        "windows": (1, 54),
        "reviews": (17, 40),
        "cohorts": (0, 54),
        "cohort_1": (0, 17),
        "cohort_1_filling": (0, 3),
        "cohort_1_infusions": (1, 3),
        "cohort_1_window": (1, 17),
        "cohort_1_review": (17, 40),
        "cohort_2": (40, 54),
        "cohort_2_filling": (40, 40),
        "cohort_2_infusions": (40, 40),
        "cohort_2_window": (40, 54),
        "follow_up": (15, 70),
        "close_out": (70, 80),
    }
    assert [task.number for task in plan.tasks if task.level == 2] == ["6.1", "6.2", "6.3"]
    assert tasks["cohort_2_filling"].rests_on == (("cohort_1_review", "FS"),)
    assert all(task.needed.probability == 1 for task in plan.tasks)
    assert [(each.day, each.running.probability, each.decides.probability) for each in plan.meetings] == [
        (0, 1, 0),
        (20, 1, 0),
        (40, 1, 1),
    ]
    assert plan.facts.date_of(plan.milestones[-1].days["p80"].value or 0) == datetime.date(2025, 3, 27)
    assert [(each.date.isoformat(), each.met.probability) for each in plan.targets] == [("2025-04-05", 1)]
    sites = plan.sites.set_index("site")
    assert sites["candidates_mean"].to_dict() == {"One": 9, "Two": 1}
    assert sites["infused_mean"].to_dict() == {"One": 6, "Two": 0}


def test_a_cohort_that_is_cut_short_is_known_when_the_next_is_decided_on() -> None:
    """Two of three have a DLT a day after their infusions on days 1 and 2; the third is watched until day 16.5."""
    toxic = {"arrival": "1 day", "count": 2, "every": "1 day", "dlt": [None, "1 day"]}
    people = [toxic, {"arrival": "2.5 days", "count": 7, "every": "1 day"}]
    dosing = {**BY_HAND["dosing"], "start_level": 2, "committee_every": None}
    document = {**BY_HAND, "recruitment": {"sites": [{"name": "One", "people": people}]}, "dosing": dosing}
    tasks = tasks_of(trialsim.simulate(Scenario.from_document(document), 2).schedule)
    assert days(tasks["cohort_1_window"]) == (1, 3)
    assert days(tasks["cohort_1_review"]) == (3, 10)
    assert days(tasks["cohort_2_filling"]) == (10, 10)


def test_shares_of_the_critical_path_add_up() -> None:
    plan = trialsim.simulate("autologous-car-t", 60, levers=False).schedule
    shares = [task.critical.share for task in plan.tasks if task.critical is not None]
    assert sum(share for share in shares if share is not None) == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("name", ["msc-sle", "autologous-car-t", "multicentre-phase-2"])
def test_links_hold_in_every_history(name: str) -> None:
    results = trialsim.simulate(name, 80, seed=4, detail=True)
    assert results.participants is not None and results.lots is not None
    tables = results.replications, results.participants, results.lots
    found = {each.key: each for each in stretches(results.scenario, facts_of(results.scenario), *tables)}
    links = 0
    for task in found.values():
        with np.errstate(invalid="ignore"):
            assert not (task.finish < task.start).any(), task.key
            for link in task.rests_on:
                other = found[link.key]
                pair = {
                    "FS": (other.finish, task.start),
                    "SS": (other.start, task.start),
                    "FF": (other.finish, task.finish),
                }[link.kind]
                assert not (pair[1] < pair[0]).any(), (task.key, link)
                links += int((~np.isnan(pair[0] + pair[1])).sum())
        assert set(task.pieces) <= set(Piece)
    assert links > 3 * 80


def test_milestones_are_those_of_the_summary() -> None:
    results = trialsim.simulate("msc-sle", 60, seed=2)
    summary = summarise(results.scenario, results.replications)
    for each in results.schedule.milestones:
        told = summary["milestones"][each.milestone.value]
        assert told["reached"]["count"] == each.reached.count
        for name in QUANTILES:
            day = each.days[name]
            assert (day.value, day.low, day.high) == tuple(told[name][part] for part in ("value", "low", "high"))
            assert told[name]["date"] == results.schedule.facts.date_of(day.value or 0).isoformat()


def test_the_plan_is_the_same_with_and_without_detail() -> None:
    results = [trialsim.simulate("msc-sle", 50, detail=detail).schedule for detail in (False, True)]
    assert results[0].tasks == results[1].tasks
    assert results[0].looked_at == results[1].looked_at == 50


def test_tables_hold_what_is_declared_and_rare_tasks_are_left_out() -> None:
    plan = trialsim.simulate("msc-sle", 150).schedule
    for table in plan.tables().values():
        assert list(table.frame) == list(table.columns)
        assert typed(table.columns, table.frame).equals(table.frame)
    tasks = plan.tables()["tasks"].frame
    assert (tasks["needed"] >= RARE).all()
    numbers = list(tasks["task"])
    assert len(set(numbers)) == len(numbers)
    assert set(tasks["part_of"].dropna()) <= set(numbers)
    for of in ("start", "finish", "duration"):
        values = tasks[[f"{of}_{name}" for name in SPANS]].to_numpy()
        assert (np.diff(values, axis=1) >= 0).all()


def test_a_trial_to_which_nobody_comes_has_a_plan() -> None:
    document = {
        **BY_HAND,
        "recruitment": {"sites": [{"name": "One", "rate": "0.001 per year"}]},
        "stopping": {"time_limit": "1 year"},
    }
    plan = trialsim.simulate(Scenario.from_document(document), 5).schedule
    assert [task.key for task in plan.tasks] == ["start_up"]
    assert [each.milestone.value for each in plan.milestones] == ["first_site_open", "settled"]
    assert plan.sites["candidates_mean"].to_list() == [0.0]

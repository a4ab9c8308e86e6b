"""What held a trial up, worked out by hand: the days of each piece on the critical path, in both engines."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engines.conftest import Kernel
from tests.support.exact import build, group
from trialsim.kernel.engine import Engine
from trialsim.kernel.state.plan import Plan
from trialsim.kernel.tables.frames import raw_frames
from trialsim.model import run
from trialsim.model.path import days_waited
from trialsim.scenario import Scenario
from trialsim.vocabulary import Piece

WEEK = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
ANY_DAY: dict[str, Any] = {"weekdays": WEEK}
MONDAYS: dict[str, Any] = {"weekdays": ["Monday"], "per_day": 1}
ONE_BY_ONE: dict[str, Any] = {
    "levels": ["1 mg", "2 mg"], "cohort_size": 1, "rule": "ladder", "observation": "10 days",
}  # fmt: skip
CELLS: dict[str, Any] = {"levels": ["1 cells"], "cohort_size": 10, "rule": "fixed"}
TO_ORDER: dict[str, Any] = {"policy": "to_order", "cells_per_lot": 1, "expansion": "30 days"}
AUTOLOGOUS: dict[str, Any] = {**TO_ORDER, "kind": "autologous"}


def queue(*days: float, **changes: Any) -> dict[str, Any]:
    """Candidates on given days, who wait when there is no place."""
    return {"while_closed": "queue", "sites": [{"name": "A", "arrival_days": list(days)}], **changes}


def takes(days: int, **changes: Any) -> dict[str, Any]:
    """A screening of so many days that everybody passes."""
    return {"duration": f"{days} days", "pass_probability": 1, **changes}


def until(days: int) -> dict[str, Any]:
    """A time limit."""
    return {"time_limit": f"{days} days"}


def held_up(scenario: Scenario, kernel: Kernel) -> dict[str, float]:
    """The days of each piece that there is, the same from both engines."""
    history = run(scenario, 1, 1)
    days = {piece.value: days for piece, days in days_waited(history.path).items() if days}
    (row,) = raw_frames(scenario, Engine(Plan(scenario), kernel.run).run(1, 1, 1))[0].to_dict("records")
    assert {piece.value: row[f"days_{piece}"] for piece in Piece if row[f"days_{piece}"]} == days
    assert sum(days.values()) == history.end_day == row["end_day"]
    return days


PATHS: dict[str, tuple[Scenario, dict[str, float]]] = {
    "one candidate a week and a notice": (
        build(50, queue(*range(0, 350, 7)), infusion={**ANY_DAY, "notice": "7 days"}),
        {"preparation": 7, "recruitment": 343},
    ),
    "one slot a week for two": (build(2, queue(0, 0), infusion=MONDAYS), {"slot": 7}),
    "two cohorts, each with products of their own": (
        build(6, queue(*[0] * 6), product=AUTOLOGOUS, dosing={
            "levels": ["0.5 cells", "1 cells"], "cohort_size": 3, "rule": "ladder", "observation": "28 days",
            "review": "7 days"}),
        {"product": 60, "observation": 56, "review": 7},
    ),
    "a lot waits for the suite of another": (
        build(2, queue(0, 0), product={**AUTOLOGOUS, "suites": 1, "release_testing": "5 days"}, dosing=CELLS),
        {"product": 30 + 35},
    ),
    "a committee every 30 days": (
        build(2, queue(0, 0), dosing={**ONE_BY_ONE, "review": "2 days", "committee_every": "30 days"}),
        {"observation": 20, "review": 20},
    ),
    "turned away before the gate opened again": (
        build(2, queue(0, 5, 12, while_closed="turn_away"), dosing=ONE_BY_ONE),
        {"observation": 20, "recruitment": 2},
    ),
    "a gate at which nobody was turned away": (
        build(2, queue(0, 12, while_closed="turn_away"), dosing=ONE_BY_ONE),
        {"observation": 10, "recruitment": 12},
    ),
    "a waiting room that was full": (
        build(3, queue(0, 1, 2, 23, max_waiting=1), dosing={**ONE_BY_ONE, "levels": ["1 mg", "2 mg", "3 mg"]}),
        {"observation": 20, "recruitment": 13},
    ),
    "a place that had to be filled again": (
        build(1, queue(1, 2), infusion=MONDAYS, waiting={"eligibility_valid": "5 days"}),
        {"recruitment": 1, "replacement": 5, "slot": 1},
    ),
    "screened again": (
        build(1, queue(5), screening=takes(3), infusion=MONDAYS,
              waiting={"eligibility_valid": "5 days", "rescreen_probability": 1}),
        {"recruitment": 5, "screening": 6, "replacement": 5, "slot": 5},
    ),
    "a screening place that another freed": (
        build(2, queue(1, 2), screening=takes(10, capacity=1)), {"recruitment": 1, "screening": 20},
    ),
    "screenings side by side": (build(2, queue(1, 2), screening=takes(10)),
                                {"recruitment": 2, "screening": 10}),
    "a gap after the sentinel": (
        build(2, queue(5, 6), dosing={**CELLS, "levels": ["1 mg"], "sentinel": "10 days"}),
        {"recruitment": 5, "spacing": 10},
    ),
    "spacing that is longer than the notice": (
        build(2, queue(0, 1), infusion={**ANY_DAY, "notice": "7 days"},
              dosing={**CELLS, "levels": ["1 mg"], "sentinel": "3 days"}),
        {"preparation": 7, "spacing": 3},
    ),
    "a notice that is longer than spacing": (
        build(2, queue(0, 3), infusion={**ANY_DAY, "notice": "7 days"},
              dosing={**CELLS, "levels": ["1 mg"], "sentinel": "2 days"}),
        {"recruitment": 3, "preparation": 7},
    ),
    "lots that fail until the trial is given up": (
        build(1, queue(1), dosing=CELLS, product={**TO_ORDER, "expansion": "10 days", "release_testing": "5 days",
                                                  "release_probability": 0, "max_consecutive_failed_lots": 2}),
        {"recruitment": 1, "product": 30},
    ),
    "making that starts late": (build(1, queue(2), dosing=CELLS, product={**TO_ORDER, "first_start": "20 days"}),
                                {"product": 50}),
    "a lot in stock": (
        build(1, queue(4), dosing={**CELLS, "observation": "10 days"},
              product={**TO_ORDER, "policy": "to_stock", "target_doses": 1, "lots_in_stock_at_start": 1}),
        {"recruitment": 4, "observation": 10},
    ),
    "a lot started because one was taken from the shelf": (
        build(2, queue(5, 6), dosing=CELLS,
              product={**TO_ORDER, "policy": "to_stock", "target_doses": 1, "lots_in_stock_at_start": 1}),
        {"recruitment": 5, "product": 30},
    ),
    "toxicities before the window is over": (
        build(6, queue(*[0] * 6), dosing={"levels": ["1 mg"], "rule": "three_plus_three", "observation": "20 days"},
              truth={"dlt_probability": [1], "dlt_onset": 0.5}),
        {"observation": 10},
    ),
    "follow-up that a rule asks for": (
        build(2, queue(3, 5), dosing={**ONE_BY_ONE, "observation": "20 days", "rule": {
            "tite_boin": {"target": 0.25, "minimum_follow_up": 0.5, "max_pending_fraction": 1}}}),
        {"recruitment": 3, "observation": 30},
    ),
    "cut before the first site opens": (
        build(1, [{"name": "A", "rate": "1 per day", "activation": "50 days"}], stopping=until(20)), {"start_up": 20},
    ),
    "cut before anybody comes": (build(1, queue(30), stopping=until(20)), {"recruitment": 20}),
    "cut in screening": (build(1, queue(5), screening=takes(30), stopping=until(20)),
                         {"recruitment": 5, "screening": 15}),
    "cut while a lot is made": (build(1, queue(5), dosing=CELLS, product=TO_ORDER, stopping=until(20)),
                                {"recruitment": 5, "product": 15}),
    "cut while another's lot has the suite": (
        build(2, queue(5, 6), dosing=CELLS, product={**AUTOLOGOUS, "suites": 1, "release_testing": "20 days"},
              stopping=until(20)),
        {"recruitment": 5, "product": 15},
    ),
    "cut before the slot": (build(1, queue(8), infusion=MONDAYS, stopping=until(12)), {"recruitment": 8, "slot": 4}),
    "cut during the notice": (build(1, queue(5), infusion={**ANY_DAY, "notice": "10 days"}, stopping=until(12)),
                              {"recruitment": 5, "preparation": 7}),
    "cut by spacing": (build(2, queue(1, 1), dosing={**CELLS, "levels": ["1 mg"], "sentinel": "10 days"},
                             stopping=until(6)), {"recruitment": 1, "spacing": 5}),
    "cut in the window": (build(2, queue(0, 0), dosing=ONE_BY_ONE, stopping=until(7)), {"observation": 7}),
    "cut in review": (build(2, queue(0, 0), dosing={**ONE_BY_ONE, "review": "20 days"}, stopping=until(25)),
                      {"observation": 10, "review": 15}),
    "cut by a look at accrual": (
        build(5, queue(3, 30), stopping={"accrual_looks": [{"at": "20 days", "minimum_infused": 2}]}),
        {"recruitment": 20},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PATHS)
def test_paths_by_hand(name: str, kernel: Kernel) -> None:
    scenario, expected = PATHS[name]
    assert held_up(scenario, kernel) == expected


def test_a_site_that_opens_late(kernel: Kernel) -> None:
    one = build(1, [{"name": "A", "rate": "1 per day", "activation": "50 days"}], dosing=group(observation="9 days"))
    days = held_up(one, kernel)
    assert (days["start_up"], days["observation"]) == (50, 9)
    assert set(days) == {"start_up", "recruitment", "observation"}

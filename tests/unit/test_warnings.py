"""Warnings before anything is simulated: named resources, at or above their capacity, and never below it."""

from __future__ import annotations

from typing import Any

import pytest

from trialsim.scenario import Scenario

QUEUE: dict[str, Any] = {
    "trial": {"name": "w", "start_date": "2024-01-01", "max_participants": 50},
    "recruitment": {"sites": [{"name": "A", "rate": "1 per week"}]},
}
PRODUCT: dict[str, Any] = {
    "product": {"policy": "to_order", "suites": 1, "expansion": "1 week", "cells_per_lot": 1e8},
    "dosing": {"levels": ["1e8 cells"], "rule": "fixed", "cohort_size": 50},
}


def warnings(*changes: dict[str, Any], **values: Any) -> list[str]:
    document = {**QUEUE, **{key: each for change in changes for key, each in change.items()}, **values}
    return Scenario.from_document(document).warnings()


def test_screening() -> None:
    at = {"capacity": 2, "duration": "2 weeks", "pass_probability": 1}
    assert [line.split(":")[0] for line in warnings(screening=at)] == ["screening"]
    assert warnings(screening={**at, "duration": "13.9 days"}) == []
    assert warnings(screening={**at, "capacity": 3}) == []
    assert warnings(screening={**at, "duration": {"exponential": {"mean": "15 days"}}}) != []


def test_infusion_slots() -> None:
    one_a_week = {"weekdays": ["Tuesday"], "per_day": 1}
    assert [line.split(":")[0] for line in warnings(infusion=one_a_week)] == ["infusion"]
    assert warnings(infusion=one_a_week, screening={"pass_probability": 0.99}) == []
    assert warnings(infusion={**one_a_week, "per_day": 2}) == []
    assert warnings(infusion={"weekdays": ["Tuesday"]}) == []


def test_dosing_that_holds_people_back_is_no_overload() -> None:
    dosing = {"levels": ["1 mg"], "rule": "fixed", "cohort_size": 3, "observation": "28 days"}
    assert warnings(infusion={"weekdays": ["Tuesday"], "per_day": 1}, dosing=dosing) == []


def test_a_rule_without_anything_to_go_by() -> None:
    dosing = {"levels": ["1 mg", "2 mg"], "rule": {"boin": {"target": 0.25}}, "cohort_size": 3}
    (text,) = warnings(dosing=dosing)
    assert text.startswith("truth: ")
    assert warnings(dosing=dosing, truth={"dlt_probability": [0.1, 0.2]}) == []
    assert warnings(dosing=dosing | {"rule": "fixed"}) == []
    people = [{"arrival": "0 days", "count": 60}]
    assert warnings(dosing=dosing, recruitment={"sites": [{"name": "A", "people": people}]}) == []


def test_suites() -> None:
    text = warnings(PRODUCT)
    assert len(text) == 1 and text[0].startswith("product: ") and "1 suite" in text[0]
    product = PRODUCT["product"]
    assert warnings(PRODUCT, product={**product, "suites": 2}) == []
    assert warnings(PRODUCT, product={**product, "cells_per_lot": 2e8}) == []
    assert warnings(PRODUCT, product={**product, "suites": 2, "release_probability": 0.5}) != []
    assert warnings(PRODUCT, product={**product, "suites": 2, "donation": "1 week"}) != []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"recruitment": {"sites": [{"name": "A", "rate": "0 per week"}]}}, "no candidate will ever come"),
        ({"recruitment": {"sites": [{"name": "A", "arrival_days": [1, 2]}]}}, "at most 2 candidates"),
        (
            {"recruitment": {"sites": [{"name": "A", "people": [{"arrival": "1 day", "count": 7}]}]}},
            "at most 7 candidates",
        ),
        ({"recruitment": {"sites": [{"name": "A", "rate": "1 per day", "max_candidates": 9}]}}, "at most 9 candidates"),
        ({"screening": {"pass_probability": 0}}, "nobody will be eligible"),
        (
            {**PRODUCT, "product": {"policy": "to_order", "cells_per_lot": {"uniform": {"min": 1, "max": 9e7}}}},
            "no lot can hold a dose at level 1",
        ),
        (
            {**PRODUCT, "product": {"policy": "to_order", "cells_per_lot": 1e8, "release_probability": 0}},
            "no lot will ever be available",
        ),
    ],
)
def test_plans_that_cannot_work(changes: dict[str, Any], words: str) -> None:
    found = warnings(changes)
    assert len(found) == 1 and words in found[0]


def test_a_look_that_wants_more_than_the_trial_has() -> None:
    def look(infused: int) -> list[str]:
        return warnings(stopping={"accrual_looks": [{"at": "6 months", "minimum_infused": infused}]})

    assert look(50) == []
    assert [line.split(": ")[0] for line in look(51)] == ["stopping.accrual_looks.1.minimum_infused"]


def test_a_trial_smaller_than_a_cohort() -> None:
    def participants(most: int) -> list[str]:
        trial = {"name": "w", "start_date": "2024-01-01", "max_participants": most}
        dosing = {"levels": ["1 mg", "2 mg"], "rule": "three_plus_three"}
        return warnings(trial=trial, dosing=dosing, truth={"dlt_probability": [0.1, 0.3]})

    assert participants(3) == []
    assert participants(2) == ["trial.max_participants: 2, so not even one cohort of 3 is full"]


@pytest.mark.parametrize(("low", "is_told"), [(0.4, False), (0.49, False), (0.51, True)])
def test_a_range_that_the_plan_is_not_in(low: float, is_told: bool) -> None:
    """At .5 stated, a range that begins at .495 leaves 1 % of its draws below; at .51 it leaves none."""
    unknown = {"screening.pass_probability": {"uniform": {"min": low, "max": 1}}}
    found = warnings(screening={"pass_probability": 0.5}, uncertain=unknown)
    assert [line.split(":")[0] for line in found] == ['uncertain."screening.pass_probability"'] * is_told
    assert all("states 0.5, but 98 % of what is drawn lies from 0.515 to 0.995" in line for line in found)

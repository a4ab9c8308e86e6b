"""What the kernel does otherwise than the model (docs/architecture.md), where random scenarios seldom come near."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from tests.engines.conftest import Kernel
from tests.support.equality import assert_engines_equal
from trialsim.model import run
from trialsim.scenario import Scenario


def scenario(site: dict[str, Any], participants: int, **sections: Any) -> Scenario:
    """A trial with one site and these sections."""
    trial = {"name": "near-the-edge", "start_date": "2024-01-01", "max_participants": participants}
    return Scenario.from_document({"trial": trial, "recruitment": {"sites": [{"name": "A"} | site]}} | sections)


def outcomes(given: Scenario, last: int) -> set[str]:
    return {person.outcome for number in range(1, last + 1) for person in run(given, 1, number).participants}


def test_whoever_fails_another_screening(kernel: Kernel) -> None:
    """Only a first failure is settled at the start: of a later one the day of its end is in the table."""
    given = scenario(
        {"arrival_days": [0] * 12},
        8,
        screening={"duration": "3 days", "pass_probability": 0.6},
        waiting={"eligibility_valid": "5 days", "rescreen_probability": 1.0},
        infusion={"weekdays": ["Monday"], "per_day": 1},
        stopping={"time_limit": "60 days"},
    )
    assert any(
        person.screenings > 1 and person.outcome == "screen_failure"
        for number in range(1, 4)
        for person in run(given, 1, number).participants
    )
    assert_engines_equal(given, kernel.run, 1, 1, 3)


def test_somebody_without_any_patience(kernel: Kernel) -> None:
    """Whoever leaves at the instant at which they are found eligible does so before places are given."""
    given = scenario({"arrival_days": [0] * 12}, 4, waiting={"withdrawal": "1000000 per day"})
    assert {"withdrawn", "observed"} <= outcomes(given, 10)
    assert_engines_equal(given, kernel.run, 1, 1, 10)


def test_two_departures_at_one_instant(kernel: Kernel) -> None:
    """The withdrawal was foreseen first, so it counts; both departures are put off, and keep their order."""
    moments = {"withdrawal": "400000 per day", "eligibility_valid": "0.000002 days"}
    given = scenario({"arrival_days": [0] * 12}, 4, waiting=moments, infusion={"notice": "1 day"})
    assert {"withdrawn", "eligibility_expired"} <= outcomes(given, 10)
    assert_engines_equal(given, kernel.run, 1, 1, 10)


def one_level(dose: float, cells: float, **product: Any) -> dict[str, Any]:
    """Everybody at one dose from lots of as many cells."""
    dosing = {"levels": [f"{dose} cells"], "rule": "fixed", "cohort_size": 20, "sentinel": "30 days"}
    return {"dosing": dosing, "product": {"policy": "to_stock", "cells_per_lot": cells} | product}


def test_doses_that_hardly_fit_into_a_lot(kernel: Kernel) -> None:
    """A tenth is in one ten times, by division; but nine times and a rest, by division with a floor."""
    assert (1.0 / 0.1, 1.0 // 0.1) == (10.0, 9.0)
    making = {"target_doses": 10, "lots_in_stock_at_start": 1, "suites": 1, "expansion": "5 days"}
    given = scenario({"arrival_days": [40]}, 20, **one_level(0.1, 1.0, **making), stopping={"time_limit": "60 days"})
    assert len(run(given, 1, 1).lots) > 1
    assert_engines_equal(given, kernel.run, 1, 1, 1)


def test_an_infusion_may_leave_more_than_was_free(kernel: Kernel) -> None:
    """By rounding: three tenths reserved leave less than a tenth of four, but one given and two reserved do not.

    So the fourth is supplied after the first infusion, as soon as anything has changed: a suite has become free.
    """
    assert 0.4 - (0.1 + 0.1 + 0.1) < 0.1 <= 0.4 - 0.1 - ((0.1 + 0.1 + 0.1) - 0.1)
    making = {"target_doses": 9, "lots_in_stock_at_start": 1, "suites": 1, "first_start": "2 days"}
    steps = {"expansion": "5 days", "release_testing": "90 days"}
    lot = one_level(0.1, 0.4, **making, **steps)
    given = scenario({"arrival_days": [1] * 4}, 6, **lot, infusion={"notice": "2 days"})
    assert [person.ready_day for person in run(given, 1, 1).participants] == [1.0, 1.0, 1.0, 7.0]
    assert_engines_equal(given, kernel.run, 1, 1, 1)


@pytest.mark.parametrize("fixed_at", ["enrolment", "infusion"])
def test_the_posterior_follows_time(fixed_at: str, kernel: Kernel) -> None:
    """Candidates come at any hour, with windows of others over, half over, or not begun."""
    luck = Random(2)
    for _ in range(kernel.number(compiled=20, plain=4)):
        days = sorted(luck.uniform(0, 40) for _ in range(12))
        fates = [{"dlt": [f"{luck.randrange(1, 8)} days"] * 3} if luck.random() < 0.3 else {} for _ in days]
        people = [{"arrival": f"{day} days"} | fate for day, fate in zip(days, fates, strict=True)]
        rule = {"target": 0.3, "skeleton": [0.15, 0.3, 0.45], "max_pending_fraction": 1.0, "coherent": False}
        dosing = {"levels": ["1 mg", "2 mg", "3 mg"], "rule": {"tite_crm": rule}, "observation": "8 days"}
        given = scenario({"people": people}, len(days), dosing=dosing | {"dose_fixed_at": fixed_at, "start_level": 2})
        assert_engines_equal(given, kernel.run, 1, 1, 1)


def test_time_alone_may_open_a_place(kernel: Kernel) -> None:
    """While a lower level is reviewed the rule comes back to the present one, as nobody else has a DLT.

    It is asked by an act that a free suite has called for: lots take one day and a half.
    """
    dlt = {"dlt": ["5 days"] * 3}
    people = [{"arrival": f"{number} days"} | (dlt if number in (2, 5, 7) else {}) for number in range(12)]
    rule = {"target": 0.3, "skeleton": [0.15, 0.3, 0.45], "max_pending_fraction": 1.0, "coherent": False}
    dosing = {"levels": ["1 cells", "2 cells", "3 cells"], "start_level": 2, "rule": {"tite_crm": rule}}
    dosing |= {"observation": "60 days", "review": "50 days"}
    product = {"policy": "to_stock", "target_doses": 400, "cells_per_lot": 3, "lots_in_stock_at_start": 20}
    product |= {"suites": 1, "expansion": "1.5 days", "release_testing": "400 days"}
    given = scenario({"people": people}, 12, dosing=dosing, product=product)
    assert [person.enrolment_day for person in run(given, 1, 1).participants[7:]] == [52.5] * 5
    assert_engines_equal(given, kernel.run, 1, 1, 1)

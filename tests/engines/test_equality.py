"""Both engines give the same tables: for what ships, and for random scenarios of every kind.

`make equality` looks for a difference in as many more random scenarios as TRIALSIM_EQUALITY says.
"""

from __future__ import annotations

import os
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines.conftest import Kernel
from tests.support.equality import assert_engines_equal
from tests.support.random_values import Draw, durations
from tests.support.strategies import documents, scenarios
from trialsim import load
from trialsim.kernel.calling import Entry
from trialsim.kernel.support import unsupported
from trialsim.model import run
from trialsim.rules import RULES
from trialsim.scenario import Scenario
from trialsim.scenario.shipped import names

REPLICATIONS = 3
MOST_PARTICIPANTS_AT_ONCE = 20_000
LARGE = 1000
ADVANCED = (("dosing", "truth", "infusion", "waiting"), ("dosing", "truth", "product", "stopping"))


def check_many(kernel: Entry, number: int, kind: st.SearchStrategy[Scenario], derandomize: bool = True) -> None:
    """Some replications of random scenarios of a kind."""

    def check(scenario: Scenario, seed: int) -> None:
        if not unsupported(scenario):
            assert_engines_equal(scenario, kernel, seed, 1, REPLICATIONS)

    quietly = settings(max_examples=number, derandomize=derandomize)
    quietly(given(kind, st.integers(0, 2**64 - 1))(check))()


@pytest.mark.parametrize("name", names())
def test_what_ships(name: str, kernel: Kernel) -> None:
    scenario = load(name)
    most = kernel.number(compiled=40, plain=24)
    number = max(1, min(most, 8 * most // scenario.trial.max_participants))
    assert_engines_equal(scenario, kernel.run, 1, 1, number, threads=2)


def test_random_scenarios(kernel: Kernel) -> None:
    check_many(kernel.run, kernel.number(compiled=40, plain=16), scenarios())
    check_many(kernel.run, kernel.number(compiled=14, plain=8), scenarios(without=("dosing",)))


@pytest.mark.parametrize("always", ADVANCED, ids=lambda sections: sections[-1])
def test_random_scenarios_with_many_sections(always: tuple[str, ...], kernel: Kernel) -> None:
    check_many(kernel.run, kernel.number(compiled=25, plain=12), scenarios(always=always))


@st.composite
def with_open_doors(draw: Draw) -> Scenario:
    """Nothing but luck is between a candidate and the end of screening, so the kernel admits ahead of time."""
    document = draw(documents(always=("screening",)))
    recruitment = document["recruitment"]
    recruitment["sites"] = [{**recruitment["sites"][0], "count": 1}]
    for period in recruitment.get("periods", ()):
        period.pop("sites", None)
    for limit in ("while_closed", "max_waiting"):
        recruitment.pop(limit, None)
    document["screening"].pop("capacity", None)
    document["screening"]["duration"] = draw(durations(1, 15))
    return Scenario.from_document(document)


def test_random_scenarios_with_open_doors(kernel: Kernel) -> None:
    check_many(kernel.run, kernel.number(compiled=40, plain=12), with_open_doors())


@pytest.mark.parametrize("rule", RULES)
def test_random_scenarios_with_every_rule(rule: str, kernel: Kernel) -> None:
    check_many(kernel.run, kernel.number(compiled=10, plain=4), scenarios(always=("dosing", "truth"), rule=rule))


def listed(people: list[dict[str, Any]], observation: str, fixed_at: str, **rule: Any) -> Scenario:
    """Listed people under tite_crm, which lets several be pending."""
    return Scenario.from_document(
        {
            "trial": {"name": "listed", "start_date": "2024-01-01", "max_participants": len(people)},
            "recruitment": {"sites": [{"name": "A", "people": people}]},
            "dosing": {
                "levels": ["1 mg", "2 mg", "3 mg"],
                "rule": {"tite_crm": {"max_pending_fraction": 1.0} | rule},
                "observation": observation,
                "dose_fixed_at": fixed_at,
            },
        }
    )


def test_outcomes_at_one_instant(kernel: Kernel) -> None:
    """Which one is the latest matters to tite_crm: arrivals, DLTs and ends of windows fall on the same few days."""
    luck = Random(1)
    for _ in range(kernel.number(compiled=40, plain=8)):
        days = sorted(luck.choice([0, 4, 8, 12, 16]) for _ in range(10))
        fates = [{"dlt": [luck.choice(["0 days", "4 days"])] * 3} if luck.random() < 0.25 else {} for _ in days]
        people = [{"arrival": f"{day} days"} | fate for day, fate in zip(days, fates, strict=True)]
        window = luck.choice(["4 days", "0 days"])
        scenario = listed(people, window, "enrolment", target=0.3, skeleton=[0.001, 0.01, 0.1])
        assert_engines_equal(scenario, kernel.run, 1, 1, 1)


def test_what_is_written_for_each_level(kernel: Kernel) -> None:
    """All have a DLT at the highest level alone, so the rule goes up to it and comes down again."""
    people = [{"arrival": f"{10 * number} days", "dlt": [None, None, "1 day"]} for number in range(8)]
    scenario = listed(people, "4 days", "infusion", target=0.3, skeleton=[0.001, 0.01, 0.1])
    assert_engines_equal(scenario, kernel.run, 1, 1, 1)
    known = {(person.level, person.outcome) for person in run(scenario, 1, 1).participants}
    assert known >= {(1, "observed"), (3, "dlt")}


def test_everything_on_mondays(kernel: Kernel) -> None:
    """Arrivals, lots, expiries, infusions, outcomes and meetings fall on the same instants."""
    luck = Random(2)
    for _ in range(kernel.number(compiled=40, plain=20)):
        weeks = sorted(luck.randrange(12) for _ in range(14))
        product: dict[str, Any] = luck.choice(
            [{"policy": "to_stock", "target_doses": luck.choice([1, 3])}, {"policy": "to_order"}]
        )
        rule = luck.choice(["three_plus_three", "rolling_six", {"boin": {"target": 0.25}}])
        document = {
            "trial": {"name": "Mondays", "start_date": "2024-01-01", "max_participants": 10},
            "recruitment": {"sites": [{"name": "A", "arrival_days": [7 * week for week in weeks]}]},
            "screening": {"duration": luck.choice(["0 days", "7 days"]), "pass_probability": 0.8},
            "waiting": {"eligibility_valid": luck.choice(["14 days", "28 days"]), "rescreen_probability": 0.5},
            "product": product
            | {
                "cells_per_lot": {"empirical": {"values": [2, 3, 5]}},
                "expansion": "7 days",
                "shelf_life": luck.choice(["7 days", "14 days"]),
                "minimum_dose_fraction": luck.choice([0.5, 1.0]),
            },
            "infusion": {"weekdays": ["Monday"], "per_day": luck.choice([1, 2, 5])},
            "dosing": {
                "levels": ["1 cells", "2 cells"],
                "rule": rule,
                "cohort_size": 3,
                "sentinel": luck.choice(["0 days", "14 days"]),
                "observation": luck.choice(["7 days", "14 days"]),
                "committee_every": luck.choice(["7 days", "14 days"]),
            },
            "truth": {"dlt_probability": [0.2, 0.4]},
            "stopping": {"time_limit": "1 year"},
        }
        assert_engines_equal(Scenario.from_document(document), kernel.run, 1, 1, 2)


@pytest.mark.parametrize("model", ["empiric", "logistic"])
@pytest.mark.parametrize("off", [0.0, -5e-10, 5e-10, 3e-9])
def test_two_levels_as_near(model: str, off: float, kernel: Kernel) -> None:
    """At the instant of the first infusion nothing is known, and the target lies midway between two levels."""
    people = [{"arrival": "0 days"}] * 6
    scenario = listed(people, "4 days", "infusion", target=0.25 + off, skeleton=[0.2, 0.3, 0.5], model=model)
    assert_engines_equal(scenario, kernel.run, 1, 1, 1)
    assert {person.level for person in run(scenario, 1, 1).participants} == ({1, 2} if off > 1e-9 else {1})


def test_lots_while_outcomes_are_pending(kernel: Kernel) -> None:
    """As time goes on tite_crm answers otherwise, so it is asked also when only a suite has become free."""
    rule = "{tite_crm: {target: 0.25, skeleton: [0.2, 0.35, 0.5], max_pending_fraction: 1.0}}"
    slowly = ["dosing.observation=1 year", "dosing.start_level=1", "recruitment.rate_multiplier=4"]
    many_lots = ["product.suites=20", "product.target_doses=60"]
    scenario = load("msc-sle", set=[f"dosing.rule={rule}", *slowly, *many_lots])
    assert_engines_equal(scenario, kernel.run, 1, 1, kernel.number(compiled=40, plain=3))


@pytest.mark.parametrize("limit", ["30 days", "10 years"])
@pytest.mark.parametrize("door", [{}, {"max_waiting": 2}, {"while_closed": "turn_away"}])
@pytest.mark.parametrize(
    "site",
    [
        {"rate": "3 per week"},
        {"rate": "3 per week", "max_candidates": 12},
        {"arrival_days": list(range(0, 80, 2))},
        {"arrival_days": [0] * 9 + [40]},
    ],
)
def test_candidates_whom_the_end_overtakes(
    site: dict[str, Any], door: dict[str, Any], limit: str, kernel: Kernel
) -> None:
    """The kernel may admit some ahead of time. By whole days, so that candidates come at the very end, too."""
    scenario = Scenario.from_document(
        {
            "trial": {"name": "overtaken", "start_date": "2024-01-01", "max_participants": 6},
            "recruitment": {"sites": [{"name": "A"} | site]} | door,
            "screening": {"duration": "4 days", "pass_probability": 0.5},
            "dosing": {"levels": ["1 mg"], "rule": "fixed", "cohort_size": 3, "observation": "4 days"},
            "stopping": {"time_limit": limit},
        }
    )
    assert_engines_equal(scenario, kernel.run, 1, 1, kernel.number(compiled=40, plain=15))


@pytest.mark.slow
@pytest.mark.parametrize("name", names())
def test_a_thousand_replications_of_what_ships(name: str, compiled: Entry) -> None:
    """Large trials a few at a time, so that their tables fit into memory; all of them by `make equality`."""
    scenario = load(name)
    is_large = scenario.trial.max_participants >= LARGE
    last = 1000 if "TRIALSIM_EQUALITY" in os.environ or not is_large else 60
    size = max(1, min(250, MOST_PARTICIPANTS_AT_ONCE // scenario.trial.max_participants))
    for first in range(1, last + 1, size):
        assert_engines_equal(scenario, compiled, 2, first, min(first + size - 1, last))


@pytest.mark.slow
@pytest.mark.parametrize(("number", "always"), [(400, ()), *((200, sections) for sections in ADVANCED)])
def test_more_than_a_thousand_random_scenarios(number: int, always: tuple[str, ...], kernel: Kernel) -> None:
    check_many(kernel.run, kernel.number(compiled=number, plain=number // 10), scenarios(always=always))


@pytest.mark.skipif("TRIALSIM_EQUALITY" not in os.environ, reason="`make equality` runs it")
@pytest.mark.parametrize("always", [(), *ADVANCED])
def test_other_random_scenarios_each_time(always: tuple[str, ...], compiled: Entry) -> None:
    check_many(compiled, int(os.environ["TRIALSIM_EQUALITY"]), scenarios(always=always), derandomize=False)

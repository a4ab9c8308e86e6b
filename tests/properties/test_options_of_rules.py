"""Every rule with every combination of the options that say when an outcome counts: the invariants hold."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from tests.properties.test_invariants import CHECKS, check
from tests.support.watching import watch
from trialsim.rules import RULES
from trialsim.scenario import Scenario

CURVE = {"target": 0.25, "skeleton": [0.1, 0.25, 0.4]}
PARAMETERS: dict[str, dict[str, Any]] = {
    "ladder": {"max_dlts": 1},
    "boin": {"target": 0.25},
    "keyboard": {"target": 0.25},
    "beta_binomial": {"target": 0.25, "cutoff": 0.8},
    "crm": CURVE,
    "tite_boin": {"target": 0.25, "minimum_follow_up": 0.33},
    "tite_crm": CURVE | {"max_pending_fraction": 0.75},
}


def scenario(name: str, early: bool, resolves: bool, replaced: bool, **dosing: Any) -> Scenario:
    """A busy trial in which a good deal goes wrong."""
    layer = {
        "levels": ["1 cells", "2 cells", "4 cells"],
        "rule": {name: PARAMETERS.get(name, {})},
        "start_level": 2,
        "stagger": "2 days",
        "observation": "10 days",
        "stop_cohort_early": early,
        "dlt_resolves": resolves,
        "replace_non_evaluable": replaced,
        **dosing,
    }
    if name != "three_plus_three":
        layer["cohort_size"] = 3
    return Scenario.from_document(
        {
            "trial": {"name": "options", "start_date": "2024-01-01", "max_participants": 15},
            "recruitment": {"sites": [{"name": "A", "rate": "3 per week"}]},
            "waiting": {"withdrawal": "0.02 per day", "eligibility_valid": "20 days"},
            "infusion": {"notice": "2 days"},
            "dosing": layer,
            "truth": {"dlt_probability": [0.1, 0.4, 0.6], "loss_in_window_probability": 0.2},
            "product": {"policy": "to_stock", "target_doses": 3, "cells_per_lot": 5, "expansion": "3 days"},
            "stopping": {"time_limit": "2 years"},
        }
    )


def check_once(scenario: Scenario, seed: int) -> None:
    """All invariants, in one replication."""
    watched = watch(scenario, seed, 1)
    assert not watched.faults
    for one in CHECKS:
        one(watched)


@pytest.mark.parametrize("name", RULES)
def test_when_outcomes_count(name: str) -> None:
    for number, options in enumerate(product([True, False], repeat=3)):
        check_once(scenario(name, *options), seed=number)


@pytest.mark.parametrize("name", RULES)
def test_when_levels_are_settled_and_reviewed(name: str) -> None:
    for seed, (fixed_at, review) in enumerate(product(("enrolment", "infusion"), ("0 days", "6 days"))):
        dosing = {"dose_fixed_at": fixed_at, "review": review, "committee_every": "3 days"}
        check_once(scenario(name, True, True, True, **dosing), seed=seed)


@pytest.mark.slow
@pytest.mark.parametrize("name", RULES)
def test_options_on_many_more_seeds(name: str) -> None:
    combinations = product([True, False], [True, False], [True, False], ("enrolment", "infusion"), ("0 days", "4 days"))
    for early, resolves, replaced, fixed_at, review in combinations:
        for seed in range(2):
            check(scenario(name, early, resolves, replaced, dose_fixed_at=fixed_at, review=review), seed)

"""What may be written as a rule's parameters, and what a view tells."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from trialsim.rules import RULES, Assigned, View
from trialsim.rules.boin import boundaries


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("fixed", {}),
        ("ladder", {}),
        ("ladder", {"max_dlts": 2}),
        ("three_plus_three", {"mtd": "six_at_mtd", "top_needs_six": True}),
        ("boin", {"target": 0.25}),
        ("boin", {"target": 0.25, "p1": 0.1, "p2": 0.4, "elimination": 0.9}),
        ("beta_binomial", {"target": 0.3, "cutoff": 0.95, "prior_a": 2, "minimum_n": 3}),
        ("keyboard", {"target": 0.1, "epsilon": 0.02, "elimination": 0.9}),
        ("rolling_six", {"strict": True}),
        ("crm", {"target": 0.25, "skeleton": (0.1, 0.2, 0.3), "skip": True, "coherent": False}),
        ("crm", {"target": 0.25, "half_width": 0.05, "prior_mtd": 2, "model": "logistic", "prior_sd": 1.0}),
        ("tite_crm", {"target": 0.25, "skeleton": (0.1, 0.2), "estimate": "posterior_mean"}),
        ("tite_boin", {"target": 0.25, "max_pending_fraction": 1.0, "minimum_follow_up": 0.25}),
    ],
)
def test_accepted_and_written_out_again(name: str, given: dict[str, Any]) -> None:
    rule = RULES[name].model_validate(given)
    assert rule.cohorts == (name not in ("rolling_six", "tite_crm", "tite_boin"))
    assert RULES[name].model_validate(json.loads(rule.model_dump_json())) == rule
    assert {key: getattr(rule, key) for key in given} == given
    with pytest.raises(ValidationError, match="frozen"):
        rule.target = 0.5  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "given", "complaint"),
    [
        ("fixed", {"level": 1}, "level"),
        ("ladder", {"max_dlts": -1}, "greater than or equal to 0"),
        ("ladder", {"max_dlts": True}, "valid integer"),
        ("three_plus_three", {"mtd": "below"}, "level_below"),
        ("boin", {}, "target"),
        ("boin", {"target": True}, "valid number"),
        ("boin", {"target": float("nan")}, "target"),
        ("boin", {"target": 0.25, "p1": 0.25}, "p1 < target < p2"),
        ("boin", {"target": 0.25, "p2": 0.2}, "p1 < target < p2"),
        ("boin", {"target": 0.8}, "p1 < target < p2 < 1"),
        ("boin", {"target": 0.25, "elimination": 1.5}, "less than or equal to 1"),
        ("beta_binomial", {"target": 0.3}, "cutoff"),
        ("beta_binomial", {"target": 0.3, "cutoff": 1}, "less than 1"),
        ("beta_binomial", {"target": 0.3, "cutoff": 0.9, "prior_a": 0}, "greater than 0"),
        ("beta_binomial", {"target": 0.3, "cutoff": 0.9, "minimum_n": 0}, "greater than or equal to 1"),
        ("keyboard", {"target": 0.1, "epsilon": 0.1}, "must lie between 0 and 1"),
        ("rolling_six", {"strict": 1}, "valid boolean"),
        ("crm", {"skeleton": [0.1]}, "target"),
        ("crm", {"target": 0.25}, "a skeleton is needed"),
        ("crm", {"target": 0.25, "half_width": 0.05}, "a skeleton is needed"),
        ("crm", {"target": 0.25, "skeleton": [0.1], "prior_mtd": 1}, "either a skeleton"),
        ("crm", {"target": 0.25, "skeleton": [0.2, 0.2]}, "must rise"),
        ("crm", {"target": 0.25, "skeleton": [0.2, 1.0]}, "less than 1"),
        ("crm", {"target": 0.25, "skeleton": [0.2, 0.96], "model": "logistic"}, "below 0.95"),
        ("crm", {"target": 0.25, "half_width": 0.25, "prior_mtd": 1}, "between 0 and 0.95"),
        ("crm", {"target": 0.25, "skeleton": [0.1], "model": "probit"}, "empiric"),
        ("crm", {"target": 0.25, "skeleton": [0.1], "prior_sd": 20}, "less than or equal to 10"),
        ("tite_boin", {"target": 0.25, "max_pending_fraction": 1.1}, "less than or equal to 1"),
        ("tite_crm", {"target": 0.25, "skeleton": [0.1], "minimum_follow_up": -0.1}, "greater than or equal to 0"),
    ],
)
def test_refused(name: str, given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        RULES[name].model_validate(given)


@pytest.mark.parametrize(
    ("given", "levels", "parameter", "complaint"),
    [
        ({"skeleton": [0.1, 0.2]}, 3, "skeleton", "2 probabilities for 3 dose levels"),
        ({"half_width": 0.05, "prior_mtd": 4}, 3, "prior_mtd", "beyond the ladder"),
        ({"half_width": 0.2, "prior_mtd": 1}, 60, "half_width", "cannot be told apart"),
    ],
)
def test_what_does_not_go_with_the_ladder(given: dict[str, Any], levels: int, parameter: str, complaint: str) -> None:
    for name in ("crm", "tite_crm"):
        misfit = RULES[name].model_validate({"target": 0.25, **given}).misfit(levels)
        assert misfit and misfit[0] == parameter and complaint in misfit[1]
    assert RULES["crm"].model_validate({"target": 0.25, "skeleton": [0.1, 0.2]}).misfit(2) is None


def test_boin_defaults_follow_the_target() -> None:
    assert boundaries(0.25) == boundaries(0.25, 0.15, 0.35)
    assert boundaries(0.25, p1=0.1) != boundaries(0.25)
    assert boundaries(0.25, p2=0.3) != boundaries(0.25)


VIEW = View(
    now=20.0,
    levels=3,
    start_level=1,
    cohort_size=3,
    max_participants=9,
    window=10.0,
    replace_non_evaluable=True,
    stop_cohort_early=True,
    participants=(
        Assigned(1, 1, 0.0, "no_dlt", 10.0),
        Assigned(1, 1, 2.0, "dlt", 5.5),
        Assigned(1, 1, 3.0, "lost", 7.0),
        Assigned(2, 2, 8.0, None, None),
        Assigned(2, 2, 14.0, None, None),
        Assigned(2, 2, 25.0, None, None),
        Assigned(2, 2, None, None, None),
    ),
)


def test_view() -> None:
    assert VIEW.tallies() == ((2, 1), (0, 0), (0, 0))
    assert (VIEW.pending(), VIEW.pending(1), VIEW.pending(2)) == (4, 0, 4)
    assert VIEW.places_used() == 6
    assert [VIEW.follow_up(k) for k in range(7)] == [10.0, 3.5, 4.0, 10.0, 6.0, 0.0, 0.0]

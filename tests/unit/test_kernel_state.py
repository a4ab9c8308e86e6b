"""What the kernel keeps in memory: defaults, parts one behind the other, and the numbers that rules give it."""

from __future__ import annotations

from math import isnan, nan
from typing import Any

import pytest
from scipy.special import betaincc

from tests.support.rule_histories import IN_COHORTS
from trialsim.kernel.state import codes
from trialsim.kernel.state.memory import array, dtype, room
from trialsim.kernel.state.parts import Constants, Memory, Progress, State
from trialsim.kernel.state.plan import Plan
from trialsim.rules import RULES
from trialsim.rules.beta_binomial import BetaBinomial
from trialsim.rules.interval import IntervalDesign
from trialsim.scenario import load


class First:
    """A part of a record."""

    count: int = -1
    day: float


class Second:
    """Another part."""

    never: float = nan


class Both(First, Second):
    """Both parts, and a field of its own."""

    last: int = 7


def test_fields_stand_part_by_part_and_begin_with_their_defaults() -> None:
    assert dtype(Both).names == ("count", "day", "never", "last")
    begins = array(Both, 2)
    assert [(one["count"], one["day"], one["last"]) for one in begins] == [(-1, 0.0, 7)] * 2
    assert isnan(begins["never"][1])
    assert room(Both, 2)["count"].tolist() == [0, 0]


def test_the_progress_ends_the_state() -> None:
    """It is what a replication begins with, and what follows it in memory is begun with it."""
    parts = [dtype(part).names or () for part in (Constants, Memory, Progress)]
    assert dtype(State).names == tuple(name for part in parts for name in part)


def test_a_replication_begins_as_the_plan_says() -> None:
    scenario = load("msc-sle").changed({"dosing.start_level": 2})
    in_cohorts = Plan(scenario).state[0]
    assert (in_cohorts["level"], in_cohorts["approved"], in_cohorts["cause"]) == (2, 1, -1)
    one_by_one = Plan(scenario.changed({"dosing.rule": "rolling_six"})).state[0]
    assert (one_by_one["level"], one_by_one["approved"]) == (2, 2)


WITH_TABLES = [rule for rule in IN_COHORTS if isinstance(rule, IntervalDesign | BetaBinomial)]


@pytest.mark.parametrize("rule", WITH_TABLES, ids=repr)
def test_a_table_eliminates_as_its_rule_does(rule: Any) -> None:
    for evaluable, least in enumerate(rule.eliminating_dlts(40)):
        for dlts in range(evaluable + 1):
            assert (dlts >= least) == _eliminates(rule, evaluable, dlts), (evaluable, dlts)


def _eliminates(rule: Any, evaluable: int, dlts: int) -> bool:
    """Whether a rule rules out a level with these data, asked without a table."""
    if isinstance(rule, BetaBinomial):
        tail = betaincc(rule.prior_a + dlts, rule.prior_b + evaluable - dlts, rule.target)
        return bool(evaluable >= rule.minimum_n and tail > rule.cutoff)
    return bool(rule.highest_left([(evaluable, dlts)]) == 0)


def test_codes_of_rules_are_positions_of_their_names() -> None:
    twins = (codes.FIXED, codes.LADDER, codes.THREE_PLUS_THREE, codes.BOIN, codes.BETA_BINOMIAL)
    named = ("fixed", "ladder", "three_plus_three", "boin", "beta_binomial")
    assert [codes.TWINS[code] for code in twins] == list(named)
    others = (codes.ROLLING_SIX, codes.TITE_BOIN, codes.TITE_CRM)
    assert [codes.TWINS[code] for code in others] == ["rolling_six", "tite_boin", "tite_crm"]
    assert len(codes.TWINS) == codes.LOOKED_UP
    assert set(codes.TWINS) < set(RULES)

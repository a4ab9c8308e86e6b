"""Both engines draw the same for what is not known, whatever it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engines.conftest import Kernel
from tests.support.equality import assert_engines_equal
from tests.support.random_values import Draw
from tests.support.strategies import documents
from trialsim import ScenarioError, load
from trialsim.kernel.engine import Engine
from trialsim.kernel.state.plan import Plan
from trialsim.kernel.state.plan.varied import varied_words
from trialsim.kernel.support import unsupported
from trialsim.model import run
from trialsim.scenario import Scenario
from trialsim.scenario.copula import scenario_drawn

SHORT, LONG = {"min": "0 days", "max": "5 weeks"}, {"min": "60 days", "max": "120 days"}
WORDS: dict[str, Any] = {
    "recruitment.rate_multiplier": {"pert": {"min": 0.5, "mode": 1, "max": 1.5}},
    "recruitment.sites.Saint-Louis.rate": {"p10": "0.4 per month", "p50": "0.6 per month", "p90": "1 per month"},
    "screening.pass_probability": {"beta": {"mean": 0.3, "sd": 0.1}},
    "screening.duration.lognormal.mean": {"uniform": {"min": "10 days", "max": "5 weeks"}},
    "screening.duration.lognormal.sd": {"uniform": {"min": "1 day", "max": "2 weeks"}},
    "waiting.withdrawal": {"gamma": {"mean": "0.1 per month", "sd": "0.1 per month"}},
    "waiting.eligibility_valid": {"uniform": LONG},
    "waiting.rescreen_probability": {"uniform": {"min": 0, "max": 1}},
    "product.donation.exponential.mean": {"uniform": {"min": "10 days", "max": "5 weeks"}},
    "product.expansion.triangular.max": {"uniform": {"min": "7 weeks", "max": "10 weeks"}},
    "product.release_probability": {"uniform": {"min": 0.5, "max": 1}},
    "product.minimum_dose_fraction": {"uniform": {"min": 0.5, "max": 0.9}},
    "product.shelf_life": {"uniform": LONG},
    "product.shipping": {"uniform": {"min": "1 day", "max": "3 days"}},
    "product.first_start": {"uniform": SHORT},
    "infusion.notice": {"uniform": {"min": "0 days", "max": "2 weeks"}},
    "dosing.review": {"empirical": {"values": ["0 days", "20 days"]}},
    "dosing.sentinel": {"uniform": SHORT},
    "dosing.stagger": {"uniform": SHORT},
    "truth.dlt_probability.3": {"p10": 0.05, "p50": 0.1, "p90": 0.3},
    "truth.loss_in_window_probability": {"uniform": {"min": 0, "max": 0.2}},
    "follow_up.duration": {"uniform": {"min": "0 days", "max": "24 months"}},
    "follow_up.loss": {"uniform": {"min": "0 per year", "max": "1 per year"}},
    "stopping.time_limit": {"uniform": {"min": "2 years", "max": "5 years"}},
    "stopping.external_stop": {"uniform": {"min": "0 per year", "max": "1 per year"}},
}
PLANS: dict[str, Any] = {
    "recruitment.shared_rate_cv": {"uniform": {"min": 0, "max": 1}},
    "recruitment.periods.first lockdown.factor": {"uniform": {"min": 0, "max": 1}},
    "participants.weight_kg.lognormal.mean": {"uniform": {"min": 50, "max": 80}},
    "product.cells_per_lot.uniform.max": {"uniform": {"min": 2e8, "max": 8e8}},
    "dosing.observation": {"uniform": {"min": "3 days", "max": "60 days"}},
}


def with_unknown(uncertain: dict[str, Any], name: str = "msc-sle", **more: Any) -> Scenario:
    return Scenario.from_document({**load(name).to_document(), "uncertain": uncertain, **more})


@pytest.mark.parametrize("key", WORDS)
def test_each_key_as_words(key: str, kernel: Kernel) -> None:
    scenario = with_unknown({key: WORDS[key]})
    assert varied_words(Plan(scenario), 1, 1, 2) is not None
    assert_engines_equal(scenario, kernel.run, 1, 1, kernel.number(compiled=20, plain=3))


@pytest.mark.parametrize("key", PLANS)
def test_each_key_that_needs_a_plan(key: str, kernel: Kernel) -> None:
    scenario = with_unknown({key: PLANS[key]})
    assert varied_words(Plan(scenario), 1, 1, 2) is None
    assert_engines_equal(scenario, kernel.run, 1, 1, 3)


def test_all_together_in_threads(kernel: Kernel) -> None:
    pairs = [{"between": ["recruitment.rate_multiplier", "screening.pass_probability"], "rank": -0.6}]
    number = kernel.number(compiled=60, plain=6)
    assert_engines_equal(with_unknown(WORDS, correlations=pairs), kernel.run, 2, 1, number, threads=2)
    assert_engines_equal(with_unknown(WORDS | PLANS), kernel.run, 2, 1, 3)


def test_several_sites_and_their_defaults(kernel: Kernel) -> None:
    sites = [{"name": "A", "count": 2}, {"name": "B", "rate": "2 per month", "activation": "1 month"}]
    document = {
        "trial": {"name": "sites", "start_date": "2024-01-01", "max_participants": 8},
        "recruitment": {"site_defaults": {"rate": "1 per month"}, "sites": sites},
        "screening": {"criteria": [{"name": "one", "pass_probability": 0.8}, {"name": "two", "pass_probability": 0.9}]},
        "uncertain": {
            "recruitment.site_defaults.rate": {"gamma": {"mean": "1 per month", "sd": "1 per month"}},
            "recruitment.sites.B.rate": {"gamma": {"mean": "1 per month", "sd": "1 per month"}},
            "recruitment.sites.B.activation": {"uniform": {"min": "0 days", "max": "1 year"}},
            "screening.criteria.two.pass_probability": {"uniform": {"min": 0.2, "max": 1}},
        },
    }
    scenario = Scenario.from_document(document)
    assert varied_words(Plan(scenario), 1, 1, 2) is not None
    assert_engines_equal(scenario, kernel.run, 1, 1, kernel.number(compiled=60, plain=8))


def test_a_replication_is_one_of_the_scenario_drawn(kernel: Kernel) -> None:
    """By a plan of its own, made from a scenario in which nothing is unknown."""
    scenario = with_unknown(WORDS)
    for number in (1, 7):
        drawn = scenario_drawn(scenario, 3, number)
        assert not drawn.uncertain and drawn.to_document() == Scenario.from_document(drawn.to_document()).to_document()
        alone = Engine(Plan(drawn), kernel.run).run(3, number, number)
        among = Engine(Plan(scenario), kernel.run).run(3, number, number + 2)
        assert alone.ends[0] == among.ends[0]
        assert run(drawn, 3, number).end_day == float(alone.ends["end_day"][0])


def test_draws_with_another_seed_than_luck(kernel: Kernel) -> None:
    """As two runs have that share what is not known."""
    scenario = with_unknown(WORDS)
    ends = Engine(Plan(scenario), kernel.run).run(3, 1, 4, draw_seed=5).ends
    days = [run(scenario_drawn(scenario, 5, number), 3, number).end_day for number in range(1, 5)]
    assert np.array_equal(ends["end_day"], days)


def test_some_draws_of_another_seed(kernel: Kernel) -> None:
    """As points have in which some inputs are exchanged."""
    scenario = with_unknown(WORDS)
    seeds = {each.key: 5 if each.key.startswith("stopping") else 3 for each in scenario.inputs}
    ends = Engine(Plan(scenario), kernel.run).run(3, 1, 4, draw_seed=seeds).ends
    days = [run(scenario_drawn(scenario, seeds, number), 3, number).end_day for number in range(1, 5)]
    assert np.array_equal(ends["end_day"], days)
    assert not np.array_equal(ends["end_day"], Engine(Plan(scenario), kernel.run).run(3, 1, 4).ends["end_day"])


@st.composite
def with_some_unknown(draw: Draw) -> Scenario:
    """A random scenario of which some keys are not known: from half as much as stated to half as much again."""
    document = draw(documents(always=("screening", "waiting", "dosing", "truth", "product")))
    scenario = Scenario.from_document(document)
    known = dict(_numbers(scenario))
    keys = st.sampled_from(list(known))
    uncertain: dict[str, Any] = {}
    for key in draw(st.lists(keys, max_size=6, unique=True)):
        number, unit = known[key]
        ends = [f"{times * number!r} {unit}" if unit else times * number for times in (0.5, 1.5)]
        entry = {"uniform": dict(zip(("min", "max"), ends, strict=True))}
        with suppress(ScenarioError):  # half as much again may be too much
            Scenario.from_document({**document, "uncertain": {**uncertain, key: entry}})
            uncertain[key] = entry
    return Scenario.from_document({**document, "uncertain": uncertain})


def _numbers(scenario: Scenario) -> Iterator[tuple[str, tuple[float, str]]]:
    """Numbers and their units by key, also those in distributions and lists; some are more than may be unknown."""
    pending = list(scenario.given_values().items())
    while pending:
        key, value = pending.pop()
        if isinstance(value, dict):
            pending += [(f"{key}.{name}", each) for name, each in value.items()]
        elif isinstance(value, list):
            pending += [(f"{key}.{number}", each) for number, each in enumerate(value, 1)]
        elif isinstance(value, float | str):
            number, _, unit = str(value).partition(" ")
            with suppress(ValueError):
                yield key, (float(number), unit)


def test_random_scenarios_of_which_some_keys_are_unknown(kernel: Kernel) -> None:
    seen: set[str] = set()

    def check(scenario: Scenario, seed: int) -> None:
        if not unsupported(scenario):
            seen.update(scenario.uncertain)
            assert_engines_equal(scenario, kernel.run, seed, 1, 3)

    number = kernel.number(compiled=25, plain=10)
    quietly = settings(max_examples=number, derandomize=True, suppress_health_check=list(HealthCheck))
    quietly(given(with_some_unknown(), st.integers(0, 2**64 - 1))(check))()
    assert len(seen) > 3, seen

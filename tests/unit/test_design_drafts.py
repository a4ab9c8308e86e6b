"""How a design comes about: defaults, options, scenarios, and what is said about mistakes."""

from __future__ import annotations

from typing import Any

import pytest

import trialsim
from trialsim.design import Design
from trialsim.rules.crm import Crm
from trialsim.scenario import ScenarioError

SKELETON = [0.1, 0.2, 0.3, 0.4]


def messages(*arguments: Any, **options: Any) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        Design.of(*arguments, **options)
    return [str(problem) for problem in caught.value.problems]


def test_defaults() -> None:
    design = Design.of("boin", {"target": 0.3})
    assert trialsim.Design is Design
    assert (design.levels, design.dosing.cohort_size, design.dosing.start_level) == (5, 3, 1)
    assert design.scenario.trial.max_participants == 30
    assert design.dosing.observation == 28
    assert [site.rate for site in design.scenario.sites] == pytest.approx([2 / 30.4375])
    assert design.doses is None
    assert Design.of("rolling_six").dosing.cohort_size is None
    assert Design.of("three_plus_three").dosing.cohort_size == 3


def test_the_number_of_levels_comes_from_what_there_is() -> None:
    crm = {"target": 0.2, "skeleton": SKELETON}
    assert Design.of("crm", crm).levels == 4
    assert Design.of({"crm": crm}).levels == 4
    assert Design.of("boin", {"target": 0.3}, truth=[0.1, 0.2, 0.3]).levels == 3
    assert Design.of("boin", {"target": 0.3}, levels=2).levels == 2


def test_options_reach_the_scenario() -> None:
    design = Design.of(
        {"boin": {"target": 0.2}},
        {"target": 0.25, "elimination": 0.9},
        levels=4,
        start_level=2,
        cohort_size=2,
        max_participants=9,
        window="2 weeks",
        review="1 week",
        rate="1 per week",
        while_closed="turn_away",
        set=["dosing.stop_cohort_early=false", "dosing.guards.enough_at_level=6"],
    )
    document = design.to_document()
    assert document["max_participants"] == 9
    assert document["dosing"]["rule"]["boin"] == {"target": 0.25, "elimination": 0.9}
    dosing = design.dosing
    assert (dosing.start_level, dosing.cohort_size, dosing.observation, dosing.stop_cohort_early) == (2, 2, 14, False)
    assert dosing.guards is not None and dosing.guards.enough_at_level == 6
    assert dosing.review.mean() == 7
    assert design.scenario.recruitment.while_closed == "turn_away"
    assert design.scenario.sites[0].rate == pytest.approx(1 / 7)


def test_a_scenario_brings_what_a_design_needs_and_nothing_else() -> None:
    whole = trialsim.load("msc-sle")
    for source in ("msc-sle", whole):
        design = Design.of(scenario=source)
        assert design.dosing == whole.dosing
        assert design.scenario.recruitment == whole.recruitment
        assert design.scenario.trial.max_participants == whole.trial.max_participants
        assert design.doses == ("1e6 cells per kg", "2e6 cells per kg", "4e6 cells per kg")
        for layer in ("screening", "product", "infusion", "waiting", "stopping", "truth"):
            assert getattr(design.scenario, layer) is None
    changed = Design.of(None, {"target": 0.3}, scenario=whole, max_participants=20)
    assert (changed.target, changed.scenario.trial.max_participants) == (0.3, 20)
    other = Design.of("keyboard", {"target": 0.2}, scenario=whole)
    assert (other.dosing.rule_name, other.dosing.cohort_size) == ("keyboard", 5)
    assert Design.of(scenario=whole, levels=4, start_level=1).doses is None
    faster = Design.of(scenario=whole, rate="5 per month", truth=[0.1, 0.2, 0.3])
    assert faster.scenario.truth is not None and faster.scenario.truth.dlt_probability == (0.1, 0.2, 0.3)
    assert [site.name for site in faster.scenario.sites] == ["Site"]


def test_one_kind_of_skeleton_takes_the_place_of_the_other() -> None:
    base = Design.of("crm", {"target": 0.2, "half_width": 0.05, "prior_mtd": 2}, levels=4).scenario
    given = Design.of(None, {"skeleton": SKELETON}, scenario=base).rule
    assert isinstance(given, Crm)
    assert given.half_width is None
    again = Design.of("crm", {"target": 0.2, "skeleton": SKELETON}).scenario
    derived = Design.of(None, {"half_width": 0.05, "prior_mtd": 2}, scenario=again).rule
    assert isinstance(derived, Crm)
    assert derived.skeleton is None


def test_mistakes_are_named_as_in_a_scenario_file() -> None:
    assert messages("boin") == ["boin: dosing.rule: boin needs its target: write {boin: {target: 0.25}}"]
    assert messages("boin", {"target": 1.5}) == [
        "target=1.5: dosing.rule.boin.target: 1.5 is not allowed; the number must be below 1"
    ]
    (unknown,) = messages("boyn", {"target": 0.3})
    assert unknown.startswith('boyn: dosing.rule.boyn: "boyn" is not a dose rule; did you mean "boin"?')
    (window,) = messages("boin", {"target": 0.3}, window="28")
    assert window.startswith('window=28: dosing.observation: "28" has no unit')
    (rate,) = messages("boin", {"target": 0.3}, rate="3", as_options=True)
    assert rate.startswith("--rate 3: recruitment.sites.Site.rate: ")
    (size,) = messages("three_plus_three", cohort_size=2, as_options=True)
    assert size.startswith("--cohort-size 2: dosing.cohort_size: 2 does not go with three_plus_three")
    (guard,) = messages("boin", {"target": 0.3}, set=["dosing.guards.enough=3"])
    assert guard.startswith("--set dosing.guards.enough=3: dosing.guards.enough: ")
    (truth,) = messages("boin", {"target": 0.3}, truth=[0.1, 0.2], levels=3)
    assert truth.startswith("truth=0.1,0.2: truth.dlt_probability: 2 probabilities for 3 dose levels")
    assert len(messages("boin", {"target": 2}, window="x", truth=[0.1, 3])) == 3
    for option in ("dosing=null", "screening.pass_probability=0.5", "foo"):
        (setting,) = messages("boin", {"target": 0.3}, set=[option])
        assert setting.startswith(f"--set {option}: ")
    (listed,) = messages(scenario="replay-two-levels", truth=[0.1, 0.2], as_options=True)
    assert listed.startswith("--truth 0.1,0.2: truth: the scenario lists its people")
    assert Design.of(scenario="replay-two-levels", truth=[0.1, 0.2], rate="1 per week").scenario.truth is not None
    (none,) = messages(scenario="multicentre-phase-3")
    assert "has no dosing section" in none
    with pytest.raises(TypeError, match="there is no option speed"):
        Design.of("boin", {"target": 0.3}, speed=3)


def test_no_rule_at_all() -> None:
    (missing,) = messages()
    assert "dosing.rule: is missing" in missing

"""What-ifs: --set, and Scenario.changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialsim.analysis.facts import facts_of
from trialsim.scenario import Scenario, ScenarioError, load, shipped
from trialsim.scenario.messages.words import dotted
from trialsim.scenario.reading.overrides import replace, split_key, split_option
from trialsim.scenario.sweep import load_sweep


def refused(*options: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        load("msc-sle", set=options)
    return str(caught.value)


def test_values_are_yaml() -> None:
    s = load(
        "msc-sle",
        set=[
            "recruitment.rate_multiplier=2",
            "recruitment.sites.Saint-Louis.rate=1.2 per day",
            "dosing.rule={beta_binomial: {target: 0.25, cutoff: 0.9}}",
            "infusion.weekdays=[Monday]",
            "screening.duration.lognormal.sd=3 days",
            "dosing.stop_cohort_early=false",
        ],
    )
    assert s.recruitment.rate_multiplier == 2
    assert s.sites[0].rate == 1.2
    assert s.dosing is not None and type(s.dosing.rule).__name__ == "BetaBinomial"
    assert s.dosing.stop_cohort_early is False
    assert s.infusion is not None and s.infusion.weekdays == (0,)
    assert s.screening is not None and s.screening.duration.mean() == 28


def test_entries_by_name_or_number() -> None:
    by_name = load("msc-sle", set=["recruitment.periods.first lockdown.factor=0.5"])
    by_number = load("msc-sle", set=["recruitment.periods.1.factor=0.5"])
    assert by_name == by_number
    assert by_name.recruitment.periods[0].factor == 0.5


def test_entries_count_from_one_in_sources_and_sweeps_too(tmp_path: Path) -> None:
    key = "infusion.weekdays.2"
    (tmp_path / "a.yaml").write_text(shipped.text("msc-sle") + f"  {key}: {{kind: protocol, note: page 7}}\n")
    base = load(tmp_path / "a.yaml")
    assert base.source_of(key).note == "page 7"
    points = load_sweep(str(tmp_path / "a.yaml"), vary=[f"{key}=Wednesday,Thursday"]).points
    assert [point.values[key] for point in points] == ["Wednesday", "Thursday"]
    assert [point.scenario.infusion.weekdays for point in points if point.scenario.infusion] == [(1, 2), (1, 3)]
    assert [point.is_base for point in points] == [False, True]


def test_null_switches_a_layer_off() -> None:
    s = load("msc-sle", set=["product=null", "infusion.per_day=null"])
    assert s.product is None
    assert s.infusion is not None and s.infusion.per_day is None
    without = load("msc-sle", set=["product=null", "truth=null", "dosing=null"])
    assert without.levels == 1


def test_a_layer_can_be_switched_on() -> None:
    s = load("teaching-minimal", set=["waiting.withdrawal=0.1 per month", "stopping={time_limit: 1 year}"])
    assert s.waiting is not None and s.waiting.withdrawal == pytest.approx(0.1 / 30.4375)
    assert s.stopping is not None and s.stopping.time_limit == 365.25


def test_later_options_win() -> None:
    assert load("msc-sle", set=["trial.max_participants=3", "trial.max_participants=4"]).trial.max_participants == 4


def test_what_is_changed_loses_its_source() -> None:
    s = load(
        "msc-sle",
        set=["recruitment.sites.1.rate=1 per month", "screening.duration.lognormal.sd=3 days", "product=null"],
    )
    assert s.source_of("recruitment.sites.Saint-Louis.rate").kind == "what-if"
    assert s.source_of("screening.duration").kind == "what-if"
    assert s.source_of("product").kind == "what-if"
    assert s.source_of("screening.pass_probability").kind == "observed"
    assert s.source_of("dosing.rule.boin.target").note
    assert s.source_of("follow_up.loss").kind == "assumption"
    assert not any(key.startswith("product.") for key in s.sources)


def test_a_period_keeps_the_sources_of_what_was_not_changed() -> None:
    s = load("msc-sle", set=["recruitment.periods.1.factor=0.5"])
    assert s.source_of("recruitment.periods.first lockdown.factor").kind == "what-if"
    assert s.source_of("recruitment.periods.first lockdown.from").kind == "observed"


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("recruitment.rate_multiplier", "this is not KEY=VALUE"),
        ("recruitment.rate_multiplier=", "no value is given"),
        ("=3", "is not a key"),
        ("trial..name=3", "is not a key"),
        ('recruitment.sites."Saint=1', "this is not KEY=VALUE"),
        ("recruitment.sites.Saint-Lois.rate=1 per day", 'did you mean "Saint-Louis"?'),
        ("recruitment.sites.2.rate=1 per day", 'no entry "2" (its entries are Saint-Louis)'),
        ("recruitment.sites.0.rate=1 per day", 'no entry "0" (its entries are Saint-Louis)'),
        ("dosing.levels.0=1e6 cells per kg", 'no entry "0" (it has 3 entries, counted from 1)'),
        ("trial.name.x=1", 'trial.name is "msc-sle", which has no key "x"'),
        ("trial.max_participants=[", "is not valid YAML"),
        ("trial.max_participants=ten", 'trial.max_participants: "ten" is not allowed'),
        ("trial.max_participant=10", 'did you mean "max_participants"?'),
        ("dosing.start_level=7", "dosing.start_level: 7 is beyond the ladder"),
        ("dosing.rule=fxed", 'did you mean "fixed"?'),
        ("recruitment.sites.Saint-Louis.rate=1", "recruitment.sites.Saint-Louis.rate: 1 has no unit"),
        ("trial=null", "trial: "),
        ("dosing.observation=28", "28 has no unit"),
    ],
)
def test_an_error_names_the_option(option: str, words: str) -> None:
    text = refused(option)
    assert text.startswith(f"--set {option}: ")
    assert words in text
    assert len(text.splitlines()) == 1


RULE = "--set dosing.rule=three_plus_three"
SIZE = "does not go with three_plus_three, whose cohorts are of 3; give 3, or leave it out"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["dosing.rule=three_plus_three"], rf"msc-sle.yaml:\d+:3: dosing.cohort_size: 5 {SIZE} \(because of {RULE}\)"),
        (
            ["trial.max_participants=9", "dosing.rule=three_plus_three"],
            rf"msc-sle.yaml:\d+:3: dosing.cohort_size: 5 {SIZE} \(because of {RULE}\)",
        ),
        (
            ["dosing.rule=three_plus_three", "dosing.cohort_size=4"],
            f"--set dosing.cohort_size=4: dosing.cohort_size: 4 {SIZE}",
        ),
    ],
)
def test_a_contradiction_names_the_option_it_comes_from(options: list[str], told: str) -> None:
    assert re.fullmatch(told, refused(*options))


def test_what_was_wrong_before_is_not_put_down_to_options(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(
        "trial: {name: bad, start_date: 2024-01-01, max_participants: 6}\n"
        "recruitment: {sites: [{name: A, rate: 1 per week}]}\n"
        "dosing: {levels: [1 mg], rule: ladder}\n"
    )
    with pytest.raises(ScenarioError) as caught:
        load(file, set=["dosing.observation=7 days"])
    missing = "is missing; the rule ladder works in cohorts: give their size, such as 3"
    assert str(caught.value) == f"{file}:3:1: dosing.cohort_size: {missing}"


def test_a_changed_scenario_names_the_change_that_contradicts_it() -> None:
    with pytest.raises(ScenarioError, match=r"^dosing\.rule=three_plus_three: dosing\.cohort_size: 5 "):
        load("msc-sle").changed({"dosing.rule": "three_plus_three"})


def test_all_options_are_judged_at_once() -> None:
    lines = refused("trial.max_participants=0", "nonsense", "waiting.withdrawal=1").splitlines()
    assert {line.split(": ")[0] for line in lines} == {
        "--set trial.max_participants=0",
        "--set nonsense",
        "--set waiting.withdrawal=1",
    }


def test_the_option_that_counts_is_named() -> None:
    lines = refused("waiting.withdrawal=1", "waiting={withdrawal: 2}").splitlines()
    assert [line.split(": waiting.withdrawal")[0] for line in lines] == ["--set waiting={withdrawal: 2}"]


def test_replacing_leaves_the_document_alone() -> None:
    document = {"trial": {"name": "a"}}
    changed, path, _ = replace(document, "trial.name", "b")
    assert document == {"trial": {"name": "a"}}
    assert (changed["trial"], path) == ({"name": "b"}, ("trial", "name"))


def test_keys_and_options_are_split_outside_quotes() -> None:
    assert split_key('a."b.c".d') == ["a", "b.c", "d"]
    assert split_key("a.'b.c'") == ["a", "b.c"]
    assert split_key("a.O'Neill") == ["a", "O'Neill"]
    assert split_option('a."b=c"=d=e') == ('a."b=c"', "d=e")


def test_a_name_with_dots_is_quoted() -> None:
    base = load("teaching-minimal").changed({"recruitment.sites.1.name": "St. Mary"})
    assert base.source_of('recruitment.sites."St. Mary".name').kind == "what-if"
    assert load("msc-sle").changed({"recruitment.sites.1.name": "Paris"}).source_of("dosing.levels").kind == "protocol"
    s = base.changed({'recruitment.sites."St. Mary".rate': "9 per day"})
    assert s.sites[0].rate == 9
    assert s.source_of('recruitment.sites."St. Mary".rate').kind == "what-if"


def test_changed_makes_a_new_scenario() -> None:
    base = load("msc-sle")
    before = base.digest()
    s = base.changed({"product.suites": 2, "product.target_doses": 5, "infusion": None})
    assert s.product is not None and (s.product.suites, s.product.target_doses) == (2, 5)
    assert s.infusion is None
    assert base.digest() == before
    assert s == load("msc-sle", set=["product.suites=2", "product.target_doses=5", "infusion=null"])
    with pytest.raises(ScenarioError, match=r"^--vary product.suites=0: product.suites: 0 is not allowed"):
        base.changed({"product.suites": 0}, "--vary")


def test_what_has_been_changed_is_among_the_facts() -> None:
    site = "recruitment.sites.Saint-Louis.rate=1 per month"
    screening = ["screening.duration.lognormal.mean=3 weeks", "screening.duration.lognormal.sd=1 week"]
    options = ["recruitment.rate_multiplier=2", "product=null", site, "dosing.rule={boin: {target: 0.3}}", *screening]
    facts = facts_of(load("msc-sle", set=options))
    assert sorted(facts.what_ifs) == [
        "dosing.rule={boin: {target: 0.3}}",
        "product=null",
        "recruitment.rate_multiplier=2",
        "recruitment.sites.Saint-Louis.rate=1 per month",
        "screening.duration.lognormal.mean=3 weeks, screening.duration.lognormal.sd=1 week",
    ]
    assert facts.label == "msc-sle, what-if"
    plain = facts_of(load("msc-sle"))
    assert (plain.what_ifs, plain.label) == ((), "msc-sle")


def test_one_change_after_another_stays_possible() -> None:
    s = load("msc-sle")
    for days in range(1, 80):
        s = s.changed({"screening.duration.lognormal.sd": f"{days} days"})
    assert s.source_of("screening.duration").note.endswith("…")


def test_a_what_if_counts_as_an_assumption() -> None:
    """Nobody knows it, wherever the value that it replaces came from."""
    plan = facts_of(load("msc-sle"))
    known = facts_of(load("msc-sle", set=["recruitment.sites.Saint-Louis.rate=1 per month"]))
    assumed = facts_of(load("msc-sle", set=["product.suites=2"]))
    assert load("msc-sle").source_of("recruitment.sites.Saint-Louis.rate").kind != "assumption"
    assert load("msc-sle").source_of("product.suites").kind == "assumption"
    assert (known.assumptions, assumed.assumptions) == (plan.assumptions + 1, plan.assumptions)


@pytest.mark.parametrize(
    ("where", "entry"),
    [
        ("stopping.accrual_looks", "{at: 1 year, minimum_infused: 1}"),
        ("trial.targets", "{date: 2025-01-01, milestone: settled}"),
        ("observed", "{date: 2024-06-01, screened: 1}"),
    ],
)
def test_entries_of_a_list_that_is_not_there(where: str, entry: str) -> None:
    for option in (f"{where}.1=null", f"{where}.2.at=1 year"):
        with pytest.raises(ScenarioError, match=r"has no entry \"[12]\" \(it has 0 entries, counted from 1\)"):
            load("teaching-minimal", set=[option])
    load("teaching-minimal", set=[f"{where}.1={entry}"])


@given(st.lists(st.text("a.\"' =#b", min_size=1, max_size=6), min_size=1, max_size=4))
def test_any_key_can_be_written_and_is_split_again(parts: list[str]) -> None:
    assert split_key(dotted(parts)) == parts


def test_a_site_whose_name_begins_with_a_quote_has_a_key() -> None:
    document = load("teaching-minimal").to_document()
    document["recruitment"]["sites"][0]["name"] = '\'t Hof "A"'
    scenario = Scenario.from_document(document)
    keys = [key for key in scenario.given_values() if key.startswith("recruitment.sites")]
    assert 'recruitment.sites."\'t Hof ""A""".rate' in keys
    assert scenario.changed({keys[0]: "2 per month"}).source_of(keys[0]).kind == "what-if"

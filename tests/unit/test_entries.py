"""What-ifs that add, drop or single out entries of lists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import trialsim
from trialsim.scenario import Scenario, ScenarioError, load
from trialsim.scenario.sweep import load_sweep

TEXT = """\
trial: {name: regions, start_date: 2027-01-11, max_participants: 12}
recruitment:
  sites:
    - {name: Lyon, rate: 1 per month}
    - {name: Region, count: 3, rate: 2 per month}
    - {name: Paris, rate: 3 per month}
  periods:
    - {name: summer, from: 2027-07-01, until: 2027-09-01, factor: 0.5, sites: [Lyon, Region]}
stopping:
  accrual_looks:
    - {at: 6 months, minimum_infused: 1}
sources:
  recruitment.sites.Region.rate: {kind: observed, note: the register}
  recruitment.sites.Paris.rate: {kind: observed, note: the log}
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "regions.yaml").write_text(TEXT)
    return str(tmp_path / "regions.yaml")


def rates(scenario: Scenario) -> dict[str, int]:
    return {site.name: round((site.rate or 0.0) * 30.4375) for site in scenario.sites}


def test_null_drops_a_site_and_its_sources(file: str) -> None:
    s = load(file, set=["recruitment.sites.Paris=null"])
    assert rates(s) == {"Lyon": 1, "Region-1": 2, "Region-2": 2, "Region-3": 2}
    assert list(s.sources) == ["recruitment.sites.Region.rate", "recruitment.sites.Paris"]
    assert s.sources["recruitment.sites.Paris"].note == "recruitment.sites.Paris=null"
    assert rates(load(file, set=["recruitment.sites.1=null"])) == {
        "Region-1": 2,
        "Region-2": 2,
        "Region-3": 2,
        "Paris": 3,
    }


@pytest.mark.parametrize(
    ("option", "region"),
    [("recruitment.sites.Lyon=null", "Region"), ("recruitment.sites.Region-1.rate=1 per month", "Region-2")],
)
def test_sources_by_number_stay_with_their_entries(tmp_path: Path, option: str, region: str) -> None:
    (tmp_path / "by_number.yaml").write_text(TEXT.replace("recruitment.sites.Paris.rate", "recruitment.sites.3.rate"))
    s = load(tmp_path / "by_number.yaml", set=[option])
    assert s.source_of("recruitment.sites.Paris.rate").note == "the log"
    assert s.source_of(f"recruitment.sites.{region}.rate").note == "the register"


def test_a_mapping_adds_a_site(file: str) -> None:
    s = load(file, set=["recruitment.sites.Leiden={rate: 4 per month}", "recruitment.sites.Leiden.ramp_up=2 weeks"])
    assert rates(s) == {"Lyon": 1, "Region-1": 2, "Region-2": 2, "Region-3": 2, "Paris": 3, "Leiden": 4}
    assert s.sites[-1].ramp_up == 14
    assert s.source_of("recruitment.sites.Leiden.rate").kind == "what-if"


def test_a_mapping_adds_entries_of_other_lists(file: str) -> None:
    looks = load(file, set=["stopping.accrual_looks.2={at: 1 year, minimum_infused: 4}"]).stopping
    assert looks is not None and [look.minimum_infused for look in looks.accrual_looks] == [1, 4]
    closed = load(file, set=["infusion.closures.August={from: 2027-08-01, until: 2027-09-01}"]).infusion
    assert closed is not None and [closure.name for closure in closed.closures] == ["August"]
    with pytest.raises(ScenarioError, match="has no entry"):
        load(file, set=["stopping.accrual_looks.3={at: 1 year, minimum_infused: 4}"])


def test_one_of_the_sites_of_a_count_has_a_rate_of_its_own(file: str) -> None:
    s = load(file, set=["recruitment.sites.Region-2.rate=5 per month"])
    assert rates(s) == {"Lyon": 1, "Region-1": 2, "Region-2": 5, "Region-3": 2, "Paris": 3}
    assert s.source_of("recruitment.sites.Region-2.rate").kind == "what-if"
    assert s.source_of("recruitment.sites.Region-3.rate").note == "the register"
    assert all(s.periods(f"Region-{number}") == load(file).periods("Region-1") for number in (1, 2, 3))
    assert s.periods("Paris") == ()
    assert rates(load(file, set=["recruitment.sites.Region-1=null"])) == {
        "Lyon": 1,
        "Region-2": 2,
        "Region-3": 2,
        "Paris": 3,
    }


def test_singling_a_site_out_changes_nothing_else(file: str) -> None:
    base = trialsim.simulate(file, 5)
    same = trialsim.simulate(load(file, set=["recruitment.sites.Region-2.rate=2 per month"]), 5)
    assert base.replications.equals(same.replications)


def test_a_sweep_varies_one_of_the_sites_of_a_count(file: str) -> None:
    points = load_sweep(file, vary=["recruitment.sites.Region-2.rate=2 per month,5 per month"]).points
    assert [rates(point.scenario)["Region-2"] for point in points] == [2, 5]
    assert [point.is_base for point in points] == [True, False]


@pytest.mark.parametrize(
    ("option", "line"),
    [
        ("recruitment.sites.Lyon=null", 6),
        ("recruitment.sites.Region-2.ramp_up=1 week", 6),
        ("recruitment.sites.Paris=null", 4),
    ],
)
def test_problems_of_the_others_keep_their_lines(tmp_path: Path, option: str, line: int) -> None:
    (tmp_path / "bad.yaml").write_text(TEXT.replace("3 per month", "3").replace("1 per month", "1"))
    with pytest.raises(ScenarioError) as caught:
        load(tmp_path / "bad.yaml", set=[option])
    place = {4: "Lyon", 6: "Paris"}[line]
    told = [str(problem) for problem in caught.value.problems]
    assert any(
        re.search(rf"bad\.yaml:{line}:\d+: recruitment\.sites\.{place}\.rate: \d has no unit", each) for each in told
    ), told
    assert not any(each.startswith("--set") for each in told)


def test_the_only_site_cannot_be_dropped(file: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(file, set=[f"recruitment.sites.{name}=null" for name in ("Lyon", "Region", "Paris")])
    assert "recruitment.sites: " in str(caught.value)
    assert "because of --set recruitment.sites.Lyon=null" in str(caught.value)


def test_changes_of_entries_follow_one_another(file: str) -> None:
    s = load(file).changed(
        {
            "recruitment.sites.Lyon": None,
            "recruitment.sites.Region-3.rate": "6 per month",
            "recruitment.sites.Region-1": None,
            "recruitment.sites.Nice": {"rate": "7 per month"},
        }
    )
    assert rates(s) == {"Region-2": 2, "Region-3": 6, "Paris": 3, "Nice": 7}
    assert s.recruitment.periods[0].sites == ("Region-2", "Region-3")


LOOKS = """\
trial: {name: looks, start_date: 2027-01-11, max_participants: 12}
recruitment:
  sites:
    - {name: Lyon, rate: 1 per month}
stopping:
  accrual_looks:
    - {at: 1 year, minimum_infused: 1}
    - {at: 2 years, minimum_infused: 2}
    - {at: 3 years, minimum_infused: 3}
    - {at: 4 years, minimum_infused: 4}
sources:
  stopping.accrual_looks.1: {kind: protocol, note: look 1}
  stopping.accrual_looks.2: {kind: protocol, note: look 2}
  stopping.accrual_looks.3: {kind: protocol, note: look 3}
  stopping.accrual_looks.4: {kind: protocol, note: look 4}
"""
"""Entries without names; each has a source of its own."""


@pytest.mark.parametrize("gone", [(1,), (2,), (4,), (1, 1), (3, 1), (2, 2, 1)])
def test_sources_follow_entries_without_names(tmp_path: Path, gone: tuple[int, ...]) -> None:
    (tmp_path / "looks.yaml").write_text(LOOKS)
    options = [f"stopping.accrual_looks.{number}=null" for number in gone]
    kept = [1, 2, 3, 4]
    for number in gone:
        del kept[number - 1]
    for s in (load(tmp_path / "looks.yaml", set=options), _one_by_one(load(tmp_path / "looks.yaml"), options)):
        assert s.stopping is not None
        assert [look.minimum_infused for look in s.stopping.accrual_looks] == kept
        found = [s.source_of(f"stopping.accrual_looks.{number}").note for number in range(1, len(kept) + 1)]
        assert found == [f"look {number}" for number in kept]
        assert set(options) == {source.note for source in s.sources.values() if source.kind == "what-if"}


def _one_by_one(scenario: Scenario, options: list[str]) -> Scenario:
    for option in options:
        scenario = scenario.changed({option.removesuffix("=null"): None})
    return scenario

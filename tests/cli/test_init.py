"""``init``: a blank file of the parts asked for, and what becomes of the sources of a copy."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.command_line import Command
from trialsim.analysis.facts import facts_of
from trialsim.scenario import Scenario, ScenarioError, load, shipped
from trialsim.scenario.loading import load_document
from trialsim.scenario.reading.yaml_text import read_text
from trialsim.scenario.schema import schema
from trialsim.scenario.template import EXAMPLES, blank, parts

REQUIRED = {
    "start_date": "2027-01-11",
    "max_participants": "20",
    "- name": "A",
    "rate": "1 per month",
    "pass_probability": "0.5",
    "policy": "to_order",
    "cells_per_lot": "1e8",
    "levels": "[1e6 cells]",
    "rule": "three_plus_three",
    "dlt_probability": "[0.1]",
}


def filled(text: str) -> str:
    """A blank file with a value at each key that must have one."""
    for key, value in REQUIRED.items():
        text = re.sub(rf"(?m)^( +{key}:) .*$", rf"\1 {value}", text, count=1)
    return text


def load_text(text: str) -> Scenario:
    return load_document(read_text(text, "mine.yaml"))


def values_in(node: object) -> list[object]:
    if isinstance(node, dict):
        return [value for each in node.values() for value in values_in(each)]
    if isinstance(node, list):
        return [value for each in node for value in values_in(each)]
    return [] if node is None else [node]


def test_a_blank_scenario_has_the_parts_asked_for_and_nobodys_values(trialsim: Command, tmp_path: Path) -> None:
    done = trialsim("init", "mine", "--with", "product,dosing,screening")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "mine.yaml").read_text()
    document = read_text(text, "mine.yaml").value
    asked = {"trial", "recruitment", "product", "dosing", "screening"}
    assert set(document) == asked | {"format", "sources"}
    assert values_in(document) == [1, "mine"]  # the version of the format, and the trial's name
    assert not any(note in text for note in ("NCT", "doi", "measured"))


@pytest.mark.parametrize("wanted", [[], ["product"], parts()])
def test_what_a_blank_scenario_lacks_is_told_by_line_until_it_works(wanted: list[str]) -> None:
    text = blank("mine", wanted)
    with pytest.raises(ScenarioError) as caught:
        load_text(text)
    for problem in caught.value.problems:
        assert problem.line is not None
        assert "has no value" in problem.message or "needs a pass_probability" in problem.message, problem
    load_text(filled(text))
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize("key", EXAMPLES)
def test_examples_in_a_blank_scenario_are_right(key: str) -> None:
    text = filled(blank("mine", parts()))
    text = re.sub(rf"(?m)^( +{key}:) .*$", lambda found: f"{found[1]} {EXAMPLES[key]}", text, count=1)
    if key in ("levels", "dlt_probability"):
        text = re.sub(r"(?m)^( +levels:) .*$", rf"\1 {EXAMPLES['levels']}", text)
        text = re.sub(r"(?m)^( +dlt_probability:) .*$", rf"\1 {EXAMPLES['dlt_probability']}", text)
        text = re.sub(r"(?m)^( +weight_kg:) .*$", r"\1 70", text)
    if key in ("arrival_days", "people"):
        text = re.sub(r"(?m)^( +rate:) .*$", r"\1", text)
    if key == "criteria":
        text = re.sub(r"(?m)^( +pass_probability:) .*$", r"\1", text, count=1)
    load_text(text)


def test_init_writes_the_schema_that_it_names_and_never_over_one(trialsim: Command, tmp_path: Path) -> None:
    done = trialsim("init", "mine")
    assert "mine.yaml written, and trialsim.schema.json, from which editors" in done.stdout
    assert json.loads((tmp_path / "trialsim.schema.json").read_text()) == schema()
    (tmp_path / "trialsim.schema.json").write_text("mine")
    assert trialsim("init", "other").stdout.startswith("other.yaml written; next: ")
    assert (tmp_path / "trialsim.schema.json").read_text() == "mine"


def test_a_blank_scenario_is_not_run(trialsim: Command, tmp_path: Path) -> None:
    trialsim("init", "mine")
    done = trialsim("run", "mine", "-n", "2")
    assert done.returncode == 2
    assert re.match(r"mine\.yaml:\d+:3: trial\.start_date: has no value", done.stderr), done.stderr
    assert not (tmp_path / "outputs").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--with", "products"), '"products" is not a part of a scenario; did you mean "product"? allowed: screening,'),
        (("--with", "product", "--from", "msc-sle"), "--with cannot be given beside it"),
    ],
)
def test_parts_that_cannot_be_had(trialsim: Command, tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    done = trialsim("init", "mine", *options)
    assert done.returncode == 2
    assert words in " ".join(done.stderr.split())
    assert not list(tmp_path.iterdir())


def copy(tmp_path: Path, *changes: tuple[str, str]) -> str:
    text = shipped.text("msc-sle").replace("name: msc-sle", "name: mine")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    return str(tmp_path / "mine.yaml")


def test_a_value_changed_in_a_copy_does_not_count_as_sourced(tmp_path: Path) -> None:
    mine = load(copy(tmp_path, ("0.653 per month", "2 per month"), ("levels: [1e6", "levels: [5e5")))
    facts = facts_of(mine)
    assert facts.edited == ("recruitment.sites.Saint-Louis.rate", "dosing.levels")
    assert facts.assumptions == facts_of(load("msc-sle")).assumptions + 2
    assert mine.source_of("recruitment.sites.Saint-Louis.rate").kind == "edited"
    warned = [each for each in mine.warnings() if each.startswith("recruitment.sites.Saint-Louis.rate: ")]
    assert warned == [
        "recruitment.sites.Saint-Louis.rate: its source is of the value in msc-sle, and not of this one: derived, "
        "29 screened in 1392 days less 74 % of the lockdown"
    ]


def test_a_site_that_gets_another_name_does_not_take_the_source_along(tmp_path: Path) -> None:
    mine = load(copy(tmp_path, ("0.653 per month", "2 per month"), ("Saint-Louis", "Lyon")))
    assert facts_of(mine).edited == ("recruitment.sites.Lyon.rate",)


def test_a_source_of_ones_own_counts(tmp_path: Path) -> None:
    mine = load(
        copy(tmp_path, ("0.653 per month", "2 per month"), ("29 screened in 1392 days", "48 in 2 years by our log"))
    )
    assert facts_of(mine).edited == ()
    assert mine.source_of("recruitment.sites.Saint-Louis.rate").kind == "derived"


@pytest.mark.parametrize("name", shipped.names())
def test_what_ships_has_its_own_sources(name: str) -> None:
    assert facts_of(load(name)).edited == ()


def test_the_same_value_written_otherwise_keeps_its_source(tmp_path: Path) -> None:
    assert facts_of(load(copy(tmp_path, ("  duration: 12 months", "  duration: 1 year")))).edited == ()


def test_values_that_can_have_sources_are_found_below_defaults_of_sites() -> None:
    values = load("multicentre-phase-2").given_values()
    assert "recruitment.site_defaults.never_active_probability" in values
    assert "recruitment.site_defaults" not in values


def test_the_report_says_which_values_were_edited(trialsim: Command, tmp_path: Path) -> None:
    copy(tmp_path, ("0.653 per month", "2 per month"))
    done = trialsim("run", "mine", "-n", "2", "--no-figures", "--jobs", "1")
    said = " ".join(done.stdout.split())
    assert (
        "24 of 39 values are assumptions; of recruitment.sites.Saint-Louis.rate the source is of another value." in said
    )

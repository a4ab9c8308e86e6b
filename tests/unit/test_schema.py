"""The JSON Schema is current, accepts every scenario in the project, and refuses what editors should underline."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pydantic
import pytest

from trialsim.scenario import schema, shipped
from trialsim.scenario.loading import read
from trialsim.scenario.reading.yaml_text import read_text

ROOT = Path(__file__).parents[2]
SCHEMA: dict[str, Any] = schema.schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


OLD = tuple(int(part) for part in pydantic.VERSION.split(".")[:2]) < (2, 12)


@pytest.mark.skipif(OLD, reason="older versions of pydantic say the same in other words")
def test_the_committed_schema_is_current() -> None:
    committed = (ROOT / "docs" / "scenario.schema.json").read_text(encoding="utf-8")
    assert committed == schema.text(), "write it again: trialsim schema > docs/scenario.schema.json"


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    references = set(re.findall(r'"\$ref": "#/\$defs/(\w+)"', schema.text()))
    assert references <= set(SCHEMA["$defs"])


@pytest.mark.parametrize("name", shipped.names())
def test_shipped_scenarios_fit(name: str) -> None:
    VALIDATOR.validate(read(name).value)


@pytest.mark.parametrize(
    "change",
    [
        "observation: 28",
        "observation: 28 dayz",
        "observation: {uniform: {min: 1 day, max: 2 days}}",
        "levels: [1]",
        "levels: [1 per kg]",
        "review: {lognormal: {mean: 3 days}}",
        "review: {lognormal: {mean: 3 days, p90: 3 days}}",
        "review: {lognormol: {mean: 3 days, sd: 1 day}}",
        "rule: boin",
        "rule: {boin: {target: 0.2, p9: 1}}",
        "rule: nonsense",
        "start_level: 0",
        "stop_cohort_early: yes",
        "dose_fixed_at: visit",
        "sentinell: 3 days",
    ],
)
def test_what_editors_underline(change: str) -> None:
    document = read("teaching-minimal").value
    document["dosing"] |= read_text(change, "change").value
    assert not VALIDATOR.is_valid(document)


@pytest.mark.parametrize(
    "change",
    [
        "observation: 4 weeks",
        "review: {lognormal: {median: 3 days, p90: 1 week}}",
        "review: {empirical: {values: [1 day, 2 days], weights: [1, 2]}}",
        "rule: fixed",
        "rule: {boin: {target: 0.2}}",
        "levels: [1e6 cells per kg, 2e6 cells per kg]",
    ],
)
def test_what_editors_accept(change: str) -> None:
    document = read("teaching-minimal").value
    document["dosing"] |= read_text(change, "change").value
    VALIDATOR.validate(document)


@pytest.mark.parametrize(
    ("entry", "valid"),
    [
        ("{arrival: 1 day}", True),
        ("{arrival: 1 day, dlt: [null, 3 days], lost: 1 week, count: 2, every: 1 day}", True),
        ("{arrival: 1}", False),
        ("{arrival: 1 day, dlt: [3]}", False),
        ("{dlt: [null]}", False),
        ("{arrival: 1 day, dose: 1}", False),
    ],
)
def test_people_one_by_one(entry: str, valid: bool) -> None:
    document = read("teaching-minimal").value
    document["recruitment"]["sites"] = [{"name": "Replay", "people": [read_text(entry, "entry").value]}]
    assert VALIDATOR.is_valid(document) == valid

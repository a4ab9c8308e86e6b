"""The sweep file that `init` writes, and the schema of sweep files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pydantic
import pytest

from trialsim.scenario import load, schema, shipped
from trialsim.scenario.loading import read
from trialsim.scenario.reading.yaml_text import read_text
from trialsim.scenario.sweep import load_sweep
from trialsim.scenario.sweep_template import blank_sweep

SCHEMA = schema.sweep_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
OLD = tuple(int(part) for part in pydantic.VERSION.split(".")[:2]) < (2, 12)


@pytest.mark.parametrize("name", shipped.names())
def test_it_can_be_run_as_it_is_and_fits_the_schema(name: str, tmp_path: Path) -> None:
    text = blank_sweep("mine", load(name), name)
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    plan = load_sweep(path)
    assert plan.name == "mine" and len(plan.points) > 1
    assert plan.warnings() == load(name).warnings()
    assert "as planned" in [
        plan.axes[0].named(point.values[plan.axes[0].key]) for point in plan.points if point.is_base
    ]
    VALIDATOR.validate(read_text(text, "mine.yaml").value)
    assert max(map(len, text.splitlines())) <= 120
    for key in SCHEMA["$defs"]["SweepHead"]["properties"]:
        assert f" {key}:" in text
    for design in SCHEMA["$defs"]["SweepHead"]["properties"]["design"]["enum"]:
        assert design in text


def test_the_ways_of_writing_values_that_it_shows_are_ways(tmp_path: Path) -> None:
    lines = blank_sweep("mine", load("msc-sle"), "msc-sle").splitlines()
    shown = [line[1:].strip().split("   ")[0].strip() for line in lines if line.startswith("#   ")]
    assert len(shown) == 6
    for values in shown:
        VALIDATOR.validate(
            read_text(f"{{sweep: {{name: a, base: b}}, axes: [{{key: c, values: {values}}}]}}", "").value
        )
    keys = ["product.suites", "dosing.rule", *["dosing.review"] * 2, "screening.pass_probability", "dosing.stagger"]
    for design, some in (("grid", shown[:3]), ("latin_hypercube", shown)):
        axes = "".join(
            f"  - {{key: {key}, values: {values}}}\n" for key, values in zip(keys, some, strict=False) if values
        )
        axes = axes.replace("review", "observation", 1)
        points = ", points: 5" * (design != "grid")
        path = tmp_path / "mine.yaml"
        path.write_text(f"sweep: {{name: a, base: msc-sle, design: {design}{points}}}\naxes:\n{axes}")
        assert len(load_sweep(path).points) > 4


@pytest.mark.skipif(OLD, reason="older versions of pydantic say the same in other words")
def test_the_committed_schema_is_current() -> None:
    committed = (Path(__file__).parents[2] / "docs" / "sweep.schema.json").read_text(encoding="utf-8")
    assert committed == schema.text(SCHEMA), "write it again: trialsim schema --sweep > docs/sweep.schema.json"


@pytest.mark.parametrize("name", shipped.sweeps())
def test_shipped_sweeps_fit(name: str) -> None:
    VALIDATOR.validate(read(name).value)


@pytest.mark.parametrize(
    ("values", "valid"),
    [
        ("[1, two, [3], {boin: {target: 0.2}}, null]", True),
        ("{uniform: {min: 1, max: 2}}", True),
        ("{from: 1, until: 2}", False),
        ("[]", False),
        ("3", False),
        ("[{value: 3}]", False),
        ("[{value: 3, label: ' '}]", False),
        ("{p10: 1, p50: 2}", False),
    ],
)
def test_what_editors_underline(values: str, valid: bool) -> None:
    document: Any = read_text(f"{{sweep: {{name: a, base: b}}, axes: [{{key: c, values: {values}}}]}}", "").value
    assert VALIDATOR.is_valid(document) == valid

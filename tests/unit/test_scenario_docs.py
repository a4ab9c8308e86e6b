"""The page about scenario files is true: its examples load, and no key is missing from it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from trialsim.scenario import ScenarioError, load, schema
from trialsim.scenario.reading.yaml_text import read_text
from trialsim.scenario.sweep import load_sweep

PAGE = (Path(__file__).parents[2] / "docs" / "scenario.md").read_text(encoding="utf-8")
YAML = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
SWEEPS = [text for text in YAML if "\nsweep:" in text]
EXAMPLES = [text for text in YAML if text not in SWEEPS]
SCHEMA: dict[str, Any] = schema.schema()
VALUES = {"Duration", "Rate", "Dose", "Date", "PlannedEnd", "RandomDuration", "RandomAmount", "RandomFraction", "Rule"}
VALUES |= {"Uncertain", "Moment", "FixedDay", "RandomMoment"}
SECTIONS = sorted(set(SCHEMA["$defs"]) - VALUES)


@pytest.mark.parametrize("text", EXAMPLES)
def test_examples_load_and_fit_the_schema(text: str, tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(text, encoding="utf-8")
    (tmp_path / "sites.csv").write_text("Site,Patients (per month),Opens\nLyon,0.8,2025-02-01\n")
    assert load(path).warnings() == []
    jsonschema.validate(read_text(text, "example").value, SCHEMA)


@pytest.mark.parametrize("text", SWEEPS)
def test_sweeps_load_and_fit_their_schema(text: str, tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(text, encoding="utf-8")
    assert len(load_sweep(path).points) > 60
    jsonschema.validate(read_text(text, "example").value, schema.sweep_schema())


def test_every_key_of_sweeps_is_described() -> None:
    part = PAGE[PAGE.index("## Sweep files") :]
    for node in (schema.sweep_schema(), *schema.sweep_schema()["$defs"].values()):
        for key in set(node.get("properties", ())) - {"format"}:
            assert re.search(rf"\b{key}\b", part), key


@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_is_described(section: str) -> None:
    for key in SCHEMA["$defs"][section]["properties"]:
        assert f"`{key}`" in PAGE, f"{section}.{key} is missing from docs/scenario.md"


def test_the_long_example_shows_every_key() -> None:
    document = read_text(max(EXAMPLES, key=len), "example").value
    shown = set(re.findall(r"(\w+):", max(EXAMPLES, key=len))) | {"sites_from", "file", "columns"}  # which need a file
    wanted = {key for section in SECTIONS for key in SCHEMA["$defs"][section]["properties"]}
    assert wanted <= shown
    assert set(document) == set(SCHEMA["properties"])


def test_the_messages_shown_are_the_messages_given(tmp_path: Path) -> None:
    block = next(block for block in re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL) if "my-trial.yaml" in block)
    text = """\
trial:
  name: my-trial
  start_date: 2025-01-06
  max_participants: 12

recruitment:
  sites:
    - name: Lyon
      rate: 0.8

screening:
  duration: 2 weeks
  pass_probability: 0.5
  capcity: 2

dosing:
  levels: [1 mg, 2 mg, 3 mg]
  cohort_size: 3
  rule: fixed
  observation: 28 days
  start_level: 4
"""
    path = tmp_path / "my-trial.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert str(caught.value).replace(str(path), "my-trial.yaml") + "\n" == block


def test_the_python_example_runs() -> None:
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(block, {})


def test_the_options_shown_are_accepted() -> None:
    block = next(block for block in re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL) if "--set" in block)
    import shlex

    base = {"Lyon": "Saint-Louis", "p90": "sd", '"St. Mary"': "1"}
    options = [shlex.split(line)[1] for line in block.splitlines()]
    assert len(options) == 7
    for option in options:
        for shown, real in base.items():
            option = option.replace(shown, real)
        load("msc-sle", set=[option])

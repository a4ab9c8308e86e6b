"""Ranges of values in a sweep."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from trialsim.scenario import ScenarioError
from trialsim.scenario.sweep import load_sweep
from trialsim.scenario.values.ranges import expanded, shortfalls

SWEEP = """\
sweep: {{name: many, base: teaching-minimal}}
axes:
  - key: recruitment.rate_multiplier
    values: {values}
"""


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.5:2.5:0.5", [0.5, 1.0, 1.5, 2.0, 2.5]),
        ("0.1:0.7:0.2", [0.1, 0.3, 0.5, 0.7]),
        ("1:10:4", [1, 5, 9]),
        ("-1:1:1", [-1, 0, 1]),
        ("3:3:1", [3]),
        ("7:28:7 days", ["7 days", "14 days", "21 days", "28 days"]),
        ("0.5:1.5:0.5 per month", ["0.5 per month", "1 per month", "1.5 per month"]),
        ("100:300:100 days", ["100 days", "200 days", "300 days"]),
        ("0.5 months:1.5 months:0.5 months", ["0.5 months", "1 month", "1.5 months"]),
        ("1 week:3 weeks:1 week", ["1 week", "2 weeks", "3 weeks"]),
        ("1:2 weeks:1", ["1 week", "2 weeks"]),
        ("1 per week:2 per week:1 per week", ["1 per week", "2 per week"]),
        ("1e6:2e6:1e6 cells per kg", ["1000000 cells per kg", "2000000 cells per kg"]),
        ("2024-01-01", ["2024-01-01"]),
        ("12:30", ["12:30"]),
    ],
)
def test_values_of_a_range(text: str, values: list[Any]) -> None:
    found = expanded([text])
    assert found == values
    assert [type(each) for each in found] == [type(each) for each in values]


@pytest.mark.parametrize("text", ["1 week:28 days:7 days", "1:2 days:1 week", "1 per week:2 per month:1"])
def test_several_units_are_no_range(text: str) -> None:
    with pytest.raises(ValueError, match="has several units; write one behind the last number"):
        expanded([text])


@pytest.mark.parametrize(
    ("text", "end"),
    [("1:10:4", "9"), ("0:1:0.3", "0.9"), ("1:12.5:2 days", "11 days"), ("0.1:0.7:0.2", ""), ("3:3:1", ""), ("x", "")],
)
def test_whether_a_range_reaches_its_last_value(text: str, end: str) -> None:
    said = list(shortfalls([text, 3, {"a": "1:10:4"}]))
    assert len(said) == bool(end) and all(f"ends at {end}: the next step would go beyond" in each for each in said)


def test_a_range_stands_among_values() -> None:
    assert expanded(["boin", "1:2:1", {"a": "1:2:1"}, 7]) == ["boin", 1, 2, {"a": "1:2:1"}, 7]


@pytest.mark.parametrize("text", ["2:1:1", "1:2:0", "1:2:-1"])
def test_no_range(text: str) -> None:
    with pytest.raises(ValueError, match="is no range; write FIRST:LAST:STEP"):
        expanded([text])


def test_at_most_a_thousand_values() -> None:
    assert len(expanded(["1:1000:1"])) == 1000
    with pytest.raises(ValueError, match="has 1,001 values; a range has at most 1,000"):
        expanded(["0:1000:1"])
    with pytest.raises(ValueError, match="has 999,999,999,999,000,000,000,001 values"):
        expanded(["0:999999999999:0.000000000001"])


@pytest.mark.parametrize("values", ["0.5:1.5:0.5", "[0.5:1.5:0.5]", "[0.5, 1:1.5:0.5]"])
def test_a_range_in_a_file(tmp_path: Path, values: str) -> None:
    file = tmp_path / "many.yaml"
    file.write_text(SWEEP.format(values=values))
    assert [point.values["recruitment.rate_multiplier"] for point in load_sweep(file).points] == [0.5, 1, 1.5]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("5:1:1", '"5:1:1" is no range'),
        ("[1, 5:1:1]", '"5:1:1" is no range'),
        ("-0.5:0.5:0.5", "-0.5 is not allowed"),
        ("[1, -0.5:0.5:0.5]", "-0.5 is not allowed"),
    ],
)
def test_what_is_wrong_with_a_range_is_told_at_its_line(tmp_path: Path, values: str, message: str) -> None:
    file = tmp_path / "many.yaml"
    file.write_text(SWEEP.format(values=values))
    with pytest.raises(ScenarioError) as error:
        load_sweep(file)
    (problem,) = error.value.problems
    assert (problem.line, message in problem.message) == (4, True), problem

"""Ranges from the command line make keys unknown, and say in words what is wrong with them."""

from __future__ import annotations

import pytest

from trialsim import ScenarioError, load
from trialsim.scenario.given_ranges import with_ranges


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("screening.pass_probability=0.2:0.4", (0.2, 0.4)),
        ("dosing.review=1:6 weeks", (7, 42)),
        ("dosing.review = 3 days : 1 week", (3, 7)),
        ("recruitment.sites.Saint-Louis.rate=0.5:2 per week", (0.5 / 7, 2 / 7)),
        ("product.release_probability={triangular: {min: 0.5, mode: 0.7, max: 0.9}}", (0.5, 0.9)),
    ],
)
def test_a_range_is_a_distribution(text: str, ends: tuple[float, float]) -> None:
    for base in ("msc-sle", "msc-sle-uncertain"):
        before = {each.key for each in load(base).inputs}
        found = {each.key: each.extremes() for each in with_ranges(load(base), [text]).inputs}
        key = text.partition("=")[0].strip()
        assert found[key] == pytest.approx(ends, abs=1e-5)
        assert found.keys() == before | {key}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nothing", "this is not KEY=LOW:HIGH; write it as in screening.pass_probability=0.2:0.4"),
        ("screening.pass_probability=0.4", "this is no range; write KEY=LOW:HIGH"),
        ("screening.pass_probability=0.2:0.4:0.1", "this is no range; write KEY=LOW:HIGH"),
        ("screening.pass_probability=0.2:0.2", "both ends are the same, so that it cannot vary"),
        ("screening.pass_probability=0.4:0.2", "min must not be greater than max"),
        ("screening.pass_probability=0.2:1.4", "this could exceed 1"),
        ("dosing.review=1:6", "1 has no unit"),
        ("dosing.rule=1:2", "dosing.rule is chosen, not unknown"),
        ("product.suites=1:3", "this is not a duration, a rate, a probability or a measured number"),
        ("nowhere=1:2", '"nowhere" is not a section whose numbers may be unknown'),
        ("screening.pass_probability={p10: [1", "this is not valid YAML"),
    ],
)
def test_what_is_wrong_is_said_with_the_option(text: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        with_ranges(load("msc-sle"), [text])
    assert str(caught.value).startswith(f"--vary {text}: ") and message in str(caught.value)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(ScenarioError) as caught:
        with_ranges(load("msc-sle"), ["nothing", "nowhere=1:2", "screening.pass_probability=0.2:0.4"])
    assert len(caught.value.problems) == 2

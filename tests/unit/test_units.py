"""Durations, rates and doses: what they mean, and that they read back as they were written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialsim.scenario.values import units


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("28 days", 28.0),
        ("1 day", 1.0),
        ("6 weeks", 42.0),
        ("3 months", 91.3125),
        ("1.5 years", 547.875),
        ("0 days", 0.0),
        ("  2   weeks ", 14.0),
        (".5 day", 0.5),
        ("1e2 days", 100.0),
        ("0.1 days", round(0.1 * 2**20) / 2**20),
    ],
)
def test_durations(text: str, days: float) -> None:
    assert units.days(text) == days


def test_a_duration_lies_on_the_grid() -> None:
    assert units.days("0.1 months") * 2**20 % 1 == 0
    assert units.duration("0.1 months") == pytest.approx(3.04375)


@pytest.mark.parametrize(
    ("text", "per_day"),
    [
        ("0.653 per month", 0.653 / 30.4375),
        ("2 per day", 2.0),
        ("7 per week", 1.0),
        ("365.25 per year", 1.0),
        ("0 per year", 0.0),
    ],
)
def test_rates(text: str, per_day: float) -> None:
    assert units.rate(text) == per_day


def test_doses() -> None:
    assert units.dose("2e6 cells per kg") == units.Dose(2e6, "cells", True, "2e6 cells per kg")
    assert units.dose("3 mg") == units.Dose(3.0, "mg", False, "3 mg")
    assert units.dose("2e6 cells per kg").need(70) == 1.4e8
    assert units.dose("1e8 cells").need(70) == 1e8


@pytest.mark.parametrize(
    "value", [28, 0.5, "28", "28 day s", "28 mins", "weeks", "", "1 2 days", "inf days", None, [1], "5 dayss"]
)
def test_not_a_duration(value: object) -> None:
    with pytest.raises(ValueError, match="duration"):
        units.duration(value)


@pytest.mark.parametrize("value", ["3", 3, "3 per kg", "3 mg per m2", "3 4", "mg", "-1 mg", "0 mg"])
def test_not_a_dose(value: object) -> None:
    with pytest.raises(ValueError, match="dose"):
        units.dose(value)


@given(st.just(0.0) | st.floats(units.LOWEST_RATE, 1e6))
def test_what_is_written_reads_back(value: float) -> None:
    assert units.duration(units.write_duration(value)) == value
    assert units.rate(units.write_rate(value)) == value

"""The list of what a scenario rests on: every value once, as it was written, with its source and how far it is off."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialsim.scenario import Scenario, load
from trialsim.scenario.assumptions import UNITS, Assumption, assumptions
from trialsim.scenario.reading.one_line import one_line
from trialsim.scenario.shipped import names
from trialsim.scenario.validation import value_of

_TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn", "Zl", "Zp", "Cf"]), max_size=30
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**12) | st.floats(0, 1e18, allow_nan=False) | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS.filter(bool), inner, max_size=4),
    max_leaves=8,
)


def by_key(scenario: Scenario, with_defaults: bool = False) -> dict[str, Assumption]:
    return {each.key: each for each in assumptions(scenario, with_defaults)}


@pytest.mark.parametrize("name", names())
def test_what_is_listed_makes_the_same_scenario_again(name: str) -> None:
    scenario = load(name)
    listed = assumptions(scenario, with_defaults=True)
    again = scenario.changed({each.key: value_of(each.text, each.key) for each in listed if "people" not in each.key})
    unchanged = {key: getattr(scenario, key) for key in ("sources", "uncertain", "correlations")}
    assert again.model_copy(update=unchanged) == scenario
    assert {each.key for each in listed if each.is_given} >= set(scenario.given_values())


@settings(max_examples=60)
@given(_VALUES)
def test_a_value_on_one_line_reads_back_as_the_same_value(value: object) -> None:
    line = one_line(value)
    assert "\n" not in line
    assert value_of(line, "a value") == value


@pytest.mark.parametrize(
    "text", ["1e6", "0x10", "12", "yes", "null", "2020-03-17", "~", "a: b", "- x", "=1+1", " a", "1_0"]
)
def test_texts_that_look_like_something_else_stay_texts(text: str) -> None:
    assert value_of(one_line(text), "a text") == text


def test_values_are_as_they_were_written_with_amount_and_unit() -> None:
    found = by_key(load("msc-sle"))
    rate = found["recruitment.sites.Saint-Louis.rate"]
    assert (rate.text, rate.amount, rate.unit, rate.kind) == ("0.653 per month", 0.653, "per month", "derived")
    assert rate.name.endswith("(Saint-Louis)")
    assert found["product.expansion"].text == "{triangular: {min: 4 weeks, mode: 5 weeks, max: 7 weeks}}"
    assert (found["product.expansion"].amount, found["product.expansion"].unit) == (None, "weeks")
    assert (found["dosing.cohort_size"].amount, found["dosing.cohort_size"].unit) == (5.0, "participants")
    assert found["product.cells_per_lot"].unit == "cells"
    assert found["trial.start_date"].text == "2019-05-14"
    assert "observed" not in {key.partition(".")[0] for key in found}
    assert not {"trial.name", "trial.title"} & set(found)


def test_what_was_left_out_comes_after_the_rest_and_is_called_so() -> None:
    listed = assumptions(load("msc-sle"), with_defaults=True)
    given_first = [each.is_given for each in listed]
    assert given_first == sorted(given_first, reverse=True)
    left_out = {each.key: each for each in listed if not each.is_given}
    assert left_out["recruitment.rate_multiplier"].value == 1
    assert "trial.name" not in left_out
    assert "left out" in left_out["recruitment.rate_multiplier"].note


def test_how_many_sites_there_are_is_an_assumption() -> None:
    found = by_key(load("multicentre-phase-3"))
    assert (found["recruitment.sites.Europe.count"].amount, found["recruitment.sites.Europe.count"].unit) == (
        100,
        "sites",
    )


def test_ranges_stand_with_the_values_that_they_are_about_in_their_unit() -> None:
    found = by_key(load("msc-sle-uncertain"))
    (rate,) = found["recruitment.sites.Saint-Louis.rate"].unknown
    assert (rate.low, rate.middle, rate.high) == ("0.3 per month", "0.8 per month", "2 per month")
    assert "UK sites" in rate.reason
    assert "reason" not in rate.written
    (donation,) = found["product.donation"].unknown  # written in weeks, of a value in days
    assert (donation.low, donation.high) == ("7 days", "42 days")
    assert [each.low for each in found["truth.dlt_probability"].unknown] == ["0.005", "0.015", "0.03"]
    assert found["product.suites"].unknown == ()


def test_a_what_if_is_listed_as_one() -> None:
    found = by_key(load("msc-sle", set=["product.suites=2"]))
    assert (found["product.suites"].text, found["product.suites"].kind) == ("2", "what-if")


def test_every_plain_number_has_a_unit() -> None:
    for name in names():
        for each in assumptions(load(name), with_defaults=True):
            assert each.amount is None or each.unit, each.key
    assert all(UNITS.values())

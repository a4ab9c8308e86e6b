"""Whatever is done to a scenario file, loading it gives a Scenario or a ScenarioError, and what is valid can be run."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialsim.model import run
from trialsim.scenario import Scenario, ScenarioError, load, shipped
from trialsim.scenario.checks.warnings import arrivals

TEXTS = {name: shipped.text(name) for name in shipped.names()}
ODD = [
    "0", "1", "-1", "2.5", "1e999", ".nan", "true", "null", "~", "''", "[]", "{}", "NO", "0x10", "1_000", "2019-02-30",
    "28 days", "0 days", "1 week", "3 per month", "0 per day", "2e6 cells per kg", "4 mg", "fixed", "queue",
    "{exponential: {mean: 3 days}}", "{gamma: {mean: 1, sd: 2}}", "{lognormal: {median: 2 weeks, p90: 4 weeks}}",
    "{beta: {mean: 0.5, sd: 0.2}}", "{empirical: {values: [1 day, 2 days]}}", "{boin: {target: 0.3}}", "[1, 2, 3]",
    "&a [*a]", "*a", "!!set {a}", "{a: {b: {c: 1}}}", "- x", "\t", '"', "'", "{", "]", ": :", "#", "|", ">-",
    "é", "\u202e", "\x07", "a: b", "? x",
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A shipped scenario after a few random cuts, copies and replacements."""
    lines = TEXTS[draw(st.sampled_from(sorted(TEXTS)))].splitlines()
    for _ in range(draw(st.integers(1, 4))):
        if not lines:
            break
        place = draw(st.integers(0, len(lines) - 1))
        line = lines[place]
        what = draw(st.sampled_from(["value", "value", "value", "number", "cut", "copy", "indent", "key", "noise"]))
        key, colon, _ = line.partition(": ")
        if what == "value":
            lines[place] = f"{key}: {draw(st.sampled_from(ODD))}" if colon else line
        elif what == "number":
            numbers = [spot for spot, sign in enumerate(line) if sign.isdigit()]
            if numbers:
                spot = draw(st.sampled_from(numbers))
                lines[place] = line[:spot] + draw(st.sampled_from("0123456789-. ")) + line[spot + 1 :]
        elif what == "cut":
            del lines[place : place + draw(st.integers(1, 8))]
        elif what == "copy":
            lines.insert(draw(st.integers(0, len(lines))), line)
        elif what == "indent":
            lines[place] = " " * draw(st.integers(0, 6)) + line.lstrip()
        elif what == "key":
            lines[place] = line.replace(
                draw(st.sampled_from(["_", "e", "a", ":"])), draw(st.sampled_from(["", "x"])), 1
            )
        else:
            spot = draw(st.integers(0, len(line)))
            lines[place] = line[:spot] + draw(st.text(max_size=3)) + line[spot:]
    return "\n".join(lines) + "\n"


def loaded(content: bytes) -> Scenario | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fuzz.yaml"
        path.write_bytes(content)
        try:
            return load(path)
        except ScenarioError as error:
            assert error.problems
            assert str(error).encode("utf-8")
            assert all(problem.message for problem in error.problems)
    return None


def affordable(s: Scenario) -> bool:
    """Whether one replication is sure to be quick."""
    limit = s.stopping.time_limit if s.stopping is not None and s.stopping.time_limit is not None else 36525.0
    busiest = math.prod(max(period.factor, 1.0) for period in s.recruitment.periods)
    spread = max([s.recruitment.shared_rate_cv, *(site.rate_cv for site in s.sites)])
    if arrivals(s) * limit * busiest > 3000 or spread > 1 or len(s.sites) > 100 or s.trial.max_participants > 300:
        return False
    if s.waiting is not None and (s.waiting.eligibility_valid or 99) < 5:
        return False
    if s.dosing is not None and (s.dosing.committee_every or 99) < 1:
        return False
    if s.product is None:
        return True
    lead = s.product.donation.mean() + s.product.expansion.mean() + s.product.release_testing.mean()
    most = max(s.product.target_doses or 0, s.product.lots_in_stock_at_start)
    return lead > 5 and most <= 50 and s.product.release_probability > 0.05


def check(s: Scenario) -> None:
    assert Scenario.from_document(s.to_document()) == s
    assert all(isinstance(line, str) for line in s.warnings())
    if affordable(s):
        history = run(s, seed=1, replication=1)
        assert 0 <= history.end_day < math.inf
        assert history.end_cause in ("completed", "safety", "slow_accrual", "time_limit", "product", "external")


@settings(max_examples=30)
@given(mutated())
def test_mutated_files(text: str) -> None:
    s = loaded(text.encode("utf-8", "surrogatepass"))
    if s is not None:
        check(s)


@settings(max_examples=40)
@given(st.binary(max_size=200))
def test_any_bytes(content: bytes) -> None:
    assert loaded(content) is None


def keys(value: Any, path: str = "") -> list[str]:
    """Every dotted key of a document."""
    found = [path] if path else []
    if isinstance(value, dict):
        for key, each in value.items():
            part = f'"{key}"' if "." in key else key
            found += keys(each, f"{path}.{part}".lstrip("."))
    elif isinstance(value, list):
        for place, each in enumerate(value):
            found += keys(each, f"{path}.{place}")
    return found


KEYS = {name: keys(load(name).to_document()) for name in TEXTS}


@settings(max_examples=30)
@given(st.data())
def test_random_options(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(TEXTS)))
    option = st.builds("{}={}".format, st.sampled_from(KEYS[name]), st.sampled_from(ODD))
    options = data.draw(st.lists(option, min_size=1, max_size=3))
    try:
        s = load(name, set=options)
    except ScenarioError as error:
        assert all(problem.message for problem in error.problems)
    else:
        check(s)


def test_the_mutations_leave_some_scenarios_valid() -> None:
    """Otherwise the checks above would only look at errors."""
    kept = 0
    base = load("msc-sle")
    for key in KEYS["msc-sle"][::2]:
        try:
            base.changed({key: "28 days"})
            kept += 1
        except ScenarioError:
            continue
    assert kept > 5


@pytest.mark.slow
@settings(max_examples=1000)
@given(mutated())
def test_many_mutated_files(text: str) -> None:
    s = loaded(text.encode("utf-8", "surrogatepass"))
    if s is not None:
        check(s)

"""Reports at any width, and without a terminal: every number, unit and date is there, whole."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import pytest

import trialsim
from trialsim.cli.screen import screen
from trialsim.design import Design
from trialsim.report.designs import render as render_design
from trialsim.report.points import render as render_points
from trialsim.report.selection import render as render_selection
from trialsim.scenario import Scenario
from trialsim.scenario.sweep import load_sweep

WIDTHS = [40, 60, 80, 120]
AXES = [
    "recruitment.sites.Clinic.rate=1.25 per month",
    "screening.pass_probability=0.25,0.75",
    "screening.duration=10 days",
    "dosing.review=70 days",
    "dosing.observation=35 days",
    "trial.max_participants=9",
]
PEOPLE = {
    "trial": {"name": "three", "start_date": "2027-01-11", "max_participants": 12},
    "recruitment": {"sites": [{"name": "A", "people": [{"arrival": "1.25 days", "count": 14, "every": "10.5 days"}]}]},
    "dosing": {"levels": ["1e8 cells", "2e8 cells"], "observation": "28 days", "rule": "three_plus_three"},
}


@cache
def sweep() -> Callable[[int | None], str]:
    loaded = load_sweep("teaching-minimal", vary=AXES)
    results = trialsim.sweep(loaded, replications=2, jobs=1)
    summary = results.summary()
    return lambda width: render_points(summary, width=width)


@cache
def selection() -> Callable[[int | None], str]:
    plans = {point.name: point.scenario for point in load_sweep("teaching-minimal", vary=AXES[1:3]).points}
    summary = trialsim.select(list(plans.values()), 20.0, first=10, most=20, fresh=5, names=list(plans)).summary()
    return lambda width: render_selection(summary, width=width)


@cache
def replayed() -> Callable[[int | None], str]:
    rules = ["three_plus_three", "rolling_six", {"boin": {"target": 0.3}}]
    several = trialsim.replay(Scenario.from_document(PEOPLE), rules)
    return lambda width: several.text(width=width)


@cache
def decisions() -> Callable[[int | None], str]:
    design = Design.of("three_plus_three")
    pending = Design.of({"tite_boin": {"target": 0.3}})

    def text(width: int | None) -> str:
        whole = render_design(design, table=design.table(), pathways=design.pathways(3), width=width)
        return whole + render_design(pending, table=pending.table(6), width=width)

    return text


def numbers(text: str) -> set[str]:
    """Numbers, dates and intervals as words; what a word at the end of a line leaves open is closed."""
    return {word.strip("(),;:.*") for word in text.split() if re.search("[0-9]", word)}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("report", [sweep, selection, replayed, decisions])
def test_no_number_and_no_date_is_cropped(report: Callable[[], Callable[[int | None], str]], width: int) -> None:
    text = report()
    lost = numbers(text(None)) - numbers(text(width))
    assert not lost
    assert "…" not in text(width)


@pytest.mark.parametrize("report", [sweep, selection, replayed, decisions])
def test_a_window_is_kept_to_where_that_is_possible(report: Callable[[], Callable[[int | None], str]]) -> None:
    assert max(map(len, report()(120).splitlines())) <= 120
    sentences = [line for line in report()(None).splitlines() if line.endswith(".")]
    assert max(map(len, sentences), default=0) <= 80


def test_without_a_terminal_a_table_is_one_piece_as_wide_as_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert screen() == (False, None)
    lines = sweep()(None).splitlines()
    heads = [line for line in lines if line.startswith("Axis 1  ")]
    assert len(heads) == 2 and heads[1].endswith("×") and len(heads[1]) > 80
    assert len([line for line in sweep()(60).splitlines() if line.startswith("Axis 1  ")]) > 2

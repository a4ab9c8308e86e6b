"""Sweeps and levers in the words of the trial that there is."""

from __future__ import annotations

from matplotlib.text import Text

import trialsim
from trialsim.report.levers import render as render_levers
from trialsim.report.points import render
from trialsim.scenario import Scenario
from trialsim.scenario.sweep import Axis, Point, Sweep

MEASURES = ["infused", "first_infusion", "last_visit"]


def plan(**sections: object) -> Scenario:
    return Scenario.from_document(
        {
            "trial": {"name": "tablets", "start_date": "2027-01-11", "max_participants": 3},
            "recruitment": {"sites": [{"name": "Leiden", "rate": "1 per week"}]},
            **sections,
        }
    )


def swept(base: Scenario) -> trialsim.SweepResults:
    key = "trial.max_participants"
    values = {3: base, 4: base.changed({key: 4})}
    points = tuple(Point(f"{key}={n}", s, {key: n}, n == 3, True) for n, s in values.items())
    return trialsim.sweep(Sweep("some", (Axis(key=key, values=(3, 4), label=None),), points), 5, measures=MEASURES)


def said(results: trialsim.SweepResults) -> str:
    drawn = (results.figure(name) for name in results.figures())
    return "\n".join(
        [render(results.summary()), *(each.get_text() for figure in drawn for each in figure.findobj(Text))]
    )


def test_a_sweep_without_product_and_slots_does_not_talk_of_infusions() -> None:
    words = said(swept(plan()))
    assert "nfus" not in words
    assert "treated" in words and "first treatment" in words and "First treatment" in words


def test_a_sweep_with_slots_does() -> None:
    words = said(swept(plan(infusion={"per_day": 1})))
    assert "infused" in words and "first infusion" in words and "treat" not in words


def test_levers_do_as_well() -> None:
    results = trialsim.levers(plan(), 5, measures=MEASURES)
    drawn = (results.figure(name) for name in results.figures())
    words = "\n".join(
        [render_levers(results.summary()), *(each.get_text() for figure in drawn for each in figure.findobj(Text))]
    )
    assert "nfus" not in words and "treated" in words and "first treatment" in words

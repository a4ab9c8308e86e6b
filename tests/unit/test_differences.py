"""The forest plot of paired differences, and the figure of luck and ignorance: they show the numbers of the tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.support.overlaps import unreadable
from tests.unit.test_alt_texts import alt
from tests.unit.test_figures import FACTS, written
from tests.unit.test_figures import points as places
from trialsim.analysis.ignorance import ignorance
from trialsim.figures import comparable, draw_differences, draw_ignorance, style
from trialsim.figures.differences import MOST, forest
from trialsim.figures.picture import Picture
from trialsim.vocabulary import MONTH, Milestone

NAN = float("nan")


def points(**columns: Any) -> pd.DataFrame:
    """Three points, of which the second is the base: sooner, and perhaps later."""
    usual = {
        "is_base": [False, True, False],
        "replications": [200] * 3,
        "last_visit_difference": [-3 * MONTH, 0.0, 0.5 * MONTH],
        "last_visit_difference_low": [-4 * MONTH, NAN, -0.5 * MONTH],
        "last_visit_difference_high": [-2 * MONTH, NAN, 1.5 * MONTH],
        "early_termination_difference": [0.1, 0.0, NAN],
        "early_termination_difference_low": [0.05, NAN, NAN],
        "early_termination_difference_high": [0.15, NAN, NAN],
    }
    return pd.DataFrame({**usual, **columns})


def test_differences_stand_at_their_numbers_with_the_base_at_none() -> None:
    ax = forest(points(), ["two suites", "as planned", "one nurse"], "last_visit")
    dots = [place for line in ax.lines if line.get_marker() == "o" for place in places(line)]
    assert np.array(dots) == pytest.approx(np.array([[-3, 0], [0.5, 2]]))
    filled = [line.get_markerfacecolor() for line in ax.lines if line.get_marker() == "o"]
    assert filled == [style.BLUE, "white"]  # the second may be no difference
    spans = [np.asarray(each.get_paths()[0].vertices)[:, 0].tolist() for each in ax.collections]
    assert spans == [[pytest.approx(-4), pytest.approx(-2)], [pytest.approx(-0.5), pytest.approx(1.5)]]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["two suites", "as planned (base)", "one nurse"]
    assert alt(ax) == (
        "Forest plot of the paired difference of each point to the base in last visit, in months; below 0: sooner, "
        "with 95 % intervals: two suites -3.0 (-4.0 to -2.0); as planned is the base; one nurse +0.5 (-0.5 to +1.5)."
    )


def test_two_measures_side_by_side_can_be_read() -> None:
    names = ["two suites, and a name that goes on and on because somebody wanted it", "as planned", "one nurse"]
    measures = ["last_visit", "early_termination"]
    figure = draw_differences(points(), names, measures, about="small", rows="what is changed")
    assert unreadable(figure) == []
    said = written(figure.axes[0])
    assert "1 of 2 differ from the base" in said and "(-3.0 months)" in said and "rows: what is changed" in said
    assert isinstance(figure, Picture) and "+10.0 (+5.0 to +15.0)" in figure.alt and "one nurse unknown" in figure.alt
    alike = points(last_visit_difference=[0.0] * 3, last_visit_difference_low=NAN, last_visit_difference_high=NAN)
    figure = draw_differences(alike, names, measures[:1])
    assert "none of 2 surely differs from the base" in written(figure.axes[0]) and unreadable(figure) == []
    figure = draw_differences(points()[:2], names[:2], measures[:1])
    assert "differs from the base (-3.0 months)" in written(figure.axes[0]).replace("\n", " ")


def test_what_has_no_base_or_too_many_points_has_no_forest() -> None:
    assert comparable(points()) == ["sweep_differences"]
    assert comparable(points(is_base=[False] * 3)) == [] == comparable(points()[1:2])
    assert comparable(pd.concat([points()] * (MOST // 3 + 1))) == []


def told(inputs: Any, luck: float) -> dict[str, Any]:
    """Of 400 pairs whose last visit is what the inputs say and luck, the next row's; ended early where it is late."""
    rng = np.random.default_rng(3)
    tables = []
    for _ in range(2):
        day = inputs + luck * rng.normal(size=400)
        days = {each.column: np.full(400, NAN) for each in Milestone}
        ended = np.where(day > 1000, "time_limit", "completed")
        tables.append(pd.DataFrame({**days, "last_visit_day": day, "end_cause": ended}))
    return ignorance(*tables)


def test_luck_and_ignorance_are_bars_that_make_one() -> None:
    found = told(np.linspace(700, 1100, 400), 30.0)
    figure = draw_ignorance(found, FACTS)
    assert unreadable(figure) == []
    share = found["milestones"]["last_visit"]["ignorance"]
    widths = [patch.get_width() for patch in figure.axes[0].patches]  # type: ignore[attr-defined]
    assert widths[0] == pytest.approx(share) and widths[0] + widths[2] == pytest.approx(1)
    assert 0.9 < share < 1 and "Most of the spread of the last visit is ignorance" in written(figure.axes[0])
    assert isinstance(figure, Picture)
    risk = found["early_termination"]
    assert f"The risk of ending early is {100 * risk['probability']:.0f} %, from " in figure.alt


def test_luck_alone() -> None:
    figure = draw_ignorance(told(np.full(400, 900.0), 50.0), FACTS)
    assert "is luck" in written(figure.axes[0]).replace("\n", " ") and unreadable(figure) == []


def test_nothing_to_tell_apart() -> None:
    for found in (told(np.full(400, 900.0), 0.0), ignorance(*[_few()] * 2)):
        figure = draw_ignorance(found, FACTS)
        assert "cannot be told apart" in written(figure.axes[0]) and unreadable(figure) == []


def _few() -> pd.DataFrame:
    days = {each.column: [5.0, 9.0] for each in Milestone}
    return pd.DataFrame({**days, "end_cause": ["completed", "safety"]})

"""Texts in figures stand there as they were written."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from trialsim import simulate
from trialsim.figures import style
from trialsim.scenario import Scenario

BROKEN, MATHS = "$\\frac{$", "cost $5 to $6, a_1^2"


def scenario(site: str) -> dict[str, Any]:
    return {
        "format": 1,
        "trial": {"name": "small", "title": BROKEN, "start_date": "2027-01-11", "max_participants": 4},
        "recruitment": {"sites": [{"name": site, "rate": "9 per month"}]},
    }


def shown(text: str) -> bytes:
    """The pixels of a title, a caption, a legend, a tick's name and a note."""
    ax = style.axes(None)
    style.heading(ax, text, text)
    style.legend(ax, ax.plot([0, 1]), [text])
    ax.set_xticks([0, 1], [text, ""])
    ax.annotate(text, (0.5, 0.5))
    figure = style.figure_of(ax)
    figure.canvas.draw()
    assert not any(each.get_parse_math() for each in figure.findobj(Text) if isinstance(each, Text))
    return bytes(np.asarray(figure.canvas.buffer_rgba()))  # type: ignore[attr-defined]


def test_dollar_signs_are_drawn_and_not_taken_for_mathematics() -> None:
    assert shown(MATHS) != shown(MATHS.replace("$", ""))
    assert shown(BROKEN)


def test_also_in_a_figure_of_the_caller() -> None:
    figure = Figure()
    ax = style.axes(figure.add_subplot())
    style.heading(ax, BROKEN, BROKEN)
    style.legend(ax, ax.plot([0, 1]), [BROKEN])
    figure.draw_without_rendering()


def test_titles_and_names_that_look_like_mathematics_cost_no_figure(tmp_path: Path) -> None:
    results = simulate(Scenario.from_document(scenario("A $^$ b")), 4, 1, 1, engine="simpy")
    results.save(tmp_path / "run", True)
    assert len(list((tmp_path / "run").glob("*.png"))) >= 4


def test_characters_that_the_font_lacks_are_named_once_and_without_a_warning_of_the_library(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from trialsim.results.writing import save_figure

    ax = style.axes(None)
    style.heading(ax, "\u6771\u4eac", "\u6771")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        save_figure(style.figure_of(ax), tmp_path / "some.png")
    assert not said
    (told,) = [record.getMessage() for record in caplog.records]
    assert told == "In figures a box stands for each character that their font lacks: \u6771 \u4eac"

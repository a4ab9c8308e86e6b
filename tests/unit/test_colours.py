"""Colours that stand for different things in one figure are told apart by everybody, and stand out from the paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from tests.support.colour_vision import VISIONS, apart, ciede2000, contrast
from tests.unit.test_figures import FACTS
from trialsim.figures import decisions, endings, gantt, style, upstream

FAR_ENOUGH = 10.0
"""In CIEDE2000: five times what is seen to differ side by side."""
LINES_STAND_OUT = 3.0
"""Of graphical objects against what is behind them: WCAG 2.2, success criterion 1.4.11."""
TEXTS_STAND_OUT = 4.5
"""WCAG 2.2, success criterion 1.4.3."""

TOGETHER: dict[str, Sequence[str]] = {
    "causes of ends": tuple(style.CAUSES.values()),
    "lines": style.LINES,
    "people of a gantt": (gantt.SCREENING, gantt.WAITING, gantt.PLACE),
    "lots of a gantt": (gantt.MAKING, gantt.TESTING, gantt.STOCK),
    "four levels": tuple(gantt.level_colour(level, replace(FACTS, levels=tuple("1234"))) for level in (1, 2, 3, 4)),
    "fan": (upstream.BAND, upstream.INNER, upstream.MEDIAN),
    "ends": (endings.EARLY, endings.COMPLETED),
    "decisions": tuple(decisions.COLORS.values()),
    "bars of levers": (style.BLUE, style.PALE),
}


@pytest.mark.parametrize("name", TOGETHER)
@pytest.mark.parametrize("vision", VISIONS)
def test_colours_used_together_are_told_apart(name: str, vision: str) -> None:
    near = {
        (one, other): round(apart(one, other, vision), 1)
        for one, other in combinations(TOGETHER[name], 2)
        if apart(one, other, vision) < FAR_ENOUGH
    }
    assert near == {}


def test_lines_and_bars_stand_out_from_the_paper() -> None:
    colours = {*style.CAUSES.values(), *style.LINES, style.SKY, style.INK, style.MUTED, upstream.MEDIAN}
    assert {colour for colour in colours if contrast(colour) < LINES_STAND_OUT} == set()


def test_texts_can_be_read_on_what_is_behind_them() -> None:
    on_paper = (style.INK, style.MUTED)
    assert all(contrast(colour) >= TEXTS_STAND_OUT for colour in on_paper)
    for letter, colour in decisions.COLORS.items():
        assert contrast(decisions.ink_on(colour), colour) >= TEXTS_STAND_OUT, letter


def test_the_measure_of_colours_is_the_published_one() -> None:
    """Pairs 1, 7, 17, 20, 26 and 34 of table 1 of Sharma, Wu and Dalal (2005)."""
    for one, other, wanted in (
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((50.0, 2.5, 0.0), (58.0, 24.0, 15.0), 19.4535),
        ((63.0109, -31.0961, -5.8663), (62.8187, -29.7946, -4.0864), 1.2630),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ):
        assert ciede2000(np.array(one), np.array(other)) == pytest.approx(wanted, abs=1e-4)


def test_the_measure_sees_what_is_not_told_apart() -> None:
    assert apart("#FF0000", "#00FF00") > 80
    assert apart("#BB5500", "#7A7A00") > 20 > FAR_ENOUGH > apart("#BB5500", "#7A7A00", "deuteranopia")  # red and green
    assert apart("#3FA9F5", "#3FB8AF", "tritanopia") < FAR_ENOUGH < 20 < apart("#3FA9F5", "#3FB8AF")
    assert contrast("black") == pytest.approx(21) and contrast("white") == pytest.approx(1)
    for vision in VISIONS:
        assert apart("#777777", "#787878", vision) < 1  # greys stay greys

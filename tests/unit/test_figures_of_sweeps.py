"""Figures of sweeps: lines and heatmaps of any measure."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import QuadMesh

from tests.support.overlaps import unreadable
from tests.unit.test_figures import bars, points, results, table, written
from trialsim.figures import FIGURES, draw_sweep, drawable


def sweep_of(points: list[tuple[Any, ...]], keys: list[str]) -> SimpleNamespace:
    """A sweep's results: the reference trial's replications, later and safer from point to point."""
    parts = []
    for number, point in enumerate(points):
        table = results("reference").replications.copy()
        table["end_day"] = table["end_day"] * (1 + 0.1 * number)
        table["end_cause"] = np.where(np.arange(len(table)) < number, "completed", table["end_cause"])
        for key, value in zip(keys, point, strict=True):
            table[key] = pd.Series([value] * len(table), dtype=object)
        parts.append(table)
    return SimpleNamespace(replications=pd.concat(parts, ignore_index=True), axes={key: f"how {key}" for key in keys})


LENGTHY = ("a rather long description of the first", "a rather long description of the second", "7 days", None)
SWEEPS: dict[str, tuple[list[tuple[Any, ...]], list[str]]] = {
    "numbers": ([(0.5,), (1,), (2,), (4,)], ["fast"]),
    "one point": ([(0.5,)], ["fast"]),
    "uneven numbers": ([(1,), (1.01,), (2,), (10000,)], ["fast"]),
    "texts": ([(text,) for text in (*LENGTHY, {"lognormal": {"mean": 3}}, True, "last")], ["slow"]),
    "two axes": ([(x, y) for x in (1, 2, 4) for y in LENGTHY], ["fast", "slow"]),
    "texts across": ([(y, x) for x in (1, 2, 4) for y in LENGTHY], ["slow", "fast"]),
    "many cells": ([(x, y) for x in range(12) for y in range(12)], ["fast", "slow"]),
}


@pytest.mark.parametrize("case", SWEEPS)
def test_texts_of_sweeps_can_be_read(case: str) -> None:
    sweep = sweep_of(*SWEEPS[case])
    measures = ("last_visit", "infused", "early_termination", "time_limit")
    names = drawable(sweep.replications, list(sweep.axes), measures)
    assert ("sweep_heatmap" in names) == (len(sweep.axes) == 2)
    drawn = [(name, unreadable(draw_sweep(sweep.replications, sweep.axes, name))) for name in names]
    assert drawn
    assert all(wrong == [] for _, wrong in drawn), drawn


def test_sweeps_show_medians_and_risks() -> None:
    days = np.arange(1, 11) * 30.4375
    first = table(end_day=days, end_cause=["completed"] * 10).assign(speed=2)
    second = table(end_day=2 * days, end_cause=["completed"] * 4 + ["safety"] * 6).assign(speed=1)
    both = pd.concat([first, second], ignore_index=True)
    ax = FIGURES["sweep_lines"](both, ["speed"], measure="settled")
    (median,) = [line for line in ax.lines if line.get_marker() == "o"]
    assert points(median) == [(1, 11), (2, 5.5)]
    ax = FIGURES["sweep_lines"](both, ["speed"], measure="early_termination")
    assert "Risk of ending early: 0 % to 60 %" in written(ax)
    risk = next(line for line in ax.lines if line.get_marker() == "o")
    assert points(risk) == [(1, 0.6), (2, 0)]
    assert [bar.get_height() for bar in bars(ax)] == [0.6, 0]
    assert "10 simulated trials a point" in written(ax)
    assert "9 to 10 simulated trials a point" in written(
        FIGURES["sweep_lines"](both[1:], ["speed"], measure="early_termination")
    )
    crossed = pd.concat([both.assign(size="big"), second.assign(size="small")], ignore_index=True)
    for measure, expected in (
        ("settled", [[11.0, 5.5], [11.0, np.nan]]),
        ("early_termination", [[60.0, 0.0], [60.0, np.nan]]),
    ):
        ax = FIGURES["sweep_heatmap"](crossed, ["speed", "size"], measure=measure)
        cells = ax.collections[0].get_array()
        assert cells is not None
        np.testing.assert_array_equal(np.ma.filled(cells.astype(float), np.nan), expected)
    ax = FIGURES["sweep_lines"](crossed, ["speed", "size"], measure="settled", labels={"size": "the size"})
    assert "the size: small" in written(ax)


def test_numbers_too_near_to_one_another_on_any_scale_are_put_at_equal_distances() -> None:
    for speeds, places in (
        ((1, 2, 4), [1, 2, 4]),
        ((1, 1.01, 2, 10000), [0, 1, 2, 3]),
        (("slow", "fast", None), [0, 1, 2]),
    ):
        tables = [table(end_day=[30.0], end_cause=["completed"]).assign(speed=speed) for speed in speeds]
        ax = FIGURES["sweep_lines"](pd.concat(tables), ["speed"], measure="settled")
        (median,) = [line for line in ax.lines if line.get_marker() == "o"]
        assert [x for x, _ in points(median)] == places
        assert ("not to scale" in written(ax)) == (speeds[-1] == 10000)
        assert [label.get_text() for label in ax.get_xticklabels()] == [str(speed).lower() for speed in speeds]


def crossed(across: tuple[Any, ...], series: tuple[Any, ...]) -> pd.DataFrame:
    """Ten replications each of every pair, later from value to value."""
    days = np.arange(1, 11) * 30.4375
    parts = [
        table(end_day=(x + y + 1) * days, end_cause=["completed"] * 10).assign(fast=one, size=other)
        for x, one in enumerate(across)
        for y, other in enumerate(series)
    ]
    return pd.concat(parts, ignore_index=True)


def test_numbers_keep_their_scale_which_is_logarithmic_where_they_are_far_apart() -> None:
    ax = FIGURES["sweep_lines"](crossed((1, 10, 1000), (1,)), ["fast"], measure="settled")
    (median,) = [line for line in ax.lines if line.get_marker() == "o"]
    assert [x for x, _ in points(median)] == [0, 1, 3]
    assert "fast (logarithmic)" in written(ax)
    even = tuple(1 + number / 10 for number in range(20))
    ax = FIGURES["sweep_lines"](crossed(even, (1,)), ["fast"], measure="settled")
    assert "fast" in written(ax) and "scale" not in written(ax)


@pytest.mark.parametrize("measure", ["settled", "early_termination"])
def test_series_stand_side_by_side_and_the_base_is_marked(measure: str) -> None:
    table = crossed((1, 2), ("small", "big", "huge"))
    ax = FIGURES["sweep_lines"](table, ["fast", "size"], measure=measure, base={"fast": 2, "size": "big"})
    middle = [line for line in ax.lines if line.get_marker() == "o" and line.get_markersize() == 7]
    places = [x for line in middle for x, _ in points(line)]
    assert len(set(places)) == 6 and sorted(round(x) for x in places) == [1, 1, 1, 2, 2, 2]
    (base,) = [line for line in ax.lines if line.get_markersize() == 13]
    assert points(base) == points(middle[1])[1:]
    assert "the base" in written(ax)
    p80 = [points(line) for line in ax.lines if line.get_marker() == "_" and line.get_markersize() == 12]
    assert [[round(y, 1) for _, y in each] for each in p80] == (
        [[8.2, 16.4], [16.4, 24.6], [24.6, 32.8]] if measure == "settled" else []
    )


def limited(**values: Any) -> pd.DataFrame:
    """Trials of 1 to 20 months of which the last are cut off after 15 months, and of which some are stopped."""
    days = np.minimum(np.arange(1, 21), 15) * 30.4375
    causes = ["safety", "external", *["completed"] * 12, *["time_limit"] * 6]
    return table(end_day=days, end_cause=causes, first_infusion_day=days / 2, infused=range(1, 21)).assign(**values)


def test_what_a_limit_cuts_off_is_hatched() -> None:
    free = table(end_day=np.arange(1, 21) * 30.4375, end_cause=["completed"] * 19 + ["time_limit"]).assign(fast=1)
    both = pd.concat([limited(fast=2), free])
    ax = FIGURES["sweep_lines"](both, ["fast"], measure="settled")
    (piece,) = [patch for patch in bars(ax) if patch.get_hatch()]
    assert piece.get_x() < 2 < piece.get_x() + piece.get_width()
    assert piece.get_y() == pytest.approx(15) and piece.get_height() > 0.3
    assert "30 % cut" in written(ax) and "cut off by a limit" in written(ax)
    assert unreadable(ax.figure) == []  # type: ignore[arg-type]
    # the 15 months of half of the trials, and more: P10 to P90 of the counts of the six, as far as P90 of all
    ax = FIGURES["sweep_lines"](both, ["fast"], measure="infused")
    (piece,) = [patch for patch in bars(ax) if patch.get_hatch()]
    assert piece.get_y() == pytest.approx(15.5) and piece.get_y() + piece.get_height() == pytest.approx(18.1)
    for measure in ("first_infusion", "early_termination"):
        ax = FIGURES["sweep_lines"](both, ["fast"], measure=measure)
        assert not any(patch.get_hatch() for patch in bars(ax)) and "cut off" not in written(ax)


def test_a_cut_does_not_reach_into_the_next_series() -> None:
    names = ("a", "b", "c", "d", "e", "f")
    both = pd.concat([limited(fast=x, size=name) for x in (1, 1.2, 4) for name in names])
    ax = FIGURES["sweep_lines"](both, ["fast", "size"], measure="settled")
    ends = sorted((patch.get_x(), patch.get_x() + patch.get_width()) for patch in bars(ax) if patch.get_hatch())
    assert len(ends) == 18
    assert all(until <= begin for (_, until), (begin, _) in pairwise(ends))


def test_a_median_that_is_a_limit_is_hatched_in_the_heatmap() -> None:
    most = limited(fast=2, size=1).iloc[8:]
    both = pd.concat([limited(fast=1, size=1), most])
    ax = FIGURES["sweep_heatmap"](both, ["fast", "size"], measure="settled")
    assert [patch.get_xy() for patch in bars(ax) if patch.get_hatch()] == [(1, 0)]
    assert "hatched: half of the trials or more cut off by a limit" in written(ax).replace("\n", " ")


def test_a_map_of_one_number_has_no_scale_beyond_it() -> None:
    same = pd.concat([table(end_day=[9.0], end_cause=["safety"]).assign(fast=x, size=1) for x in (1, 2)])
    figure = draw_sweep(same, {"fast": "speed", "size": "size"}, "sweep_heatmap", ("settled", "early_termination"))
    assert len(figure.axes) == 2  # no bars of colours
    varied = draw_sweep(crossed((1, 2), (1, 2)), {"fast": "speed", "size": "size"}, "sweep_heatmap", ("settled",))
    assert [ax.get_ylabel() for ax in varied.axes] == ["size", "months"]


def test_sweeps_say_whose_they_are() -> None:
    for name in ("sweep_settled", "sweep_heatmap"):
        figure = draw_sweep(crossed((1, 2), (1, 2)), {"fast": "f", "size": "s"}, name, ("settled",), about="a trial")
        assert "a trial: 10 simulated trials a point" in written(figure.axes[0])


def test_names_are_not_joined_by_lines() -> None:
    ax = FIGURES["sweep_lines"](crossed(("one", "other"), (1,)), ["fast"], measure="settled")
    (median,) = [line for line in ax.lines if line.get_marker() == "o"]
    assert median.get_linestyle() == "None"


def test_a_heatmap_of_twenty_columns_has_its_numbers_and_says_what_is_held() -> None:
    table = crossed(tuple(range(20)), (1, 2))
    labels, base = {"fast": "speed", "size": "size"}, {"fast": 0, "size": 1}
    figure = draw_sweep(table, labels, "sweep_heatmap", ("settled", "early_termination"), base, {"slots": 4})
    assert unreadable(figure) == []
    first = figure.axes[0]
    numbers = [text for text in first.texts if text.get_text().replace(".", "").isdigit()]
    assert len(numbers) == 40 and all(float(text.get_fontsize()) >= 8 for text in numbers)
    assert "framed: the base" in written(first) and "slots: 4 throughout" in written(first)
    cells = first.collections[0]
    assert isinstance(cells, QuadMesh)
    lightest = np.asarray(cells.get_facecolor())[0]
    assert cells.norm.vmin == pytest.approx(5.5) and lightest.min() > 0.9  # scaled to the data, with a light end


def test_sweeps_refuse_what_lines_cannot_show() -> None:
    many = pd.concat([table(end_day=[1.0], end_cause=["completed"]).assign(a=1, b=b) for b in range(9)])
    for measure in ("settled", "early_termination"):
        with pytest.raises(ValueError, match="9 values of b"):
            FIGURES["sweep_lines"](many, ["a", "b"], measure=measure)
        with pytest.raises(ValueError, match="one axis or two"):
            FIGURES["sweep_lines"](many, [], measure=measure)
    with pytest.raises(ValueError, match="two axes, not 1"):
        FIGURES["sweep_heatmap"](many, ["a"])


def test_what_lines_cannot_show_is_a_heatmap_or_nothing() -> None:
    too_many = SWEEPS["many cells"]
    assert drawable(sweep_of(*too_many).replications, too_many[1]) == ["sweep_heatmap"]
    assert drawable(sweep_of(*too_many).replications, []) == []

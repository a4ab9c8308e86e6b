"""Figures of sweeps without a grid: rows of named points, and points drawn over axes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from tests.support.overlaps import unreadable
from tests.unit.test_figures import points as of_line
from tests.unit.test_figures import written
from trialsim import sweep
from trialsim.figures.estimates import estimates, from_best
from trialsim.figures.rows import MOST_ROWS, sweep_rows
from trialsim.figures.scatter import binned, draw_scatter
from trialsim.vocabulary import END_CAUSES, MONTH

HOSTILE = "<b>$x^2$</b> =1+1 & a rather long name of a case that nobody can read to its end"


def table(medians: Any, base: int = 0, limited: Any = 0.0, **more: Any) -> pd.DataFrame:
    """Points with these medians of the last visit, in months, as many infused, and a chance of half of that in %."""
    months = np.asarray(medians, dtype=float)
    days = MONTH * months
    columns: dict[str, Any] = {
        "point": np.arange(len(days)) + 1,
        "is_base": np.arange(len(days)) == base,
        "replications": 100,
    }
    add: float
    for name, add in (("p10", -2), ("p50", 0), ("p50_low", -1), ("p50_high", 1), ("p80", 2), ("p90", 3)):
        columns[f"last_visit_{name}"] = days + MONTH * add
    for name, add in (("", 0.0), ("_low", -1.0), ("_high", 1.0)):
        columns[f"last_visit_difference{name}"] = days - days[base] + MONTH * add
        columns[f"early_termination{name}"] = np.clip((months + add) / 200, 0, 1)
        columns[f"early_termination_difference{name}"] = (months - months[base] + add) / 200
        columns[f"infused_difference{name}"] = months - months[base] + add
    columns |= {"infused_mean": months, "infused_standard_error": 0.5}
    columns |= {cause.value: 0.0 for cause in END_CAUSES} | {"time_limit": limited, "safety": months / 200}
    return pd.DataFrame({**columns, **more})


def dots(ax: Axes) -> list[tuple[float, float]]:
    """Where the estimates of rows stand."""
    return sorted(
        (point for line in ax.lines if line.get_marker() == "o" for point in of_line(line)), key=lambda each: each[1]
    )


def said(ax: Axes) -> str:
    """All texts, on one line."""
    heading = [text.get_text() for text in ax.figure.texts] + [ax.figure.get_suptitle()]
    return " ".join(" ".join([written(ax), *heading]).split())


def names(ax: Axes) -> list[str]:
    return [label.get_text() for label in ax.get_yticklabels()]


def test_rows_go_from_the_best_to_the_worst() -> None:
    ax = sweep_rows(table([10, 30, 5, np.nan]), ["base", "slow", "fast", "never"], measure="last_visit")
    assert names(ax) == ["fast", "base", "slow", "never"]
    assert [x for x, _ in dots(ax)[:3]] == pytest.approx([5, 10, 30])
    assert "Last visit: median from 5.0 to 30.0 months" in said(ax)
    assert "−5.0 (−6.0 to −4.0)" in said(ax) and "+20.0 (+19.0 to +21.0)" in said(ax)
    assert [label.get_fontweight() for label in ax.get_yticklabels()] == ["normal", "bold", "normal", "normal"]
    ax = sweep_rows(table([10, 30, 5]), ["base", "many", "few"], measure="infused")
    assert names(ax) == ["many", "base", "few"]
    ax = sweep_rows(table([10, 30, 5]), ["base", "risky", "safe"], measure="early_termination")
    assert names(ax) == ["safe", "base", "risky"]
    assert [x for x, _ in dots(ax)] == [0.025, 0.05, 0.15]
    assert "+10 (+10 to +10) points" in said(ax) and "safety" in said(ax)


def test_intervals_are_those_of_the_estimates() -> None:
    found = estimates(table([10, 30]), "last_visit")
    np.testing.assert_allclose([found.low, found.high, found.p10, found.p80], [[9, 29], [11, 31], [8, 28], [12, 32]])
    found = estimates(table([10, 30]), "infused")
    np.testing.assert_allclose([found.low, found.high], [[9.02, 29.02], [10.98, 30.98]], atol=1e-3)
    assert np.isnan(found.p10).all()
    assert from_best(found, "infused").tolist() == [1, 0]
    assert from_best(estimates(table([np.nan, 30, 20]), "last_visit"), "last_visit").tolist() == [2, 1, 0]


def test_what_a_limit_cuts_off_is_hollow() -> None:
    limited = table([10, 30, 20], limited=[0.0, 0.1, 0.09])
    ax = sweep_rows(limited, list("abc"), measure="last_visit")
    hollow = [line for line in ax.lines if line.get_marker() == "o" and line.get_markerfacecolor() == "white"]
    assert [of_line(line)[0][0] for line in hollow] == [30]
    assert not estimates(limited, "first_infusion").limited.any()
    assert not estimates(limited, "early_termination").limited.any()


@pytest.mark.parametrize("number", [2, 3, 20, MOST_ROWS])
@pytest.mark.parametrize("measure", ["last_visit", "early_termination"])
def test_up_to_sixty_rows_can_be_read(number: int, measure: str) -> None:
    called = [f"{number} {HOSTILE}" for number in range(number)]
    ax = sweep_rows(table(np.arange(number) + 5.0), called, measure=measure, about="a trial with a name")
    assert unreadable(ax.figure) == []  # type: ignore[arg-type]
    assert len(names(ax)) == number
    assert float(ax.get_yticklabels()[0].get_fontsize()) >= 10
    assert all("$x^2$" in name for name in names(ax))  # as it is written, and no formula


def test_of_more_the_first_and_the_last_are_shown_and_the_title_says_so() -> None:
    ax = sweep_rows(table(np.arange(200) + 5.0, base=100), [str(n) for n in range(200)], measure="last_visit")
    assert names(ax) == [*map(str, range(30)), "100", *map(str, range(170, 200))]
    assert "the first and the last 30 of 200" in said(ax)
    assert "from 5.0 to 204.0 months" in said(ax)
    assert unreadable(ax.figure) == []  # type: ignore[arg-type]


def test_means_of_neighbours() -> None:
    x = np.arange(20.0)
    along, means = binned(x[::-1], (2 * x)[::-1], separate=False)
    np.testing.assert_allclose(along, [2, 7, 12, 17])
    np.testing.assert_allclose(means, [4, 14, 24, 34])
    along, means = binned(np.array([1.0, 2, 1, 3]), np.array([4.0, np.nan, 6, 1]), separate=True)
    np.testing.assert_allclose([along, means], [[1, 3], [5, 1]])
    assert len(binned(x[:9], x[:9], separate=False)[0]) == 0
    assert len(binned(np.arange(500.0), np.arange(500.0), separate=False)[0]) == 10


def drawn(number: int, axes: int) -> pd.DataFrame:
    luck = np.random.default_rng(1)
    columns: dict[str, Any] = {f"axis{n}": luck.random(number) for n in range(axes)}
    columns["axis1"] = luck.integers(1, 4, number)
    columns["axis2"] = luck.choice(["fixed", HOSTILE, "BOIN"], number)
    columns["axis0"][0] = np.nan  # of the base, which states no number
    return table(10 + 30 * np.nan_to_num(columns["axis0"]), **columns)


@pytest.mark.parametrize(("number", "axes"), [(4, 3), (200, 6), (64, 14)])
def test_points_over_axes_can_be_read(number: int, axes: int) -> None:
    points = drawn(number, axes)
    labels = {f"axis{n}": f"axis {n} by its $name$, which is a long one (weeks)" for n in range(axes)}
    for measure in ("last_visit", "early_termination", "infused")[: 3 if axes == 3 else 1]:
        figure = draw_scatter(points, labels, measure, (~points["is_base"]).tolist(), about="a trial")
        assert unreadable(figure) == []
        assert len([ax for ax in figure.axes if ax.get_visible()]) == min(axes, 12)
        assert f"{number - 1} points drawn over {axes} axes" in " ".join(text.get_text() for text in figure.texts)


def test_every_panel_has_every_point_and_the_mean_along_its_axis() -> None:
    points = drawn(101, 3)
    figure = draw_scatter(
        points, {"axis0": "a", "axis1": "b", "axis2": "c"}, "last_visit", (~points["is_base"]).tolist()
    )
    first, second, third = figure.axes
    for ax in figure.axes:
        assert sum(len(of_line(line)) for line in ax.lines if line.get_marker() == "o") == 100
    (means,) = [of_line(line) for line in first.lines if line.get_marker() == "D"]
    assert len(means) == 10
    assert all(y == pytest.approx(10 + 30 * x) for x, y in means)  # the mean of a straight line
    (means,) = [of_line(line) for line in second.lines if line.get_marker() == "D"]
    assert [x for x, _ in means] == [1, 2, 3]
    assert [label.get_text() for label in third.get_xticklabels()][1:] != []
    assert "against a, means of points that are near: at " in figure.alt  # type: ignore[attr-defined]


SMALL = """
trial: {name: small, start_date: 2024-01-01, max_participants: 4}
recruitment: {sites: [{name: A, rate: 1 per week}]}
stopping: {time_limit: 200 days}
"""


def test_which_figures_a_sweep_has(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL)
    axes = "axes: [{key: recruitment.rate_multiplier, values: [1, {value: 2, label: $two$}]}, {key: trial.max_participants, values: [4, 5]}]\n"  # noqa: E501
    ranges = "axes: [{key: recruitment.rate_multiplier, values: {from: 1, to: 3}, label: how many}]\n"
    cases = "cases: [{name: more, set: {trial.max_participants: 6}}]"
    both = ["sweep_last_visit", "sweep_early_termination"]
    for head, rest, expected in (
        ("design: one_at_a_time", axes + cases, both),
        ("design: sobol, points: 4", ranges + cases, both),
        ("seed: 1", cases, both),
        ("seed: 1", axes, [*both, "sweep_heatmap"]),
        ("seed: 1", axes + cases, [*both, "sweep_heatmap", "sweep_cases_last_visit", "sweep_cases_early_termination"]),
    ):
        path = tmp_path / "some.yaml"
        path.write_text(f"sweep: {{name: some, base: small.yaml, replications: 3, {head}}}\n{rest}")
        results = sweep(path)
        assert results.figures() == [*expected, "sweep_differences"]
        if len(expected) == 5:
            assert names(results.figure("sweep_cases_last_visit").axes[0])[-1] == "more"
        elif "one_at" in head:
            assert "recruitment.rate_multiplier: $two$" in names(results.figure("sweep_last_visit").axes[0])
        elif "sobol" in head:
            assert [ax.get_xlabel() for ax in results.figure("sweep_last_visit").axes] == ["how many"]
        elif len(expected) == 3:
            for name in ("sweep_last_visit", "sweep_heatmap"):
                assert "$two$" in said(results.figure(name).axes[0])

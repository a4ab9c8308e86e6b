"""Sweeps: their files, their points, and that no point depends on another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from trialsim import ScenarioError, compare, load, simulate, sweep
from trialsim.analysis.measures import values
from trialsim.scenario import shipped
from trialsim.scenario.sweep import load_sweep
from trialsim.tables import COUNTS
from trialsim.vocabulary import Milestone

BASE = """
trial: {name: small, start_date: 2024-01-01, max_participants: 4}
recruitment: {sites: [{name: A, rate: 1 per week}]}
screening: {duration: 7 days, pass_probability: 0.5}
stopping: {time_limit: 200 days}
"""
AXES = """
sweep: {name: some, base: small.yaml, replications: 30, seed: 7}
axes:
  - {key: recruitment.rate_multiplier, values: [0.5, 1.0, 2.0], label: how many}
  - {key: screening.pass_probability, values: [0.5, 0.75]}
cases:
  - {name: no limit, set: {stopping: null}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "small.yaml").write_text(BASE)
    (tmp_path / "some.yaml").write_text(AXES)
    return tmp_path


def test_the_grid_the_cases_and_the_base(folder: Path) -> None:
    plan = load_sweep(folder / "some.yaml")
    assert [tuple(point.values.values()) for point in plan.points] == [
        (0.5, 0.5), (0.5, 0.75), (1.0, 0.5), (1.0, 0.75), (2.0, 0.5), (2.0, 0.75), (1.0, 0.5),
    ]  # fmt: skip
    assert [point.is_base for point in plan.points] == [False, False, True, False, False, False, False]
    assert [point.on_grid for point in plan.points] == [True] * 6 + [False]
    assert plan.points[-1].name == "no limit"
    assert plan.points[-1].scenario.stopping is None
    assert plan.points[5].scenario.recruitment.rate_multiplier == 2.0
    assert (plan.name, plan.replications, plan.seed) == ("some", 30, 7)


def test_a_base_off_the_grid_is_added(folder: Path) -> None:
    plan = load_sweep(folder / "small.yaml", vary=["recruitment.rate_multiplier=2,3"])
    assert [(point.name, point.is_base) for point in plan.points] == [
        ("base", True),
        ("recruitment.rate_multiplier=2", False),
        ("recruitment.rate_multiplier=3", False),
    ]
    assert plan.points[0].values == {"recruitment.rate_multiplier": 1.0}


@pytest.mark.parametrize(
    ("option", "once"),
    [
        ("recruitment.rate_multiplier=2,2.0,3,2", (2, 3)),
        ("stopping.time_limit=1 year,12 months,2 years", ("1 year", "2 years")),
        ("screening.duration=7 days,1 week", ("7 days",)),
    ],
)
def test_values_that_are_equal_are_one_point(folder: Path, option: str, once: tuple[object, ...]) -> None:
    plan = load_sweep(folder / "small.yaml", vary=[option])
    assert plan.axes[0].values == once
    assert len(plan.points) == len(once) + ("7 days" not in once)


def test_set_changes_the_base(folder: Path) -> None:
    plan = load_sweep(folder / "some.yaml", set=["trial.max_participants=3"])
    assert {point.scenario.trial.max_participants for point in plan.points} == {3}


def test_points_are_what_they_are_alone(folder: Path) -> None:
    together = sweep(folder / "some.yaml", jobs=1)
    assert repr(together) == "SweepResults(some: 7 points, 30 replications each, seed 7)"
    for number, point in enumerate(load_sweep(folder / "some.yaml").points, start=1):
        mine = together.replications[together.replications["point"] == number].reset_index(drop=True)
        alone = simulate(point.scenario, 30, seed=7, jobs=1).replications
        pd.testing.assert_frame_equal(mine[alone.columns], alone)


def test_neither_processes_nor_the_order_of_axes_matter(folder: Path) -> None:
    one = sweep(folder / "some.yaml", jobs=1)
    pd.testing.assert_frame_equal(one.points, sweep(folder / "some.yaml", jobs=2).points)
    vary = ["recruitment.rate_multiplier=0.5,1,2", "screening.pass_probability=0.5,0.75"]
    keys = ["recruitment.rate_multiplier", "screening.pass_probability"]
    forth, back = (
        sweep(folder / "small.yaml", 20, vary=order, jobs=1).points.sort_values(keys, ignore_index=True)
        for order in (vary, vary[::-1])
    )
    unnumbered = forth.columns.difference(["point", "name"])
    pd.testing.assert_frame_equal(forth[unnumbered], back[unnumbered])


def test_what_differs_in_nothing_differs_by_exactly_nothing(folder: Path) -> None:
    results = compare([load(folder / "small.yaml")] * 2, 40, jobs=1, names=["one", "other"])
    other = results.points.iloc[1]
    assert other["settled_difference"] == other["early_termination_difference"] == 0
    assert other[["settled_difference_low", "settled_difference_high"]].isna().all()  # nothing is known of a spread
    assert other["early_termination_difference_low"] == -other["early_termination_difference_high"] < 0


def test_measures_are_known_by_their_names(folder: Path) -> None:
    results = sweep(folder / "some.yaml", 2, jobs=1, measures=["infused", "safety", "infused"])
    assert results.summary()["measures"] == ["infused", "safety"]
    cases = ["sweep_cases_infused", "sweep_cases_safety"]
    assert results.figures() == ["sweep_infused", "sweep_safety", "sweep_heatmap", *cases, "sweep_differences"]
    with pytest.raises(ValueError, match='"duration" is not a measure; allowed: first_site_open, '):
        sweep(folder / "some.yaml", 2, jobs=1, measures=["duration"])


def test_every_milestone_and_count_of_a_point_is_its_own_and_paired_with_the_base(folder: Path) -> None:
    results = sweep(folder / "small.yaml", 20, vary=["trial.max_participants=4,1"], jobs=1)
    few, base = (results.replications[results.replications["point"] == number] for number in (2, 1))
    row = results.points.iloc[1]
    for measure in (*Milestone.texts(), *COUNTS):
        one, other = values(few, measure), values(base, measure)
        both = ~np.isnan(one) & ~np.isnan(other)
        assert row[f"{measure}_mean"] == pytest.approx(np.nanmean(one))
        assert row[f"{measure}_difference"] == pytest.approx(np.mean(one[both] - other[both]))
    assert row["infused_difference"] < 0


def test_a_milestone_that_is_never_reached_has_no_difference(folder: Path) -> None:
    never = load(folder / "small.yaml").changed({"screening.pass_probability": 0})
    row = compare([load(folder / "small.yaml"), never], 5, names=["some", "never"]).points.iloc[1]
    assert row["last_visit_reached"] == 0
    assert row[["last_visit_p50", "last_visit_mean", "last_visit_difference", "last_visit_difference_low"]].isna().all()
    assert row["settled_reached"] == 1


def test_intervals_hold_a_known_difference() -> None:
    """The time of the fourth of Poisson arrivals, one a week against one in two weeks: 4 x 7 days apart on average."""
    text = {
        "trial": {"name": "poisson", "start_date": "2024-01-01", "max_participants": 4},
        "recruitment": {"sites": [{"name": "A", "rate": "1 per week"}]},
    }
    from trialsim import Scenario

    slow, fast = Scenario.from_document(text), Scenario.from_document(text).changed({"recruitment.rate_multiplier": 2})
    held = 0
    for seed in range(60):
        row = compare([fast, slow], 25, seed=seed, jobs=1, names=["fast", "slow"]).points.iloc[1]
        held += row["settled_difference_low"] <= 14 <= row["settled_difference_high"]
    # of 60 with 95 %: fewer than 51 has a probability of 0.2 %
    assert 51 <= held <= 60
    assert row["settled_difference_correlation"] == pytest.approx(1, abs=1e-6)  # the same luck, stretched


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sweep: {name: some}", "some.yaml:1:1: sweep.base"),
        ("sweep: {name: some, base: small.yaml}\naxis: []", 'did you mean "axes"'),
        ("sweep: {name: some, base: other.yaml}", "other.yaml: there is no such file"),
        ("sweep: {name: some, base: small.yaml}\naxes:\n  - {key: a.b, values: []}", "some.yaml:3:"),
        (
            "sweep: {name: some, base: small.yaml}\naxes:\n  - {key: trial.max_participants, values: [0]}",
            "some.yaml:3:44: axes.1.values.1: trial.max_participants",
        ),
        ("sweep: {name: some, base: small.yaml}\ncases:\n  - {name: base, set: {a: 1}}", "names another point"),
        (
            "sweep: {name: some, base: small.yaml}\ncases:\n  - {name: x, set: {screening.durration: 1 day}}",
            "durration",
        ),
        ("sweep: {name: some, base: small.yaml, seed: -1}", "some.yaml:1:39: sweep.seed"),
        ("sweep: {name: some, base: small.yaml}\naxes:\n  - {key: a.b, values: 3}", "some.yaml:3:"),
        ("sweep: [", "some.yaml:"),
    ],
)
def test_malformed_sweeps(folder: Path, text: str, message: str) -> None:
    (folder / "some.yaml").write_text(text)
    with pytest.raises(ScenarioError) as caught:
        load_sweep(folder / "some.yaml")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "option", ["x", "a.b=", "trial.max_participants=[", "recruitment.rate_multiplier=-1", "recruitment.sites.B.rate=1"]
)
def test_malformed_options(folder: Path, option: str) -> None:
    with pytest.raises(ScenarioError):
        load_sweep(folder / "small.yaml", vary=[option])


@pytest.mark.parametrize("name", shipped.sweeps())
def test_shipped_sweeps_are_valid_and_mean_no_warnings(name: str) -> None:
    plan = load_sweep(name)
    assert plan.name == name
    assert len(plan.points) > 2
    assert plan.base.scenario.warnings() == []


def test_a_comparison_needs_distinct_scenarios(folder: Path) -> None:
    with pytest.raises(ValueError, match="two or more"):
        compare([load(folder / "small.yaml")] * 2)


def test_figures_show_two_axes_with_the_others_at_the_base(folder: Path) -> None:
    vary = ["screening.pass_probability=0.5,1", "recruitment.rate_multiplier=1,2", "trial.max_participants=4,2"]
    results = sweep(folder / "small.yaml", 2, vary=vary, jobs=1)
    grid = results.grid
    assert list(grid.axes) == ["screening.pass_probability", "recruitment.rate_multiplier"]
    assert set(grid.replications["trial.max_participants"]) == {4}
    assert grid.replications["point"].nunique() == 4


def test_saved_whole(folder: Path) -> None:
    results = sweep(folder / "some.yaml", 5, jobs=1)
    results.save(folder / "out")
    names = {path.name for path in (folder / "out").iterdir()}
    assert names >= {"manifest.json", "summary.json", "points.parquet", "replications.parquet", "sweep_heatmap.png"}
    back = pd.read_parquet(folder / "out" / "points.parquet")
    assert np.array_equal(back["settled_mean"], results.points["settled_mean"])
    with pytest.raises(KeyError):
        results.figure("nonsense")

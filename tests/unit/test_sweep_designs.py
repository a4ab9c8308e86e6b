"""Designs of sweeps: one at a time, Latin hypercubes, Sobol points; labels; and what is wrong with a sweep file."""

from __future__ import annotations

import math
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import lognorm, qmc

from trialsim import ScenarioError, sweep
from trialsim.report.points import render
from trialsim.results.reading import read_results
from trialsim.scenario.sweep import MOST_POINTS, Sweep, load_sweep
from trialsim.tables import axis

HEAD = "format: 1\nsweep: {{name: some, base: msc-sle, {}}}\n"
PASS, REVIEW, SUITES = "screening.pass_probability", "dosing.review", "product.suites"
LATIN = "design: latin_hypercube, points: 40"
AXES = """\
axes:
  - {key: screening.pass_probability, values: {from: 0.2, to: 0.6}, label: share who pass}
  - {key: dosing.review, values: {lognormal: {mean: 3 weeks, sd: 2 weeks}}}
  - {key: product.suites, values: {from: 1, to: 4}}
"""


def made(tmp_path: Path, head: str, rest: str, **more: Any) -> Sweep:
    path = tmp_path / "some.yaml"
    path.write_text(HEAD.format(head) + rest)
    return load_sweep(path, **more)


def column(plan: Sweep, key: str) -> Any:
    return np.array([point.values[key] for point in plan.points if point.on_grid])


def in_strata(values: Any, quantile: Any) -> bool:
    """Whether each of as many strata of equal probability as there are values has one."""
    inner = quantile(np.arange(1, len(values)) / len(values))
    return sorted(np.searchsorted(inner, values)) == list(range(len(values)))


def test_a_latin_hypercube_has_a_point_in_every_stratum_of_every_axis(tmp_path: Path) -> None:
    plan = made(tmp_path, LATIN, AXES)
    assert [point.is_base for point in plan.points] == [True, *[False] * 40]
    assert [point.name for point in plan.points[:2]] == ["base", "point 01"]
    assert in_strata(column(plan, PASS), lambda u: 0.2 + 0.4 * u)
    sigma = math.sqrt(math.log(1 + (2 / 3) ** 2))  # of a lognormal of mean 3 and sd 2
    assert in_strata(column(plan, REVIEW), lambda u: lognorm.ppf(u, sigma, scale=3 * math.exp(-(sigma**2) / 2)))
    assert np.bincount(column(plan, SUITES)).tolist() == [0, 10, 10, 10, 10]
    assert plan.axes[1].title == "dosing.review (weeks)"
    for point in plan.points[1:]:  # what is in the tables is what is simulated
        assert point.scenario.screening.pass_probability == point.values[PASS]  # type: ignore[union-attr]
        assert point.scenario.dosing.review.mean() == pytest.approx(7 * point.values[REVIEW], abs=2**-20)  # type: ignore[union-attr]
        assert point.scenario.product.suites == point.values[SUITES]  # type: ignore[union-attr]
    base = plan.base.values
    assert (base[PASS], base[REVIEW], base[SUITES]) == (0.276, 2, 1)


def test_sobol_points_are_scipys(tmp_path: Path) -> None:
    plan = made(tmp_path, "design: sobol, points: 32, seed: 9", AXES)
    u = qmc.Sobol(3, rng=np.random.default_rng(9)).random(32)
    np.testing.assert_allclose(column(plan, PASS), 0.2 + 0.4 * u[:, 0], rtol=1e-14)
    np.testing.assert_array_equal(column(plan, SUITES), 1 + np.floor(4 * u[:, 2]))


def test_the_seed_determines_the_points(tmp_path: Path) -> None:
    few = "design: latin_hypercube, points: 5"
    one, same, other = (column(made(tmp_path, few, AXES, seed=seed), PASS).tolist() for seed in (None, 1, 2))
    assert one == same != other
    assert column(made(tmp_path, f"{few}, seed: 2", AXES), PASS).tolist() == other


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.booleans())
def test_one_at_a_time_has_the_base_and_every_other_value(sizes: list[int], with_base: bool) -> None:
    keys = ["trial.max_participants", SUITES, "infusion.per_day", "product.target_doses"]
    base = {"trial.max_participants": 10, SUITES: 1, "infusion.per_day": 1, "product.target_doses": 2}
    axes = {
        key: ([base[key]] if with_base else []) + [20 + n for n in range(size)]
        for key, size in zip(keys, sizes, strict=False)
    }
    options = [f"{key}={','.join(map(str, values))}" for key, values in axes.items()]
    plan = load_sweep("msc-sle", options, design="one_at_a_time")
    assert len(plan.points) == 1 + sum(len(values) - with_base for values in axes.values())
    assert [point.is_base for point in plan.points] == [True, *[False] * sum(sizes)]
    for point in plan.points:
        assert sum(point.values[key] != base[key] for key in axes) == (not point.is_base)
        assert all(point.on_grid for point in plan.points)


def test_one_at_a_time_by_name_and_with_whole_rules_and_sections(tmp_path: Path) -> None:
    rest = """\
axes:
  - key: dosing.rule
    label: dose rule
    values:
      - {value: {boin: {target: 0.25}}, label: BOIN}
      - {value: {beta_binomial: {target: 0.25, cutoff: 0.9}}, label: Bayes}
  - {key: product, values: [{value: null, label: cells at once}]}
  - {key: dosing.review, values: [0 days, 4 weeks]}
"""
    plan = made(tmp_path, "design: one_at_a_time", rest)
    assert [point.title for point in plan.points[1:]] == [
        "dose rule: Bayes",
        "product: cells at once",
        "dosing.review: 0 days",
        "dosing.review: 4 weeks",
    ]
    assert plan.points[2].scenario.product is None
    assert plan.points[1].values["dosing.rule_label"] == "Bayes"
    assert plan.base.values["dosing.rule_label"] == "BOIN"


def test_labels_reach_tables_and_their_dictionary(tmp_path: Path) -> None:
    rest = """\
axes:
  - {key: recruitment.rate_multiplier, values: [{value: 1, label: "=as $seen$"}, {value: 2, label: <b>twice</b>}], label: how many}
  - {key: dosing.review, values: [2 weeks, 4 weeks]}
cases:
  - {name: "@both", set: {recruitment.rate_multiplier: 2, screening.capacity: 3}}
"""  # noqa: E501
    path = tmp_path / "some.yaml"
    path.write_text(HEAD.format("replications: 2") + rest)
    results = sweep(path)
    label = "recruitment.rate_multiplier_label"
    assert results.points[label].tolist() == [*["=as $seen$"] * 2, *["<b>twice</b>"] * 3]
    assert results.replications[label].tolist()[::2] == results.points[label].tolist()
    columns = results.tables()["points"].columns
    assert columns[label].meaning.startswith("what the point's value of recruitment.rate_multiplier is called")
    assert columns["recruitment.rate_multiplier"].meaning.endswith(": how many")
    assert columns["recruitment.rate_multiplier"].kind == "number"  # a multiple counts nothing, even where it is whole
    assert results.points["recruitment.rate_multiplier"].dtype == "float64"
    assert results.summary()["off_grid"] == [5]


@pytest.mark.parametrize(
    ("option", "kind"),
    [
        ("product.suites=1,2", "count"),
        ("dosing.start_level=1,2", "key"),
        ("recruitment.rate_multiplier=1,2", "number"),
        ("screening.pass_probability=0,1", "number"),
        ("dosing.rule.boin.target=0.25,0.3", "number"),
        ("dosing.review=1 week,2 weeks", "label"),
    ],
)
def test_what_an_axis_counts(option: str, kind: str) -> None:
    key = option.partition("=")[0]
    assert axis(key, [point.values[key] for point in load_sweep("msc-sle", [option]).points]).kind == kind


def test_a_whole_section_is_an_axis(tmp_path: Path) -> None:
    """There is a cause of ending of the same name."""
    rest = "axes: [{key: product, values: [{value: null, label: at hand}]}, {key: waiting, values: [null]}]"
    path = tmp_path / "some.yaml"
    path.write_text(HEAD.format("replications: 2") + rest)
    results = sweep(path)
    assert results.points["product_section_label"].tolist()[1] == "at hand"
    columns = results.tables()["points"].columns
    assert columns["product_section"].meaning == "the point's value of product"
    assert columns["product"].kind == "number" and "waiting_section" in columns
    assert render(results.summary())
    assert all(results.figure(name).axes for name in ("sweep_heatmap", "sweep_differences"))


def test_an_axis_without_values_is_drawn_as_the_base_is_uncertain(tmp_path: Path) -> None:
    path = tmp_path / "some.yaml"
    path.write_text(
        "sweep: {name: some, base: msc-sle-uncertain, design: latin_hypercube, points: 20}\naxes: [{key: X}]"
    )
    path.write_text(path.read_text().replace("X", PASS))
    plan = load_sweep(path)
    below = [np.count_nonzero(column(plan, PASS) < at) for at in (0.3, 0.6, 0.8)]
    assert below == [2, 10, 18]
    assert math.isnan(plan.base.values[PASS])
    assert all(PASS not in point.scenario.uncertain for point in plan.points[1:])
    assert all(len(point.scenario.uncertain) == 8 for point in plan.points[1:])  # the rest is not known still


def test_values_are_drawn_as_often(tmp_path: Path) -> None:
    rest = "axes: [{key: dosing.review, values: [1 week, 2 weeks, 3 weeks, 4 weeks]}]"
    plan = made(tmp_path, LATIN, rest)
    assert sorted(column(plan, REVIEW)) == [f"{n} week{'s' * (n > 1)}" for n in (1, 2, 3, 4) for _ in range(10)]


def test_a_parameter_of_the_rule_is_drawn(tmp_path: Path) -> None:
    rest = "axes: [{key: dosing.rule.boin.target, values: {from: 0.2, to: 0.3}}]"
    assert in_strata(column(made(tmp_path, LATIN, rest), "dosing.rule.boin.target"), lambda u: 0.2 + 0.1 * u)


def test_cases_are_beside_what_is_drawn(tmp_path: Path) -> None:
    cases = (
        "cases: [{name: slow, set: {dosing.review: 14 days, product.suites: 2}}, {name: none, set: {product: null}}]"
    )
    plan = made(tmp_path, LATIN, AXES + cases)
    assert [point.name for point in plan.points[-2:]] == ["slow", "none"]
    assert plan.points[-2].values == {PASS: 0.276, REVIEW: 2, SUITES: 2}
    assert not plan.points[-1].on_grid


def test_from_the_command_line() -> None:
    option = "screening.pass_probability={from: 0.2, to: 0.6}"
    plan = load_sweep("msc-sle", [option], design="latin_hypercube", points=10)
    assert in_strata(column(plan, PASS), lambda u: 0.2 + 0.4 * u)
    beta = load_sweep("msc-sle", [f"{PASS}={{beta: {{mean: 0.3, sd: 0.1}}}}"], design="sobol", points=4)
    assert len(beta.points) == 5
    duration = load_sweep("msc-sle", ["screening.duration={lognormal: {mean: 3 weeks, sd: 1 week}}"])
    assert duration.points[1].scenario.screening.duration.mean() == 21  # type: ignore[union-attr]


def test_a_range_that_does_not_reach_its_end_is_warned_of(tmp_path: Path) -> None:
    plan = made(tmp_path, "seed: 1", "axes: [{key: dosing.review, values: [0:5:2 weeks]}]")
    assert plan.warnings()[0] == ('dosing.review: "0:5:2 weeks" ends at 4 weeks: the next step would go beyond 5 weeks')
    assert load_sweep("msc-sle", ["dosing.review=0:4:2 weeks"]).warnings() == []


WRONG: list[tuple[str, str, str]] = [
    ("design: lhs", "axes: []", 'some.yaml:2:36: sweep.design: "lhs" is not a choice; allowed: grid, '),
    ("design: sobol, points: 100", AXES, "some.yaml:2:51: sweep.points: Sobol points are balanced only if"),
    ("design: sobol", AXES, 'some.yaml:2:36: sweep.design: design "sobol" needs the number of points, say points: 64'),
    ("points: 64", AXES, 'some.yaml:2:36: sweep.points: the axes say how many points design "grid" has'),
    ("design: sobol, points: 0", AXES, "some.yaml:2:51: sweep.points: 0 is not allowed"),
    (LATIN, "cases: []", '2:36: sweep.design: "latin_hypercube" draws points over axes, and there are none'),
    (
        "seed: 1",
        "\n".join(AXES.splitlines()[:2]),
        '4:39: axes.1.values: screening.pass_probability: design "grid" does',
    ),
    ("seed: 1", "axes: [{key: dosing.review}]", "3:8: axes.1: dosing.review: no values are given; list them"),
    (
        LATIN,
        "axes: [{key: dosing.review}]",
        "3:8: axes.1: dosing.review: no values are given, and the base does not call",
    ),
    (
        LATIN,
        "axes: [{key: dosing.review, values: {from: 1, to: 2 weeks}}]",
        "axes.1.values.from: dosing.review: 1 has no",
    ),
    (LATIN, "axes: [{key: dosing.review, values: {from: 1 week}}]", "axes.1.values: dosing.review: give from and to"),
    (LATIN, "axes: [{key: dosing.review, values: {from: 3 days, to: 1 day}}]", "from must not be greater than to"),
    (
        LATIN,
        "axes: [{key: product.suites, values: {from: 1, to: 2.5}}]",
        "axes.1.values.to: product.suites: 2.5 is not a",
    ),
    (
        LATIN,
        "axes: [{key: product.suites, values: {from: 0, to: 2}}]",
        "axes.1.values: product.suites: 0 is not allowed",
    ),
    (LATIN, "axes: [{key: product.suites, values: {p10: 1, p50: 2, p90: 3}}]", "this is a whole number, which has no"),
    (
        LATIN,
        "axes: [{key: trial.start_date, values: {from: 1, to: 2}}]",
        "this is not a duration, a rate, a probability",
    ),
    (LATIN, "axes: [{key: dosing.reviw, values: {from: 1, to: 2}}]", 'did you mean "review"?'),
    (
        LATIN,
        "axes: [{key: screening.pass_probability, values: {from: 0.5, to: 2}}]",
        "this could exceed 1; a fraction lies",
    ),
    (LATIN, "axes: [{key: dosing.review, values: {p10: 1 day, p50: 2 days}}]", "give p10, p50 and p90"),
    (LATIN, "axes: [{key: dosing.review, values: {}}]", "an empty mapping; write {from: …, to: …}"),
    (LATIN, "axes: [{key: dosing.review, values: 3}]", "3 where values are due; write a list"),
    ("seed: 1", "axes: [{key: dosing.review, values: [{value: 1 day}]}]", "axes.1.values.1: label is missing"),
    (
        "seed: 1",
        "axes: [{key: dosing.review, values: [{value: 1 day, label: 3}]}]",
        "axes.1.values.1.label: 3 is not text",
    ),
    ("seed: 1", 'axes: [{key: a, values: [{value: 1, label: "\\e[1m"}]}]', 'values.1.label: "\\x1b[1m" is not a name'),
    (
        "seed: 1",
        "axes: [{key: a, values: [{value: 1, label: x}, {value: 2, label: x}]}]",
        '"x" names another value; use another label',
    ),
    (
        "seed: 1",
        "axes: [{key: dosing.review, values: [{value: 1 daz, label: x}]}]",
        'some.yaml:3:38: axes.1.values.1: dosing.review: "1 daz": "daz" is not a unit of time',
    ),
    (
        "seed: 1",
        "axes: [{key: dosing.review, values: [1 day]}, {key: dosing.review, values: [2 days]}]",
        'axes.2.key: "dosing.review" is an axis already',
    ),
    (
        "seed: 1",
        "axes: [{key: dosing.review, values: [1 day]}, {key: dosing, values: [null]}]",
        "axes.2.key: dosing contains dosing.review, an axis before it; put it first",
    ),
    ("seed: 1", "axes: [{key: 'dosing.\"review', values: [1 day]}]", "axes.1.key: a quote is left open in the key"),
    ("seed: 1", "axes: [{key: dosing.review, values: '1 week:28 days:7 days'}]", "has several units; write one behind"),
    ("design: one_at_a_time", "cases: [{name: base, set: {a: 1}}]", 'cases.base.name: "base" names another point'),
]


@pytest.mark.parametrize(("head", "rest", "message"), WRONG)
def test_what_is_wrong_is_told_once_and_where(tmp_path: Path, head: str, rest: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        made(tmp_path, head, rest)
    (problem,) = caught.value.problems
    assert problem.line is not None and problem.key, problem
    assert message in str(problem)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"design": "lhs"}, '--design lhs: "lhs" is not a design; allowed: grid'),
        ({"design": "sobol"}, '--design sobol: design "sobol" needs the number of points'),
        ({"points": 3}, '--points 3: the axes say how many points design "grid" has'),
        ({"design": "sobol", "points": 3}, "--points 3: Sobol points are balanced only if their number"),
        ({"design": "sobol", "points": MOST_POINTS + 1}, "--points 1001: 1,001 points; a sweep has from 1 to 1,000"),
        ({"vary": ["dosing.review={from: 1 day, to: 2 days}"]}, "--vary dosing.review={from: 1 day, to: 2 days}: "),
        ({"vary": ["dosing.review={value: 1 day}"]}, "--vary dosing.review={value: 1 day}: "),
    ],
)
def test_what_is_wrong_with_options(more: dict[str, Any], message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_sweep("msc-sle", **{"vary": ["screening.pass_probability=0.2,0.3"], **more})
    assert str(caught.value).startswith(message) and len(caught.value.problems) == 1


@pytest.mark.parametrize(
    ("head", "rest"),
    [
        ("design: latin_hypercube, points: 3, seed: 4", AXES),
        (
            "design: one_at_a_time",
            "axes: [{key: dosing.review, values: [1 week, 5 weeks]}, {key: product, values: [null]}]",
        ),
        ("design: sobol, points: 4", "axes: [{key: dosing.review, values: {p10: 1 week, p50: 2 weeks, p90: 5 weeks}}]"),
    ],
)
def test_reports_say_a_command_that_gives_the_same_points(tmp_path: Path, head: str, rest: str) -> None:
    from trialsim.document.making import command_of

    path = tmp_path / "some.yaml"
    path.write_text(HEAD.format(f"replications: 1, {head}") + rest)
    results = sweep(path)
    results.save(tmp_path / "out", figures=False)
    for each in (results, read_results(tmp_path / "out")):
        words = shlex.split(command_of(each))
        assert words[:3] == ["trialsim", "sweep", "msc-sle.yaml"]
        said = {name: words[place + 1] for place, name in enumerate(words) if name.startswith("--")}
        vary = [words[place + 1] for place, word in enumerate(words) if word == "--vary"]
        points = int(said["--points"]) if "--points" in said else None
        again = load_sweep("msc-sle", vary, design=said["--design"], points=points, seed=int(said["--seed"]))
        assert [point.values for point in again.points] == [point.values for point in results.sweep.points]
        assert [point.scenario for point in again.points] == [point.scenario for point in results.sweep.points]

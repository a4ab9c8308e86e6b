"""Figures: they show the numbers of the tables, and their texts can be read whatever the trial."""

from __future__ import annotations

import datetime
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from tests.support.overlaps import unreadable
from tests.support.small_tables import end, ends, participants, person
from trialsim import load, simulate
from trialsim.analysis.courses import bands, courses
from trialsim.analysis.facts import Facts, Observation, Target
from trialsim.columns import Kind
from trialsim.figures import FIGURES, OF_DETAIL, OF_ONE, OF_RUNS, draw_run, style, typical
from trialsim.figures.picture import Picture
from trialsim.frames import typed
from trialsim.results.run import Results
from trialsim.scenario import Scenario
from trialsim.tables import replication_columns
from trialsim.vocabulary import END_CAUSES, MONTH, Milestone, Piece

LONG = "a-trial-with-a-name-that-goes-on-and-on-because-somebody-wanted-all-of-it-in-there-and-more-on-top"
PLAIN: dict[str, Any] = {
    "trial": {"name": "plain", "start_date": "2024-01-08", "max_participants": 12},
    "recruitment": {"sites": [{"name": "Clinic", "rate": "3 per month"}]},
}
SITE = "University-Hospital-of-a-Town-with-a-Long-Name"
FACTS = Facts(name="small", start_date=datetime.date(2024, 1, 8), max_participants=4, levels=("1 mg", "2 mg"))


def changed(**values: Any) -> Scenario:
    return load("msc-sle").changed({key.replace("__", "."): value for key, value in values.items()})


def scenario(case: str) -> Scenario:
    if case == "no product":
        return changed(product=None, trial__planned_end="2021-05-14")
    if case == "nobody comes":
        return changed(recruitment__rate_multiplier=0, trial__planned_end="2021-05-14")
    if case == "time limit first":
        return changed(stopping__time_limit="60 days")
    if case == "all end early":
        few = {
            "stopping__accrual_looks": [{"at": "6 months", "minimum_infused": 3}],
            "recruitment__rate_multiplier": 0.2,
        }
        return changed(**few, truth__dlt_probability=[0.6, 0.7, 0.8], trial__planned_end="2021-05-14", observed=[])
    if case == "years of follow-up":
        last = {"date": "2030-01-01", "milestone": "last_visit"}
        return changed(follow_up__duration="15 years", trial__planned_end=last, stopping__time_limit="9 years")
    if case == "long name":
        doses = {"dosing__levels": [f"{level}e6 cells per kg" for level in range(1, 10)]}
        return changed(trial__name=LONG, truth__dlt_probability=[0.02] * 9, observed=[], **doses)
    if case == "200 sites":
        sites = {"sites": [{"name": SITE, "count": 200, "rate": "0.4 per month"}]}
        screening = {"duration": "3 weeks", "pass_probability": 0.4}
        document = {**PLAIN, "trial": {**PLAIN["trial"], "max_participants": 150}, "screening": screening}
        return Scenario.from_document({**document, "recruitment": sites})
    if case == "weeks":
        sites = {"sites": [{"name": "Ward", "arrival_days": [0, 1, 2, 3, 5, 8, 13, 21, 22, 23, 24, 25]}]}
        return Scenario.from_document({**PLAIN, "recruitment": sites})
    if case == "a hundred years":
        sites = {"sites": [{"name": "Clinic", "rate": "0.1 per year"}]}
        return Scenario.from_document({**PLAIN, "recruitment": sites})
    if case == "autologous":
        return changed(product__kind="autologous", product__policy="to_order", product__suites=9)
    return load("msc-sle") if case in ("reference", "one replication") else Scenario.from_document(PLAIN)


CASES = (
    "reference",
    "one replication",
    "plain",
    "no product",
    "nobody comes",
    "time limit first",
    "long name",
    "200 sites",
    "weeks",
    "a hundred years",
    "autologous",
    "all end early",
    "years of follow-up",
)


@cache
def results(case: str) -> Results:
    return simulate(scenario(case), replications=1 if case == "one replication" else 25, jobs=1, detail=True)


def written(axes: Axes) -> str:
    """Everything that can be read in a figure."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def points(line: Line2D) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in np.transpose(np.asarray(line.get_data(), dtype=float))]


def bars(axes: Axes) -> list[Rectangle]:
    return [patch for patch in axes.patches if isinstance(patch, Rectangle)]


UNLIKE = ("reference", "one replication", "no product", "nobody comes", "200 sites", "autologous")


@pytest.mark.parametrize(
    ("case", "name"), [(each, name) for each in CASES for name in [*OF_RUNS, *OF_DETAIL * (each in UNLIKE)]]
)
def test_texts_can_be_read(case: str, name: str) -> None:
    if name not in results(case).figures():
        trial = results(case).scenario
        assert trial.product is None if name == "stock" else name == "sites" and len(trial.sites) == 1
        return
    figure = draw_run(results(case), name)
    assert unreadable(figure) == []
    count = 1 if case == "one replication" or name in OF_ONE else 25
    everything = "\n".join(text.get_text() for text in figure.findobj(Text)).lower()
    assert ("one simulated trial" if name in OF_ONE else f"{count} simulated trial") in everything.replace("\n", " ")
    assert isinstance(figure, Picture) and figure.alt.endswith(".")
    assert results(case).scenario.trial.name in figure.alt and "simulated trial" in figure.alt


def test_overlaps_are_seen() -> None:
    figure = Figure(figsize=(4, 3))
    figure.text(0.5, 0.5, "one")
    figure.text(0.51, 0.5, "two")
    figure.text(0.99, 0.2, "over the edge")
    ax = figure.add_axes((0.1, 0.1, 0.3, 0.3))
    ax.set_xticks([0, 0.5, 0.55], ["first", "second", "third"])
    found = unreadable(figure)
    assert [wrong for wrong in found if "edge" in wrong] == ["'over the edge' leaves the figure"]
    assert {"'one' and 'two' overlap", "'second' and 'third' overlap"} <= set(found)
    ax.tick_params(axis="x", rotation=40)
    assert any("'second' and 'third'" in wrong for wrong in unreadable(figure))


def table(**values: Any) -> pd.DataFrame:
    """A table of replications; what is not named is 0, and days missing."""
    columns = replication_columns(2)
    count = len(next(iter(values.values())))
    usual = {name: [None if column.kind is Kind.LABEL else 0] * count for name, column in columns.items()}
    return typed(columns, {**usual, "replication": list(range(1, count + 1)), **values})


def test_the_fan_shows_the_bands_and_what_was_observed() -> None:
    people = participants(*(person(k, r, infusion_day=40.0 * k) for r in (1, 2, 3) for k in range(1, r + 1)))
    course = courses(people, ends(*(end(r, end_day=150.0) for r in (1, 2, 3))), range(0, 151, 10))
    facts = Facts(
        **{
            **vars(FACTS),
            "targets": (Target(Milestone.LAST_INFUSION, FACTS.date_of(100)),),
            "observed": (Observation(FACTS.date_of(90), {"infused": 1}),),
            "finds_dose": False,
        }
    )
    ax = FIGURES["enrolment"](course, facts, time_limit=140.0)
    infused = bands(course[course["quantity"] == "infused"], [0.5])
    median = next(line for line in ax.lines if line.get_drawstyle() == "steps-post")
    assert [y for _, y in points(median)[:-1]] == infused["p50"].tolist()
    assert infused["p50"].max() == 2
    assert (90.0, 1.0) in [point for line in ax.lines for point in points(line)]
    said = written(ax)
    for words in (
        "2 of 4 participants infused by 28 Mar 2024 in half of the trials",
        "3 simulated trials",
        "planned: 4 participants",
        "17 Apr 2024",
        "27 May 2024",
        "observed",
    ):
        assert words in said.replace("\n", " ")


def course_of(counts: tuple[int, ...]) -> pd.DataFrame:
    """The course of trials with so many infused, one every ten days; each was screened five days before."""
    people = [
        person(k, r, screening_start_day=10.0 * k - 5, enrolment_day=10.0 * k, infusion_day=10.0 * k)
        for r, count in enumerate(counts, start=1)
        for k in range(1, count + 1)
    ]
    return courses(participants(*people), ends(*(end(r + 1, end_day=150.0) for r in range(len(counts)))), range(151))


def test_what_a_dose_rule_may_treat_at_most_is_not_called_planned() -> None:
    course = course_of((3, 3, 4))
    said = written(FIGURES["enrolment"](course, FACTS))
    assert "at most 4 places" in said and "planned" not in said and " of 4" not in said
    assert "3 participants infused by 7 Feb 2024" in said  # day 30
    ax = FIGURES["enrolment"](course, replace(FACTS, max_participants=9))
    assert "at most 9 places" in written(ax) and ax.get_ylim()[1] < 5  # too far up to be drawn
    ax = FIGURES["enrolment"](course, replace(FACTS, max_participants=9, finds_dose=False))
    assert "planned: 9 participants" in written(ax) and ax.get_ylim()[1] > 9


def test_under_the_enrolment_stand_who_is_screened_and_how_many_sites_are_open() -> None:
    course = course_of((3, 3, 4))
    top = FIGURES["enrolment"](course, FACTS, sites=lambda days: 1.0 + (np.asarray(days) >= 20))
    _, screened, sites = style.figure_of(top).axes
    assert top.get_xlim() == screened.get_xlim() == sites.get_xlim()
    (median,) = screened.lines
    assert [y for x, y in points(median) if x in (4.0, 5.0, 24.0, 25.0)] == [0, 1, 2, 3]
    (opened,) = sites.lines
    assert {y for x, y in points(opened) if x < 20} == {1} and {y for x, y in points(opened) if x >= 20} == {2}
    assert [ax.get_xlabel() for ax in (top, screened)] == ["", ""] and "is day 0" in sites.get_xlabel()
    assert unreadable(style.figure_of(top)) == []
    # nothing more to say: everybody is screened and treated at once, by sites that are always open
    alone = course[course["quantity"] == "infused"]
    same = pd.concat([alone.assign(quantity=name) for name in ("screened", "enrolled", "infused")])
    top = FIGURES["enrolment"](same, FACTS, sites=lambda days: np.full(len(days), 3.0))
    assert len(style.figure_of(top).axes) == 1 and "is day 0" in top.get_xlabel()


def test_titles_say_it_where_most_trials_end_early() -> None:
    for name in ("milestones", "duration"):
        (ax, *_) = draw_run(results("all end early"), name).axes
        assert ax.get_title(loc="left").replace("\n", " ").endswith("; 100 % end early")
        (ax, *_) = draw_run(results("plain"), name).axes
        assert "early" not in ax.get_title(loc="left")


def test_a_thin_cohort_of_many_still_has_its_name() -> None:
    large = {**PLAIN, "trial": {**PLAIN["trial"], "max_participants": 150}}
    dosing = {"levels": ["1 mg"], "rule": "fixed", "cohort_size": 150, "observation": "1 day"}
    figure = draw_run(simulate(Scenario.from_document({**large, "dosing": dosing}), 1, detail=True), "gantt")
    assert "cohort 1" in [text.get_text() for text in figure.axes[0].texts]
    assert unreadable(figure) == []


def test_labels_of_days_stand_over_the_plot_and_hide_nothing() -> None:
    days = np.arange(1, 101) * 10.0
    planned = tuple(Target(Milestone.SETTLED, FACTS.date_of(day)) for day in (200, 900))
    facts = replace(FACTS, targets=planned)
    ax = FIGURES["duration"](table(end_day=days, end_cause=["completed"] * 100), facts, time_limit=1000.0)
    said = written(ax)
    assert "planned fate settled" in said and "time limit" in said
    top = ax.get_window_extent().y1
    over = [text for text in ax.texts if text.get_text().startswith(("planned", "time limit"))]
    assert len(over) == 3 and all(Text.get_window_extent(text).y0 >= top for text in over)
    assert unreadable(style.figure_of(ax)) == []


def test_no_line_ends_within_a_share_or_a_date() -> None:
    ax = style.axes(None)
    for width in range(20, 90):
        style.heading(ax, "x" * width + " 5 % of it by 7 Dec 2025", "y" * width + " 100 % or 31 May 2031 of them")
        title, caption = ax.get_title(loc="left"), ax.texts[-1].get_text()
        for lines in (title, caption):
            assert not any(line.startswith(("%", "Dec", "2025", "May", "2031")) for line in lines.splitlines())
            assert "\N{NO-BREAK SPACE}" not in lines


def test_one_trial_has_no_quantiles_and_no_shares_of_trials() -> None:
    for name in ("milestones", "enrolment", "duration", "funnel", "attribution"):
        figure = draw_run(results("one replication"), name)
        texts = "\n".join(text.get_text() for text in figure.findobj(Text))
        assert not any(word in texts for word in ("P50", "P80", "P90", "median", "half of the trials")), name


def test_the_enrolment_tells_those_stopped_apart_and_ends_where_nothing_happens() -> None:
    people = participants(*(person(k, r, infusion_day=10.0 * k) for r in (1, 2, 3) for k in range(1, r + 1)))
    days = {"end_day": [30.0, 40.0, 41.0], "end_cause": ["safety", "completed", "safety"], "infused": [1, 2, 1]}
    course = courses(people, ends(*(end(r, end_day=150.0) for r in (1, 2, 3))), range(0, 151, 10))
    ax = FIGURES["enrolment"](course, FACTS, time_limit=900.0, replications=table(**days))
    (stopped,) = [found for found in ax.collections if isinstance(found, PathCollection)]
    found = np.asarray(stopped.get_offsets())
    assert found[:, 0] == pytest.approx([30, 41], abs=1) and found[:, 1].tolist() == [1, 1]
    said = written(ax)
    assert "stopped early: 67 %" in said and "time limit: 26 Jun 2026" in said
    assert ax.get_xlim()[1] < 50


@pytest.mark.parametrize(
    ("last", "dates"),
    [
        (110, ["2024-03-01", "2024-04-01", "2024-05-01", "2024-06-01"]),
        (700, ["2024-07-01", "2025-01-01", "2025-07-01", "2026-01-01"]),
        (6000, ["2025-01-01", "2030-01-01", "2035-01-01", "2040-01-01"]),
    ],
)
def test_ticks_are_where_calendar_months_begin(last: float, dates: list[str]) -> None:
    facts = replace(FACTS, start_date=datetime.date(2024, 2, 29))
    ax = style.axes(None)
    style.time_axis(ax, facts, last)
    shown = [facts.date_of(day) for day in ax.get_xticks()]
    labels = [label.get_text() for label in ax.get_xticklabels()]
    wanted = [datetime.date.fromisoformat(date) for date in dates]
    assert shown == wanted
    assert labels[0] == {110: "Mar 2024", 700: "Jul 2024", 6000: "2025"}[int(last)]


def test_the_duration_says_its_quantiles_and_the_planned_end() -> None:
    days = np.arange(1, 101) * 10.0
    causes = np.where(days <= 500, "completed", "time_limit")
    facts = Facts(**{**vars(FACTS), "targets": (Target(Milestone.SETTLED, FACTS.date_of(200)),)})
    ax = FIGURES["duration"](table(end_day=days, end_cause=causes), facts, time_limit=1000.0)
    said = written(ax)
    assert "completed (50 %)" in said and "ended early (50 %)" in said
    assert "met by 20 % (13–29 %)" in said
    assert "16.6 months" in said and "P50: 27 May 2025" in said  # 505 days
    line = next(line for line in ax.lines if len(points(line)) > 50)
    assert max(y for x, y in points(line) if x == 300.0) == pytest.approx(0.3)


def test_the_duration_is_to_the_last_visit_where_there_is_follow_up() -> None:
    days = np.arange(1, 101) * 10.0
    planned = (Target(Milestone.LAST_VISIT, FACTS.date_of(1200)), Target(Milestone.SETTLED, FACTS.date_of(200)))
    facts = Facts(**{**vars(FACTS), "targets": planned, "has_follow_up": True})
    rows = table(end_day=days, end_cause=["completed"] * 100, last_visit_day=days + 1000)
    said = written(FIGURES["duration"](rows, facts, time_limit=900.0))
    assert "planned last visit" in said and "met by 20 %" in said and "planned fate settled" not in said
    assert "time limit" not in said  # it is not one of follow-up
    said = written(FIGURES["duration"](rows, facts, milestone=Milestone.SETTLED, time_limit=900.0))
    assert "planned fate settled" in said and "time limit" in said
    said = written(FIGURES["duration"](rows.assign(last_visit_day=np.nan), facts))
    assert said.splitlines().count("P50: 27 May 2025") == 1  # nobody is followed: the settled day
    many = table(end_day=[*days[:30], *[500.0] * 70], end_cause=["completed"] * 100)
    assert f"P50, P80, P90: {style.full_date(FACTS.date_of(500))}" in written(FIGURES["duration"](many, FACTS))


def test_milestones_stand_on_a_calendar_with_what_was_planned() -> None:
    days = np.arange(0, 101) * 10.0
    planned = Target(Milestone.LAST_VISIT, FACTS.date_of(700))
    facts = Facts(**{**vars(FACTS), "targets": (planned,), "has_follow_up": True})
    some = np.where(days < 500, np.nan, days)
    causes = np.where(days <= 600, "completed", "safety")
    all_days = {name.column: np.full(101, np.nan) for name in Milestone}
    ax = FIGURES["milestones"](
        table(**{**all_days, "end_cause": causes, "end_day": days, "last_visit_day": some}), facts
    )
    assert [label.get_text() for label in ax.get_yticklabels()] == ["fate settled", "last visit (in 50 %)"]
    middles = [points(line)[0] for line in ax.lines if line.get_marker() == "o" and len(points(line)) == 1]
    assert middles == [(500.0, 0.0), (750.0, 1.0)]
    spans = [[x for x, _ in points(line)] for line in ax.lines if len(points(line)) == 2]
    assert spans == [[100, 900], [500, 800], [550, 950], [750, 900]]
    assert [points(line)[0] for line in ax.lines if line.get_marker() == "D"] == [(700.0, 1.0)]
    said = written(ax).replace("\n", " ")
    last = [style.full_date(FACTS.date_of(day)) for day in (700, 750, 950)]
    assert f"{last[0]}: 11 %" in said  # of 101 trials: from day 500 to day 600
    assert f"Last visit by {last[1]} in half of the 50 % that reach it, by {last[2]} in nine of ten" in said


def test_causes_accumulate_to_their_shares() -> None:
    days = np.array([10.0, 20, 30, 40, 50, 60, 70, 80, 90, 100])
    causes = ["completed"] * 5 + ["safety"] * 2 + ["external"] * 3
    ax = FIGURES["end_causes"](table(end_day=days, end_cause=causes), FACTS)
    assert [points(line)[-1][1] for line in ax.lines] == pytest.approx([0.5, 0.2, 0.3])
    said = written(ax)
    assert (
        "Completed in 50 % of the trials" in said
        and "completed: 50 % (24–76 %)" in said
        and "safety: 20 % (6–51 %)" in said
    )
    assert "time limit" not in said


def test_equal_shares_keep_their_labels_apart() -> None:
    for shares in ([1] * 6, [90, 1, 1, 1, 1, 1], [1, 1, 97, 1]):
        causes = [cause for cause, count in zip(END_CAUSES, shares, strict=False) for _ in range(count)]
        ax = FIGURES["end_causes"](table(end_day=np.arange(1.0, 1 + len(causes)), end_cause=causes), FACTS)
        assert unreadable(style.figure_of(ax)) == []


def test_the_attribution_says_what_holds_the_trial_up_and_by_how_much_trials_differ() -> None:
    pieces = {f"days_{piece}": [0.0] * 11 for piece in Piece} | {
        "days_product": [MONTH * each for each in range(11)],
        "days_slot": [MONTH * 2.5] * 11,
    }
    ends = [pieces["days_product"][each] + MONTH * 2.5 for each in range(11)]
    ax = FIGURES["attribution"](table(end_day=ends, end_cause=["completed"] * 11, **pieces), FACTS)
    assert [bar.get_width() for bar in bars(ax)] == pytest.approx([5.0, 2.5])  # what held up nothing is not there
    (between,) = ax.collections
    assert [np.asarray(part.vertices)[:, 0].tolist() for part in between.get_paths()] == [
        pytest.approx([1, 9])  # and nothing where trials do not differ
    ]
    said = written(ax)
    assert "Held up most by product: 67 % of the time" in said.replace("\n", " ") and "7.5 months" in said
    assert "5.0 (67 %)" in said and "2.5 (33 %)" in said and "Months per trial" in said


def test_bars_are_as_long_as_they_say_however_short() -> None:
    pieces = {f"days_{piece}": [0.0] * 2 for piece in Piece}
    pieces |= {"days_product": [999.0] * 2, "days_slot": [10.0] * 2, "days_screening": [0.2] * 2}
    ax = FIGURES["attribution"](table(end_day=[1009.2] * 2, end_cause=["completed"] * 2, **pieces), FACTS)
    assert [bar.get_linewidth() for bar in bars(ax)] == [0, 0, 0]  # an edge would make a thousandth a hundredth
    assert list(ax.collections) == [] and "P10" not in written(ax)  # trials do not differ


def test_the_attribution_of_a_short_trial_is_in_days() -> None:
    pieces = {f"days_{piece}": [0.0] for piece in Piece}
    one = FIGURES["attribution"](
        table(end_day=[9.0], end_cause=["completed"], **(pieces | {"days_slot": [9.0]})), FACTS
    )
    assert "9.0 (100 %)" in written(one) and "Days per trial" in written(one)
    none = FIGURES["attribution"](table(end_day=[0.0], end_cause=["completed"], **pieces), FACTS)
    assert "Nothing was waited for" in written(none) and bars(none) == []


def test_the_funnel_counts_whole_persons() -> None:
    counts = {
        "candidates": [10, 20, 31, 40],
        "screened": [10, 10, 20, 20],
        "enrolled": [4] * 4,
        "infused": [3, 4, 4, 4],
    }
    facts = Facts(**{**vars(FACTS), "observed": (Observation(FACTS.date_of(90), {"screened": 12}),)})
    ax = FIGURES["funnel"](table(end_day=[9.0] * 4, end_cause=["completed"] * 4, **counts), facts)
    said = written(ax)
    assert "20 (10–40)" in said and "10 (10–20)" in said and "4 (3–4)" in said and "0 (0–0)" in said
    assert "observed by 7 Apr 2024" in said
    assert "59 % of candidates" in said and "27 % of those screened" in said and "94 % of those enrolled" in said
    assert "The narrowest step: 0 % go from infused to evaluable" in said
    nobody = FIGURES["funnel"](table(end_day=[9.0], end_cause=["completed"], screened=[0]), FACTS)
    assert "Nobody comes" in written(nobody) and "%" not in written(nobody)


def test_what_the_results_do_not_hold_is_not_drawn() -> None:
    brief: Any = SimpleNamespace(**{**vars(results("plain")), "participants": None})
    for name in ("gantt", "swimmer", "waiting"):
        with pytest.raises(ValueError, match=f"{name} needs the tables of participants and lots"):
            draw_run(brief, name)
    with pytest.raises(KeyError, match="waiting needs the people and lots of all trials: simulate with detail"):
        replace(results("plain"), participants=None, lots=None).figure("waiting")
    for name in ("sweep_settled", "pie"):
        with pytest.raises(KeyError, match=f"no figure of these results is called {name}; there are milestones, "):
            results("plain").figure(name)


def test_the_typical_replication_is_the_middle_one() -> None:
    causes = ["completed"] * 4
    assert typical(table(end_day=[9.0, 5.0, 1.0, 5.0], end_cause=causes)) == 2
    assert typical(table(end_day=[9.0, 5.0, 1.0, 5.0], end_cause=causes, enrolled=[4, 1, 3, 3])) == 4


def test_figures_go_where_they_are_told_and_touch_nothing_global() -> None:
    before = dict(matplotlib.rcParams)
    figure = Figure(figsize=(14, 8), layout="constrained")
    spots = figure.subplots(1, 2).ravel()
    full = results("plain").replications
    assert FIGURES["duration"](full, FACTS, ax=spots[0]) is spots[0]
    assert FIGURES["funnel"](full, FACTS, ax=spots[1]) is spots[1]
    assert unreadable(figure) == []
    from matplotlib import pyplot as plt

    assert plt.get_fignums() == []
    assert dict(matplotlib.rcParams) == before

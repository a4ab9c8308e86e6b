"""Pictures of designs: they show what was asked for, and their texts can be read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from tests.support.overlaps import unreadable
from trialsim.design import Design
from trialsim.figures.designs import draw_design, durations, selected, treated

BOIN = {"boin": {"target": 0.3}}
CRM = {"crm": {"target": 0.2, "skeleton": [0.05, 0.1, 0.2, 0.35, 0.5, 0.7]}}
TITE = {"tite_boin": {"target": 0.25}}
RULES: list[Any] = [
    BOIN,
    "three_plus_three",
    {"three_plus_three": {"mtd": "six_at_mtd"}},
    "ladder",
    "fixed",
    "rolling_six",
    {"beta_binomial": {"target": 0.3, "cutoff": 0.95}},
    CRM,
    {"tite_crm": {"target": 0.2, "half_width": 0.06, "prior_mtd": 3}},
    TITE,
]


def said(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


@pytest.mark.parametrize(("rule", "to"), [*((rule, 12) for rule in RULES), (BOIN, 1), (BOIN, 18), (TITE, 1)], ids=str)
def test_tables_and_curves_can_be_read(rule: Any, to: int) -> None:
    design = Design.of(rule)
    figure = draw_design(design, table=design.table(to), prior=design.prior())
    assert unreadable(figure) == []
    assert len(figure.axes) == 1


@pytest.mark.parametrize("start", [2, 4, 5])
@pytest.mark.parametrize("rule", ["ladder", {"three_plus_three": {"mtd": "six_at_mtd"}}], ids=str)
def test_what_is_below_the_first_level_can_be_read(rule: Any, start: int) -> None:
    design = Design.of(rule, start_level=start)
    figure = draw_design(design, table=design.table())
    assert unreadable(figure) == []
    assert any("below\nuntried" in text or "level below" in text for text in said(figure))


def test_no_dlts_are_on_top_as_in_the_text() -> None:
    for rule in RULES[:6]:
        design = Design.of(rule)
        (ax,) = draw_design(design, table=design.table(6)).axes
        bottom, top = ax.get_ylim()
        assert bottom > top
        assert ax.get_yticklabels()[0].get_text().startswith("0")


def test_the_legend_says_what_stands_in_cells_where_follow_up_decides() -> None:
    design = Design.of({"tite_boin": {"target": 0.2}})
    texts = said(draw_design(design, table=design.table()))
    assert any(text.replace("\n", " ").startswith("U ≥, D ≤: by the total follow-up") for text in texts)
    assert not any(text.startswith("F") for text in texts)
    assert any("λe" in text for text in texts)


def test_rules_without_a_target_show_rates_with_intervals() -> None:
    design = Design.of("three_plus_three")
    advice = design.after("1NNN 2NTT")
    (ax,) = draw_design(design, advice=advice).axes
    (bars,) = ax.collections
    ends = [np.asarray(path.vertices)[:, 1].tolist() for path in bars.get_paths()]
    assert ends == [[level.low, level.high] for level in advice.levels[:2]]


@pytest.mark.parametrize("size", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_long_tables_are_cut_where_they_cannot_be_read_any_more(size: int) -> None:
    design = Design.of(TITE, cohort_size=size)
    figure = draw_design(design, table=design.table(30))
    assert unreadable(figure) == []
    assert figure.get_figheight() < 30
    assert any("treated" in text and "up to" in text for text in said(figure))


def test_the_map_shows_the_letters_of_the_table() -> None:
    design = Design.of(BOIN)
    table = design.table(6)
    assert table is not None
    figure = draw_design(design, table=table)
    (ax,) = figure.axes
    shown = {(round(t.get_position()[0]), round(t.get_position()[1])): t.get_text() for t in ax.texts[:-1]}
    expected = {
        (x, y): cell.letter for y, row in enumerate(table.cells) for x, cell in enumerate(row) if cell is not None
    }
    assert {place: letter for place, letter in shown.items() if letter in "USDX"} == expected
    colors = {
        (round(patch.get_x() + 0.5), round(patch.get_y() + 0.5)): patch.get_facecolor()
        for patch in ax.patches
        if isinstance(patch, Rectangle)
    }
    assert len({colors[place] for place, letter in expected.items() if letter == "X"}) == 1
    assert len(set(colors.values())) == len(set(expected.values())) == 4


@pytest.mark.parametrize(
    ("rule", "data"),
    [
        (BOIN, ""),
        (BOIN, "1NNN 2NNT 3NTP"),
        (CRM, "3NNT 2NNN"),
        (TITE, "1NNN 2NNP0.4"),
        ("three_plus_three", "1NNN 2NTT"),
        ("rolling_six", "1NNN 2PPP"),
    ],
    ids=str,
)
def test_advice_and_pathways_can_be_read(rule: Any, data: str) -> None:
    design = Design.of(rule)
    advice = design.after(data)
    known = data.replace("P0.4", "N").replace("P", "N")
    figure = draw_design(design, advice=advice, pathways=design.pathways(3, known), table=design.table())
    assert unreadable(figure) == []
    assert len(figure.axes) == 2
    assert figure.axes[0].get_ylabel() == "Probability of a DLT"


def test_a_scenario_with_named_doses_and_many_levels() -> None:
    design = Design.of(scenario="msc-sle")
    figure = draw_design(design, advice=design.after("2NNNTN"), pathways=design.pathways(2))
    assert unreadable(figure) == []
    assert any("2e6 cells per kg" in text for text in said(figure))
    long = Design.of(BOIN, levels=40)
    assert unreadable(draw_design(long, advice=long.after("39NNT"))) == []


def test_pathways_show_levels_and_ends() -> None:
    design = Design.of("three_plus_three", levels=2)
    figure = draw_design(design, pathways=design.pathways(2))
    texts = said(figure)
    assert texts.count("no dose") == 2  # two or three DLTs among three, or one and then one or more
    assert "end: level 1" in texts and "end: level 2" in texts and "2–3" in texts
    assert "cohort +2" in texts
    assert unreadable(figure) == []
    cut = draw_design(Design.of(BOIN), pathways=Design.of(BOIN).pathways(6))
    assert any("(of 6)" in text for text in said(cut))
    assert cut.get_figheight() < 25
    assert unreadable(cut) == []


@pytest.mark.parametrize("replications", [1, 20])
@pytest.mark.parametrize("rule", [BOIN, "three_plus_three"], ids=str)
def test_characteristics_are_bars_with_errors_and_a_curve(rule: Any, replications: int) -> None:
    design = Design.of(rule, max_participants=9)
    found = design.characteristics([0.05, 0.15, 0.30, 0.45, 0.60], replications)
    figure = draw_design(design, characteristics=found)
    assert unreadable(figure) == []
    assert len(figure.axes) == 3
    words = " ".join(said(figure)).replace("\n", " ")
    assert f"{replications} simulated trial" in words
    assert "days on average" in words
    for ax in (figure.axes[0], figure.axes[-1]):
        assert "(%)" in ax.get_ylabel()
        assert not any("%" in tick.get_text() for tick in ax.get_yticklabels())
    bars = selected(design, found).containers[-1]
    assert [bar.get_height() for bar in bars] == [
        *(level.selected.probability for level in found.levels),
        found.none_selected.probability,
    ]
    heights = [[bar.get_height() for bar in group] for group in treated(design, found).containers if len(group) == 5]
    assert [level.treated.mean for level in found.levels] in heights
    assert [level.dlts.mean for level in found.levels] in heights
    ax = durations(design, found)
    shares = np.asarray(ax.lines[0].get_ydata())
    assert shares[-1] == 1
    assert len(shares) == replications + 1


def titles(figure: Figure) -> list[str]:
    return [ax.get_title(loc="left").replace("\n", " ") for ax in figure.axes]


@pytest.mark.parametrize(
    ("rule", "title"),
    [
        ({"boin": {"target": 0.3}}, "Of 3 treated: up with 0 DLTs, stay with 1, down with 2, down for good with 3"),
        ("three_plus_three", "Of 3 treated: up with 0 DLTs, stay with 1, the trial ends with 2–3"),
        ("ladder", "Of 3 treated: up with 0 DLTs, the trial ends with 1–3"),
        ("fixed", "Of 3 treated: stay with 0–3 DLTs"),
        ("rolling_six", "Of 3 treated: up with 0 DLTs, stay with 1, down for good with 2–3"),
    ],
    ids=str,
)
def test_the_title_of_a_table_says_what_a_first_cohort_leads_to(rule: Any, title: str) -> None:
    design = Design.of(rule)
    assert titles(draw_design(design, table=design.table(6))) == [title]


def test_titles_are_messages_and_captions_name_the_scenario() -> None:
    design = Design.of(scenario="teaching-minimal")
    figure = draw_design(design, characteristics=design.characteristics([0.0, 0.0, 0.0], 4))
    recommended, people, over = titles(figure)
    assert recommended == "Recommended most: level 3 (100 %)"
    # nobody can have a DLT: three at each level, and that is all, of a 3+3 that needs no second cohort at the top
    assert people.startswith(f"A trial treats {9:.1f} people; 0.0 have a DLT")
    assert over.startswith("Half of the trials are over within ")
    assert sum("teaching-minimal: three_plus_three" in text for text in said(figure)) == 3
    assert not any("design:" in text for text in said(draw_design(Design.of(BOIN), table=Design.of(BOIN).table())))
    crm = Design.of({"crm": {"target": 0.2, "skeleton": [0.05, 0.2, 0.4]}})
    assert titles(draw_design(crm, prior=crm.prior())) == ["Before any data level 2 meets the target 0.2 best"]
    ends = Design.of("three_plus_three", levels=2)
    assert titles(draw_design(ends, pathways=ends.pathways(2))) == [
        "The next 2 cohorts lead to level 2 or the end of the trial"
    ]


def test_a_probability_has_no_axis_beyond_one() -> None:
    design = Design.of(CRM)
    advice = design.after("1NNN 2TTT")
    (ax,) = draw_design(design, advice=advice).axes
    ax.figure.draw_without_rendering()  # type: ignore[union-attr]
    assert ax.get_ylim()[1] < 1.05 and ax.spines["left"].get_bounds() == (0, 1)
    counts = [text for text in ax.texts if text.get_text() in ("0/3", "3/3")]
    assert len(counts) == 2
    assert all(Text.get_window_extent(text).y0 >= ax.get_window_extent().y1 for text in counts)


def test_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        draw_design(Design.of(BOIN))

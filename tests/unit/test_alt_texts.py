"""Pictures say in words what they show, to whoever cannot see them."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from tests.unit.test_figures import FACTS, table
from trialsim.analysis import statistics
from trialsim.figures import FIGURES, style
from trialsim.figures.picture import Picture, describe, save
from trialsim.vocabulary import MONTH, Piece

SVG = "{http://www.w3.org/2000/svg}"


def picture(text: str = "Bars: A 3 < B 4 – “all”.") -> Picture:
    ax = style.axes(None)
    ax.plot([0, 1])
    style.heading(ax, "What is & to be seen", 'the caption says id="x" of it')
    describe(ax, text)
    figure = style.figure_of(ax)
    assert isinstance(figure, Picture)
    return figure


def test_files_hold_title_and_description(tmp_path: Path) -> None:
    for ending in ("png", "svg", "pdf"):
        save(picture(), tmp_path / f"x.{ending}")
    with Image.open(tmp_path / "x.png") as image:
        assert image.info["Title"] == "What is & to be seen" and image.info["Description"] == picture().alt
    root = ElementTree.fromstring((tmp_path / "x.svg").read_text("utf-8"))
    title, described = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None and title.text == "What is & to be seen"
    assert described is not None and described.text == "Bars: A 3 < B 4 – “all”."
    assert root.get("role") == "img" and root.get("aria-labelledby") == "title desc"
    assert "Bars: A".encode("utf-16-be") in (tmp_path / "x.pdf").read_bytes()


def test_an_svg_is_the_same_text_each_time_and_its_names_can_be_set_apart() -> None:
    one, other = picture().svg(), picture().svg("two-")
    assert one == picture().svg() == picture().svg("") and "dc:date" not in one
    root = ElementTree.fromstring(other)
    names = [each.get("id") for each in root.iter() if each.get("id")]
    assert len(names) > 5 and all(name and name.startswith("two-") for name in names)
    assert root.get("aria-labelledby") == "two-title two-desc"
    used = set(re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', other))
    assert {name for pair in used for name in pair if name} <= set(names)
    assert 'says id="x" of it' in other  # a text is none of them


@pytest.mark.filterwarnings("ignore:Glyph")
def test_what_is_no_xml_does_not_spoil_a_drawing() -> None:
    ax = style.axes(None)
    ax.text(0.5, 0.5, "a\x08b")
    describe(ax, "a\x1b[31mb\u202ec")
    figure = style.figure_of(ax)
    assert isinstance(figure, Picture) and figure.alt == "a\\x1b[31mb\\u202ec"
    ElementTree.fromstring(figure.svg())


def test_a_figure_of_the_caller_is_left_as_it_is() -> None:
    ax = Figure().add_subplot()
    describe(ax, "words")
    assert not hasattr(ax.figure, "alt")


def test_the_text_of_the_attribution_has_its_numbers() -> None:
    pieces = {f"days_{piece}": [0.0] * 11 for piece in Piece} | {
        "days_product": [MONTH * each for each in range(11)],
        "days_slot": [MONTH * 2.5] * 11,
    }
    ends = [pieces["days_product"][each] + MONTH * 2.5 for each in range(11)]
    ax = FIGURES["attribution"](table(end_day=ends, end_cause=["completed"] * 11, **pieces), FACTS)
    assert alt(ax) == (
        "Bars of what small waited for on its critical path, in months per trial, means of 11 simulated trials: "
        "product 5.0 (67 % of the time; P10–P90 1.0–9.0); infusion slot 2.5 (33 % of the time)."
    )


def test_the_text_of_the_funnel_has_its_numbers() -> None:
    counts = {"candidates": [10, 20, 31, 40], "screened": [10, 10, 20, 20], "enrolled": [4] * 4, "infused": [4] * 4}
    ax = FIGURES["funnel"](table(end_day=[9.0] * 4, end_cause=["completed"] * 4, **counts), FACTS)
    assert alt(ax) == (
        "Bars of how many persons come how far in small, medians of 4 simulated trials: candidates 20 (P10–P90 10–40); "
        "screened 10 (P10–P90 10–20); enrolled 4 (P10–P90 4–4); infused 4 (P10–P90 4–4); evaluable 0 (P10–P90 0–0)."
    )


def alt(ax: object) -> str:
    figure = style.figure_of(ax)  # type: ignore[arg-type]
    assert isinstance(figure, Picture)
    return figure.alt


def test_causes_of_ends_have_bands_of_wilsons_intervals_from_their_first_day_on() -> None:
    days = [10.0, 20, 30, 40, 50, 60, 70, 80, 90, 100]
    ax = FIGURES["end_causes"](table(end_day=days, end_cause=["completed"] * 5 + ["safety"] * 5), FACTS)
    for band, first in zip(ax.collections, (10, 60), strict=True):
        (path,) = band.get_paths()
        corners = np.asarray(path.vertices)
        assert corners[:, 0].min() == first
        low, high = (statistics.proportion(5, 10).low, statistics.proportion(5, 10).high)
        assert corners[corners[:, 0] == corners[:, 0].max()][:, 1].min() == pytest.approx(low)
        assert corners[:, 1].max() == pytest.approx(high)
    assert "completed 50 % (95 % interval 24–76 %; half of them by 7 Feb 2024)" in alt(ax)


def test_the_band_of_wilson_is_the_interval_of_each_share() -> None:
    counts = np.arange(8)
    low, high = statistics.wilson(counts, 7)
    found = [statistics.proportion(int(count), 7) for count in counts]
    assert [each.low for each in found] == low.tolist() and [each.high for each in found] == high.tolist()
    # by hand, z = 1.96: (0.5 + z²/8 ± z sqrt(0.0625 + z²/64)) / (1 + z²/4) of 2 in 4
    assert [float(end) for end in statistics.wilson(2, 4)] == pytest.approx([0.15004, 0.84996], abs=1e-5)


def test_the_duration_says_its_quantiles() -> None:
    days = np.arange(1, 101) * 10.0
    ax = FIGURES["duration"](table(end_day=days, end_cause=["completed"] * 100), FACTS)
    assert "fate settled, reached by 100 % of the trials; P10 26 Apr 2024, 3.6 months" in alt(ax)
    assert "100 % completed; 0 % ended early; in brackets 95 % intervals." in alt(ax)
    one = FIGURES["duration"](table(end_day=[10.0], end_cause=["safety"]), FACTS)
    assert alt(one) == "Curve of one simulated trial of small, over time: fate settled, on 18 Jan 2024; ended early."

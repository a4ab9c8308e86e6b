"""Designs as text: the numbers of the objects, on as many columns as there are."""

from __future__ import annotations

import re
from typing import Any

import pytest

from trialsim.design import Design
from trialsim.report.designs import render

BOIN = {"boin": {"target": 0.3}}


@pytest.mark.parametrize("width", [50, 60, 80])
def test_a_wide_table_comes_in_pieces(width: int) -> None:
    design = Design.of(BOIN)
    table = design.table(40)
    assert table is not None
    text = render(design, table=table, width=width)
    assert max(map(len, text.splitlines())) <= width
    for name, bounds in table.lines.items():
        pieces = [line.removeprefix(name).split() for line in text.splitlines() if line.startswith(name)]
        assert len(pieces) > 2
        assert [bound for piece in pieces for bound in piece] == [
            "–" if bound is None else str(bound) for bound in bounds
        ]
    letters = re.findall(r"^40 +([A-Z ]+)$", text, re.MULTILINE)
    assert [piece.split() for piece in letters] == [["X"]]


def test_rows_with_pending_cover_every_history_once() -> None:
    design = Design.of({"tite_boin": {"target": 0.25}})
    table = design.table(12)
    assert table is not None
    text = render(design, table=table)
    seen: dict[tuple[int, int, int], str] = {}
    for line in text.splitlines():
        found = re.fullmatch(r"(\d+) +(\S+) +(\S+) +([a-z, -]+?)(?: {2,}([\d. ]+))?", line)
        if not found:
            continue
        treated = int(found[1])
        for dlts in _numbers(found[2], treated):
            for pending in _numbers(found[3], treated - dlts):
                if dlts + pending <= treated:
                    assert (treated, dlts, pending) not in seen
                    seen[treated, dlts, pending] = found[4]
    words = {"U": "up", "S": "stay", "D": "down", "X": "down, out", "W": "wait", "F": "by follow-up"}
    expected = {
        (row[0], row[1], int(column[0])): words[cell.letter]
        for row, cells in zip(table.rows, table.cells, strict=True)
        for column, cell in zip(table.columns, cells, strict=True)
        if cell
    }
    assert seen == expected


def _numbers(text: str, most: int) -> range:
    first, _, last = text.partition("–")
    return range(most + 1) if text == "any" else range(int(first), int(last or first) + 1)


@pytest.mark.parametrize(
    ("rule", "data", "words"),
    [
        (BOIN, "1NNN", "Now: level 2 for the next 3 participants."),
        (BOIN, "1NNN 2TTT 1NN", "Now: level 1 for the next participant."),
        (BOIN, "1TTT", "Now: the trial ends: no dose is recommended."),
        ("three_plus_three", "1NNN 2TTT", "Now: the trial ends: level 1 is recommended."),
        (BOIN, "1NNP", "Now: wait for outcomes that are pending."),
        ({"tite_boin": {"target": 0.2, "minimum_follow_up": 0.5}}, "1NNP", "at the latest 14 days from now."),
        (BOIN, " ".join(["1NNT"] * 10), "Now: the trial is full, and every outcome is known."),
        (BOIN, "", "After nothing yet"),
        ({"tite_boin": {"target": 0.2}}, "1NNNNNNTPPP0.5", "0.500 windows in all"),
    ],
    ids=str,
)
def test_the_answer_in_words(rule: Any, data: str, words: str) -> None:
    design = Design.of(rule)
    assert words in " ".join(render(design, advice=design.after(data)).split("\n"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("1NNTPPP", "0.000 windows in all; stays, however long it is"),
        ("1NNNNTTPPP", "0.000 windows in all; stays above 2.659 windows, down at or below; no follow-up leads up."),
        ("1NNNNTPPPP0.5", "0.500 windows in all; up at 2.151 windows or above, else stays; no follow-up leads down."),
        ("1NNNNNNNNP", "up, however long it is"),
        ("1NNTTTP", "down, however long it is"),
    ],
)
def test_what_follow_up_would_decide(data: str, words: str) -> None:
    design = Design.of({"tite_boin": {"target": 0.2}})
    text = " ".join(render(design, advice=design.after(data)).split())
    assert words in text


def test_characteristics_say_what_they_rest_on() -> None:
    design = Design.of(BOIN, rate="4 per month", review="1 week", while_closed="turn_away", max_participants=9)
    found = design.characteristics([0.05, 0.15, 0.3, 0.45, 0.6], 30, seed=4)
    text = " ".join(render(design, characteristics=found).split())
    for words in (
        "30 simulated trials, seed 4",
        "4 candidates a month; review 7 days.",
        "while_closed turn_away",
        "stop_cohort_early true",
        "* nearest to the target of 0.3",
        "Only recruitment and dosing are simulated",
    ):
        assert words in text
    assert f"{found.duration.p50.value:.1f}" in text
    assert f"{found.turned_away.mean:.1f}" in text


@pytest.mark.parametrize(
    ("rule", "words", "others"),
    [
        (BOIN, "Up at a DLT rate of 0.236 (λe) or below, down at 0.359 (λd) or above.", "stop_cohort_early"),
        ({"tite_boin": {"target": 0.3, "minimum_follow_up": 0.25}}, "Up only once everybody pending was", "X means"),
        ({"tite_boin": {"target": 0.3}}, "down at 0.359 (λd) or above.", "X means"),
        ({"keyboard": {"target": 0.3}}, "D means staying there, and X stopping", "λ"),
        ({"beta_binomial": {"target": 0.3, "cutoff": 0.9}}, "level, X means stopping without a dose.", "D means"),
        ({"three_plus_three": {"mtd": "six_at_mtd"}}, "Where the level below has had six, the trial ends there", "λ"),
    ],
    ids=str,
)
def test_what_to_know_under_a_table(rule: Any, words: str, others: str) -> None:
    design = Design.of(rule)
    text = " ".join(render(design, table=design.table()).split())
    assert words in text
    assert others not in text


def test_the_legend_of_pathways_is_of_entries_that_occur() -> None:
    for rule, data in (("three_plus_three", ""), (BOIN, "1NNN 2NTT"), ("rolling_six", "1NN"), (BOIN, "1TTT")):
        design = Design.of(rule)
        text = render(design, pathways=design.pathways(2, data), width=200)
        body, _, legend = text.partition("\n\n")[2].rpartition("\n\n")
        entries = [re.split(" {2,}", line)[0] for line in legend.splitlines()]
        assert entries
        assert all(re.search(rf"(^|  ){re.escape(entry)}(  |$)", body, re.MULTILINE) for entry in entries)


def test_characteristics_against_the_target() -> None:
    design = Design.of(BOIN, levels=4, max_participants=12)
    found = design.characteristics([0.1, 0.2, 0.4, 0.6], 40)
    assert found.best == (2, 3)
    assert found.correct is not None
    assert found.correct.count == found.levels[1].selected.count + found.levels[2].selected.count
    assert found.treated_at_best is not None and found.treated_above_best is not None
    every = [level.treated.mean / found.participants.mean for level in found.levels]  # type: ignore[operator]
    assert found.treated_above_best.mean == pytest.approx(every[3], abs=0.05)
    assert found.treated_at_best.mean == pytest.approx(every[1] + every[2], abs=0.05)
    text = render(design, characteristics=found)
    (line,) = (line for line in text.splitlines() if line.startswith("trials that recommend the nearest levels"))
    assert f"{100 * found.correct.probability:.0f} %" in line  # type: ignore[operator]
    without = Design.of("three_plus_three", levels=2).characteristics([0.1, 0.2], 5)
    assert without.correct is None
    assert without.treated_at_best is None and without.treated_above_best is None


@pytest.mark.parametrize("width", [40, 60, 79])
def test_no_number_is_cut_on_a_narrow_terminal(width: int) -> None:
    for rule in (BOIN, {"crm": {"target": 0.2, "half_width": 0.06, "prior_mtd": 2}}):
        design = Design.of(rule)
        found = design.characteristics([0.1, 0.2, 0.3, 0.4, 0.5], 20)
        asked = {"advice": design.after("1NNN 2NNT"), "characteristics": found, "prior": design.prior()}
        text, usual = (render(design, **asked, width=each) for each in (width, 100))  # type: ignore[arg-type]
        assert "…" not in text
        assert max(map(len, text.splitlines())) <= width
        words = re.findall(r"[0-9][0-9.,–]+", usual)
        assert words
        assert set(words) <= set(re.findall(r"[0-9][0-9.,–]+", text))


def test_colour_says_nothing_by_itself() -> None:
    design = Design.of("rolling_six")
    table = design.table()
    colored = render(design, table=table, color=True)
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored).split() == render(design, table=table).split()


CRM = {"crm": {"target": 0.25, "half_width": 0.05, "prior_mtd": 3}}


@pytest.mark.parametrize(
    ("rule", "data", "words"),
    [
        (CRM, "1NNN 2NNN", "No outcome is known at level 3 yet, so it is not recommended."),
        ("three_plus_three", "1NNN 2NNT", "The next place goes by the rule's steps up and down"),
        (CRM, "1NNN 2NNN 3NNT", ""),
    ],
    ids=str,
)
def test_why_the_next_level_is_not_the_one_recommended(rule: Any, data: str, words: str) -> None:
    design = Design.of(rule)
    advice = design.after(data)
    text = " ".join(render(design, advice=advice).split())
    assert words in text
    assert ("goes by the rule's steps" in text or "is not recommended." in text) == (advice.level != advice.recommended)
    assert bool(words) == (advice.level != advice.recommended)

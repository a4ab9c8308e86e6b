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
        ("1NNTPPP", "0.000 windows in all; not up, down up to 1.864."),
        ("1NNNNTPPPP0.5", "0.500 windows in all; up from 2.151, not down."),
        ("1NNNNNNNNP", "up in any case"),
        ("1NNTTTP", "down in any case"),
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


def test_colour_says_nothing_by_itself() -> None:
    design = Design.of("rolling_six")
    table = design.table()
    colored = render(design, table=table, color=True)
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored).split() == render(design, table=table).split()

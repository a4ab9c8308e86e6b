from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.unit.test_summary import FACTS, FOUR
from trialsim.analysis.summary import summary_of
from trialsim.columns import Kind
from trialsim.frames import typed
from trialsim.report.terminal import render
from trialsim.tables import replication_columns
from trialsim.vocabulary import END_CAUSES, EndCause, Piece
from trialsim.wording import number, percent, percent_range, unit

OPTIONS = {
    "while_closed": "queue",
    "stop_cohort_early": "true",
    "dlt_resolves": "true",
    "replace_non_evaluable": "true",
    "mtd": "level_below",
}
SMALL = replace(FACTS, title="A small trial", options=OPTIONS, assumptions=12, values=40)


def test_the_answer_comes_first() -> None:
    lines = render(summary_of(SMALL, FOUR), SMALL).split("\n")
    assert lines[:10] == [
        "A small trial",
        "4 simulated trials of small; day 0 is 2024-02-01",
        "",
        "Half of the trials end within 35.6 days, by 2024-03-07.",
        "The middle 80 % take 16.2 to 40.9 days: until 2024-02-17 to 2024-03-12.",
        "That is when a trial is completed, or ended early; there is no follow-up.",
        "It ends early in 25 % of cases (5–70 %), most often: stopped for safety, 25 %.",
        "Planned: fate settled by 2024-03-12: 50 % (15–85 %) complete and meet it.",
        "All trials by then, ended early or not: fate settled 75 %.",
        "Held up most by: infusion slot (50 % of days), committee review (42 %).",
    ]


def test_with_follow_up_the_answer_is_the_last_visit() -> None:
    followed = replace(SMALL, has_follow_up=True)
    table = FOUR.assign(last_visit_day=FOUR["end_day"] + 365.25, database_lock_day=FOUR["end_day"] + 465.25)
    assert render(summary_of(followed, table), followed).split("\n")[3:8] == [
        "Last visit by 2025-03-07 in half of the trials: 13.2 months.",
        "The middle 80 % take 12.5 to 13.3 months: until 2025-02-16 to 2025-03-13.",
        "Database lock by 2025-06-15 in half.",
        "Fate settled (completed, or ended early) by 2024-03-07 in half: 1.2 months.",
        "All trials count here, also those that end early.",
    ]
    some = table.assign(last_visit_day=[400.0, np.nan, 500.0, 600.0])
    assert "in half of the trials with anybody infused: " in render(summary_of(followed, some), followed)
    nobody = FOUR.assign(last_visit_day=np.nan, database_lock_day=np.nan)
    assert "Half of the trials end within" in render(summary_of(followed, nobody), followed)


def test_one_trial_is_told_as_one() -> None:
    for cause, said in ((EndCause.COMPLETED, "Completed"), (EndCause.TIME_LIMIT, "Ended early (time limit)")):
        one = FOUR[:1].assign(end_cause=cause.value, end_day=40.0)
        text = render(summary_of(SMALL, one), SMALL)
        lines = text.split("\n")
        assert lines[1] == "1 simulated trial of small; day 0 is 2024-02-01"
        assert lines[3:5] == [
            f"{said} after 40.0 days, on 2024-03-12.",
            "One trial says nothing of how others go: simulate more of them (-n).",
        ]
        assert re.search(r"^Milestone +day$", text, re.MULTILINE)
        assert re.search(r"^fate settled +2024-03-12$", text, re.MULTILINE)
        assert text.endswith("(Brackets: 95 % intervals, 1 replication.)")
        assert not re.search("middle 80 %|of cases|P80|Half of", text)


def test_the_title_is_told_whole() -> None:
    long = replace(SMALL, title="A trial with a title that needs more than one line of any terminal " * 2)
    assert "".join(render(summary_of(long, FOUR), long, width=60).split()).startswith("".join(str(long.title).split()))


@pytest.mark.parametrize(
    "expected",
    [
        r"^last infusion +100 %  2024-02-13  2024-02-26  2024-03-06  2024-03-09$",
        r"^fate settled +100 %  2024-02-17  2024-03-07  2024-03-12  2024-03-12$",
        r"^primary completion +0 % +– +– +– +–$",
        r"^completed +75 %  30–95 %   infusion slot +50 %  ████████$",
        r"^screened +9\.75  1\.71   2: 2 mg +0\.50  0\.00 +25 %$",
        r"^infused +3\.00  0\.82   Lots ",
        r"^In one trial +mean +sd   Dose level +infused +DLTs +chosen$",
        r"failed +0\.25  0\.50$",
        r"^duration, days +30 +36 +25 %   infused +2 +3 ",
        r"^screened +9 +10 +38 %   infused, level 1 +2 ",
        r"^Options: while_closed queue, stop_cohort_early true, dlt_resolves true,$",
        r"^replace_non_evaluable true, mtd level_below\.$",
        r"^12 of 40 values are assumptions\. \(Brackets: 95 % intervals, 4 replications\.\)$",
        r"^That is too few to bound every quantile",
    ],
)
def test_what_is_on_the_screen(expected: str) -> None:
    assert re.search(expected, render(summary_of(SMALL, FOUR), SMALL), re.MULTILINE)


def test_a_what_if_says_what_has_been_changed() -> None:
    changed = replace(SMALL, what_ifs=("product=null", "recruitment.rate_multiplier=2"))
    assert "What-if: product=null, recruitment.rate_multiplier=2\n" in render(summary_of(SMALL, FOUR), changed)
    assert "What-if" not in render(summary_of(SMALL, FOUR), SMALL)


def test_what_never_happens_is_left_out_but_for_the_landmarks() -> None:
    text = render(summary_of(SMALL, FOUR), SMALL)
    assert "turned away" not in text
    assert "candidates" in text


def everything() -> tuple[dict[str, Any], Any]:
    """A summary in which nothing is zero and everything is long."""
    columns = replication_columns(9)
    rows = []
    for n in range(1, 61):
        row: dict[str, Any] = {
            name: 7000 + n if column.kind is Kind.COUNT else 30000.5 + n for name, column in columns.items()
        }
        row |= {"scenario": "x", "replication": n, "end_cause": END_CAUSES[n % 6], "recommended_level": n % 9 + 1}
        row |= {f"days_{piece}": row["end_day"] / len(Piece) for piece in Piece}
        rows.append(row)
    table = typed(columns, {name: [row[name] for row in rows] for name in columns})
    facts = replace(
        SMALL,
        title="A very long title " * 6,
        name="n" * 30,
        max_participants=7000,
        levels=tuple(f"{level}000000000 cells per kg of a thing" for level in range(9)),
    )
    return summary_of(facts, table), facts


@pytest.mark.parametrize("color", [False, True])
def test_fits_a_screen(color: bool) -> None:
    text = re.sub(r"\x1b\[[0-9;]*m", "", render(*everything(), color=color))
    lines = [line.rstrip() for line in text.split("\n")]
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 60
    assert lines == render(*everything()).split("\n")


def test_color_is_only_emphasis() -> None:
    summary = summary_of(SMALL, FOUR)
    assert "\x1b" not in render(summary, SMALL)
    assert "\x1b[1m" in render(summary, SMALL, color=True)


def test_a_scenario_without_dosing_or_history() -> None:
    bare = replace(SMALL, levels=(), observed=(), targets=(), title=None)
    text = render(summary_of(bare, FOUR), bare)
    assert text.startswith("small\n")
    assert "Dose level" not in text
    assert "real trial" not in text
    assert "planned" not in text


@pytest.mark.parametrize("width", [40, 60])
def test_a_single_replication_in_a_narrow_window(width: int) -> None:
    one = FOUR.iloc[:1]
    text = render(summary_of(SMALL, one), SMALL, width=width)
    assert "1 simulated trial of" in text
    assert max(map(len, text.split("\n"))) <= width


@pytest.mark.parametrize("width", [30, 45, 60, 80, 120])
def test_no_number_and_no_dose_is_cut_however_narrow_the_window(width: int) -> None:
    summary, facts = everything()
    _, *lines = render(summary, facts, width=width).split("\n")
    words = " ".join(lines).split()
    assert "…" not in " ".join(lines)
    for milestone in summary["milestones"].values():
        assert {milestone[name]["date"] for name in ("p10", "p50", "p80", "p90")} <= set(words)
    numbers = {number(each[name]) for each in summary["funnel"].values() for name in ("mean", "sd")}
    assert numbers <= set(words)
    doses = sorted(summary["levels"]["doses"], key=lambda dose: -dose["infused"]["mean"])[:5]
    assert {word for dose in doses for word in dose["dose"].split()} <= set(words)


def test_markup_in_a_title_is_just_text() -> None:
    odd = replace(SMALL, title="[bold]a[/bold] :smile:")
    assert render(summary_of(odd, FOUR), odd).startswith("[bold]a[/bold] :smile:\n")


def test_numbers_in_words() -> None:
    assert [percent(share) for share in (None, 0.0, 0.0004, 0.002, 0.5, 0.996, 0.9999, 1.0)] == [
        "?", "0 %", "<0.1 %", "0.2 %", "50 %", "99.6 %", ">99.9 %", "100 %",
    ]  # fmt: skip
    assert percent_range(0.1, 0.25) == "10–25 %"
    assert percent_range(0, 0.0038) == "0.0–0.4 %"
    assert percent_range(0.001, 0.007) == "0.1–0.7 %"
    assert [number(value) for value in (None, 0.125, 12.34, 12345.6)] == ["–", "0.12", "12.3", "12,346"]
    assert unit(45) == (1, "days")
    assert unit(30.4375 * 12) == (30.4375, "months")

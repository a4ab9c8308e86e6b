"""The sheet of assumptions comes back: what was agreed changes the scenario, and nothing else."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import pytest

import trialsim
from tests.support.hostile import HOSTILE
from trialsim.export.words import plain
from trialsim.scenario import ScenarioError
from trialsim.scenario.loading import load

openpyxl = pytest.importorskip("openpyxl")
pytest.importorskip("xlsxwriter")

from tests.support.filled_in import TEXT, Sheet, imported  # noqa: E402
from trialsim.intake.assumptions import Imported, import_assumptions  # noqa: E402

KEY = "dosing.observation"


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_what_was_agreed_changes_the_scenario_and_nothing_else(plan: Path) -> None:
    sheet = Sheet()
    sheet.fill("recruitment.sites.Lyon.rate", 1.5, "Ann", "site visit of 3 May")
    sheet.fill("dosing.observation", "21 days")
    sheet.fill("recruitment.sites.Region.count", 4)
    sheet.fill("trial.planned_end", datetime.datetime(2027, 1, 31))
    sheet.fill("dosing.cohort_size", 3)
    done = imported(sheet, plan)
    expected = load(
        plan,
        set=[
            "recruitment.sites.Lyon.rate=1.5 per month",
            "dosing.observation=21 days",
            "recruitment.sites.Region.count=4",
            "trial.planned_end=2027-01-31",
        ],
    )
    assert {**done.scenario.to_document(), "sources": None} == {**expected.to_document(), "sources": None}
    assert load(_written(done, plan)) == done.scenario
    assert [(each.key, each.before, each.after) for each in done.changes] == [
        ("trial.planned_end", "2026-12-31", "2027-01-31"),
        ("recruitment.sites.Lyon.rate", "1 per month", "1.5 per month"),
        ("recruitment.sites.Region.count", "3", "4"),
        ("dosing.observation", "4 weeks", "21 days"),
    ]
    assert done.unchanged == ("dosing.cohort_size",)
    assert done.warnings == ()
    assert done.scenario.source_of("recruitment.sites.Lyon.rate").note == (
        f"agreed by Ann: site visit of 3 May (book.xlsx: Assumptions!H{sheet.row('recruitment.sites.Lyon.rate')}; "
        "before: 1 per month)"
    )
    assert done.scenario.source_of("screening.duration").kind == "observed"
    old, new = TEXT.splitlines(), done.text.splitlines()
    assert [line for line in old if line not in new] == [
        old[1],
        "      rate: 1 per month          # as in 2024",
        "    - {name: Region, count: 3, rate: 2 per year}",
        "  observation: 4 weeks           # version 3",
        "  dosing.observation: {kind: protocol, note: version 3}",
    ]
    assert "      rate: 1.5 per month        # as in 2024" in new
    assert "  observation: 21 days           # version 3" in new


def _written(done: Imported, plan: Path) -> Path:
    path = plan.with_name("new.yaml")
    path.write_text(done.text, encoding="utf-8")
    return path


GOOD = [
    ("screening.pass_probability", 0.4, "0.4"),
    ("screening.pass_probability", " 0.4 ", "0.4"),
    ("dosing.observation", 5, "5 weeks"),
    ("dosing.observation", "5", "5 weeks"),
    ("dosing.observation", "30 days", "30 days"),
    ("dosing.observation", 2.5, "2.5 weeks"),
    ("trial.max_participants", 9.0, "9"),
    ("trial.start_date", datetime.datetime(2025, 2, 3), "2025-02-03"),
    ("trial.start_date", "2025-02-03", "2025-02-03"),
    ("dosing.stop_cohort_early", False, "false"),
    ("dosing.stop_cohort_early", "false", "false"),
    ("screening.duration", "5 weeks", "5 weeks"),
    ("screening.duration", "{gamma: {mean: 3 weeks, sd: 4 days}}", "{gamma: {mean: 3 weeks, sd: 4 days}}"),
    ("dosing.levels", "[1 mg, 2 mg, 3 mg]", "[1 mg, 2 mg, 3 mg]"),
    ("dosing.rule", "three_plus_three", "three_plus_three"),
    ("recruitment.rate_multiplier", 1.25, "1.25"),
]
"""A key, what is written into its cell, and what the scenario says then."""


@pytest.mark.parametrize(("key", "value", "after"), GOOD)
def test_ways_to_write_a_value(key: str, value: Any, after: str, plan: Path) -> None:
    sheet = Sheet()
    sheet.fill(key, value)
    done = imported(sheet, plan)
    assert [(each.key, each.after) for each in done.changes] == [(key, after)]
    assert load(_written(done, plan)) == done.scenario


def test_what_was_uncertain_is_known_when_it_is_agreed(plan: Path) -> None:
    sheet = Sheet()
    sheet.fill("screening.pass_probability", 0.4)
    done = imported(sheet, plan)
    assert [each.was_unknown for each in done.changes] == [True]
    assert not done.scenario.uncertain


def test_an_empty_sheet_changes_nothing(plan: Path) -> None:
    done = imported(Sheet(), plan)
    assert (done.changes, done.text) == ((), TEXT)


def test_rows_are_known_by_their_keys(plan: Path) -> None:
    sheet = Sheet()
    sheet.fill("dosing.cohort_size", 4)
    rows = [[cell.value for cell in row] for row in sheet.sheet.iter_rows(min_row=sheet.head + 1)]
    for place, row in enumerate(reversed(rows), start=sheet.head + 1):
        for column, value in enumerate(row, start=1):
            sheet.sheet.cell(place, column).value = value
    sheet.sheet.insert_rows(1, 3)
    sheet.sheet.insert_cols(1, 2)
    assert [(each.key, each.after) for each in imported(sheet, plan).changes] == [("dosing.cohort_size", "4")]


def test_a_scenario_that_has_changed_since(plan: Path) -> None:
    sheet = Sheet()
    sheet.fill("dosing.cohort_size", 4)
    plan.write_text(TEXT.replace("cohort_size: 3", "cohort_size: 2").replace("90 days", "80 days"), encoding="utf-8")
    with pytest.raises(ScenarioError) as error:
        imported(sheet, plan)
    assert re.fullmatch(
        r'.*book\.xlsx: Assumptions!H\d+: the scenario has "2" by now, and "3" when the workbook was made; look again, '
        r"or allow it with --stale",
        str(error.value),
    )
    done = imported(sheet, plan, may_be_stale=True)
    assert [(each.before, each.after) for each in done.changes] == [("2", "4")]
    assert len(done.warnings) == 1 and "another state of the scenario" in done.warnings[0]
    again = plan.with_name("again.yaml")
    again.write_text(done.text, encoding="utf-8")
    assert import_assumptions(plan.parent / "book.xlsx", again).unchanged == ("dosing.cohort_size",)


CHANGED = {
    "trial.max_participants": 9,
    "trial.planned_end": "2027-12-31",
    "recruitment.sites.Lyon.rate": 2,
    "screening.duration": "2 weeks",
    "waiting.eligibility_valid": 80,
    "dosing.cohort_size": 4,
    "dosing.observation": 5,
    "recruitment.rate_multiplier": 2,
}


@pytest.mark.parametrize("first", range(0, len(HOSTILE), 5 * len(CHANGED)))
def test_owners_and_reasons_are_text(first: int, plan: Path) -> None:
    sheet = Sheet()
    texts = dict(zip(CHANGED, HOSTILE[first:], strict=False))
    for key, text in texts.items():
        sheet.fill(key, CHANGED[key])
        for heading in ("Owner", "Source of the agreed value"):
            sheet.at(key, heading).value = text
            sheet.at(key, heading).data_type = "s"
    done = imported(sheet, plan)
    again = load(_written(done, plan))
    assert again == done.scenario
    assert len(done.changes) == len(texts)
    for change in done.changes:
        note = again.source_of(change.key).note
        assert note.startswith("agreed by ") and note.isprintable()
        assert (change.owner, change.source) == (plain(texts[change.key], 300),) * 2
    assert set(again.sources) == {"dosing.observation", "screening.duration", *texts}


def test_a_value_that_others_stand_for_is_changed_by_hand(plan: Path) -> None:
    text = TEXT.replace("observation: 4 weeks ", "observation: &four 4 weeks ").replace(
        "{eligibility_valid: 90 days}", "{eligibility_valid: *four}"
    )
    lines = text.splitlines(keepends=True)
    moved = [*lines[:10], *lines[11:17], lines[10], *lines[17:]]  # an anchor stands before what it stands for
    plan.write_text("".join(moved), encoding="utf-8")
    results = trialsim.simulate(plan, 2)
    results.export(plan.with_name("book.xlsx"))
    book = openpyxl.load_workbook(plan.with_name("book.xlsx"))
    sheet = book["Assumptions"]
    row = next(row for row in range(1, sheet.max_row) if sheet.cell(row, 1).value == KEY)
    sheet.cell(row, 8).value = 5
    book.save(plan.with_name("book.xlsx"))
    with pytest.raises(ScenarioError, match=r"the file cannot be changed where it says .*observation: .*by hand"):
        import_assumptions(plan.with_name("book.xlsx"), plan)


def test_sites_of_a_table_stay_in_their_table(plan: Path) -> None:
    plan.with_name("sites.csv").write_text("name,rate\nKiel,3 per year\nUlm,2 per year\n", encoding="utf-8")
    plan.write_text(TEXT.replace("recruitment:\n", "recruitment:\n  sites_from: {file: sites.csv}\n"), encoding="utf-8")
    trialsim.simulate(plan, 2).export(plan.with_name("book.xlsx"))
    book = openpyxl.load_workbook(plan.with_name("book.xlsx"))
    rows = {cell.value: cell.row for (cell,) in book["Assumptions"].iter_rows(min_col=1, max_col=1)}
    book["Assumptions"].cell(rows["recruitment.sites.Lyon.rate"], 8).value = 2
    book.save(plan.with_name("book.xlsx"))
    done = import_assumptions(plan.with_name("book.xlsx"), plan)
    assert done.has_table
    assert "  sites_from: {file: sites.csv}\n" in done.text and "Kiel" not in done.text
    assert "      rate: 2 per month          # as in 2024\n" in done.text
    assert [site.name for site in done.scenario.sites] == ["Lyon", "Region-1", "Region-2", "Region-3", "Kiel", "Ulm"]
    assert load(_written(done, plan)) == done.scenario
    book["Assumptions"].cell(rows["recruitment.sites.Kiel.rate"], 8).value = 4
    book.save(plan.with_name("book.xlsx"))
    with pytest.raises(ScenarioError, match=r"they come of a table; change it there$"):
        import_assumptions(plan.with_name("book.xlsx"), plan)

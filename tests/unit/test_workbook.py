"""The workbook, read back by others, LibreOffice too: dates are dates, numbers those of the summary."""

from __future__ import annotations

import csv
import datetime
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import trialsim
from tests.support.hostile import HOSTILE
from trialsim.export import write
from trialsim.export.content import Content
from trialsim.export.words import plain
from trialsim.results.run import Results
from trialsim.scenario import Scenario
from trialsim.scenario.assumptions import assumptions
from trialsim.scenario.messages.words import dotted
from trialsim.storage import StoreError
from trialsim.tables import QUANTILES
from trialsim.vocabulary import Milestone

openpyxl = pytest.importorskip("openpyxl")
pytest.importorskip("xlsxwriter")


@cache
def reference() -> Results:
    return trialsim.simulate("msc-sle-plan", 24, seed=3, levers=True)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("workbook") / "book.xlsx"
    reference().export(path)
    return path


@pytest.fixture(scope="module")
def book(path: Path) -> Any:
    return openpyxl.load_workbook(path)


def near(value: Any) -> Any:
    """A number in a workbook has sixteen digits."""
    return pytest.approx(value, rel=1e-15)


def table(sheet: Any, heading: str) -> list[dict[str, Any]]:
    """The rows of the table whose first heading is this one."""
    (top,) = (row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value == heading)
    names = [cell.value for cell in sheet[top] if cell.value]
    rows = []
    for row in range(top + 1, sheet.max_row + 1):
        values = [sheet.cell(row, column).value for column in range(1, len(names) + 1)]
        if values[0] is None:
            break
        rows.append(dict(zip(names, values, strict=True)))
    return rows


def cells(book: Any) -> Iterator[Any]:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            yield from row


def test_the_sheets(book: Any) -> None:
    assert book.sheetnames == [
        *("Answer", "Milestones", "Plan", "Causes", "What holds it up", "Levers", "Assumptions"),
        *("People by site", "People and lots", "Replications"),
    ]
    for sheet in book.worksheets:
        assert sheet.auto_filter.ref, sheet.title
        assert sheet.freeze_panes, sheet.title
        assert sheet.print_title_rows, sheet.title
        assert sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.title
        assert sheet.page_setup.orientation == "landscape", sheet.title
    assert [len(book[name]._charts) for name in ("Milestones", "Causes", "What holds it up")] == [1, 1, 1]


def test_nothing_is_a_formula_or_a_link(book: Any, path: Path) -> None:
    assert {cell.data_type for cell in cells(book)} <= {"s", "n", "d", "b"}
    assert not any(cell.hyperlink for cell in cells(book))
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            assert b"<f>" not in archive.read(name) or name.startswith("xl/charts/"), name
            assert b"<f " not in archive.read(name), name


def test_milestones_are_dates_and_agree_with_the_summary(book: Any) -> None:
    summary, facts = reference().summary(), reference().schedule.facts
    rows = _milestones(book)
    for milestone, row in zip(Milestone, rows, strict=True):
        told = summary["milestones"][milestone.value]
        assert row["Milestone"] == facts.words_of(milestone)
        assert row["Reached (share of trials)"] == near(told["reached"]["probability"])
        for name in QUANTILES:
            date = row[f"{name.upper()} (date)"]
            assert isinstance(date, datetime.datetime)
            assert date.date().isoformat() == told[name]["date"]
    (target,) = (each for each in rows if each["Target (date)"])
    planned = summary["targets"][0]
    assert target["Target (date)"].date().isoformat() == planned["date"]
    assert target["Met (share of trials)"] == near(planned["probability"])


def _milestones(book: Any) -> list[dict[str, Any]]:
    """The first of the two tables of milestones."""
    sheet = book["Milestones"]
    top = next(row for row in range(1, 20) if sheet.cell(row, 1).value == "Milestone")
    names = [cell.value for cell in sheet[top] if cell.value]
    return [
        dict(zip(names, (sheet.cell(top + place, column).value for column in range(1, len(names) + 1)), strict=True))
        for place in range(1, len(Milestone) + 1)
    ]


def test_sums_agree_with_the_summary(book: Any) -> None:
    summary = reference().summary()
    causes = table(book["Causes"], "How it ends")
    assert sum(row["Chance (share of trials)"] for row in causes) == pytest.approx(1, rel=1e-12)
    assert sum(row["Trials (of all)"] for row in causes) == summary["replications"]
    delays = table(book["What holds it up"], "What it waits for")
    days = sum(row["Days on the critical path (mean of a trial)"] for row in delays)
    assert days == pytest.approx(summary["duration"]["mean"], rel=1e-12)
    people = table(book["People by site"], "Site")
    for name in ("Candidates", "Screened", "Enrolled"):
        told = summary["funnel"][name.lower()]["mean"]
        assert sum(row[f"{name} (persons, mean of a trial)"] for row in people) == pytest.approx(told, rel=1e-12)
    counts = {row["In one trial"]: row["Mean"] for row in table(book["People and lots"], "In one trial")}
    assert counts["lots started"] == near(summary["waste"]["lots_started"]["mean"])
    histories = table(book["Replications"], "scenario")
    assert [row["infused (persons)"] for row in histories] == list(reference().replications["infused"])
    days = list(reference().replications["end_day"])
    assert [row["end_day (days since the start date)"] for row in histories] == near(days)


def test_named_cells_hold_the_answer(book: Any) -> None:
    summary = reference().summary()

    def named(name: str) -> Any:
        ((sheet, cell),) = book.defined_names[name].destinations
        return book[sheet][cell].value

    assert named("early_termination") == near(summary["early_termination"]["probability"])
    assert named("last_visit_p80").date().isoformat() == summary["milestones"]["last_visit"]["p80"]["date"]
    assert named("target_1") == near(summary["targets"][0]["probability"])
    assert named("infused_mean") == near(summary["funnel"]["infused"]["mean"])
    told = {row["Question"]: row for row in table(book["Answer"], "Question")}
    for row in told.values():
        assert row["Answer"] == named(row["Named cell"])


def test_assumptions_have_their_sources_and_cells_to_fill_in(book: Any) -> None:
    rows = table(book["Assumptions"], "Key")
    known = assumptions(reference().scenario, with_defaults=True)
    assert [row["Key"] for row in rows] == [each.key for each in known]
    for row, each in zip(rows, known, strict=True):
        assert (row["Unit"] or "", row["Kind of knowledge"], row["Source"] or "") == (each.unit, each.kind, each.note)
        assert row["Value"] == (each.text if each.amount is None else near(each.amount))
        assert [row[name] for name in ("Agreed value", "Owner", "Source of the agreed value")] == [None] * 3


def test_the_same_results_give_the_same_bytes(path: Path, tmp_path: Path) -> None:
    reference().export(tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == path.read_bytes()


def test_what_cannot_be_written_is_told_as_all_else_is(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file or directory"):
        write(Content("a test", reference().tables(), {}), tmp_path / "none" / "a.xlsx")
    with pytest.raises(StoreError, match="there is no folder"):
        reference().export(tmp_path / "none" / "a.xlsx")
    assert not list(tmp_path.iterdir())


def test_tables_of_other_results_have_a_sheet_each(tmp_path: Path) -> None:
    sweep = trialsim.compare([trialsim.load("teaching-minimal")] * 2, 5, names=["=one", "two"])
    sweep.export(tmp_path / "sweep.xlsx")
    book = openpyxl.load_workbook(tmp_path / "sweep.xlsx")
    assert book.sheetnames == [name.capitalize() for name in sweep.tables()]
    assert [row["name"] for row in table(book["Points"], "point")] == ["=one", "two"]
    assert {cell.data_type for cell in cells(book)} <= {"s", "n", "d", "b"}
    with pytest.raises(ValueError, match="ics holds the plan of one trial"):
        sweep.export(tmp_path / "sweep.ics")
    assert not (tmp_path / "sweep.ics").exists()


def test_hostile_texts_are_text(tmp_path: Path) -> None:
    """As title, names of sites and notes of sources; what a scenario may not say is left out."""
    sites: list[dict[str, Any]] = []
    sources: dict[str, Any] = {}
    for text in dict.fromkeys(map(plain, HOSTILE)):
        sites.append({"name": text, "arrival_days": [1]})
        sources[dotted(["recruitment", "sites", text, "arrival_days"])] = {"kind": "protocol", "note": text}
    trial = {"name": "a", "title": HOSTILE[0], "start_date": "2025-01-06", "max_participants": 2}
    scenario = Scenario.from_document({"trial": trial, "recruitment": {"sites": sites}, "sources": sources})
    results = trialsim.simulate(scenario, 2, levers=False)
    results.export(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert {cell.data_type for cell in cells(book)} <= {"s", "n", "d", "b"}
    assert not any(cell.hyperlink for cell in cells(book))
    assert book["Answer"]["A1"].value == plain(HOSTILE[0])
    names = [site.name for site in scenario.sites]
    assert len(names) > 150
    assert [row["Site"] for row in table(book["People by site"], "Site")] == names
    told = [row for row in table(book["Assumptions"], "Key") if row["Key"].startswith("recruitment.sites.")]
    assert [row["Source"] for row in told] == [each.note for each in scenario.sources.values()]


@pytest.mark.slow
def test_libreoffice_opens_it(path: Path, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("there is no LibreOffice")
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    filters = {"pdf": "pdf", "csv": "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"}
    for kind in filters.values():
        subprocess.run(
            [office, profile, "--headless", "--convert-to", kind, "--outdir", str(tmp_path), str(path)],
            check=True,
            capture_output=True,
            timeout=120,
        )
    assert (tmp_path / "book.pdf").read_bytes().startswith(b"%PDF")
    with (tmp_path / "book-Milestones.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if row and row[0] == "last visit"]
    summary = reference().summary()["milestones"]["last_visit"]
    assert rows[0][5:9] == [summary[name]["date"] for name in QUANTILES]
    sheets = {each.stem.removeprefix("book-") for each in tmp_path.glob("book-*.csv")}
    assert sheets == set(openpyxl.load_workbook(path, read_only=True).sheetnames)

"""Mischief in a filled-in sheet, and files that are no workbooks: each is told once, clearly, at its cell."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trialsim.scenario import ScenarioError

pytest.importorskip("openpyxl")
pytest.importorskip("xlsxwriter")

from tests.support.filled_in import TEXT, Sheet, imported, workbook
from trialsim.intake.assumptions import import_assumptions


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


# Mischief: what is done to the sheet, and what is said; HERE stands for the cell of the agreed value of the key.
KEY = "dosing.observation"


def _fill(value: Any, key: str = KEY) -> Callable[[Sheet], None]:
    def do(sheet: Sheet) -> None:
        sheet.fill(key, value)

    return do


def _merge(sheet: Sheet) -> None:
    row = sheet.row(KEY)
    sheet.fill(KEY, 3)
    sheet.sheet.merge_cells(start_row=row, start_column=8, end_row=row, end_column=9)


def _merge_down(sheet: Sheet) -> None:
    row = sheet.row("trial.start_date")
    sheet.sheet.merge_cells(start_row=row, start_column=8, end_row=row, end_column=9)


def _hide(sheet: Sheet) -> None:
    sheet.sheet.row_dimensions[sheet.fill(KEY, 3).row].hidden = True


def _double(sheet: Sheet) -> None:
    sheet.fill(KEY, 3)
    row = sheet.sheet.max_row + 1
    sheet.sheet.cell(row, 1).value, sheet.sheet.cell(row, 8).value = KEY, 4


def _rename(sheet: Sheet) -> None:
    sheet.fill(KEY, 3)
    sheet.at(KEY, "Key").value = "dosing.observatoin"


def _no_key(sheet: Sheet) -> None:
    sheet.fill(KEY, 3)
    sheet.at(KEY, "Key").value = None


def _no_heading(sheet: Sheet) -> None:
    sheet.sheet.cell(sheet.head, sheet.columns["Agreed value"]).value = "Our value"


def _two_headings(sheet: Sheet) -> None:
    sheet.sheet.cell(sheet.head, 12).value = "Agreed value"


def _no_headings(sheet: Sheet) -> None:
    sheet.sheet.delete_rows(sheet.head)


def _wrong_column(sheet: Sheet) -> None:
    sheet.at(KEY, "Value").value = 5


def _other_unit(sheet: Sheet) -> None:
    sheet.fill(KEY, 30)
    sheet.at(KEY, "Unit").value = "days"


def _owner_formula(sheet: Sheet) -> None:
    sheet.fill(KEY, 5, owner="=A1")


def _no_sheet(sheet: Sheet) -> None:
    sheet.sheet.title = "Annahmen"


def _other_trial(sheet: Sheet) -> None:
    row = next(row for row in range(1, 20) if sheet.sheet.cell(row, 1).value == "Trial")
    sheet.sheet.cell(row, 2).value = "another"


def _error(sheet: Sheet) -> None:
    cell = sheet.fill(KEY, "#REF!")
    cell.data_type = "e"


def _long_formula(sheet: Sheet) -> None:
    from openpyxl.worksheet.formula import ArrayFormula

    cell = sheet.at(KEY)
    sheet.sheet[cell.coordinate] = ArrayFormula(cell.coordinate, "=SUM(A1:A3)")


MISCHIEF: dict[str, tuple[Callable[[Sheet], None], str]] = {
    "a formula": (_fill("=1+1"), 'HERE: the cell holds a formula, "=1+1"; write the value itself'),
    "a formula of many cells": (
        _long_formula,
        'HERE: the cell holds a formula, "=SUM(A1:A3)"; write the value itself',
    ),
    "a link as a formula": (
        _fill('=HYPERLINK("https://example.org")'),
        'HERE: the cell holds a formula, "=HYPERLINK("https://example.org")"; write the value itself',
    ),
    "an error": (_error, 'HERE: the cell holds an error, "#REF!"; write the value itself'),
    "a decimal comma": (
        _fill("0,5 weeks"),
        'HERE: "0,5 weeks" has a comma; write a point for the decimals and nothing between thousands',
    ),
    "a comma between thousands": (
        _fill("1.000,5"),
        'HERE: "1.000,5" has a comma; write a point for the decimals and nothing between thousands',
    ),
    "a date where a duration goes": (
        _fill(datetime.datetime(2025, 5, 3)),
        "HERE: the cell holds a date or time (2025-05-03 00:00:00), as spreadsheets make of some numbers; write the "
        "value as text, as 4 weeks",
    ),
    "a time": (
        _fill(datetime.time(4, 30)),
        "HERE: the cell holds a date or time (04:30:00), as spreadsheets make of some numbers; write the value as text,"
        " as 4 weeks",
    ),
    "a date with a time": (
        _fill(datetime.datetime(2025, 5, 3, 12), "trial.start_date"),
        "HERE: 2025-05-03 12:00:00 is not a date without a time",
    ),
    "a number where a date goes": (_fill(45000, "trial.start_date"), "HERE: trial.start_date: 45000 is not a date"),
    "a wrong unit": (
        _fill("5 kg"),
        'HERE: dosing.observation: "5 kg": "kg" is not a unit of time',
    ),
    "a unit that was changed in its column": (
        _other_unit,
        'HERE: the unit of the row is "days", and that of the scenario "weeks"; write the value with its unit, as 4 '
        "weeks",
    ),
    "a number without a unit": (_fill(30, "screening.duration"), "HERE: screening.duration: 30 has no unit"),
    "a text": (_fill("soon"), 'HERE: dosing.observation: "soon" is not a number with a unit; write a duration'),
    "spaces": (_fill("   "), "HERE: the cell holds only spaces; clear it, or write a value"),
    "null": (_fill("null"), 'HERE: "null" would take the key out; do that in the scenario file'),
    "a huge number": (_fill(1e300), "HERE: dosing.observation: "),
    "a number that is none": (_fill("1e999", "screening.pass_probability"), "HERE: the number is too large"),
    "a probability above 1": (
        _fill(40, "screening.pass_probability"),
        "HERE: screening.pass_probability: 40 is not allowed; the number must be at most 1",
    ),
    "per cent": (
        _fill("40 %", "screening.pass_probability"),
        'HERE: screening.pass_probability: "40 %" is not a number',
    ),
    "a negative number": (_fill(-3), 'HERE: dosing.observation: "-3 weeks"'),
    "half a participant": (_fill(7.5, "trial.max_participants"), "HERE: trial.max_participants: 7.5"),
    "yes where a number goes": (_fill(True, "trial.max_participants"), "HERE: trial.max_participants: true"),
    "a number where yes or no goes": (_fill(1, "dosing.stop_cohort_early"), "HERE: dosing.stop_cohort_early: 1"),
    "a name that is none": (_fill("bion", "dosing.rule"), 'HERE: dosing.rule: "bion" is not a'),
    "YAML that is none": (_fill("{lognormal: {mean: 1 day", "screening.duration"), "HERE: this is not valid YAML"),
    "a tag": (_fill("!!python/object:os.system x"), "HERE: the tag "),
    "an anchor": (_fill("*x"), "HERE: this is not valid YAML: "),
    "a scenario that contradicts itself": (_fill("2024-01-01", "trial.planned_end"), "HERE: trial.planned_end"),
    "merged cells": (
        _merge,
        "HERE: cells are merged (RANGE); take the merge apart, so that each row has a value of its own",
    ),
    "a hidden row": (
        _hide,
        "HERE: a value was agreed in a row that is hidden; show all rows, so that everybody sees it",
    ),
    "a key twice": (
        _double,
        'Assumptions!A61: the key "dosing.observation" stands in row ROW as well; keep one of the rows',
    ),
    "an unknown key": (
        _rename,
        'Assumptions!AROW: "dosing.observatoin" is no value of this scenario; did you mean "dosing.observation"?',
    ),
    "no key": (_no_key, "Assumptions!AROW: a value was agreed, and no key stands beside it"),
    "a heading that was changed": (
        _no_heading,
        'Assumptions!HEAD:HEAD: the heading "Agreed value" is missing from row HEAD; it must be as it was written',
    ),
    "a heading twice": (_two_headings, 'Assumptions!HHEAD: the heading "Agreed value" is there twice'),
    "headings deleted": (
        _no_headings,
        'Assumptions: no cell of the first 200 rows says "Key"; the headings Key, Value, Unit and Agreed value must '
        "stand in one row",
    ),
    "a value in the wrong column": (
        _wrong_column,
        'Assumptions!CROW: this stays as it was written, and was changed; write a new value below "Agreed value"',
    ),
    "a formula as the owner": (_owner_formula, 'HERE: beside it stands a formula, "=A1"; write who and why as text'),
    "no such sheet": (_no_sheet, 'there is no sheet "Assumptions"; its sheets are Answer and Annahmen'),
    "another trial": (
        _other_trial,
        'Assumptions: the workbook is of the trial "another", and the scenario of "agreed"; allow it with --stale',
    ),
}


@pytest.mark.parametrize("kind", MISCHIEF)
def test_each_mischief_is_told_at_its_cell(kind: str, plan: Path) -> None:
    do, words = MISCHIEF[kind]
    sheet = Sheet()
    before = {sheet.sheet.cell(row, 8).coordinate for row in range(1, sheet.sheet.max_row + 1)}
    row = sheet.row(KEY)
    do(sheet)
    filled = [
        cell.coordinate
        for (cell,) in sheet.sheet.iter_rows(min_col=8, max_col=8, min_row=sheet.head + 1)
        if cell.value is not None and cell.coordinate in before
    ]
    here = f"Assumptions!{filled[0]}" if filled else ""
    path = sheet.save(plan.parent)
    with pytest.raises(ScenarioError) as error:
        import_assumptions(path, plan)
    (message,) = str(error.value).splitlines()
    words = words.replace("HERE", here).replace("ROW", str(row)).replace("HEAD", str(sheet.head))
    words = words.replace("RANGE", f"H{row}:I{row}").replace("A61", f"A{sheet.sheet.max_row}")
    assert message.startswith(f"{path}: {words}"), message


def test_all_that_is_wrong_is_told_at_once(plan: Path) -> None:
    sheet = Sheet()
    sheet.fill("dosing.observation", "=1")
    sheet.fill("dosing.cohort_size", "0,5")
    sheet.fill("trial.max_participants", -1)
    with pytest.raises(ScenarioError) as error:
        imported(sheet, plan)
    assert len(error.value.problems) == 3


def _zip(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _with_part(name: str, change: Callable[[bytes], bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook())) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    parts[name] = change(parts[name])
    return _zip(parts)


def _sheet_part() -> str:
    from trialsim.intake.workbook import _sheets

    with zipfile.ZipFile(io.BytesIO(workbook())) as archive:
        return _sheets(archive)["Assumptions"]


NOT_WORKBOOKS: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "this is not a workbook of Excel (.xlsx), or it is damaged; save it anew"),
    "a text": (lambda: b"Key,Value\n", "this is not a workbook of Excel (.xlsx), or it is damaged; save it anew"),
    "another zip": (lambda: _zip({"a.txt": b"a"}), "this is not a workbook of Excel (.xlsx); save the sheet as one"),
    "a password": (
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "the workbook has a password, or is of Excel 97-2003; save it as .xlsx without a password",
    ),
    "half of it": (
        lambda: workbook()[: len(workbook()) // 2],
        "this is not a workbook of Excel (.xlsx), or it is damaged; save it anew",
    ),
    "a bomb": (
        lambda: _with_part(_sheet_part(), lambda _: b" " * 70_000_000),
        "the workbook is too large: xl/worksheets/sheet6.xml unpacks to 70,000,000 bytes",
    ),
    "laughs": (
        lambda: _with_part(_sheet_part(), lambda part: b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + part.partition(b"?>")[2]),
        "the workbook declares a document type, as no spreadsheet does; save it anew",
    ),
    "no sheet behind the name": (
        lambda: _with_part("xl/_rels/workbook.xml.rels", lambda part: part.replace(b"sheet6.xml", b"sheet66.xml")),
        'the sheet "Assumptions" is missing from the workbook: it is damaged; save it anew',
    ),
    "broken XML": (
        lambda: _with_part(_sheet_part(), lambda part: part[: len(part) // 2]),
        'the sheet "Assumptions" cannot be read: the workbook is damaged; save it anew',
    ),
    "a row that no sheet has": (
        lambda: _with_part(_sheet_part(), lambda part: part.replace(b'<row r="7"', b'<row r="99999999999"')),
        'the sheet "Assumptions" cannot be read: the workbook is damaged; save it anew',
    ),
    "a broken list of sheets": (
        lambda: _with_part("xl/workbook.xml", lambda part: part[:200]),
        "the workbook is damaged; save it anew",
    ),
}


@pytest.mark.parametrize("kind", NOT_WORKBOOKS)
def test_what_is_no_workbook_is_refused(kind: str, plan: Path) -> None:
    make, words = NOT_WORKBOOKS[kind]
    path = plan.with_name("odd.xlsx")
    path.write_bytes(make())
    with pytest.raises(ScenarioError) as error:
        import_assumptions(path, plan)
    assert str(error.value) == f"{path}: {words}"


def test_a_workbook_that_is_not_there(plan: Path) -> None:
    path = plan.with_name("none.xlsx")
    with pytest.raises(ScenarioError, match=r"none\.xlsx: the file cannot be read: No such file or directory"):
        import_assumptions(path, plan)

"""What was agreed in the sheet of assumptions: rows by their keys, and the value that each yellow cell means."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from trialsim.export.assumption_sheet import (
    AGREED,
    DIGEST,
    HEADINGS,
    KEY,
    OWNER,
    TRIAL,
    UNIT,
    VALUE,
    WHY,
    Heading,
)
from trialsim.intake.workbook import Cell, SheetRead
from trialsim.scenario.assumptions import Assumption
from trialsim.scenario.messages.errors import Problem, ScenarioError
from trialsim.scenario.messages.words import given, listed, nearest
from trialsim.scenario.reading.one_line import one_line
from trialsim.scenario.validation import value_of
from trialsim.scenario.values import units
from trialsim.wording import printable

_TOP = 200
"""Rows among which the headings are looked for."""
_NEEDED = (KEY, VALUE, UNIT, AGREED)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(units.NUMBER)
_WITH_COMMA = re.compile(r"[-+]?[0-9][0-9.'\u2019\u00a0\u202f ]*,[0-9][0-9.,]*(\s*\S.*)?")
_FORM = "write the value itself"
_LONGEST = 300


class Sheet(NamedTuple):
    """The sheet, the row of its headings, and the column of each, from 0."""

    read: SheetRead
    top: int
    columns: Mapping[Heading, int]

    def cell(self, row: int, heading: Heading) -> Cell:
        """What stands below a heading; empty if there is no such column."""
        return self.read.cell(row, self.columns[heading]) if heading in self.columns else Cell(None, "n")

    def beside(self, words: str) -> str:
        """The text to the right of a cell above the headings that holds these words; empty if there is none."""
        for row in range(1, self.top):
            for column, cell in enumerate(self.read.rows.get(row, ())):
                if cell.value == words:
                    return str(self.read.cell(row, column + 1).value or "")
        return ""

    @property
    def digest(self) -> str:
        """Of the scenario that the sheet was made of."""
        return self.beside(DIGEST)

    @property
    def trial(self) -> str:
        """The name of the trial that the sheet was made of."""
        return self.beside(TRIAL)


@dataclass(frozen=True)
class Agreed:
    """A value that was agreed.

    Attributes
    ----------
    assumption : Assumption
        What it is to take the place of.
    value
        As it would stand in a scenario file.
    owner, why : str
        Who answers for it, and where it comes from; may be empty.
    label : str
        The file, sheet and cell.
    """

    assumption: Assumption
    value: Any
    owner: str
    why: str
    label: str


def sheet_of(read: SheetRead) -> Sheet:
    """The sheet with its headings found. Raises ScenarioError if they are not there, or are there twice."""
    for row in range(1, _TOP + 1):
        texts = [str(cell.value).strip() if cell.kind == "s" and cell.value else "" for cell in read.rows.get(row, ())]
        if KEY.name in texts:
            break
    else:
        names = listed([each.name for each in _NEEDED])
        message = f"no cell of the first {_TOP} rows says {given(KEY.name)}; the headings {names} must stand in one row"
        raise ScenarioError([Problem(read.file, None, None, read.name, message)])
    problems = []
    for heading in HEADINGS:
        if texts.count(heading.name) > 1:
            problems.append(
                read.problem(row, texts.index(heading.name), f"the heading {given(heading.name)} is there twice")
            )
        elif heading in _NEEDED and heading.name not in texts:
            message = f"the heading {given(heading.name)} is missing from row {row}; it must be as it was written"
            problems.append(Problem(read.file, None, None, f"{read.name}!{row}:{row}", message))
    if problems:
        raise ScenarioError(problems)
    return Sheet(read, row, {each: texts.index(each.name) for each in HEADINGS if each.name in texts})


def agreed_in(
    sheet: Sheet, known: Mapping[str, Assumption], problems: list[Problem], *, is_stale: bool, may_be_stale: bool
) -> Iterator[Agreed]:
    """What was agreed, row by row; what is wrong with others is added to ``problems``.

    Parameters
    ----------
    sheet : Sheet
        The filled-in sheet.
    known : mapping of str to Assumption
        What the scenario rests on now, by key.
    problems : list of Problem
        Grows.
    is_stale, may_be_stale : bool
        Whether the scenario has changed since the sheet was made, and whether values that have changed since may be
        written over all the same.
    """
    read, at = sheet.read, sheet.columns
    numbers = [row for row in sorted(read.rows) if row > sheet.top]
    first: dict[str, int] = {}
    for row in numbers:
        first.setdefault(_text(sheet.cell(row, KEY)), row)
    for row in numbers:
        key = _text(sheet.cell(row, KEY))
        found = _unfit(sheet, row, key, known, first[key], is_stale)
        if found is not None:
            heading, message = found
            problems.append(read.problem(row, at[heading], message))
        elif not sheet.cell(row, AGREED).is_empty:
            label = f"{read.file}: {read.address(row, at[AGREED])}"
            try:
                value = _value(sheet.cell(row, AGREED), known[key], _text(sheet.cell(row, UNIT)), label)
                owner, why = (_said(sheet.cell(row, heading)) for heading in (OWNER, WHY))
                if is_stale and not may_be_stale:
                    _refuse_what_has_changed(sheet, row, known[key], value)
            except ValueError as problem:
                problems.append(read.problem(row, at[AGREED], str(problem)))
            except ScenarioError as error:
                problems += error.problems
            else:
                yield Agreed(known[key], value, owner, why, label)


def _unfit(
    sheet: Sheet,
    row: int,
    key: str,
    known: Mapping[str, Assumption],
    first: int,
    is_stale: bool,
) -> tuple[Heading, str] | None:
    """What keeps a row from being read, whatever its value is, and below which heading; None if nothing does."""
    read, at = sheet.read, sheet.columns
    merged = read.range_at(row, at[AGREED]) or read.range_at(row, at[KEY])
    if merged:
        return AGREED, f"cells are merged ({merged}); take the merge apart, so that each row has a value of its own"
    assumption = known.get(key)
    if sheet.cell(row, AGREED).is_empty:
        if is_stale or assumption is None or _is_as_written(sheet, row, assumption):
            return None
        return VALUE, f"this stays as it was written, and was changed; write a new value below {given(AGREED.name)}"
    if not key:
        return KEY, "a value was agreed, and no key stands beside it"
    if assumption is None:
        close = nearest(key, known)
        hint = f'; did you mean "{close}"?' if close else ""
        return KEY, f"{given(key)} is no value of this scenario{hint}"
    if first != row:
        return KEY, f"the key {given(key)} stands in row {first} as well; keep one of the rows"
    if row in read.hidden:
        return AGREED, "a value was agreed in a row that is hidden; show all rows, so that everybody sees it"
    return None


def _refuse_what_has_changed(sheet: Sheet, row: int, assumption: Assumption, value: Any) -> None:
    """Raise ValueError if the scenario has a value that is neither what the sheet says nor what was agreed."""
    if one_line(value) != assumption.text and not _is_as_written(sheet, row, assumption):
        raise ValueError(
            f"the scenario has {given(assumption.text)} by now, and {given(_text(sheet.cell(row, VALUE)))} when the "
            "workbook was made; look again, or allow it with --stale"
        )


def _text(cell: Cell) -> str:
    return "" if cell.is_empty else str(cell.value).strip()


def _said(cell: Cell) -> str:
    """What somebody wrote beside a value, on one line."""
    if cell.kind in ("f", "e"):
        raise ValueError(f"beside it stands {_shown(cell)}; write who and why as text")
    text = cell.value.date().isoformat() if isinstance(cell.value, datetime.datetime) else _text(cell)
    return printable(" ".join(text.split()), keep="")[:_LONGEST]


def _shown(cell: Cell) -> str:
    return f"{'a formula' if cell.kind == 'f' else 'an error'}, {given(str(cell.value))}"


def _is_as_written(sheet: Sheet, row: int, assumption: Assumption) -> bool:
    """Whether the columns of value and unit say what the scenario does."""
    cell = sheet.cell(row, VALUE)
    if isinstance(cell.value, datetime.datetime):
        return cell.value.date().isoformat() == assumption.text
    if assumption.amount is not None and isinstance(cell.value, int | float):
        return math.isclose(cell.value, assumption.amount, rel_tol=1e-12) and _has_its_unit(sheet, row, assumption)
    return _text(cell) in (assumption.text, str(assumption.value))


def _has_its_unit(sheet: Sheet, row: int, assumption: Assumption) -> bool:
    return _text(sheet.cell(row, UNIT)) == assumption.unit


def _value(cell: Cell, assumption: Assumption, unit: str, label: str) -> Any:
    """What a cell means. Raises ValueError with what is wrong, or ScenarioError."""
    value = cell.value
    if cell.kind in ("f", "e"):
        raise ValueError(f"the cell holds {_shown(cell)}; {_FORM}")
    if isinstance(value, datetime.datetime | datetime.date | datetime.time | datetime.timedelta):
        return _date(value, assumption)
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        text = value.strip()
        if not text:
            raise ValueError("the cell holds only spaces; clear it, or write a value")
        if _WITH_COMMA.fullmatch(text):
            raise ValueError(f"{given(text)} has a comma; write a point for the decimals and nothing between thousands")
        if not _NUMBER.fullmatch(text):
            found = value_of(text, label)
            if found is None:
                raise ValueError(f"{given(text)} would take the key out; do that in the scenario file")
            return found
        value = float(text) if not text.lstrip("+-").isdecimal() else int(text)
    if not math.isfinite(value):
        raise ValueError("the number is too large")
    whole = int(value) if float(value).is_integer() and abs(value) < 1e15 else value
    if assumption.amount is None or not isinstance(assumption.value, str):
        return whole
    if unit != assumption.unit:
        raise ValueError(
            f"the unit of the row is {given(unit)}, and that of the scenario {given(assumption.unit)}; write the value "
            f"with its unit, as {assumption.text}"
        )
    return f"{whole!r} {assumption.unit}"


def _date(value: Any, assumption: Assumption) -> str:
    """A date, where one is wanted."""
    if not _DATE.fullmatch(assumption.text):
        raise ValueError(
            f"the cell holds a date or time ({value}), as spreadsheets make of some numbers; write the value as text, "
            f"as {assumption.text}"
        )
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    raise ValueError(f"{value} is not a date without a time")

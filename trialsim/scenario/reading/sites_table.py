"""Sites from a table as people keep them: CSV of any flavour, or an Excel sheet; each row is a site."""

from __future__ import annotations

import csv
import datetime
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from trialsim.scenario.messages.words import given, listed, nearest, number

KEYS = {
    "name": str,
    "count": int,
    "rate": "rate",
    "rate_cv": float,
    "ramp_up": "duration",
    "activation": "moment",
    "never_active_probability": float,
    "max_candidates": int,
}
"""What a column can hold: keys of a site, and what their values are."""

MOST_ROWS, MOST_COLUMNS, MOST_BYTES = 10_000, 200, 2_000_000
_MOST_UNPACKED = 50_000_000
_UNIT = re.compile(r"[\s(\[]((?:per\s+)?(?:days?|weeks?|months?|years?))[)\]]?$", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]+)?")
_PERCENT = re.compile(rf"({_NUMBER.pattern})\s*%")


class TableError(ValueError):
    """What is wrong with a table as a whole, at a line (counted from 1) if it is about one."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class Row(NamedTuple):
    """A row that is not empty: where it stands, counted from 1, and its cells."""

    line: int
    cells: Sequence[Any]


@dataclass(frozen=True)
class SiteRow:
    """A site as a scenario file would have it, and where in the table its values stand.

    Attributes
    ----------
    entry : mapping
        Keys of a site, and plain values.
    line : int
        Of the row.
    columns : mapping
        The column of each key, counted from 1.
    """

    entry: dict[str, Any]
    line: int
    columns: dict[str, int]


def read_sites(content: bytes, is_workbook: bool, columns: Mapping[str, str]) -> tuple[list[SiteRow], list[str]]:
    """The sites of a table, and the names of its columns that are not used.

    Parameters
    ----------
    content : bytes
        Of a file.
    is_workbook : bool
        Whether it is an Excel workbook, of which the first sheet is meant; else it is text.
    columns : mapping
        What the columns of some keys are called in the table; the others are called like the key.

    Raises
    ------
    TableError
        If it cannot be read, or lacks a column.
    """
    rows = _of_workbook(content) if is_workbook else _of_text(content)
    try:
        header = next(rows)
    except StopIteration:
        raise TableError("the table is empty") from None
    names = [_text(cell) for cell in header.cells]
    places = _places(names, columns, header.line)
    units = {key: _unit(names[place]) for key, place in places.items()}
    sites: list[SiteRow] = []
    for row in rows:
        found = {key: row.cells[place] for key, place in places.items() if place < len(row.cells)}
        entry = {key: _value(key, cell, units[key]) for key, cell in found.items() if _text(cell)}
        if len(sites) == MOST_ROWS:
            raise TableError(f"more than {MOST_ROWS:,} rows", row.line)
        sites.append(SiteRow(entry, row.line, {key: place + 1 for key, place in places.items()}))
    if not sites:
        raise TableError("the table has no row below its header", header.line)
    unused = [name for place, name in enumerate(names) if name and place not in places.values()]
    return sites, unused


def _places(names: Sequence[str], columns: Mapping[str, str], line: int) -> dict[str, int]:
    """Which column, from 0, each key is in. Raises TableError for one that is named and not there, or there twice."""
    places = {}
    for key in KEYS:
        wanted = columns.get(key)
        plain = _plain(wanted if wanted is not None else key)
        found = [place for place, name in enumerate(names) if plain in (_plain(name), _plain(_UNIT.sub("", name)))]
        if len(found) > 1:
            raise TableError(f"two columns are called {given(names[found[0]])}", line)
        if found:
            places[key] = found[0]
        elif wanted is not None or key == "name":
            longer = [name for name in names if _plain(name).startswith(plain)]
            close = longer[0] if longer else nearest(wanted or key, names)
            hint = f' (did you mean "{close}"?)' if close else ""
            there = listed([name for name in names if name]) or "none"
            raise TableError(f"there is no column {given(wanted or key)}{hint}; there are {there}", line)
    return places


def _plain(name: str) -> str:
    """The name of a column without what is written in different ways: case, spaces and underscores."""
    return re.sub(r"[\s_]+", " ", name).strip().casefold()


def _unit(name: str) -> str | None:
    """The unit at the end of the name of a column: ``per month`` of ``Rate (per month)``."""
    found = _UNIT.search(name)
    return " ".join(found[1].casefold().split()) if found else None


def _value(key: str, cell: Any, unit: str | None) -> Any:
    """What a cell says, as a scenario file would have it; what it should not be is left for others to refuse."""
    kind, text = KEYS[key], _text(cell)
    if kind is str:
        return text
    plain = text.replace(",", ".") if _NUMBER.fullmatch(text) and not _is_ambiguous(text, kind) else None
    percent = _PERCENT.fullmatch(text)
    if kind is float:
        return float(plain) if plain else float(percent[1].replace(",", ".")) / 100 if percent else text
    if kind is int:
        return int(float(plain)) if plain and float(plain).is_integer() else text
    if plain is None:
        first = text.split(" ")[0]
        return text if _is_ambiguous(first, kind) else re.sub(r"(?<=[0-9]),(?=[0-9])", ".", text)
    return f"{plain} {unit}" if unit else number(float(plain))


def _is_ambiguous(text: str, kind: Any) -> bool:
    """Whether a number may be a thousand times as much: ``1,200``; of what is counted, also ``1.200``."""
    return (
        re.fullmatch(r"[1-9][0-9]{0,2}[.,][0-9]{3}" if kind is int else r"[1-9][0-9]{0,2},[0-9]{3}", text) is not None
    )


def _text(cell: Any) -> str:
    """A cell as text on one line; a day of a calendar as year-month-day."""
    if cell is None:
        return ""
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(" ")
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).split())


def _of_text(content: bytes) -> Iterator[Row]:
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise TableError('this is not UTF-8; in Excel, save it as "CSV UTF-8"', line) from None
    first = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=re.sub(r'"[^"]*"', "", first).count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begin = 1
    try:
        for cells in reader:
            if len(cells) > MOST_COLUMNS:
                raise TableError(f"more than {MOST_COLUMNS} columns", begin)
            if any(cell.strip() for cell in cells):
                yield Row(begin, cells)
            begin = reader.line_num + 1
    except csv.Error as problem:
        raise TableError(f"this is no row of a table ({problem})", begin) from None


def _of_workbook(content: bytes) -> Iterator[Row]:
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise TableError("an Excel file needs a library: pip install 'trialsim[excel]'; or save it as CSV") from None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(each.file_size for each in archive.infolist()) > _MOST_UNPACKED:
                raise TableError("the workbook is too large when it is unpacked")
        sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        rows = sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)
        for line, cells in enumerate(rows, start=1):
            if any(_text(cell) for cell in cells):
                yield Row(line, cells)
    except TableError:
        raise
    except (OSError, ValueError, LookupError, TypeError, AttributeError, SyntaxError, zipfile.BadZipFile):
        raise TableError("this is not an Excel workbook that can be read") from None

"""A sheet of a workbook that comes from elsewhere, read within limits: cells with what they hold, and where they stand.

A workbook may have been made by anybody: it is a zip of XML, which may be huge, damaged, or not what its name says. It
is looked at before it is read, nothing in it is worked out, and every refusal says what to do.
"""

from __future__ import annotations

import datetime
import os
import posixpath
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from trialsim.scenario.messages.errors import Problem, ScenarioError
from trialsim.scenario.messages.words import given, listed

LARGEST_FILE, LARGEST_PART = 50_000_000, 60_000_000
"""In bytes: of a workbook, and of what is read of it, unpacked."""
MOST_ROWS, MOST_COLUMNS, LAST_ROW = 30_000, 200, 1_048_576
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How files begin that have a password, or are of Excel before 2007."""
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PARTS = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "xl/styles.xml")


class Cell(NamedTuple):
    """What a cell holds, and of which kind: ``s`` text, ``n`` number, ``b``, ``d`` date, ``f`` formula, ``e`` error."""

    value: Any
    kind: str

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in it."""
        return self.value is None or self.value == ""


EMPTY = Cell(None, "n")


@dataclass(frozen=True)
class SheetRead:
    """A sheet as it was found: its rows by number, from 1, each with its cells by column, from 0.

    ``merged`` are ranges of cells as (first row, first column, last row, last column, name), ``hidden`` the numbers of
    rows that are not shown.
    """

    file: str
    name: str
    rows: Mapping[int, Sequence[Cell]] = field(default_factory=dict)
    merged: Sequence[tuple[int, int, int, int, str]] = ()
    hidden: frozenset[int] = frozenset()

    def cell(self, row: int, column: int) -> Cell:
        """The cell; empty beyond the last."""
        cells = self.rows.get(row, ())
        return cells[column] if column < len(cells) else EMPTY

    def address(self, row: int, column: int) -> str:
        """Where a cell is, as people say it: ``Assumptions!H12``."""
        from openpyxl.utils import get_column_letter

        return f"{self.name}!{get_column_letter(column + 1)}{row}"

    def problem(self, row: int, column: int, message: str) -> Problem:
        """What is wrong with a cell."""
        return Problem(self.file, None, None, self.address(row, column), message)

    def range_at(self, row: int, column: int) -> str | None:
        """The range of merged cells that a cell is in."""
        for first, left, last, right, name in self.merged:
            if first <= row <= last and left <= column <= right:
                return name
        return None


def read_sheet(path: str | os.PathLike[str], name: str) -> SheetRead:
    """The sheet of that name in a workbook.

    Raises
    ------
    ScenarioError
        With one problem, if it cannot be read.
    """
    file = os.fspath(path)
    part = _looked_at(Path(path), file, name)
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what of a workbook the library does not know
            with zipfile.ZipFile(path) as archive, archive.open(part) as stream:
                merged, hidden = _layout(stream)  # first: it also looks whether rows have numbers that can be
            book = load_workbook(file, read_only=True, keep_links=False)
            try:
                rows = dict(_rows(book[name], file, name))
            finally:
                book.close()
    except ScenarioError:
        raise
    except Exception:  # whatever a library may raise over a file that is damaged, or made to be
        raise _refused(file, f"the sheet {given(name)} cannot be read: the workbook is damaged; save it anew") from None
    return SheetRead(file, name, rows, merged, hidden)


def _refused(file: str, message: str) -> ScenarioError:
    return ScenarioError([Problem(file, None, None, "", message)])


def _looked_at(path: Path, file: str, name: str) -> str:
    """The part of a workbook that is the sheet of that name; all that is read of it is of a bearable size."""
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            beginning = stream.read(8)
    except OSError as problem:
        raise _refused(file, f"the file cannot be read: {problem.strerror or problem}") from None
    if size > LARGEST_FILE:
        raise _refused(file, f"the file is too large; a workbook has at most {LARGEST_FILE:,} bytes")
    if beginning == _OLD:
        raise _refused(file, "the workbook has a password, or is of Excel 97-2003; save it as .xlsx without a password")
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {each.filename: each.file_size for each in archive.infolist()}
            if "xl/workbook.xml" not in sizes:
                raise _refused(file, "this is not a workbook of Excel (.xlsx); save the sheet as one")
            _check_sizes(sizes, _PARTS, file)
            parts = _sheets(archive)
            if name not in parts:
                raise _refused(file, f"there is no sheet {given(name)}; its sheets are {listed(list(parts))}")
            if parts[name] not in sizes:
                raise _refused(
                    file, f"the sheet {given(name)} is missing from the workbook: it is damaged; save it anew"
                )
            _check_sizes(sizes, [parts[name]], file)
            for part in (*_PARTS, parts[name]):
                if part in sizes and b"<!DOCTYPE" in archive.open(part).read(4096):
                    raise _refused(file, "the workbook declares a document type, as no spreadsheet does; save it anew")
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, RuntimeError):
        raise _refused(file, "this is not a workbook of Excel (.xlsx), or it is damaged; save it anew") from None
    except (ElementTree.ParseError, KeyError, ValueError, zlib.error):
        raise _refused(file, "the workbook is damaged; save it anew") from None
    return parts[name]


def _check_sizes(sizes: Mapping[str, int], parts: Sequence[str], file: str) -> None:
    for part in parts:
        if sizes.get(part, 0) > LARGEST_PART:
            raise _refused(file, f"the workbook is too large: {part} unpacks to {sizes[part]:,} bytes")


def _sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """The part of each sheet, by its name."""
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {each.get("Id"): each.get("Target") or "" for each in links}
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    found = {}
    for each in book.iter(f"{_MAIN}sheet"):
        target = targets.get(each.get(_LINK), "")
        part = target.removeprefix("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        found[each.get("name") or ""] = part
    return found


def _rows(sheet: Any, file: str, name: str) -> Iterator[tuple[int, list[Cell]]]:
    """The rows that hold anything, by number."""
    sheet.reset_dimensions()  # what the file says of them need not be so
    for count, row in enumerate(sheet.iter_rows(), start=1):
        cells = [_cell(each) for each in row]
        if len(cells) > MOST_COLUMNS:
            raise _refused(file, f"the sheet {given(name)} has more than {MOST_COLUMNS} columns")
        if any(not cell.is_empty for cell in cells):
            if count > MOST_ROWS:
                raise _refused(file, f"the sheet {given(name)} has more than {MOST_ROWS:,} rows")
            yield count, cells


def _cell(cell: Any) -> Cell:
    value, kind = cell.value, str(cell.data_type)
    if isinstance(value, datetime.datetime | datetime.date | datetime.time | datetime.timedelta):
        kind = "d"
    elif kind == "f":
        value = str(getattr(value, "text", value))
    elif value is not None and not isinstance(value, bool | int | float):
        value = str(value)
    return Cell(value, kind)


def _layout(stream: Any) -> tuple[list[tuple[int, int, int, int, str]], frozenset[int]]:
    """Ranges of merged cells, and rows that are not shown."""
    from openpyxl.utils import range_boundaries

    merged, hidden, number = [], set(), 0
    for _, element in ElementTree.iterparse(stream):
        if element.tag == f"{_MAIN}row":
            number = int(element.get("r") or number + 1)
            if not 1 <= number <= LAST_ROW:
                raise ValueError("a row that no sheet has")
            if element.get("hidden") in ("1", "true"):
                hidden.add(number)
            element.clear()
        elif element.tag == f"{_MAIN}mergeCell":
            name = element.get("ref") or ""
            if re.fullmatch(r"[A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7}", name):
                left, first, right, last = (int(each or 0) for each in range_boundaries(name))
                merged.append((first, left - 1, last, right - 1, name))
    return merged, frozenset(hidden)

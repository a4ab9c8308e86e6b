"""A workbook, written cell by cell: text is text, dates are dates, headings say the unit, sheets print well."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from trialsim.wording import printable

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

MOST_CHARACTERS = 32_000
"""In a cell: Excel takes 32,767."""
_MADE = datetime.datetime(2000, 1, 1)
"""The date in the workbook's properties: constant, so that the same results give the same bytes."""
_A4 = 9
_LINE = 15.0
"""Points that a line of text is high."""
_LEFT, _MOST_LINES = ("text", "wrap", "input"), 12
_READABLE = 230.0
"""Characters across a page that can be read."""
_BEGIN_FORMULAS = ("=", "+", "-", "@")

_FORMATS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "font_color": "#1F3B57"},
    "note": {"font_color": "#595959", "italic": True, "text_wrap": True, "valign": "top"},
    "head": {"bold": True, "bg_color": "#DDE7F0", "border": 1, "border_color": "#9FB4C7", "text_wrap": True},
    "head_right": {"bold": True, "bg_color": "#DDE7F0", "border": 1, "border_color": "#9FB4C7", "text_wrap": True}
    | {"align": "right"},
    "text": {"valign": "top", "align": "left", "indent": 1},
    "wrap": {"text_wrap": True, "valign": "top", "align": "left", "indent": 1},
    "bold": {"bold": True, "valign": "top"},
    "date": {"num_format": "yyyy-mm-dd", "align": "right", "valign": "top"},
    "percent": {"num_format": "0.0%", "valign": "top"},
    "count": {"num_format": "#,##0", "valign": "top"},
    "days": {"num_format": "#,##0.0", "valign": "top"},
    "number": {"num_format": "General", "valign": "top"},
    "input": {"bg_color": "#FFF7CC", "border": 1, "border_color": "#D9C36A", "text_wrap": True, "valign": "top"}
    | {"align": "left", "indent": 1},
}


class Column(NamedTuple):
    """A column of a sheet: its heading, its unit, how its values are shown, and how wide it is, in characters."""

    heading: str
    unit: str = ""
    shown: str = "text"
    width: float = 12.0

    @property
    def title(self) -> str:
        """The heading with its unit."""
        return f"{self.heading} ({self.unit})" if self.unit else self.heading


class Book:
    """A workbook to be written; use as a context."""

    def __init__(self, path: Path, title: str, subject: str) -> None:
        from xlsxwriter import Workbook

        options = {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "remove_timezone": True,
        }
        self.workbook = Workbook(str(path), options)
        self.workbook.set_properties({"title": title[:200], "subject": subject[:200], "created": _MADE})
        self.formats = {name: self.workbook.add_format(each) for name, each in _FORMATS.items()}
        self.quoted = {
            name: self.workbook.add_format({**each, "quote_prefix": True}) for name, each in _FORMATS.items()
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, _: TracebackType | None
    ) -> None:
        if problem is None:
            self._close()
        else:
            self.workbook.fileclosed = True  # else it warns, when it goes, that it was never closed

    def _close(self) -> None:
        """Write the file. Raises OSError, and not the library's own kind of it."""
        from xlsxwriter.exceptions import FileCreateError

        try:
            self.workbook.close()
        except FileCreateError as problem:
            self.workbook.fileclosed = True
            cause = problem.args[0] if problem.args else problem
            raise cause if isinstance(cause, OSError) else OSError(str(problem)) from None

    def sheet(
        self, name: str, heading: str, notes: Sequence[str], columns: Sequence[Column], *, on_one_page: bool = False
    ) -> Sheet:
        """A new sheet with a heading, notes below it, and room for a table of these columns.

        It is printed on pages as wide as are readable, or all of it on one.
        """
        sheet = Sheet(self, self.workbook.add_worksheet(name), heading, notes, columns)
        pages = max(1, round(sum(column.width for column in columns) / _READABLE))
        sheet.worksheet.fit_to_pages(pages, 1 if on_one_page else 0)
        return sheet

    def name(self, name: str, sheet: Sheet, row: int, column: int) -> None:
        """Give a cell a name, by which formulas of the reader's own find it."""
        from xlsxwriter.utility import quote_sheetname, xl_rowcol_to_cell

        cell = xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)
        self.workbook.define_name(name, f"={quote_sheetname(sheet.name)}!{cell}")


class Sheet:
    """A sheet, filled from the top: a heading, notes, and tables, whose columns have the widths of the first."""

    def __init__(
        self, book: Book, worksheet: Worksheet, heading: str, notes: Sequence[str], columns: Sequence[Column]
    ) -> None:
        self.book, self.worksheet, self.columns = book, worksheet, columns
        self.name = worksheet.get_name()
        self.row = 0
        worksheet.hide_gridlines(2)
        worksheet.set_landscape()
        worksheet.set_paper(_A4)
        worksheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        worksheet.set_footer("&L&8&A&R&8&P of &N")
        for place, column in enumerate(columns):
            worksheet.set_column(place, place, column.width)
        self.put(0, 0, heading, "title")
        self.row = 1
        for note in notes:
            self.note(note)
        self.row += 1

    def note(self, words: str) -> None:
        """Words over the width of the table."""
        width = sum(column.width for column in self.columns)
        lines = math.ceil(len(words) / max(width, 1.0) * 1.05)
        self.worksheet.set_row(self.row, _LINE * max(1, lines))
        if len(self.columns) > 1:
            style = self.book.formats["note"]
            self.worksheet.merge_range(self.row, 0, self.row, len(self.columns) - 1, "", style)
        self.put(self.row, 0, words, "note")
        self.row += 1

    def table(
        self,
        rows: Iterable[Sequence[Any]],
        columns: Sequence[Column] | None = None,
        *,
        is_main: bool = True,
        fixed: int = 1,
    ) -> tuple[int, int]:
        """Write a table; return its first row and the one after its last.

        The main one of a sheet can be filtered, and its heading, and so many ``fixed`` columns, stay when the sheet is
        scrolled, and stand on each printed page.
        """
        columns = columns or self.columns
        for place, column in enumerate(columns):
            self.put(self.row, place, column.title, "head" if column.shown in _LEFT else "head_right")
        heading, self.row = self.row, self.row + 1
        lines = max(math.ceil(1.15 * len(each.title) / each.width) for each in columns)
        self.worksheet.set_row(heading, _LINE * lines)
        first = self.row
        for row in rows:
            lines = 1
            for place, (column, value) in enumerate(zip(columns, row, strict=True)):
                self.put(self.row, place, value, column.shown)
                if column.shown == "wrap" and isinstance(value, str):
                    lines = max(lines, math.ceil(1.1 * (len(value) + 2) / column.width))
            if lines > 1:
                self.worksheet.set_row(self.row, _LINE * min(lines, _MOST_LINES))
            self.row += 1
        if is_main:
            self.worksheet.autofilter(heading, 0, max(heading, self.row - 1), len(columns) - 1)
            self.worksheet.freeze_panes(first, fixed)
            self.worksheet.repeat_rows(heading)
            self.worksheet.repeat_columns(0)
        last, self.row = self.row, self.row + 1
        return first, last

    def put(self, row: int, column: int, value: Any, shown: str = "text") -> None:
        """Write one value; what is missing is an empty cell, and text is never anything but text."""
        style = self.book.formats[shown]
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            self.worksheet.write_blank(row, column, None, style)
        elif isinstance(value, bool):
            self.worksheet.write_boolean(row, column, value, style)
        elif isinstance(value, datetime.date):
            self.worksheet.write_datetime(row, column, value, style)
        elif isinstance(value, int | float):
            self.worksheet.write_number(row, column, value, style)
        else:
            text = printable(str(value))[:MOST_CHARACTERS]
            is_formula = text.startswith(_BEGIN_FORMULAS)
            self.worksheet.write_string(row, column, text, self.book.quoted[shown] if is_formula else style)

"""Excel: a workbook of the answer, milestones, plan, causes, delays, levers, assumptions to agree on, and people.

Of results that are not of one trial it has a sheet for each table. Numbers are those of ``summary.json``, to sixteen
digits; per cent and dates are how cells are shown.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialsim.columns import Kind
from trialsim.export import words
from trialsim.export.book import Book, Column, Sheet
from trialsim.export.xlsx_sheets import SHEETS

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.export.content import Content
    from trialsim.frames import Table

MOST_ROWS = 10_000
"""Of a table; parquet and CSV have all of them."""
_SHOWN = {Kind.DAY: "days", Kind.COUNT: "count", Kind.LABEL: "text"}
_LEFT_OUT = ("levers", "courses", "draws", "twins")
"""Tables of one trial that are told otherwise, or are for programs."""
_LONGEST_NAME = 31


def write(content: Content, path: Path) -> None:
    """Write the workbook."""
    plan = content.plan
    title = words.title(plan) if plan else "Results"
    with Book(path, title, content.origin) as book:
        if plan:
            for make in SHEETS:
                make(book, content, plan)
        for name, table in content.tables.items():
            if not plan or name not in _LEFT_OUT:
                of_table(book, name, table)


def of_table(book: Book, name: str, table: Table) -> Sheet:
    """A sheet with a table as it is."""
    frame, is_all = _first_rows(table)
    columns = [
        Column(
            column.name, "" if column.unit == "none" else column.unit, _SHOWN.get(column.kind, "number"), _width(column)
        )
        for column in table.columns.values()
    ]
    notes = ["Days count from the start date, with fractions. An empty cell: it did not happen, or is not known."]
    if not is_all:
        notes.append(f"The first {len(frame):,} rows; the parquet file has all of them.")
    heading = name.replace("_", " ").capitalize()
    sheet = book.sheet(heading[:_LONGEST_NAME], heading, notes, columns)
    values: list[list[Any]] = [_plain(frame[each]) for each in table.columns]
    sheet.table(zip(*values, strict=True), fixed=min(2, len(columns)))
    return sheet


def _first_rows(table: Table) -> tuple[pd.DataFrame, bool]:
    """The first rows of a table, as many as a sheet takes, and whether these are all."""
    import pandas as pd

    found: list[pd.DataFrame] = []
    for part in table.parts():
        found.append(part)
        if sum(map(len, found)) > MOST_ROWS:
            return pd.concat(found, ignore_index=True)[:MOST_ROWS], False
    return pd.concat(found, ignore_index=True), True


def _width(column: Any) -> float:
    return min(40.0, max(11.0, 0.75 * len(column.name), 24.0 if column.kind is Kind.LABEL else 0.0))


def _plain(values: Any) -> list[Any]:
    """Plain values of a column, None for what is missing."""
    found: list[Any] = values.astype(object).where(values.notna(), None).tolist()
    return found

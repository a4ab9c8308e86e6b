"""CSV: each table a text file that spreadsheets open.

Numbers have all their digits; what is missing is an empty cell. A text that a spreadsheet would take for a formula
begins with an apostrophe, so that no scenario can smuggle one in.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trialsim.export.content import Content
    from trialsim.frames import Table

_BEGIN_FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


def export(content: Content, folder: Path) -> None:
    """Write ``NAME.csv`` for each table, those of the plan as well."""
    of_plan = content.plan.tables() if content.plan else {}
    for name, table in {**content.tables, **of_plan}.items():
        write(table, folder / f"{name}.csv")


def write(table: Table, path: Path) -> None:
    """Write a table, with a line for the names of its columns."""
    with path.open("w", encoding="utf-8", newline="") as file:
        for number, part in enumerate(table.parts()):
            cells = part[list(table.columns)]
            texts = cells.select_dtypes(exclude=["number", "bool"]).columns
            safe = cells.assign(**{name: cells[name].map(_no_formula) for name in texts})
            safe.rename(columns=_no_formula).to_csv(file, index=False, header=number == 0, lineterminator="\n")


def _no_formula(value: Any) -> Any:
    """The value of a cell, with an apostrophe before a text that begins like a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_BEGIN_FORMULAS) else value

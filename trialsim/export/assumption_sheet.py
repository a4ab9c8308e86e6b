"""The sheet of assumptions, with cells for what is agreed: it can be read again when it has been filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from trialsim.scenario.assumptions import Assumption, assumptions

if TYPE_CHECKING:
    from trialsim.analysis.schedule import Schedule
    from trialsim.export.book import Book
    from trialsim.export.content import Content

SHEET = "Assumptions"
DIGEST = "Scenario digest"
TRIAL = "Trial"
"""The cells beside these say of which scenario the sheet is."""


class Heading(NamedTuple):
    """A column of the sheet: its name, and how wide it is, in characters."""

    name: str
    width: float


KEY = Heading("Key", 34)
MEANING = Heading("What it is", 40)
VALUE = Heading("Value", 26)
UNIT = Heading("Unit", 16)
KIND = Heading("Kind of knowledge", 14)
SOURCE = Heading("Source", 44)
OFF = Heading("May be (P10, P50, P90)", 30)
AGREED = Heading("Agreed value", 26)
OWNER = Heading("Owner", 18)
WHY = Heading("Source of the agreed value", 34)

HEADINGS = (KEY, MEANING, VALUE, UNIT, KIND, SOURCE, OFF, AGREED, OWNER, WHY)
TO_FILL_IN = (AGREED, OWNER, WHY)

HOW_TO = (
    "Write into the yellow columns what was agreed: a number in the unit of the row, or text with its unit as in the "
    "column Value (28 days). Rows may be sorted and filtered; they are known by their keys. Then: trialsim import "
    "assumptions FILE.xlsx --into SCENARIO.yaml"
)


def make(book: Book, content: Content, plan: Schedule) -> None:
    """What the answer rests on, with cells for what is agreed."""
    from trialsim.export.book import Column

    assert content.scenario is not None
    columns = [Column(each.name, shown="wrap", width=each.width) for each in HEADINGS]
    sheet = book.sheet(SHEET, "What the answer rests on", [HOW_TO], columns)
    sheet.row -= 1
    for name, value in ((TRIAL, plan.facts.name), (DIGEST, plan.digest)):
        sheet.put(sheet.row, 0, name, "bold")
        sheet.put(sheet.row, 1, value)
        sheet.row += 1
    sheet.row += 1
    found = assumptions(content.scenario, with_defaults=True)
    first, last = sheet.table(map(_of_assumption, found))
    for row in range(first, last):
        for heading in TO_FILL_IN:
            sheet.put(row, HEADINGS.index(heading), None, "input")


def _of_assumption(each: Assumption) -> list[Any]:
    off = "; ".join(f"{one.low}, {one.middle}, {one.high}" for one in each.unknown)
    value = each.text if each.amount is None else int(each.amount) if each.amount.is_integer() else each.amount
    return [
        each.key,
        each.name,
        value,
        each.unit,
        each.kind,
        each.note,
        off or None,
        *([None] * len(TO_FILL_IN)),
    ]

"""The sheet of assumptions: what its columns are called, so that it can be read again when it has been filled in."""

from __future__ import annotations

from typing import NamedTuple

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

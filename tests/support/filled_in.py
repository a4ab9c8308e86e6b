"""A workbook of a small scenario, whose sheet of assumptions can be filled in."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl

import trialsim
from trialsim.intake.assumptions import Imported, import_assumptions

TEXT = """\
# What we plan, and why.
trial: {name: agreed, start_date: 2025-01-06, max_participants: 6, planned_end: 2026-12-31}
recruitment:
  sites:
    - name: Lyon
      rate: 1 per month          # as in 2024
    - {name: Region, count: 3, rate: 2 per year}
screening:
  duration: {lognormal: {mean: 28 days, sd: 10 days}}  # all visits
  pass_probability: 0.5
waiting: {eligibility_valid: 90 days}
dosing:
  levels: [1 mg, 2 mg]
  cohort_size: 3
  observation: 4 weeks           # version 3
  stop_cohort_early: true
  rule: {boin: {target: 0.3}}
uncertain:
  screening.pass_probability: {beta: {mean: 0.5, sd: 0.1}, reason: 12 of 24}
sources:
  dosing.observation: {kind: protocol, note: version 3}
  screening.duration: {kind: observed, note: the clinic's log}
"""


@cache
def workbook() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "plan.yaml"
        path.write_text(TEXT, encoding="utf-8")
        results = trialsim.simulate(path, 3)
        results.export(Path(folder) / "book.xlsx")
        return (Path(folder) / "book.xlsx").read_bytes()


@cache
def small() -> bytes:
    """The same with fewer sheets, which is read sooner."""
    book = openpyxl.load_workbook(io.BytesIO(workbook()))
    for name in book.sheetnames:
        if name not in ("Answer", "Assumptions"):
            del book[name]
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


class Sheet:
    """The sheet of assumptions, to be filled in."""

    def __init__(self) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(small()))
        self.sheet = self.book["Assumptions"]
        self.head = next(row for row in range(1, 20) if self.sheet.cell(row, 1).value == "Key")
        self.columns = {str(cell.value): int(cell.column or 0) for cell in self.sheet[self.head]}

    def row(self, key: str) -> int:
        return next(row for row in range(self.head, self.sheet.max_row + 1) if self.sheet.cell(row, 1).value == key)

    def at(self, key: str, heading: str = "Agreed value") -> Any:
        return self.sheet.cell(self.row(key), self.columns[heading])

    def fill(self, key: str, value: Any, owner: str | None = None, why: str | None = None) -> Any:
        self.at(key, "Owner").value = owner
        self.at(key, "Source of the agreed value").value = why
        self.at(key).value = value
        return self.at(key)

    def save(self, folder: Path) -> Path:
        self.book.save(folder / "book.xlsx")
        return folder / "book.xlsx"


def imported(sheet: Sheet, plan: Path, may_be_stale: bool = False) -> Imported:
    return import_assumptions(sheet.save(plan.parent), plan, may_be_stale)

"""``trialsim import assumptions``: from a filled-in workbook to a scenario file, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command_line import Command
from trialsim.scenario import load

pytest.importorskip("openpyxl")
pytest.importorskip("xlsxwriter")

from tests.support.filled_in import TEXT, Sheet


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text(TEXT, encoding="utf-8")
    sheet = Sheet()
    sheet.fill("dosing.cohort_size", 4, "Ann", "the \u202eprotocol")
    sheet.fill("dosing.observation", 4)
    sheet.save(tmp_path)
    return path


def test_from_a_workbook_to_a_new_scenario(trialsim: Command, plan: Path) -> None:
    done = trialsim("import", "assumptions", "book.xlsx", "--into", "plan.yaml")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].startswith("dosing.cohort_size: 3 -> 4 (book.xlsx: Assumptions!H")
    assert "Ann: the \\u202eprotocol" in done.stdout and "\u202e" not in done.stdout
    assert "agreed as they are: dosing.observation\n" in done.stdout
    assert done.stderr == "plan-agreed.yaml written; next: trialsim run plan-agreed.yaml\n"
    new = load(plan.with_name("plan-agreed.yaml"))
    assert new.dosing is not None and new.dosing.cohort_size == 4
    assert plan.read_text(encoding="utf-8") == TEXT
    again = trialsim("import", "assumptions", "book.xlsx", "--into", "plan.yaml")
    assert again.returncode == 2
    assert "plan-agreed.yaml exists already and is left alone" in again.stderr


def test_in_place_and_as_json(trialsim: Command, plan: Path) -> None:
    done = trialsim("import", "assumptions", "book.xlsx", "--into", "plan.yaml", "--in-place", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert [(each["key"], each["before"], each["after"], each["owner"]) for each in document["changes"]] == [
        ("dosing.cohort_size", "3", "4", "Ann")
    ]
    assert document["file"] == "plan.yaml"
    assert "cohort_size: 4\n" in plan.read_text(encoding="utf-8")
    same = trialsim("import", "assumptions", "book.xlsx", "--into", "plan.yaml", "--out", "new.yaml")
    assert same.returncode == 0
    assert "another state of the scenario" in same.stderr
    assert "nothing was changed, and nothing is written" in same.stderr
    assert not plan.with_name("new.yaml").exists()


def test_nothing_is_written_if_a_cell_is_bad(trialsim: Command, plan: Path) -> None:
    sheet = Sheet()
    sheet.fill("dosing.cohort_size", 4)
    sheet.fill("dosing.observation", "=1+1")
    sheet.save(plan.parent)
    before = {path.name for path in plan.parent.iterdir()}
    done = trialsim("import", "assumptions", "book.xlsx", "--into", "plan.yaml")
    assert done.returncode == 2
    assert done.stderr.startswith("book.xlsx: Assumptions!H") and len(done.stderr.splitlines()) == 1
    assert {path.name for path in plan.parent.iterdir()} == before


def test_exports_are_asked_for_by_name(trialsim: Command, plan: Path) -> None:
    pytest.importorskip("icalendar")
    options = ("--no-figures", "--no-levers", "--export", "csv,xlsx", "--export", "ics,mspdi,mermaid", "--out", "out")
    done = trialsim("run", "plan.yaml", "-n", "3", *options)
    assert done.returncode == 0, done.stderr
    files = {path.name for path in (plan.parent / "out").iterdir()}
    assert files >= {"workbook.xlsx", "plan.ics", "plan.xml", "plan.mmd", "tasks.csv", "milestones.csv", "sites.csv"}
    assert trialsim("check", "out").returncode == 0
    done = trialsim("sweep", "plan.yaml", "--vary", "dosing.cohort_size=2,3", "--export", "ics")
    assert done.returncode == 2
    assert "ics holds the plan of one trial" in done.stderr
    done = trialsim("run", "plan.yaml", "--export", "xls")
    assert done.returncode == 2
    assert '"xls" is not a format of exports; did you mean "xlsx"?' in done.stderr

"""Sites from a table as people keep them, and what is said of one that is not as it should be."""

from __future__ import annotations

import datetime
import io
import os
import time
from pathlib import Path
from typing import Any

import pytest

from trialsim.scenario import Scenario, ScenarioError, load
from trialsim.scenario.values.distributions import Constant
from trialsim.vocabulary import MONTH

PLAN = """\
format: 1
trial: {name: tabled, start_date: 2025-01-01, max_participants: 10}
recruitment:
  sites_from:
    file: FILE
COLUMNS
sources:
  recruitment.sites_from: {kind: derived, note: the feasibility survey}
"""


def plan(folder: Path, table: str | bytes, columns: str = "", name: str = "sites.csv") -> Path:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(table if isinstance(table, bytes) else table.encode())
    path = folder / "plan.yaml"
    path.write_text(PLAN.replace("FILE", name).replace("COLUMNS", f"    columns: {columns}" if columns else ""))
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load(path)
    return str(caught.value).replace(f"{path.parent}{os.sep}", "").splitlines()


def told(scenario: Scenario) -> list[tuple[Any, ...]]:
    return [(s.name, s.rate, s.activation, s.max_candidates, s.never_active_probability) for s in scenario.sites]


TWELFTH = "0.0833333333333333333"
FLAVOURS = {
    "comma": (
        "name,rate,activation,max candidates,note\n"
        'Paris,0.5 per month,2025-03-02,12,"a, b"\n'
        '"Lyon",1 per year,1 week,,\n'
    ),
    "semicolon and decimal comma": (
        "\ufeffName;Rate (per month);Activation;Max_candidates\r\n"
        "Paris;0,5;2025-03-02;12\r\n;;;\r\n"
        f"Lyon;{TWELFTH.replace('.', ',')};1 week;\r\n"
    ),
    "tab": (
        f"NAME\trate per month\tactivation\tmax_candidates\nParis\t0.5\t2025-03-02\t12.0\nLyon\t{TWELFTH}\t1 week\t\n"
    ),
    "line breaks in cells": (
        "name,rate,activation,max_candidates\n"
        '"Paris\n",0.5 per\u00a0month,2025-03-02,12\n"Lyon","1 per\nyear",1 week,\n'
    ),
}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_tables_of_any_flavour(flavour: str, tmp_path: Path) -> None:
    scenario = load(plan(tmp_path, FLAVOURS[flavour]))
    paris, lyon = told(scenario)
    assert paris == ("Paris", 0.5 / MONTH, Constant(60.0), 12, 0.0)
    assert lyon[1] == pytest.approx(1 / 365.25, rel=1e-12)
    assert (lyon[0], *lyon[2:]) == ("Lyon", Constant(7.0), None, 0.0)
    assert scenario.source_of("recruitment.sites.Paris.rate").note == "the feasibility survey"
    assert Scenario.from_document(scenario.to_document()) == scenario, "what is simulated needs no table"


def test_utf_16_as_excel_writes_it(tmp_path: Path) -> None:
    (site,) = load(plan(tmp_path, "name\trate\nKöln\t2 per year\n".encode("utf-16"))).sites
    assert site.name == "Köln"


def test_columns_by_other_names_and_percentages(tmp_path: Path) -> None:
    table = "Site;Pat./month (per month);Opens after (weeks);Drop-out\nA;1,5;6;12,5 %\nB;2;0;0.1\n"
    names = "{name: Site, rate: Pat./month, activation: Opens after, never_active_probability: Drop-out}"
    assert told(load(plan(tmp_path, table, names))) == [
        ("A", 1.5 / MONTH, Constant(42.0), None, 0.125),
        ("B", 2 / MONTH, Constant(0.0), None, 0.1),
    ]


def test_rows_stand_behind_the_sites_that_are_listed(tmp_path: Path) -> None:
    path = plan(tmp_path, "name,rate,count\nB,1 per month,2\n")
    path.write_text(path.read_text() + "")
    text = path.read_text().replace("recruitment:\n", "recruitment:\n  sites: [{name: A, rate: 1 per month}]\n")
    path.write_text(text)
    assert [site.name for site in load(path).sites] == ["A", "B-1", "B-2"]
    assert load(path, ["recruitment.sites.B-2.rate=2 per month"]).sites[2].rate == 2 / MONTH


@pytest.mark.parametrize("extension", ["xlsx", "XLSX"])
def test_an_excel_sheet(extension: str, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (
        ["Name", "Rate per month", "Activation"],
        ["A", 0.5, datetime.datetime(2025, 3, 2)],
        [],
        ["B", 1, "1 week"],
    ):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    a, b = told(load(plan(tmp_path, content.getvalue(), name=f"sites.{extension}")))
    assert a[:3] == ("A", 0.5 / MONTH, Constant(60.0)) and b[:3] == ("B", 1 / MONTH, Constant(7.0))


BAD = {
    "": "sites.csv: the table is empty",
    "name,rate\n": "the table has no row below its header",
    "site,rate\nA,1 per month\n": 'there is no column "name"; there are site and rate',
    "name,name\nA,B\n": 'two columns are called "name"',
    'name,rate\n"A,1 per month\n': "this is no row of a table (unexpected end of data)",
}


@pytest.mark.parametrize("table", BAD)
def test_a_table_that_is_none(table: str, tmp_path: Path) -> None:
    (problem,) = problems(plan(tmp_path, table))
    assert BAD[table].removeprefix("sites.csv: ") in problem


def test_every_bad_cell_is_named_by_its_line_and_column(tmp_path: Path) -> None:
    table = (
        "name,rate,activation,max_candidates,never_active_probability\n"
        "A,0.5,2024-12-31,1.5,2\n"
        '\n"B\nC",1 per fortnight,soon,many,x %\n'
        ",1 per month,,,\n"
        "A,1 per month,,,\n"
        "=cmd|'/c calc'!A1,1 per month,,,\n"
    )
    found = sorted(problems(plan(tmp_path, table)))
    places = [
        *("sites.csv:2:2", "sites.csv:2:3", "sites.csv:2:4", "sites.csv:2:5"),
        *("sites.csv:4:2", "sites.csv:4:3", "sites.csv:4:4", "sites.csv:4:5", "sites.csv:6:1"),
    ]
    assert [problem.split(": ")[0] for problem in found] == places
    assert "has no unit" in found[0] and "before the trial starts" in found[1]
    assert "is missing" in found[-1]
    only_twice = problems(plan(tmp_path, "name,rate\nA,1 per month\nA,2 per month\n"))
    assert len(only_twice) == 1 and only_twice[0].startswith("sites.csv:3:1: recruitment.sites.A.name: another site is")


@pytest.mark.parametrize(
    "name", ["../sites.csv", "/etc/passwd", "down/../../sites.csv", "link.csv", "down", "none.csv"]
)
def test_only_a_file_beside_or_below_is_read(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "plans"
    (folder / "down").mkdir(parents=True)
    (tmp_path / "sites.csv").write_text("name,rate\nA,1 per month\n")
    (folder / "link.csv").symlink_to(tmp_path / "sites.csv")
    path = folder / "plan.yaml"
    path.write_text(PLAN.replace("FILE", name).replace("COLUMNS", ""))
    (problem,) = problems(path)
    words = {"down": "not a file", "none.csv": "no such file"}.get(name, "must be in the folder of the scenario file")
    assert words in problem and problem.startswith("plan.yaml:5:5: recruitment.sites_from.file: ")


def test_below_is_allowed(tmp_path: Path) -> None:
    assert len(load(plan(tmp_path, "name,rate\nA,1 per month\n", name="tables/sites.csv")).sites) == 1


def test_a_file_is_needed(tmp_path: Path) -> None:
    document: dict[str, Any] = {
        "trial": {"name": "a", "start_date": "2025-01-01", "max_participants": 1},
        "recruitment": {"sites": [{"name": "A", "rate": "1 per day"}], "sites_from": {"file": "sites.csv"}},
    }
    with pytest.raises(ScenarioError, match="only a scenario in a file"):
        Scenario.from_document(document)


@pytest.mark.parametrize("content", [b"\x00\x01", b"PK\x03\x04 and nothing", b"name,rate\nA,1 per month\n"])
def test_what_is_no_workbook(content: bytes, tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    (problem,) = problems(plan(tmp_path, content, name="sites.xlsx"))
    assert "this is not an Excel workbook that can be read" in problem


def test_what_is_not_utf_8(tmp_path: Path) -> None:
    (problem,) = problems(plan(tmp_path, "name,rate\nKöln,1 per month\n".encode("latin-1")))
    assert problem.startswith("sites.csv:2: ") and "CSV UTF-8" in problem


@pytest.mark.undisturbed
def test_a_thousand_sites_are_read_in_two_seconds(tmp_path: Path) -> None:
    rows = "".join(f"Site {n},0.{n % 9 + 1} per month,{n % 300} days\n" for n in range(1000))
    path = plan(tmp_path, f"name,rate,activation\n{rows}")
    before = time.process_time()
    assert len(load(path).sites) == 1000
    assert time.process_time() - before < 2


@pytest.mark.parametrize(
    ("table", "places"),
    [
        ('name,rate per month,max_candidates\nA,"1,200","1,000"\n', ["sites.csv:2:2", "sites.csv:2:3"]),
        ('name,rate,max_candidates\nA,"1,200 per month",12\n', ["sites.csv:2:2"]),
        ("name;rate per month;max_candidates\nA;0,125;1.000\n", ["sites.csv:2:3"]),
    ],
)
def test_a_number_that_may_be_a_thousand_times_as_much_is_not_taken(
    table: str, places: list[str], tmp_path: Path
) -> None:
    assert sorted(problem.split(": ")[0] for problem in problems(plan(tmp_path, table))) == places


def test_a_column_that_was_meant_is_named(tmp_path: Path) -> None:
    (problem,) = problems(plan(tmp_path, "Site,Patients (per mnth)\nA,1\n", "{name: Site, rate: Patients}"))
    assert 'there is no column "Patients" (did you mean "Patients (per mnth)"?)' in problem

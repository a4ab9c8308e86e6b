"""Every column is declared once, and what is there is what is declared."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pandas as pd
import pytest

import trialsim
from tests.support.small_tables import dtypes
from trialsim import tables
from trialsim.columns import Columns, Kind, data_dictionary
from trialsim.kernel.tables import columns as kernel_columns

DOCS = Path(__file__).parents[2] / "docs"
AXES = [tables.axis("recruitment.rate_multiplier", [1, 2.5]), tables.axis("dosing.rule", ["boin", "crm"])]
DECLARED: dict[str, Columns] = {
    "people": tables.PEOPLE,
    "participants": tables.PARTICIPANTS,
    "lots": tables.LOTS,
    "ends": tables.ENDS,
    "replications": tables.replication_columns(3),
    "courses": tables.COURSES,
    "points": tables.point_columns(AXES),
    "replications of points": tables.point_replication_columns(AXES, 2, 3),
    "events": tables.EVENTS,
    "ends of a replay": tables.REPLAYS,
    "calendar": tables.CALENDAR,
}


@pytest.mark.parametrize("name", DECLARED)
def test_every_column_has_a_unit_and_a_meaning(name: str) -> None:
    for column_name, column in DECLARED[name].items():
        assert column.name == column_name
        assert column.unit.strip() and column.meaning.strip(), column
        measured = column.kind in (Kind.COUNT, Kind.DAY)
        assert (
            column.unit != "none" if measured else column.kind is Kind.NUMBER or column.unit in ("none", AXES[1].unit)
        )
        if column.kind is Kind.DAY:
            assert column.unit in ("days", "days since the start date")


def test_a_column_is_not_declared_twice() -> None:
    with pytest.raises(AssertionError, match="twice"):
        tables.point_columns([tables.axis("name", ["a"])])


def test_an_axis_is_of_the_kind_of_its_values() -> None:
    assert [axis.kind for axis in AXES] == [Kind.NUMBER, Kind.LABEL]
    assert tables.axis("dosing.stop_cohort_early", [True, False]).kind is Kind.FLAG
    assert tables.axis("dosing.cohort_size", [3, 4]).kind is Kind.COUNT
    assert tables.axis("stopping.time_limit", [None, 4.0]).kind is Kind.LABEL


def has(table: pd.DataFrame, columns: Columns) -> None:
    assert list(table) == list(columns)
    assert {str(name): str(kind) for name, kind in table.dtypes.items()} == dtypes(columns)


def test_tables_of_a_run() -> None:
    found = trialsim.simulate("autologous-car-t", 3, detail=True, engine="simpy")
    assert found.participants is not None and found.lots is not None
    has(found.replications, tables.replication_columns(found.scenario.levels))
    has(found.participants, tables.PARTICIPANTS)
    has(found.lots, tables.LOTS)
    has(found.courses, tables.COURSES)
    assert set(found.courses["quantity"]) == set(tables.COURSES["quantity"].values)


def test_tables_of_one_history() -> None:
    history = trialsim.trace(trialsim.load("autologous-car-t"))
    has(history.ends, tables.ENDS)
    has(history.people, tables.PEOPLE)
    has(history.lots, tables.LOTS)
    has(history.events(), tables.EVENTS)


def test_tables_of_a_replay() -> None:
    found = trialsim.replay("replay-two-levels")
    has(found.ends, tables.REPLAYS)
    has(found.calendar, tables.CALENDAR)


def test_the_manifest_of_a_run_explains_every_column(tmp_path: Path) -> None:
    for detail, files in ((False, set()), (True, {"participants", "lots"})):
        folder = tmp_path / f"detail {detail}"
        trialsim.simulate("autologous-car-t", 3, detail=detail, engine="simpy").save(folder, figures=False)
        explained(folder, {"replications", "courses"} | files)


def test_the_manifest_of_a_sweep_explains_every_column(tmp_path: Path) -> None:
    vary = ["recruitment.rate_multiplier=1,2.5", "recruitment.while_closed=queue,turn_away"]
    found = trialsim.sweep("autologous-car-t", 3, vary=vary, engine="simpy")
    own = {name: column.dtype for name, column in tables.point_columns([]).items()}
    assert {name: str(found.points[name].dtype) for name in own} == own
    found.save(tmp_path / "sweep", figures=False)
    dictionary = explained(tmp_path / "sweep", {"points", "replications", "scenarios"})
    assert dictionary["points"]["recruitment.rate_multiplier"]["kind"] == "number"
    assert dictionary["points"]["recruitment.while_closed"]["kind"] == "label"


def explained(folder: Path, files: set[str]) -> dict[str, dict[str, dict[str, str]]]:
    """The data dictionary of a folder, which has every column of every file in it, in order."""
    dictionary: dict[str, dict[str, dict[str, str]]] = json.loads((folder / "manifest.json").read_text())["columns"]
    assert set(dictionary) == files == {path.stem for path in folder.glob("*.parquet")}
    for name, columns in dictionary.items():
        assert list(columns) == list(pd.read_parquet(folder / f"{name}.parquet"))
        assert all({"kind", "unit", "meaning"} <= set(facts) for facts in columns.values())
    return dictionary


def test_the_dictionary() -> None:
    found = data_dictionary({"lots": {name: tables.LOTS[name] for name in ("start_day", "outcome")}})
    assert found == {
        "lots": {
            "start_day": {
                "kind": "day",
                "unit": "days since the start date",
                "meaning": "when a suite was taken; missing for starting stock",
            },
            "outcome": {
                "kind": "label",
                "unit": "none",
                "meaning": "how things stood with the lot at the end",
                "values": ["in_process", "failed", "in_stock", "used", "expired"],
            },
        }
    }


def test_labels_are_among_those_declared() -> None:
    history = trialsim.trace(trialsim.load("autologous-car-t"))
    for table, columns in (
        (history.ends, tables.ENDS),
        (history.participants, tables.PARTICIPANTS),
        (history.lots, tables.LOTS),
        (history.events(), tables.EVENTS),
    ):
        for name, column in columns.items():
            if column.values:
                assert set(table[name].dropna()) <= set(column.values), name


def test_the_page_has_the_columns_that_are_declared() -> None:
    program = runpy.run_path(str(DOCS / "make_tables.py"))
    page = (DOCS / "outputs.md").read_text(encoding="utf-8")
    assert program["with_tables"](page) == page, "run `make tables`"


def test_the_kernel_has_a_place_for_each_column() -> None:
    places = [*kernel_columns.COUNTS, *kernel_columns.DAYS, *kernel_columns.NUMBERS]
    assert sorted([*places, "scenario", "replication"]) == sorted(tables.REPLICATIONS)

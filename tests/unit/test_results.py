"""All results say the same of themselves, and are saved by one writer."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from PIL import Image

import trialsim
from trialsim.figures import picture
from trialsim.frames import typed
from trialsim.inventory import Findings, look_at
from trialsim.results.design import DesignResults
from trialsim.results.result import Result
from trialsim.tables import ADVICE, CHARACTERISTICS

SKELETON = [0.05, 0.15, 0.3]


@cache
def run() -> Result:
    return trialsim.simulate("teaching-minimal", 3, detail=True, engine="simpy")


@cache
def sweep() -> Result:
    vary = ["trial.max_participants=2,3", "dosing.rule={boin: {target: 0.3}},{boin: {target: 0.2}}"]
    return trialsim.sweep("teaching-minimal", 3, vary=vary, engine="simpy")


@cache
def comparison() -> Result:
    scenario = trialsim.load("teaching-minimal")
    lower = scenario.changed({"dosing.levels": ["1e6 cells per kg"], "truth.dlt_probability": [0.1]})
    return trialsim.compare([scenario, lower], 3, names=["all", "one level"], engine="simpy")


@cache
def trace() -> Result:
    return trialsim.trace(trialsim.load("teaching-minimal"), replication=2)


@cache
def replay() -> Result:
    return trialsim.replay("replay-two-levels", ["three_plus_three", {"boin": {"target": 0.3}}])


@cache
def design() -> Result:
    one = trialsim.Design.of("boin", {"target": 0.3}, truth=SKELETON)
    return DesignResults(
        one, table=one.table(), advice=one.after("1NNN 2NNT"), characteristics=one.characteristics(replications=5)
    )


ALL: dict[str, tuple[Callable[[], Result], list[str], list[str]]] = {
    "run": (
        run,
        ["replications", "courses", "participants", "lots"],
        [
            "milestones",
            "enrolment",
            "duration",
            "end_causes",
            "attribution",
            "funnel",
            "gantt",
            "swimmer",
            "occupancy",
            "waiting",
        ],
    ),
    "sweep": (
        sweep,
        ["points", "replications", "scenarios"],
        ["sweep_last_visit", "sweep_early_termination", "sweep_heatmap", "sweep_differences"],
    ),
    "comparison": (
        comparison,
        ["points", "replications", "scenarios"],
        ["sweep_last_visit", "sweep_early_termination", "sweep_differences"],
    ),
    "trace": (trace, ["ends", "participants", "lots", "events"], []),
    "replay": (replay, ["ends", "calendar"], ["calendars"]),
    "design": (design, ["advice", "characteristics"], ["design"]),
}


@pytest.mark.parametrize("kind", ALL)
def test_one_writer_saves_them_all(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "DPI", 20)
    make, tables, figures = ALL[kind]
    result, folder = make(), tmp_path / "out"
    result.save(folder, export=["csv"])
    assert look_at(folder) == Findings()
    assert {path.name for path in folder.iterdir()} == {
        "manifest.json",
        "summary.json",
        *(f"{name}.{ending}" for name in tables for ending in ("parquet", "csv")),
        *(f"{name}.png" for name in figures),
        *(("milestones.csv", "tasks.csv", "sites.csv") if result.has_plan else ()),
    }
    for name in figures:
        with Image.open(folder / f"{name}.png") as drawn:
            assert drawn.info["Title"] and drawn.info["Description"].endswith("."), name
    for name, table in result.tables().items():
        read = pd.read_parquet(folder / f"{name}.parquet")
        assert_frame_equal(typed(table.columns, read), typed(table.columns, table.frame))
        assert len(pd.read_csv(folder / f"{name}.csv")) == len(read)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["program"] == "trialsim"
    assert {name: list(columns) for name, columns in manifest["columns"].items()} == {
        name: list(table.columns) for name, table in result.tables().items()
    }
    assert json.loads((folder / "summary.json").read_text(encoding="utf-8")) == json.loads(
        json.dumps(result.summary(), allow_nan=False)
    )


@pytest.mark.parametrize("kind", ALL)
def test_the_columns_are_those_of_the_tables(kind: str) -> None:
    for name, table in ALL[kind][0]().tables().items():
        assert set(table.columns) == set(table.frame), name
        for column in table.columns.values():
            assert str(table.frame[column.name].dtype) == column.dtype, (name, column.name)


@pytest.mark.parametrize("kind", ALL)
def test_no_other_figure_can_be_drawn(kind: str) -> None:
    make, _, figures = ALL[kind]
    assert make().figures() == figures
    with pytest.raises(KeyError, match=f"is called pie; there are {', '.join(figures) or 'none'}"):
        make().figure("pie")


def test_nothing_is_written_in_a_format_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no format clay"):
        run().save(tmp_path / "out", export=["clay"])
    assert list(tmp_path.iterdir()) == []


def test_the_manifest_names_a_rule_of_the_users_own() -> None:
    class Own:
        cohorts = False

        def decide(self, view: object) -> object:
            from trialsim.rules.base import Stop

            return Stop(None)

        def recommend(self, view: object) -> int | None:
            return None

    scenario = trialsim.load("teaching-minimal")
    own = f"{Own.__module__}.{Own.__qualname__}"
    assert trialsim.trace(scenario, rule=Own()).manifest()["rule"] == own  # type: ignore[arg-type]
    assert trialsim.trace(scenario).manifest()["rule"] is None
    rules = trialsim.replay("replay-two-levels", {"mine": Own(), "usual": "fixed"}).manifest()["rules"]
    assert (rules["mine"]["rule"], rules["usual"]["rule"]) == (own, None)


def test_the_tables_of_a_design_say_what_its_answers_say() -> None:
    result = design()
    assert isinstance(result, DesignResults) and result.advice is not None and result.characteristics is not None
    tables = result.tables()
    advice, characteristics = tables["advice"].frame, tables["characteristics"].frame
    assert list(advice) == list(ADVICE) and list(characteristics) == list(CHARACTERISTICS)
    assert advice["treated"].tolist() == [3, 3, 0, 0, 0][: len(advice)]
    assert advice["rate"].tolist()[:2] == [0.0, pytest.approx(1 / 3)]
    assert characteristics["truth"].tolist() == SKELETON
    for each, selected in zip(result.characteristics.levels, characteristics["selected"], strict=True):
        assert each.selected.probability == selected
    nothing = DesignResults(result.design)
    assert (nothing.tables(), nothing.figures(), list(nothing.summary())) == ({}, [], ["design"])

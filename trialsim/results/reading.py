"""Results that were saved, read back from their folder: nothing is simulated again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialsim.analysis.measures import USUAL
from trialsim.experiment.jobs import Job
from trialsim.frames import Lazy, typed
from trialsim.inventory import look_at
from trialsim.results.earlier import Held
from trialsim.results.histories import Histories
from trialsim.results.levers import LeverResults
from trialsim.results.run import Results
from trialsim.results.sweep_results import SweepResults
from trialsim.scenario import Scenario, ScenarioError
from trialsim.scenario.reading.leaves import only
from trialsim.scenario.sweep import Axis, Point, Sweep
from trialsim.storage import Refused
from trialsim.tables import COURSES, LEVERS, LOTS, PARTICIPANTS, SCENARIOS, replication_columns

if TYPE_CHECKING:
    import pandas as pd

_OTHERS = {
    "plans": "a selection",
    "sensitivity": "a sensitivity analysis",
    "rules": "a replay",
    "replication": "a trace",
    "design": "a design",
}
_LARGEST = 2**28


def read_results(folder: str | Path) -> Results | SweepResults | LeverResults:
    """The results of a run, of a sweep or comparison, or of levers, as they were saved.

    Parameters
    ----------
    folder : str or path
        A folder that `save`, or the command line, has written; every file must be as its manifest says.

    Raises
    ------
    Refused
        If it holds no such results, or other ones than were written.
    """
    path = Path(folder)
    manifest = checked_manifest(path)
    other = next((words for key, words in _OTHERS.items() if key in manifest), None)
    if other is not None and "points" not in manifest:
        raise Refused(f"{folder} holds {other}: give the results of a run, a sweep, a comparison or of levers")
    try:
        if "points" in manifest:
            return _sweep(path, manifest)
        return _levers(path, manifest) if "levers" in manifest else _run(path, manifest)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ScenarioError) as problem:
        version = manifest.get("version", "an unknown version")
        words = " ".join(str(problem).split())[:200]
        raise Refused(
            f"{folder} cannot be read: it was written by version {version}, whose results this version does not know "
            f"({type(problem).__name__}: {words}); simulate it again"
        ) from None


def checked_manifest(folder: Path) -> Mapping[str, Any]:
    """The manifest of a folder that is as it was written. Raises Refused."""
    if not folder.is_dir():
        raise Refused(f"{folder} is no folder of results")
    try:
        found = look_at(folder)
    except OSError as problem:
        raise Refused(f"{folder} cannot be read: {problem.strerror}") from None
    if found is None:
        raise Refused(f"{folder} holds no results of trialsim: there is no manifest.json of this program in it")
    for names, words in ((found.changed, "was changed since it was written"), (found.missing, "is missing")):
        if names:
            raise Refused(
                f"{folder} is not as it was written: {names[0]} {words} (`trialsim check {folder}` says more)"
            )
    return found.manifest


def saved_summary(folder: Path) -> Mapping[str, Any]:
    """The document ``summary.json`` of a folder. Raises OSError or ValueError."""
    path = folder / "summary.json"
    if path.stat().st_size > _LARGEST:
        raise ValueError("summary.json is too large")
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError("summary.json holds no mapping")
    return found


def scenario_of(entry: Mapping[str, Any]) -> Scenario:
    """The scenario of a manifest, with what its author gave and how it was written.

    Raises
    ------
    ScenarioError
        If this version would not have it.
    """
    document, given = entry["scenario"], entry.get("given")
    scenario = Scenario.from_document(document)
    if isinstance(given, list):
        try:
            as_given = Scenario.from_document(only(document, {str(key) for key in given}))
        except ScenarioError:
            as_given = scenario
        if as_given == scenario:
            scenario = as_given
    written = entry.get("written")
    known = scenario.given_values()
    scenario._written = {key: each for key, each in (written or {}).items() if key in known}
    return scenario


def _when(manifest: Mapping[str, Any]) -> tuple[datetime, datetime]:
    started, finished = (datetime.fromisoformat(manifest[name]) for name in ("started", "finished"))
    return started.astimezone(UTC), finished.astimezone(UTC)


def _table(folder: Path, name: str, columns: Any) -> pd.DataFrame:
    import pandas as pd

    return typed(columns, pd.read_parquet(folder / f"{name}.parquet"))


def _run(folder: Path, manifest: Mapping[str, Any]) -> Results:
    scenario, summary = scenario_of(manifest), saved_summary(folder)
    columns = replication_columns(scenario.levels)
    started, finished = _when(manifest)
    if manifest.get("rule") is not None:
        raise ValueError("a dose rule of the user's own cannot be had again")
    return Results(
        scenario,
        manifest["seed"],
        _table(folder, "replications", columns),
        _table(folder, "courses", COURSES),
        _table(folder, "participants", PARTICIPANTS) if (folder / "participants.parquet").exists() else None,
        _table(folder, "lots", LOTS) if (folder / "lots.parquet").exists() else None,
        manifest["engine"],
        started,
        finished,
        levers=_levers_of_run(folder, manifest, scenario, summary),
        twins=_table(folder, "twins", columns) if (folder / "twins.parquet").exists() else None,
    )


def _levers_of_run(
    folder: Path, manifest: Mapping[str, Any], scenario: Scenario, summary: Mapping[str, Any]
) -> LeverResults | None:
    found = summary.get("levers")
    if not found or not (folder / "levers.parquet").exists():
        return None
    changes = {lever["lever"]: lever["set"] for lever in found["levers"]}
    return _lever_results(folder, manifest, scenario, changes, found["replications"], found["measures"])


def _levers(folder: Path, manifest: Mapping[str, Any]) -> LeverResults:
    replications, measures = manifest["replications"], manifest.get("measures", USUAL)
    return _lever_results(folder, manifest, scenario_of(manifest), manifest["levers"], replications, measures)


def _lever_results(
    folder: Path,
    manifest: Mapping[str, Any],
    scenario: Scenario,
    changes: Mapping[str, Any],
    number: int,
    measures: Any,
) -> LeverResults:
    started, finished = _when(manifest)
    table = _table(folder, "levers", LEVERS)
    engine = manifest["engine"]
    return LeverResults(
        scenario, manifest["seed"], number, table, changes, tuple(measures), engine, started=started, finished=finished
    )


def _sweep(folder: Path, manifest: Mapping[str, Any]) -> SweepResults:
    import pandas as pd

    summary = saved_summary(folder)
    points = pd.read_parquet(folder / "points.parquet")
    entries = _table(folder, "scenarios", SCENARIOS).to_dict("records")
    scenarios = [
        scenario_of({key: json.loads(each[key]) for key in ("scenario", "written", "given")}) for each in entries
    ]
    held = Held(folder, manifest["replications"], len(points))
    jobs = [Job(scenario, manifest["seed"], courses=False) for scenario in scenarios]
    axes = tuple(map(_axis, summary["axes"]))
    columns = [name for axis in axes for name in (axis.column, axis.label_column) if name in points]
    rows = points.to_dict("records")
    found = tuple(
        Point(
            str(row["name"]),
            scenario,
            {name: row[name] for name in columns},
            bool(row["is_base"]),
            on_grid=row["point"] not in summary["off_grid"],
            title=title,
        )
        for scenario, row, title in zip(scenarios, rows, summary["titles"], strict=True)
    )
    started, finished = _when(manifest)
    return SweepResults(
        Sweep(manifest["sweep"], axes, found, design=manifest["design"]),
        manifest["seed"],
        points,
        Histories(found, Lazy(len(found), lambda position: held.tables(jobs[position], position + 1))),
        tuple(summary["unchanged"]),
        manifest["engine"],
        started,
        finished,
        tuple(summary["measures"]),
    )


def _axis(told: Mapping[str, Any]) -> Axis:
    """An axis of a saved sweep."""
    values, names = tuple(told.get("values", ())), tuple(told.get("names", ()))
    return Axis(told["key"], values, told["label"], names, told.get("spread"), told["unit"])

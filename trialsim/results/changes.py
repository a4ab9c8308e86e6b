"""What changed between two versions of a plan: in its values and its answers, and what each change does by itself."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialsim.analysis.measures import USUAL
from trialsim.experiment.collection import Progress
from trialsim.results.reading import checked_manifest, saved_summary, scenario_of
from trialsim.results.sweep import compare
from trialsim.results.sweep_results import SweepResults
from trialsim.scenario import Scenario, ScenarioError
from trialsim.scenario.messages.words import dotted
from trialsim.scenario.reading.entries import NAMED, position_of
from trialsim.scenario.reading.leaves import leaves
from trialsim.scenario.reading.one_line import one_line
from trialsim.scenario.reading.overrides import split_key
from trialsim.storage import Refused

if TYPE_CHECKING:
    from trialsim.results.run import Results

MOST_ALONE = 12
"""Changes that are looked at one by one; of more, those of a section are taken together."""
BEFORE, NOW = "as before", "as now"
_SIDE_NOTES = ("observed", "sources", "format")
_WHOLE = ("uncertain", "correlations")


@dataclass(frozen=True)
class Change:
    """A value that is another one now; ``before`` or ``now`` is None where there is none."""

    key: str
    before: Any
    now: Any


@dataclass(frozen=True, eq=False)
class Changes:
    """Two versions of a plan on the same luck, and the earlier one with each change by itself.

    Attributes
    ----------
    found : sequence of Change
        The values that are other ones now, and move what is simulated.
    groups : mapping
        The changes that were made together, by what they are called; those that cannot be made by themselves are in
        ``impossible``.
    results : SweepResults or None
        The plan as before (the base), with each group of changes, and as now; None if nothing changed.
    notes : sequence of str
        Sections that changed without any effect on what is simulated.
    """

    found: Sequence[Change]
    groups: Mapping[str, Sequence[Change]]
    impossible: Sequence[str]
    results: SweepResults | None
    notes: Sequence[str]

    def summary(self) -> dict[str, Any]:
        """The changes, and the points of the comparison, ready for JSON."""
        return {
            "changes": [{"key": each.key, "before": each.before, "now": each.now} for each in self.found],
            "groups": {name: [each.key for each in changes] for name, changes in self.groups.items()},
            "impossible": list(self.impossible),
            "notes": list(self.notes),
            **({} if self.results is None else self.results.summary()),
        }


def changes_since_folder(
    folder: Path, now: Results, jobs: int | None = 1, progress: Progress | None = None, engine: str = "auto"
) -> dict[str, Any]:
    """What changed since the results of a run that were saved in a folder, as plain values ready for JSON.

    Beside `Changes.summary`: ``previous`` says what the earlier results were made from, and ``same_as_then`` whether
    the earlier plan, simulated once more, gives the numbers that were saved; None where that was not looked at.

    Raises
    ------
    Refused
        If the folder holds no results of a run, or such as this version does not know.
    """
    from trialsim.analysis.facts import facts_of
    from trialsim.analysis.summary import summarise

    manifest = checked_manifest(folder)
    try:
        before, saved = scenario_of(manifest), saved_summary(folder)
        made = {key: manifest[key] for key in ("version", "seed", "replications", "finished")}
        then = saved["end_causes"], saved["duration"]
    except (OSError, ValueError, KeyError, TypeError, ScenarioError) as problem:
        words = " ".join(str(problem).split())[:200]
        raise Refused(f"{folder} holds no results of a run that can be compared with ({words})") from None
    number, facts = len(now.replications), facts_of(now.scenario)
    measures = ("last_visit" if facts.has_follow_up else "settled", "early_termination")
    found = changes_since(before, now.scenario, number, now.seed, jobs, measures, progress, engine)
    same = None
    if found.results is not None and (made["seed"], made["replications"]) == (now.seed, number):
        again = summarise(before, found.results.histories.tables[0])
        same = (again["end_causes"], again["duration"]) == then
    return {**found.summary(), "previous": {"name": before.name, **made}, "same_as_then": same}


def changes_since(
    before: Scenario,
    now: Scenario,
    replications: int,
    seed: int,
    jobs: int | None = 1,
    measures: Sequence[str] = USUAL,
    progress: Progress | None = None,
    engine: str = "auto",
) -> Changes:
    """Compare a plan with an earlier version of it, on the same luck, whole and change by change.

    Parameters
    ----------
    before, now : Scenario
        The two versions.
    replications, seed, jobs, measures, progress, engine
        As for `trialsim.compare`.
    """
    one, other = before.to_document(), now.to_document()
    found = differences(one, other)
    notes = [name for name in _SIDE_NOTES if one.get(name) != other.get(name)]
    if not found:
        return Changes((), {}, (), None, notes)
    groups = _grouped(found)
    scenarios, possible, impossible = [before], {}, []
    for name, changes in groups.items():
        try:
            scenarios.append(_changed(one, changes))
            possible[name] = changes
        except ScenarioError:
            impossible.append(name)
    if len(groups) == 1:  # which is the plan as now
        scenarios, possible, impossible = [before], {}, []
    names = [BEFORE, *possible, NOW]
    results = compare(
        [*scenarios, now], replications, seed, jobs, names, progress=progress, engine=engine, measures=measures
    )
    return Changes(found, possible, impossible, results, notes)


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    """The values at which two documents of scenarios differ and that are simulated, in the order of the later one.

    A list of entries to which some were added, or of which some were taken, is one change.
    """
    lists = [
        path
        for path in NAMED
        if [each["name"] for each in _at(before, path)] != [each["name"] for each in _at(now, path)]
    ]
    one, other = (_flat(document, lists) for document in (before, now))
    keys = list(dict.fromkeys([*other, *one]))
    return [Change(key, one.get(key), other.get(key)) for key in keys if one.get(key) != other.get(key)]


def _at(document: Mapping[str, Any], path: Sequence[str]) -> list[Any]:
    here: Any = document
    for part in path:
        here = here.get(part) if isinstance(here, Mapping) else None
    return [each if each.get("name") else {**each, "name": ""} for each in here or []]


def _flat(document: Mapping[str, Any], lists: Sequence[tuple[str, ...]]) -> dict[str, Any]:
    """The values of a document by dotted key, some lists as a whole, and what is not known entry by entry."""
    found: dict[str, Any] = {}
    for key, value in leaves(document).items():
        parts = split_key(key)
        whole = next((path for path in lists if tuple(parts[: len(path)]) == path), None)
        if whole is None:
            found[key] = value
        else:
            found[dotted(whole)] = _at(document, whole)
    for section in _WHOLE:
        if document.get(section):
            found[section] = document[section]
    for entry in _at(document, ("recruitment", "sites")):
        if entry.get("count") is not None and ("recruitment", "sites") not in lists:
            found[dotted(["recruitment", "sites", entry["name"], "count"])] = entry["count"]
    return found


def _grouped(found: Sequence[Change]) -> dict[str, list[Change]]:
    """Each change by its key; of many, those of each section."""
    if len(found) <= MOST_ALONE:
        return {each.key: [each] for each in found}
    groups: dict[str, list[Change]] = {}
    for each in found:
        groups.setdefault(each.key.partition(".")[0], []).append(each)
    return {f"{name} ({len(changes)} changes)": changes for name, changes in groups.items()}


def _changed(document: Mapping[str, Any], changes: Sequence[Change]) -> Scenario:
    """The scenario of a document with some changes. Raises ScenarioError."""
    made: Any = copy.deepcopy({key: value for key, value in document.items() if key != "sources"})
    for change in changes:
        here, parts = made, split_key(change.key)
        for part in parts[:-1]:
            if isinstance(here, list):
                position = position_of(here, part)
                assert position is not None  # lists with other entries are changed whole
                here = here[position]
            else:
                here = here.setdefault(part, {})
        if change.now is None:
            here.pop(parts[-1], None)
        else:
            here[parts[-1]] = change.now
    return Scenario.from_document({key: value for key, value in made.items() if value != {}})


def shown(value: Any) -> str:
    """A value in a line, cut where it is long."""
    if value is None:
        return "not there"
    text = one_line(value)
    return text if len(text) <= 120 else f"{text[:119]}…"

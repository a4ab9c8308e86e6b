"""What a scenario rests on: every value with its unit, what it means, where it comes from and how far it may be off."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import BaseModel

from trialsim.scenario.inputs import Input
from trialsim.scenario.messages.words import dotted, number
from trialsim.scenario.reading.entries import NAMED
from trialsim.scenario.reading.key_paths import keys_below
from trialsim.scenario.reading.one_line import one_line
from trialsim.scenario.reading.overrides import split_key
from trialsim.scenario.scenario import Scenario
from trialsim.scenario.sections.sources import SourceKind
from trialsim.scenario.values import units

UNITS = {
    "max_participants": "participants",
    "count": "sites",
    "max_candidates": "candidates",
    "max_waiting": "persons",
    "rate_multiplier": "factor",
    "factor": "factor",
    "rate_cv": "coefficient of variation",
    "shared_rate_cv": "coefficient of variation",
    "arrival_days": "days",
    "never_active_probability": "probability",
    "capacity": "places",
    "pass_probability": "probability",
    "rescreen_probability": "probability",
    "weight_kg": "kg",
    "target_doses": "doses",
    "lots_in_stock_at_start": "lots",
    "suites": "suites",
    "release_probability": "probability",
    "minimum_dose_fraction": "share of the dose",
    "max_consecutive_failed_lots": "lots",
    "per_day": "infusions a day",
    "start_level": "level",
    "cohort_size": "participants",
    "dlt_probability": "probability",
    "dlt_onset": "share of the window",
    "loss_in_window_probability": "probability",
}
"""The units of the keys whose values are plain numbers."""

_NAMES = {"count": "How many sites of this kind"}
"""Names that are plainer than the description of the field."""

_NO_ASSUMPTIONS = ("observed", "uncertain", "correlations", "sources")
_NO_VALUES = (("trial", "name"), ("trial", "title"), ("recruitment", "site_defaults"))

_MEASURE = re.compile(rf"({units.NUMBER})\s+(\S.*)")


class Unknown(NamedTuple):
    """How far a value, or one of the numbers in it, may be off.

    ``key`` is the dotted key under ``uncertain``, ``written`` what stands there without the reason, ``low``, ``middle``
    and ``high`` what one in ten, half and nine in ten of the draws are below, to four digits and in the unit in which
    the value is written.
    """

    key: str
    written: str
    reason: str
    low: str
    middle: str
    high: str


@dataclass(frozen=True)
class Assumption:
    """A value that the simulation rests on.

    Attributes
    ----------
    key : str
        The dotted key, as under ``sources`` and in ``--set KEY=VALUE``; entries of lists by their names.
    name : str
        What it means, in plain words.
    value
        The value as the author wrote it: text with its unit, a number, a list or a mapping.
    text : str
        The same as one line of YAML, as in ``--set KEY=TEXT``.
    amount : float or None
        The number, in `unit`, where the value is one number.
    unit : str
        As written (``days``, ``per month``), or the unit that the key implies; empty for choices, names and dates, and
        where the numbers of a value have several.
    kind : str
        What kind of knowledge it is, as under ``sources``; a value without a source is an assumption.
    note : str
        Where to look it up, or why it was assumed; empty if nothing is said.
    is_given : bool
        Whether the author gave it; else it is what the key means when left out.
    unknown : tuple of Unknown
        How far it may be off, by ``uncertain``; empty where it is taken as known.
    """

    key: str
    name: str
    value: Any
    text: str
    amount: float | None
    unit: str
    kind: SourceKind
    note: str
    is_given: bool = True
    unknown: tuple[Unknown, ...] = ()


def assumptions(scenario: Scenario, with_defaults: bool = False) -> list[Assumption]:
    """Every value that a scenario rests on, in the order of its file.

    Parameters
    ----------
    scenario : Scenario
        The trial.
    with_defaults : bool
        Whether to list as well, after the others, what the author left out and the simulation goes by all the same.

    Returns
    -------
    list of Assumption
        The trial's own name and title are none of them, nor is what really happened (``observed``).
    """
    given = _with_counts(scenario)
    unknown = _unknown(scenario, given)
    named = _Names(scenario)
    found = [_assumption(scenario, key, value, True, named, unknown) for key, value in given.items()]
    if with_defaults:
        rest = {key: value for key, value in _left_out(scenario).items() if key not in given}
        found += [_assumption(scenario, key, value, False, named, unknown) for key, value in rest.items()]
    return found


def _assumption(
    scenario: Scenario,
    key: str,
    value: Any,
    is_given: bool,
    named: _Names,
    unknown: Mapping[tuple[str, ...], Unknown],
) -> Assumption:
    parts = tuple(split_key(key))
    source = scenario.source_of(key)
    amount, unit = _measured(value, parts[-1])
    if parts[-1] == "cells_per_lot" and scenario.dosing is not None:
        unit = scenario.dosing.levels[0].unit
    return Assumption(
        key=key,
        name=named.name(parts),
        value=value,
        text=one_line(value),
        amount=amount,
        unit=unit,
        kind=source.kind,
        note=source.note if is_given or source.note else "left out of the file: this is what it then means",
        is_given=is_given,
        unknown=tuple(each for path, each in unknown.items() if path[: len(parts)] == parts),
    )


def _with_counts(scenario: Scenario) -> dict[str, Any]:
    """What the author gave, as it was written, with how many sites an entry stands for."""
    written = scenario.written
    counts = {entry.name: entry.count for entry in scenario.recruitment.sites if entry.count is not None}
    found: dict[str, Any] = {}
    for key, value in scenario.given_values().items():
        parts = split_key(key)
        if parts[:2] == ["recruitment", "sites"] and len(parts) > 2 and parts[2] in counts:
            found[dotted([*parts[:3], "count"])] = counts.pop(parts[2])
        found[key] = written.get(key, value)
    return found


def _left_out(scenario: Scenario) -> dict[str, Any]:
    """What stands in a section that is there without having been written: defaults, by dotted key.

    Entries of lists have none of their own: a site without a rate has that of ``site_defaults``.
    """
    return {
        dotted([section, key]): value
        for section, mapping in scenario.to_document().items()
        if section not in _NO_ASSUMPTIONS and isinstance(mapping, Mapping)
        for key, value in mapping.items()
        if value not in ([], {}) and (section, key) not in (*NAMED, *_NO_VALUES)
    }


def _measured(value: Any, key: str) -> tuple[float | None, str]:
    """The number of a value, if it is one, and the unit of all numbers in it, if they have one in common."""
    known = UNITS.get(key, "")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value), known
    found = {text if known == "" else text or known for text in _units(value)}
    unit = found.pop() if len(found) == 1 else ""
    match = _MEASURE.fullmatch(value.strip()) if isinstance(value, str) else None
    return (float(match[1]) if match else None), unit


def _units(value: Any) -> Iterator[str]:
    """The unit of every number in a value; empty for plain numbers."""
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _units(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _units(each)
    elif isinstance(value, str) and (match := _MEASURE.fullmatch(value.strip())):
        yield match[2]
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield ""


class _Names:
    """What keys mean: entries of long lists are looked up once."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self._entries: dict[int, dict[str, Any]] = {}

    def name(self, parts: tuple[str, ...]) -> str:
        """What a key means, by the description of its field; in an entry of a list, with the entry's name."""
        here: Any = self.scenario
        words, entry = parts[-1], ""
        for part in parts:
            if isinstance(here, tuple):
                here, entry = self._entries_of(here)[part], part
            elif isinstance(here, BaseModel):
                fields = type(here).model_fields
                name = next(name for name, field in fields.items() if part in (name, field.alias))
                here, words = getattr(here, name), fields[name].description or part
            else:
                break
        words = _NAMES.get(parts[-1], words.rstrip("."))
        return words + (f" ({entry})" if entry else "")

    def _entries_of(self, entries: tuple[Any, ...]) -> dict[str, Any]:
        if id(entries) not in self._entries:
            self._entries[id(entries)] = keys_below(entries)
        return self._entries[id(entries)]


def _unknown(scenario: Scenario, given: Mapping[str, Any]) -> dict[tuple[str, ...], Unknown]:
    """How far values may be off, by the parts of the key that each is about."""
    found = {}
    for each in scenario.inputs:
        parts = tuple(split_key(each.key))
        above = (dotted(parts[:length]) for length in range(len(parts), 0, -1))
        units_of_value = set(_units(next((given[key] for key in above if key in given), None)))
        found[parts] = _range(scenario, each, units_of_value.pop() if len(units_of_value) == 1 else "")
    return found


def _range(scenario: Scenario, unknown: Input, unit: str) -> Unknown:
    import numpy as np

    entry = scenario.uncertain[unknown.entry]
    low, middle, high = (_in_unit(unknown, each, unit) for each in unknown.values(np.array([0.1, 0.5, 0.9])).tolist())
    written = one_line({name: value for name, value in entry.items() if name != "reason"})
    return Unknown(unknown.entry, written, str(entry.get("reason", "")), low, middle, high)


def _in_unit(unknown: Input, value: float, unit: str) -> str:
    """A value that was drawn, in a unit of time or a rate in it; as scenario files have it where there is none."""
    per = unit.startswith("per ")
    days = units.UNIT_DAYS.get(unit.removeprefix("per ").removesuffix("s"))
    if unknown.quantity.noun not in ("duration", "rate") or days is None:
        days, unit = 1.0, {"duration": "days", "rate": "per day"}.get(unknown.quantity.noun, "")
    return f"{number(float(f'{value * days if per else value / days:.4g}'))} {unit}".strip()

"""Sweep files: a base scenario, and the points at which it is to be simulated."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from pathlib import Path as FilePath
from typing import Annotated, Any

from pydantic import Field, ValidationError, field_validator

from trialsim.scenario.loading import load, load_document, read
from trialsim.scenario.messages.errors import MOST_SHOWN, Path, Problem, ScenarioError
from trialsim.scenario.messages.pydantic_messages import problems_of
from trialsim.scenario.messages.words import given
from trialsim.scenario.reading.entries import position_of
from trialsim.scenario.reading.key_paths import shown
from trialsim.scenario.reading.overrides import singled_out, split_key, split_option
from trialsim.scenario.reading.yaml_text import Document, read_text
from trialsim.scenario.scenario import Scenario
from trialsim.scenario.values.fields import Format, Label, PositiveCount, Section, TrialName
from trialsim.scenario.values.ranges import expanded

NOT_KNOWN = "uncertain"
"""What the base has at an axis whose key it calls uncertain: another value in each replication."""
MOST_POINTS = 1000
MOST_POINT_VALUES = 500_000
_MOST_WRONG_VALUES, _FEWEST_WRONG = 100_000, 5
"""Points times keys, values and sites of the base: each point is a scenario that is checked. To say what is wrong with
one takes longer, so of the wrong ones fewer are looked at."""


class _Head(Section):
    name: TrialName = Field(description="Names the folder of the results.")
    base: str = Field(description="The scenario, relative to this file, or one that ships.")
    replications: PositiveCount | None = Field(None, description="Possible histories a point.")
    seed: Annotated[int, Field(ge=0, lt=2**64)] | None = Field(None, description="Which set of histories.")


class Axis(Section):
    """One key, and the values that it takes."""

    key: str = Field(description="A dotted key of the scenario.")
    values: Annotated[tuple[Any, ...], Field(strict=False, min_length=1)] = Field(
        description="Its values; a range is FIRST:LAST:STEP."
    )
    label: Label | None = Field(None, description="What figures call it.")

    @field_validator("values", mode="before")
    @classmethod
    def _expanded(cls, values: Any) -> Any:
        if isinstance(values, str):
            values = [values]
        return expanded(values) if isinstance(values, list | tuple) else values

    @property
    def title(self) -> str:
        """The label, or the key without one."""
        return self.label or self.key


class _Case(Section):
    name: Label = Field(description="What the case is called.")
    set: Annotated[dict[str, Any], Field(min_length=1)] = Field(description="Keys and their values.")


class _SweepFile(Section):
    format: Format = Field(1, description="Version of this format.")
    sweep: _Head = Field(description="What is swept.")
    axes: Annotated[tuple[Axis, ...], Field(strict=False)] = Field((), description="Crossed with one another.")
    cases: Annotated[tuple[_Case, ...], Field(strict=False)] = Field((), description="Added to the grid, not crossed.")


@dataclass(frozen=True, eq=False)
class Point:
    """One scenario of a sweep; ``values`` are what it has at the keys of the axes."""

    name: str
    scenario: Scenario
    values: Mapping[str, Any] = field(default_factory=dict)
    is_base: bool = False
    on_grid: bool = False
    """Whether figures show it among the values of the axes; a case is not."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """A base and its points; the base is one of them, the first unless it lies on the grid."""

    name: str
    axes: tuple[Axis, ...]
    points: tuple[Point, ...]
    replications: int | None = None
    seed: int | None = None

    @property
    def base(self) -> Point:
        """The point that all others are compared with."""
        return next(point for point in self.points if point.is_base)


def load_sweep(source: str | os.PathLike[str], vary: Sequence[str] = (), set: Sequence[str] = ()) -> Sweep:
    """Read a sweep file, or make a sweep of a scenario and the keys to vary.

    Parameters
    ----------
    source
        A sweep file, a scenario file, or the name of either that ships.
    vary : sequence of str
        Further axes, each ``KEY=V1,V2,…``, read as the inside of a YAML list.
    set : sequence of str
        What-ifs that change the base, each ``KEY=VALUE``.

    Raises
    ------
    ScenarioError
        With everything that is wrong.
    """
    document = read(source)
    more = [_axis(option) for option in vary]
    if not is_sweep(document.value):
        base = load_document(document, set)
        return Sweep(f"{base.name}-sweep", *_grid(base, more, (), document, vary))
    file = _checked(document)
    head = file.sweep
    base = load(_beside(source, head.base), set)
    axes = (*file.axes, *more)
    return Sweep(head.name, *_grid(base, axes, file.cases, document, vary), head.replications, head.seed)


def is_sweep(value: Any) -> bool:
    """Whether a document is meant to be a sweep file."""
    return isinstance(value, dict) and "sweep" in value


def _checked(document: Document) -> _SweepFile:
    problems = list(document.problems)
    try:
        file = _SweepFile.model_validate(document.value)
    except ValidationError as error:
        found = problems_of(error, _SweepFile, document.value)
        problems += [_located(document, path, message) for path, message in dict.fromkeys(found)]
    if problems:
        raise ScenarioError(sorted(problems, key=lambda each: (each.line or 0, each.column or 0)))
    names = [case.name for case in file.cases]
    doubles = [index for index, name in enumerate(names) if name in (*names[:index], "base")]
    if doubles:
        raise ScenarioError(
            _located(document, ("cases", index, "name"), f"{given(names[index])} names another point; use another name")
            for index in doubles
        )
    return file


def _axis(option: str) -> Axis:
    """The axis of ``--vary KEY=V1,V2,…``."""
    label = f"--vary {option}"
    try:
        key, text = split_option(option, "KEY=V1,V2,…", "recruitment.rate_multiplier=0.5,1,2")
        values = expanded(read_text(f"[{text}]", label).value)
    except ValueError as error:
        raise ScenarioError([Problem(label, None, None, "", str(error))]) from None
    except ScenarioError as error:
        message = error.problems[0].message
        raise ScenarioError([Problem(label, None, None, "", f"these are not values in YAML: {message}")]) from None
    if not values:
        raise ScenarioError([Problem(label, None, None, "", "no value is given; write KEY=V1,V2,…")])
    return Axis(key=key, values=tuple(values), label=None)


def _beside(source: str | os.PathLike[str], base: str) -> str:
    """Where the base is: relative to the sweep file, or shipped."""
    beside = FilePath(source).parent / base
    return str(beside) if beside.is_file() else base


def _grid(
    base: Scenario, axes: Sequence[Axis], cases: Sequence[_Case], document: Document, vary: Sequence[str]
) -> tuple[tuple[Axis, ...], tuple[Point, ...]]:
    """The axes with each value once, and the points: of the grid, the cases, and the base if it is not among them.

    Or all that is wrong with them.
    """
    number = prod(len(axis.values) for axis in axes) + len(cases)
    if number > MOST_POINTS:
        message = f"{number:,} points; a sweep has at most {MOST_POINTS:,}"
        raise ScenarioError([Problem(document.file, None, None, "axes", message)])
    untouched = base.to_document()
    whole = untouched
    for key in dict.fromkeys(
        key for keys in (*([axis.key] for axis in axes), *(each.set for each in cases)) for key in keys
    ):
        whole = singled_out(whole, key)
    size = _size(whole) + len(base.sites)
    if number * size > MOST_POINT_VALUES:
        message = f"{number:,} points of a scenario with {size:,} keys, values and sites are {number * size:,}"
        message = f"{message}; a sweep has at most {MOST_POINT_VALUES:,}"
        raise ScenarioError([Problem(document.file, None, None, "axes", message)])
    most_wrong = min(MOST_SHOWN, max(_FEWEST_WRONG, _MOST_WRONG_VALUES // size))
    known = base if whole is untouched else Scenario.from_document(whole, base.name)
    drawn = {name for each in known.inputs for name in (each.key, each.entry)}
    own = {axis.key: known.written.get(axis.key, _value_at(known, axis.key)) for axis in axes}
    own |= {axis.key: NOT_KNOWN for axis in axes if axis.key in drawn}
    points: list[Point] = []
    problems: dict[Problem, None] = {}
    made: dict[str, Scenario | ScenarioError] = {}

    def what_if(changes: Mapping[str, Any]) -> Scenario:
        """The base with changes, made once: the values of a lone axis are its points."""
        if repr(changes) not in made:
            try:
                made[repr(changes)] = known.changed(changes, document=whole)
            except ScenarioError as error:
                made[repr(changes)] = error
        found = made[repr(changes)]
        if isinstance(found, ScenarioError):
            raise found
        return found

    distinct = tuple(_distinct(axis, what_if, most_wrong) for axis in axes)
    wrong = 0
    for name, changes, path in _changes(distinct, cases):
        try:
            scenario = what_if(changes)
        except ScenarioError as error:
            found = (_of_point(problem, axes, path, changes, document, vary) for problem in error.problems)
            problems |= dict.fromkeys(found)
            wrong += 1
            if wrong >= most_wrong or len(problems) >= MOST_SHOWN:
                break  # no more are shown
            continue
        is_base = alike(scenario, known) and not any(point.is_base for point in points)
        values = {key: changes.get(key, own[key]) for key in own}
        points.append(Point(name, base if is_base else scenario, values, is_base, path[0] == "axes"))
    if problems:
        raise ScenarioError(problems)
    if not any(point.is_base for point in points):
        of_the_axis = len(axes) == 1 and NOT_KNOWN not in own.values()
        points.insert(0, Point("base", base, own, is_base=True, on_grid=of_the_axis))
    return distinct, tuple(points)


def _distinct(axis: Axis, what_if: Callable[[Mapping[str, Any]], Scenario], most_wrong: int) -> Axis:
    """The axis without values that are equal to an earlier one, however they are written: they would be one point."""
    kept: list[Any] = []
    meant: list[Any] = []
    wrong = 0
    for value in axis.values:
        means = value
        if wrong < most_wrong:
            try:
                means = _value_at(what_if({axis.key: value}), axis.key)
            except ScenarioError:  # it may be right beside other changes; else its point says what is wrong
                wrong += 1
        if means not in meant:
            kept.append(value)
            meant.append(means)
    return Axis(key=axis.key, values=tuple(kept), label=axis.label)


def _of_point(
    problem: Problem,
    axes: Sequence[Axis],
    path: Path,
    changes: Mapping[str, Any],
    document: Document,
    vary: Sequence[str],
) -> Problem:
    """A problem of one point, told where the value that brought it was written."""
    for key, value in changes.items():
        if problem.file != f"{key}={value if isinstance(value, str) else given(value)}":
            continue  # that is how a what-if labels its problems
        message = ": ".join(part for part in (problem.key, problem.message) if part)
        if path[0] == "cases":
            return _located(document, (*path, "set", key), message)
        index = next(index for index, axis in enumerate(axes) if axis.key == key)
        from_options = index - (len(axes) - len(vary))
        if from_options >= 0:
            return Problem(f"--vary {vary[from_options]}", None, None, problem.key, problem.message)
        values = document.value["axes"][index]["values"]
        at = ("axes", index, "values")  # a value of a range stands nowhere by itself
        by_itself = isinstance(values, list) and value in values
        return _located(document, (*at, values.index(value)) if by_itself else at, message)
    return _located(document, path, f"with {_named(changes)}: {problem.key}: {problem.message}")


def _changes(axes: Sequence[Axis], cases: Sequence[_Case]) -> Iterator[tuple[str, dict[str, Any], Path]]:
    """Name, changed keys and path in the file of each point: the grid, the last axis fastest, and then the cases."""
    if axes:
        for values in product(*(axis.values for axis in axes)):
            changes = {axis.key: value for axis, value in zip(axes, values, strict=True)}
            yield _named(changes), changes, ("axes",)
    for index, case in enumerate(cases):
        yield case.name, case.set, ("cases", index)


def _named(changes: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={written(value)}" for key, value in changes.items())


def written(value: Any) -> str:
    """A value of a scenario file in a line of text."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _size(value: Any) -> int:
    """How many keys and values there are in a document."""
    if isinstance(value, dict):
        return 1 + sum(1 + _size(each) for each in value.values())
    return 1 + sum(map(_size, value)) if isinstance(value, list) else 1


def alike(one: Scenario, other: Scenario) -> bool:
    """Whether two scenarios simulate the same: they agree in all but their sources."""
    return all(getattr(one, name) == getattr(other, name) for name in Scenario.model_fields if name != "sources")


def _value_at(scenario: Scenario, key: str) -> Any:
    """What the base has at a key, as it would be written; None where it has nothing."""
    here: Any = scenario.to_document()
    for part in split_key(key):
        if isinstance(here, list):
            position = position_of(here, part)
            here = None if position is None else here[position]
        else:
            here = here.get(part) if isinstance(here, dict) else None
    return here


def _located(document: Document, path: Path, message: str) -> Problem:
    """The problem with the line and column of the path, or of the nearest part of the document around it."""
    key = shown(path, document.value)
    for length in range(len(path), 0, -1):
        if path[:length] in document.positions:
            return Problem(document.file, *document.positions[path[:length]], key, message)
    return Problem(document.file, None, None, key, message)

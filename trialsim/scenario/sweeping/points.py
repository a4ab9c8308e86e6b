"""The points of a sweep: the scenarios that a design and cases make of a base, or all that is wrong with them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from trialsim.scenario.messages.errors import MOST_SHOWN, Finding, InvalidValue, Problem, ScenarioError
from trialsim.scenario.messages.words import dotted, given
from trialsim.scenario.reading.overrides import singled_out, split_key
from trialsim.scenario.scenario import Scenario
from trialsim.scenario.sweeping.axes import Axis
from trialsim.scenario.sweeping.designs import Design, changes
from trialsim.scenario.sweeping.file import DRAWN, GRID, MOST_POINTS, ONE_AT_A_TIME, Case
from trialsim.scenario.sweeping.places import Origin, value_at
from trialsim.scenario.sweeping.spreads import Spread, spread_of

NOT_KNOWN = "uncertain"
"""What the base has at an axis whose key it calls uncertain: another value in each replication."""
MOST_POINT_VALUES = 500_000
_MOST_WRONG_VALUES, _FEWEST_WRONG = 100_000, 5
"""Points times keys, values and sites of the base: each point is a scenario that is checked. To say what is wrong with
one takes longer, so of the wrong ones fewer are looked at."""


@dataclass(frozen=True, eq=False)
class Point:
    """One scenario of a sweep; ``values`` are what tables have of it at the axes, by their columns."""

    name: str
    scenario: Scenario
    values: Mapping[str, Any] = field(default_factory=dict)
    is_base: bool = False
    on_grid: bool = False
    """Whether figures show it among the values of the axes; a case is not."""
    title: str = ""
    """What people call it, if not by its name."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What is wanted: a base, and what is made of it.

    Attributes
    ----------
    base : Scenario
        What is changed.
    design : Design
        Which points the axes make.
    axes : sequence of (Axis, Origin)
        And where each was written.
    cases : sequence of (Case, Origin)
        Further points.
    whole : Origin
        The file or option to which what concerns all points is told.
    """

    base: Scenario
    design: Design
    axes: Sequence[tuple[Axis, Origin]]
    cases: Sequence[tuple[Case, Origin]]
    whole: Origin


def points_of(plan: Plan) -> tuple[tuple[Axis, ...], tuple[Point, ...]]:
    """The axes with each value once, and the points: of the design, the cases, and the base if it is not among them.

    Raises
    ------
    ScenarioError
        With all that is wrong with them.
    """
    return _Making(plan).made()


class _Making:
    """Points in the making: the base with all sites written out that an axis or a case names, and what-ifs of it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.known, self.whole, self.most_wrong = _prepared(plan)
        self.spreads = self._spreads()
        self.made_already: dict[str, Scenario | ScenarioError] = {}
        self.meant: dict[str, list[Any]] = {}
        self.axes = [self._distinct(axis) for axis, _ in plan.axes]
        self.problems: dict[Problem, None] = {}

    def made(self) -> tuple[tuple[Axis, ...], tuple[Point, ...]]:
        """The axes and points."""
        own = self._own()
        points: list[Point] = []
        wrong = 0
        design = self.plan.design
        for (name, title), change, values, origin in self._changes():
            try:
                scenario = self._what_if(change)
            except ScenarioError as error:
                self._note(error, change, origin)
                wrong += 1
                if wrong >= self.most_wrong or len(self.problems) >= MOST_SHOWN:
                    break  # no more are shown
                continue
            same = alike(scenario, self.known)
            if same and design.kind == ONE_AT_A_TIME and origin is None:
                continue  # it is the base
            is_base = same and design.kind != ONE_AT_A_TIME and not any(point.is_base for point in points)
            kept = self._called({**own, **values})
            made = self.plan.base if is_base else scenario
            points.append(Point(name, made, kept, is_base, on_grid=origin is None, title=title))
        if self.problems:
            raise ScenarioError(self.problems)
        if not any(point.is_base for point in points):
            lone = len(self.axes) == 1 and NOT_KNOWN not in own.values() and design.kind == GRID
            shown = lone or design.kind == ONE_AT_A_TIME
            points.insert(0, Point("base", self.plan.base, self._called(own), is_base=True, on_grid=shown))
        return tuple(self.axes), tuple(points)

    def _changes(self) -> Iterator[tuple[tuple[str, str], Mapping[str, Any], Mapping[str, Any], Origin | None]]:
        """Name and title, changes, values at the axes, and of a case its origin, of each point."""
        for *called, change, values in changes(self.plan.design, self.axes, self.spreads):
            yield (called[0], called[1]), change, values, None
        for case, origin in self.plan.cases:
            kept = {axis.key: self._kept(axis, case.set[axis.key]) for axis in self.axes if axis.key in case.set}
            yield (case.name, case.name), case.set, kept, origin

    def _called(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values, each followed by what it is called where the values of its axis have names."""
        found: dict[str, Any] = {}
        for axis in self.axes:
            found[axis.column] = values[axis.key]
            if axis.has_names:
                found[axis.label_column] = axis.named(values[axis.key])
        return found

    def _kept(self, axis: Axis, value: Any) -> Any:
        """A value as tables have it."""
        return self.spreads[axis.key].kept(value) if axis.key in self.spreads else axis.kept(value)

    def _own(self) -> dict[str, Any]:
        """What the base has at the axes."""
        drawn = {name for each in self.known.inputs for name in (each.key, each.entry)}
        own: dict[str, Any] = {}
        for axis in self.axes:
            found = value_at(self.known, axis.key)
            if axis.key in self.spreads:
                own[axis.key] = math.nan if axis.key in drawn else self.spreads[axis.key].kept(found)
            elif axis.key in drawn:
                own[axis.key] = NOT_KNOWN
            elif found in self.meant[axis.key]:  # as the axis has it, so that it is told by the same name
                own[axis.key] = axis.kept(axis.values[self.meant[axis.key].index(found)])
            else:
                own[axis.key] = self.known.written.get(axis.key, found)
        return own

    def _what_if(self, change: Mapping[str, Any]) -> Scenario:
        """The base with changes, made once: the values of a lone axis are its points. Raises ScenarioError."""
        if self.plan.design.is_drawn:
            return self.known.changed(change, document=self.whole)
        if repr(change) not in self.made_already:
            try:
                self.made_already[repr(change)] = self.known.changed(change, document=self.whole)
            except ScenarioError as error:
                self.made_already[repr(change)] = error
        found = self.made_already[repr(change)]
        if isinstance(found, ScenarioError):
            raise found
        return found

    def _distinct(self, axis: Axis) -> Axis:
        """The axis without values that are equal to an earlier one, however written: they would be one point."""
        if axis.key in self.spreads:
            spread = self.spreads[axis.key]
            return replace(axis, unit=spread.unit, spread=spread.written)
        kept: list[Any] = []
        names: list[str | None] = []
        meant: list[Any] = []
        wrong = 0
        for position, value in enumerate(axis.values):
            means = value
            if wrong < self.most_wrong:
                try:
                    means = value_at(self._what_if({axis.key: value}), axis.key)
                except ScenarioError:  # it may be right beside other changes; else its point says what is wrong
                    wrong += 1
            if means not in meant:
                kept.append(value)
                names.append(axis.names[position] if position < len(axis.names) else None)
                meant.append(means)
        self.meant[axis.key] = meant
        is_measured = any(type(each) is float for each in meant)
        return replace(axis, values=tuple(kept), names=tuple(names), is_measured=is_measured)

    def _spreads(self) -> dict[str, Spread]:
        """What is drawn at the keys of the axes that have no values. Raises ScenarioError."""
        spreads: dict[str, Spread] = {}
        problems: list[Problem] = []
        for axis, origin in self.plan.axes:
            if axis.values:
                continue
            found: list[Finding] = []
            if not self.plan.design.is_drawn:
                advice = "list them, or write a range FIRST:LAST:STEP"
                lacking = f"no values are given; {advice}"
                drawing = f'design "{self.plan.design.kind}" does not draw values: {advice}; {" and ".join(DRAWN)} draw'
                found = [((), lacking if axis.spread is None else drawing)]
            else:
                try:
                    spreads[axis.key] = spread_of(self.known, axis.key, axis.spread)
                except InvalidValue as error:
                    found = list(error.problems)
                except ValueError as error:
                    found = [((), str(error))]
            inner = () if origin.option or axis.spread is None else ("values",)
            problems += [origin.problem(message, *inner, *path, key=axis.key) for path, message in found]
        if problems:
            raise ScenarioError(problems)
        return spreads

    def _note(self, error: ScenarioError, change: Mapping[str, Any], origin: Origin | None) -> None:
        """Keep what is wrong with a point; of those that are drawn, once for each place."""
        found = [self._of_point(problem, change, origin) for problem in error.problems]
        if self.plan.design.is_drawn and origin is None:
            told = {(each.line, each.column, each.file) for each in self.problems}
            found = [each for each in found if (each.line, each.column, each.file) not in told]
        self.problems |= dict.fromkeys(found)

    def _of_point(self, problem: Problem, change: Mapping[str, Any], origin: Origin | None) -> Problem:
        """A problem of one point, told where the value that brought it was written."""
        for key, value in change.items():
            if problem.file != f"{key}={value if isinstance(value, str) else given(value)}":
                continue  # that is how a what-if labels its problems
            if origin is not None:
                return origin.problem(problem.message, "set", key, key=problem.key)
            axis, place = next((axis, place) for axis, place in self.plan.axes if axis.key == key)
            return place.problem(problem.message, *self._inside(axis, place, value), key=problem.key)
        named = ", ".join(f"{key}={_short(value)}" for key, value in change.items())
        message = f"with {named}: {problem.key}: {problem.message}"
        return (origin or self.plan.whole).problem(message, *([] if origin else ["axes"]))

    def _inside(self, axis: Axis, place: Origin, value: Any) -> tuple[str | int, ...]:
        """Where in an axis a value was written: a value of a range stands nowhere by itself."""
        if place.option:
            return ()
        entries = place.document.value["axes"][place.path[1]]["values"] if axis.values else None
        for position, entry in enumerate(entries if isinstance(entries, list) else []):
            if entry == value or (
                isinstance(entry, dict) and entry.keys() == {"value", "label"} and entry["value"] == value
            ):
                return ("values", position)
        return ("values",)


def _prepared(plan: Plan) -> tuple[Scenario, Any, int]:
    """The base, and its document, with the sites written out that are meant one by one; how many wrong points are told.

    Raises ScenarioError for too many points, or keys that cannot be axes together.
    """
    axes = [axis for axis, _ in plan.axes]
    number = plan.design.size(axes) + len(plan.cases)
    if number > MOST_POINTS:
        message = f"{number:,} points; a sweep has at most {MOST_POINTS:,}"
        raise ScenarioError([plan.whole.problem(message, "axes")])
    problems = list(_overlaps(plan.axes))
    if problems:
        raise ScenarioError(problems)
    untouched = plan.base.to_document()
    whole = untouched
    keys = dict.fromkeys([*(axis.key for axis in axes), *(key for case, _ in plan.cases for key in case.set)])
    for key in keys:
        whole = singled_out(whole, key)
    size = _size(whole) + len(plan.base.sites)
    if number * size > MOST_POINT_VALUES:
        message = f"{number:,} points of a scenario with {size:,} keys, values and sites are {number * size:,}"
        message = f"{message}; a sweep has at most {MOST_POINT_VALUES:,}"
        raise ScenarioError([plan.whole.problem(message, "axes")])
    known = plan.base if whole is untouched else Scenario.from_document(whole, plan.base.name)
    return known, whole, min(MOST_SHOWN, max(_FEWEST_WRONG, _MOST_WRONG_VALUES // size))


def _overlaps(axes: Sequence[tuple[Axis, Origin]]) -> Iterator[Problem]:
    """What is wrong with axes one of which would undo what another does."""
    before: list[tuple[list[str], str]] = []
    for axis, origin in axes:
        inner = () if origin.option else ("key",)
        try:
            parts = split_key(axis.key)
        except ValueError as error:
            yield origin.problem(str(error), *inner)
            continue
        for other, key in before:
            if parts == other:
                yield origin.problem(f"{given(axis.key)} is an axis already", *inner)
            elif other[: len(parts)] == parts:
                yield origin.problem(f"{dotted(parts)} contains {key}, an axis before it; put it first", *inner)
        before.append((parts, axis.key))


def alike(one: Scenario, other: Scenario) -> bool:
    """Whether two scenarios simulate the same: they agree in all but their sources."""
    return all(getattr(one, name) == getattr(other, name) for name in Scenario.model_fields if name != "sources")


def _short(value: Any) -> str:
    return value if isinstance(value, str) else given(value)


def _size(value: Any) -> int:
    """How many keys and values there are in a document."""
    if isinstance(value, dict):
        return 1 + sum(1 + _size(each) for each in value.values())
    return 1 + sum(map(_size, value)) if isinstance(value, list) else 1


__all__ = ["MOST_POINTS", "NOT_KNOWN", "Plan", "Point", "alike", "points_of"]

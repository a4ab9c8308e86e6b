"""The keys of a sweep file, and what is wrong with them by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple, get_args

from pydantic import Field, PlainValidator, TypeAdapter, ValidationError

from trialsim.scenario.messages.errors import Finding, InvalidValue, ScenarioError
from trialsim.scenario.messages.pydantic_messages import problems_of
from trialsim.scenario.messages.words import given
from trialsim.scenario.reading.yaml_text import Document
from trialsim.scenario.sweeping.places import located
from trialsim.scenario.values.fields import Format, Label, PositiveCount, Section, TrialName, kind
from trialsim.scenario.values.ranges import expanded, shortfalls

MOST_POINTS = 1000
GRID, ONE_AT_A_TIME, LATIN_HYPERCUBE, SOBOL = "grid", "one_at_a_time", "latin_hypercube", "sobol"
Design = Literal["grid", "one_at_a_time", "latin_hypercube", "sobol"]
DESIGNS: tuple[str, ...] = get_args(Design)
DRAWN = (LATIN_HYPERCUBE, SOBOL)
"""Designs that draw a stated number of points."""
_CALLED = {"value", "label"}


class Values(NamedTuple):
    """What an axis takes: values, each with its name or None, or what they are drawn from."""

    values: tuple[Any, ...] = ()
    names: tuple[str | None, ...] = ()
    spread: Mapping[str, Any] | None = None
    notes: tuple[str, ...] = ()
    """What is said of ranges that do not reach their last value."""


def values_of(written: Any) -> Values:
    """What an axis takes, as a file or an option has it. Raises ValueError."""
    if isinstance(written, Mapping):
        if not written:
            raise ValueError("an empty mapping; write {from: …, to: …}, a distribution, or a list of values")
        return Values(spread=written)
    entries = [written] if isinstance(written, str) else written
    if not isinstance(entries, list | tuple):
        raise ValueError(
            f"{given(written)} where values are due; write a list: [ … ], or one entry a line after a dash; a range "
            "FIRST:LAST:STEP; or, to draw from, {from: …, to: …} or a distribution"
        )
    if not entries:
        raise ValueError("an empty list is not enough; list at least 1")
    values: list[Any] = []
    names: list[str | None] = []
    notes: list[str] = []
    problems: list[Finding] = []
    for position, entry in enumerate(entries):
        at = () if isinstance(written, str) else (position,)
        name = None
        try:
            if isinstance(entry, Mapping) and entry.keys() & _CALLED and entry.keys() <= _CALLED:
                name, entry = _labelled(entry)
                if name in names:
                    raise InvalidValue([(("label",), f"{given(name)} names another value; use another label")])
                found = [entry]
            else:
                found = expanded([entry])
                notes += shortfalls([entry])
        except InvalidValue as error:
            problems += [((*at, *inner), message) for inner, message in error.problems]
        except ValueError as error:
            problems.append((at, str(error)))
        else:
            values += found
            names += [name] * len(found)
    if problems:
        raise InvalidValue(problems)
    return Values(tuple(values), tuple(names), None, tuple(notes))


def _labelled(entry: Mapping[str, Any]) -> tuple[str, Any]:
    """The label and the value of ``{value: …, label: …}``. Raises InvalidValue."""
    lacking = [
        ((), f"{name} is missing; write {{value: …, label: …}}") for name in ("value", "label") if name not in entry
    ]
    if lacking:
        raise InvalidValue(lacking)
    try:
        return TypeAdapter(Label).validate_python(entry["label"]), entry["value"]
    except ValidationError as error:
        raise InvalidValue([(("label",), str(error.errors()[0]["ctx"]["error"]))]) from None


class SweepHead(Section):
    """What is swept, and how."""

    name: TrialName = Field(description="Names the folder of the results.")
    base: str = Field(description="The scenario, relative to this file, or one that ships.")
    design: Design = Field(
        "grid",
        description="Which points: all combinations; the base with one key changed at a time; or drawn over the ranges "
        "and distributions of the axes.",
    )
    points: Annotated[int, Field(ge=1, le=MOST_POINTS)] | None = Field(
        None, description="How many a Latin hypercube or Sobol points are; of Sobol points a power of two."
    )
    replications: PositiveCount | None = Field(None, description="Possible histories a point.")
    seed: Annotated[int, Field(ge=0, lt=2**64)] | None = Field(
        None, description="Which set of histories, and which drawn points."
    )


class AxisEntry(Section):
    """One key, and the values that it takes."""

    key: str = Field(description="A dotted key of the scenario.")
    values: Annotated[Values, PlainValidator(values_of), kind("AxisValues")] | None = Field(
        None,
        description="Its values; or, of a design that draws, a range or a distribution; left out, that of the "
        "base's uncertain.",
    )
    label: Label | None = Field(None, description="What figures call it.")


class Case(Section):
    """Keys that are changed together."""

    name: Label = Field(description="What the case is called.")
    set: Annotated[dict[str, Any], Field(min_length=1)] = Field(description="Keys and their values.")


class SweepFile(Section):
    """A sweep file."""

    format: Format = Field(1, description="Version of this format.")
    sweep: SweepHead = Field(description="What is swept.")
    axes: Annotated[tuple[AxisEntry, ...], Field(strict=False)] = Field((), description="What varies.")
    cases: Annotated[tuple[Case, ...], Field(strict=False)] = Field(
        (), description="Named points besides those of the axes, each with some keys changed."
    )


def checked(document: Document) -> SweepFile:
    """The sweep file that a document is. Raises ScenarioError with everything that is wrong with it by itself."""
    problems = list(document.problems)
    try:
        file = SweepFile.model_validate(document.value)
    except ValidationError as error:
        found = problems_of(error, SweepFile, document.value)
        problems += [located(document, path, message) for path, message in dict.fromkeys(found)]
    else:
        problems += [located(document, path, message) for path, message in _doubles(file)]
    if problems:
        raise ScenarioError(sorted(problems, key=lambda each: (each.line or 0, each.column or 0)))
    return file


def _doubles(file: SweepFile) -> Iterator[Finding]:
    names = ["base"]
    for index, case in enumerate(file.cases):
        if case.name in names:
            yield ("cases", index, "name"), f"{given(case.name)} names another point; use another name"
        names.append(case.name)

"""Sweep files: a base scenario, and the points at which it is to be simulated."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from trialsim.scenario.loading import load, load_document, read
from trialsim.scenario.messages.errors import ScenarioError
from trialsim.scenario.messages.words import unknown
from trialsim.scenario.reading.overrides import split_option
from trialsim.scenario.reading.yaml_text import Document, read_text
from trialsim.scenario.sweeping.axes import Axis, written
from trialsim.scenario.sweeping.designs import Design
from trialsim.scenario.sweeping.file import (
    DESIGNS,
    DRAWN,
    GRID,
    MOST_POINTS,
    ONE_AT_A_TIME,
    SOBOL,
    SweepFile,
    Values,
    checked,
    values_of,
)
from trialsim.scenario.sweeping.places import Origin
from trialsim.scenario.sweeping.points import Plan, Point, alike, points_of
from trialsim.scenario.sweeping.spreads import is_spread
from trialsim.scenario.unit_cube import not_balanced

USUAL_SEED = 1


@dataclass(frozen=True, eq=False)
class Sweep:
    """A base and its points; the base is one of them, the first unless it lies on the grid.

    ``design`` says which points the axes make, ``notes`` what their author should know of them.
    """

    name: str
    axes: tuple[Axis, ...]
    points: tuple[Point, ...]
    replications: int | None = None
    seed: int | None = None
    design: str = GRID
    notes: tuple[str, ...] = ()

    @property
    def base(self) -> Point:
        """The point that all others are compared with."""
        return next(point for point in self.points if point.is_base)

    def warnings(self) -> list[str]:
        """What its author should know: of the axes, and of the base."""
        return [*self.notes, *self.base.scenario.warnings()]


def load_sweep(
    source: str | os.PathLike[str],
    vary: Sequence[str] = (),
    set: Sequence[str] = (),
    design: str | None = None,
    points: int | None = None,
    seed: int | None = None,
) -> Sweep:
    """Read a sweep file, or make a sweep of a scenario and the keys to vary.

    Parameters
    ----------
    source
        A sweep file, a scenario file, or the name of either that ships.
    vary : sequence of str
        Further axes, each ``KEY=V1,V2,…``, read as the inside of a YAML list; or, of a design that draws, ``KEY={from:
        …, to: …}`` or ``KEY={lognormal: …}``.
    set : sequence of str
        What-ifs that change the base, each ``KEY=VALUE``.
    design : str, optional
        Which points: ``grid``, ``one_at_a_time``, ``latin_hypercube`` or ``sobol``; overrides the file's.
    points : int, optional
        How many are drawn; overrides the file's.
    seed : int, optional
        Which are drawn; overrides the file's (1).

    Raises
    ------
    ScenarioError
        With everything that is wrong.
    """
    document = read(source)
    is_file = is_sweep(document.value)
    file = checked(document) if is_file else None
    chosen = _design(document, file, design, points, seed)
    base = load_document(document, set) if file is None else load(_beside(source, file.sweep.base), set)
    axes = [*_axes_of(document, file), *(_axis(option, chosen.is_drawn) for option in vary)]
    cases = [(case, Origin(document, ("cases", index))) for index, case in enumerate(file.cases if file else ())]
    if chosen.is_drawn and not axes:
        message = f'"{chosen.kind}" draws points over axes, and there are none'
        raise ScenarioError([Origin(document).problem(message, *(["sweep", "design"] if is_file else []))])
    made = points_of(Plan(base, chosen, [each[:2] for each in axes], cases, Origin(document)))
    notes = tuple(f"{axis.key}: {note}" for axis, _, found in axes for note in found)
    if file is None:
        return Sweep(f"{base.name}-sweep", *made, design=chosen.kind, notes=notes)
    return Sweep(file.sweep.name, *made, file.sweep.replications, file.sweep.seed, chosen.kind, notes)


def is_sweep(value: Any) -> bool:
    """Whether a document is meant to be a sweep file."""
    return isinstance(value, dict) and "sweep" in value


def _design(
    document: Document, file: SweepFile | None, kind: str | None, points: int | None, seed: int | None
) -> Design:
    """The design that is wanted. Raises ScenarioError."""
    head = None if file is None else file.sweep

    def fault(name: str, given: Any, message: str) -> ScenarioError:
        option = "" if given is None else f"--{name} {given}"
        inner = () if head is None else ("sweep", name if getattr(head, name) is not None else "design")
        return ScenarioError([Origin(document, option=option).problem(message, *inner)])

    if kind is not None and kind not in DESIGNS:
        raise fault("design", kind, unknown(kind, DESIGNS, "design"))
    wanted = kind or (head.design if head else GRID)
    number = points if points is not None or head is None else head.points
    which = seed if seed is not None else head.seed if head and head.seed is not None else USUAL_SEED
    if wanted not in DRAWN:
        if points is not None or (number is not None and kind is None):
            drawn = " or ".join(DRAWN)
            raise fault("points", points, f'the axes say how many points design "{wanted}" has; {drawn} draws a number')
        return Design(wanted)
    if number is None:
        raise fault("design", kind, f'design "{wanted}" needs the number of points, say points: 64')
    if not 1 <= number <= MOST_POINTS:
        raise fault("points", points, f"{number:,} points; a sweep has from 1 to {MOST_POINTS:,}")
    if wanted == SOBOL and not_balanced(number):
        raise fault("points", points, not_balanced(number))
    return Design(wanted, number, which)


_Found = tuple[Axis, Origin, tuple[str, ...]]


def _axes_of(document: Document, file: SweepFile | None) -> Iterator[_Found]:
    """The axes of a file, where they were written, and what is said of their ranges."""
    for index, entry in enumerate(file.axes if file else ()):
        values = entry.values or Values()
        axis = Axis(entry.key, values.values, entry.label, values.names, values.spread)
        yield axis, Origin(document, ("axes", index)), values.notes


def _axis(option: str, is_drawn: bool) -> _Found:
    """The axis of ``--vary KEY=V1,V2,…``."""
    origin = Origin(Document(""), option=f"--vary {option}")
    try:
        key, text = split_option(option, "KEY=V1,V2,…", "recruitment.rate_multiplier=0.5,1,2")
        written = read_text(f"[{text}]", origin.option).value
        if not written:
            raise ValueError("no value is given; write KEY=V1,V2,…")
        lone = written[0] if len(written) == 1 else None
        found = values_of(lone if is_spread(lone) or (is_drawn and isinstance(lone, dict)) else written)
    except ValueError as error:
        raise ScenarioError([origin.problem(str(error))]) from None
    except ScenarioError as error:
        message = error.problems[0].message
        raise ScenarioError([origin.problem(f"these are not values in YAML: {message}")]) from None
    return Axis(key, found.values, None, found.names, found.spread), origin, found.notes


def _beside(source: str | os.PathLike[str], base: str) -> str:
    """Where the base is: relative to the sweep file, or shipped."""
    beside = FilePath(source).parent / base
    return str(beside) if beside.is_file() else base


__all__ = [
    "DRAWN",
    "GRID",
    "MOST_POINTS",
    "ONE_AT_A_TIME",
    "Axis",
    "Point",
    "Sweep",
    "alike",
    "is_sweep",
    "load_sweep",
    "written",
]

"""Designs: which points the axes make, from all combinations to points drawn over ranges and distributions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from trialsim.scenario.sweeping.axes import Axis
from trialsim.scenario.sweeping.file import DRAWN, GRID, ONE_AT_A_TIME, SOBOL
from trialsim.scenario.sweeping.spreads import Spread, choice
from trialsim.scenario.unit_cube import latin_hypercube, sobol


@dataclass(frozen=True)
class Design:
    """Which points are wanted: the kind, and of one that draws how many and by which seed."""

    kind: str = GRID
    points: int = 0
    seed: int = 1

    @property
    def is_drawn(self) -> bool:
        """Whether its points are drawn."""
        return self.kind in DRAWN

    def size(self, axes: Sequence[Axis]) -> int:
        """How many points there are, at most, without the base."""
        if self.is_drawn:
            return self.points
        numbers = [len(axis.values) for axis in axes]
        return prod(numbers) if self.kind == GRID else sum(numbers)


Change = tuple[str, str, dict[str, Any], dict[str, Any]]
"""A point: its name, and what people call it; the keys that are changed and their values, and what tables have at the
keys of the axes."""


def changes(design: Design, axes: Sequence[Axis], spreads: Mapping[str, Spread]) -> Iterator[Change]:
    """The points of a design, apart from the base.

    Parameters
    ----------
    design : Design
        Its kind; of points that are drawn, how many and the seed.
    axes : sequence of Axis
        Of a grid, the last varies fastest.
    spreads : mapping
        What is drawn at the keys of axes without values.
    """
    if not axes:
        return
    if design.is_drawn:
        yield from _drawn(design, axes, spreads)
    elif design.kind == ONE_AT_A_TIME:
        for axis in axes:
            for value in axis.values:
                yield _written([axis], [value])
    else:
        for values in product(*(axis.values for axis in axes)):
            yield _written(axes, values)


def _written(axes: Sequence[Axis], values: Sequence[Any]) -> Change:
    pairs = list(zip(axes, values, strict=True))
    name = ", ".join(f"{axis.key}={axis.named(value)}" for axis, value in pairs)
    title = ", ".join(f"{axis.title}: {axis.named(value)}" for axis, value in pairs)
    return (
        name,
        title,
        {axis.key: value for axis, value in pairs},
        {axis.key: axis.kept(value) for axis, value in pairs},
    )


def _drawn(design: Design, axes: Sequence[Axis], spreads: Mapping[str, Spread]) -> Iterator[Change]:
    cube = (sobol if design.kind == SOBOL else latin_hypercube)(design.points, len(axes), design.seed)
    columns: list[list[tuple[Any, Any]]] = []
    for axis, u in zip(axes, cube.T, strict=True):
        if axis.key in spreads:
            spread = spreads[axis.key]
            written = [spread.write(each) for each in spread.values(u).tolist()]
            columns.append([(each, spread.kept(each)) for each in written])
        else:
            columns.append([(each, axis.kept(each)) for each in choice(axis.values, u)])
    width = len(str(design.points))
    for number, row in enumerate(zip(*columns, strict=True), start=1):
        pairs = list(zip(axes, row, strict=True))
        yield (
            f"point {number:0{width}}",
            f"point {number:0{width}}",
            {axis.key: written for axis, (written, _) in pairs},
            {axis.key: kept for axis, (_, kept) in pairs},
        )

"""What a sweep, or a comparison, gives: points, all their replications, and what can be said and drawn of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from trialsim.analysis.measures import USUAL, column_of
from trialsim.columns import Column, Columns, Kind
from trialsim.frames import Table, typed
from trialsim.results.growing import Precision
from trialsim.results.histories import Histories
from trialsim.results.result import Result, of, simulated, when
from trialsim.scenario.sweep import GRID, ONE_AT_A_TIME, Axis, Point, Sweep, written
from trialsim.tables import SCENARIOS, axis, axis_label, point_columns, point_replication_columns

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


_CASES = "sweep_cases_"
"""How the names of figures of named cases begin that stand beside a grid."""


@dataclass(frozen=True, eq=False)
class SweepResults(Result):
    """What a sweep, or a comparison, gives.

    Attributes
    ----------
    sweep : Sweep
        Base, axes and points.
    seed : int
        Which set of histories, the same for all points.
    points : pandas.DataFrame
        One row a point; see `trialsim.analysis.points`.
    histories : Histories
        The replications of each point; of more than 100,000 in all, kept beside a folder, on the disk until they are
        asked for.
    unchanged : tuple of str
        The measures that are the same at all points, trial by trial.
    engine, started, finished
        As in `Results`.
    measures : tuple of str
        What reports and figures show; see `trialsim.analysis.measures`. The tables have them all.
    precision : Precision or None
        How near the estimates came to the precision asked for; None unless one was.
    """

    sweep: Sweep
    seed: int
    points: pd.DataFrame
    histories: Histories
    unchanged: tuple[str, ...]
    engine: str
    started: datetime
    finished: datetime
    measures: tuple[str, ...] = USUAL
    precision: Precision | None = None

    def __repr__(self) -> str:
        size = f"{len(self.points)} points, {self._of_each:,} replications each"
        return f"SweepResults({self.sweep.name}: {size}, seed {self.seed})"

    @cached_property
    def replications(self) -> pd.DataFrame:
        """The replications of all points, with the number and name of the point and its values at the axes' keys."""
        return self.histories.table()

    @property
    def _of_each(self) -> int:
        return int(self.points["replications"].iloc[0])

    @property
    def axes(self) -> dict[str, str]:
        """The columns of the axes, and what figures call them."""
        return {axis.column: axis.title for axis in self.sweep.axes}

    @cached_property
    def grid(self) -> SweepResults:
        """What figures show: the measures of the points on the first two axes, any others staying at the base.

        Without an axis, and of other designs, that is all points.
        """
        if self.sweep.design != GRID:
            return self
        chosen = [
            position
            for position, point in enumerate(self.sweep.points)
            if not self.axes
            or (point.on_grid and all(point.values[axis.column] == value for axis, value in self._held()))
        ]
        columns = dict.fromkeys(("replication", "end_cause", *map(column_of, self.measures)))
        histories = self.histories.only(chosen, tuple(columns))
        return replace(self, sweep=replace(self.sweep, axes=self.sweep.axes[:2]), histories=histories)

    def _held(self) -> list[tuple[Axis, Any]]:
        """The axes that figures do not show, and their values: the base's, or where that is off the grid, the first."""
        on_grid = [point for point in self.sweep.points if point.on_grid]
        base = next((point for point in on_grid if point.is_base), on_grid[0] if on_grid else self.sweep.base)
        return [(axis, base.values[axis.column]) for axis in self.sweep.axes[2:]]

    def summary(self) -> dict[str, Any]:
        """The points' table as plain values, ready for JSON."""
        rows = self.points.astype(object).where(self.points.notna(), None).to_dict("records")
        return {
            "sweep": self.sweep.name,
            "design": self.sweep.design,
            "axes": [_told(axis) for axis in self.sweep.axes],
            "titles": [point.title or point.name for point in self.sweep.points],
            "off_grid": [number for number, point in enumerate(self.sweep.points, start=1) if not point.on_grid],
            "measures": list(self.measures),
            "words": self._called(),
            "unchanged": list(self.unchanged),
            "precision": None if self.precision is None else self.precision.to_document(),
            "points": [{str(key): _plain(value) for key, value in row.items()} for row in rows],
        }

    def _called(self) -> dict[str, str]:
        """What the measures are called: as in a trial with infusions, if any point has them."""
        from trialsim.analysis.facts import facts_of

        under = [facts_of(point.scenario) for point in self.sweep.points]
        facts = next((each for each in under if each.has_infusions), under[0])
        return {measure: facts.measure(measure) for measure in self.measures}

    def made_from(self) -> dict[str, Any]:
        """Name and digest of the scenario of each point, seed, how many replications, engine and when."""
        return {
            **when(self.started, self.finished),
            "sweep": self.sweep.name,
            "design": self.sweep.design,
            "points": known_by(self.sweep),
            "seed": self.seed,
            "replications": self._of_each,
            "engine": self.engine,
            **({} if self.precision is None else {"precision": self.precision.asked()}),
        }

    def tables(self) -> dict[str, Table]:
        """Points, their scenarios and all replications; what an axis has in it that is no number or flag, as text."""
        axes: list[Column] = []
        for each in self.sweep.axes:
            axes.append(axis(each.key, self.points[each.column], each.unit, each.label or "", each.column))
            axes += [axis_label(each.label_column, each.key)] * each.has_names
        ladders = [point.scenario.levels for point in self.sweep.points]
        texts = [column.name for column in axes if column.kind is Kind.LABEL]
        of_points, of_all = point_columns(axes), point_replication_columns(axes, min(ladders), max(ladders))

        def saved(columns: Columns, table: pd.DataFrame) -> pd.DataFrame:
            as_text = table.reindex(columns=list(columns)).assign(**{key: table[key].map(written) for key in texts})
            return typed(columns, as_text)

        return {
            "points": Table(of_points, saved(of_points, self.points)),
            "scenarios": Table(SCENARIOS, typed(SCENARIOS, self._scenarios())),
            "replications": Table(of_all, lambda: (saved(of_all, table) for table in self.histories)),
        }

    def _scenarios(self) -> dict[str, list[Any]]:
        """All of the scenario of each point, and what its author wrote, as JSON."""
        told = [{"name": point.name, **of(point.scenario)} for point in self.sweep.points]
        return {
            "point": list(range(1, len(told) + 1)),
            **{key: [each[key] for each in told] for key in ("name", "digest")},
            **{
                key: [json.dumps(each[key], ensure_ascii=False) for each in told]
                for key in ("scenario", "written", "given")
            },
        }

    def figures(self) -> list[str]:
        """Those of ``sweep_MEASURE``, one a measure, ``sweep_heatmap`` and ``sweep_differences`` that can show them.

        Named cases beside a grid have ``sweep_cases_MEASURE``.
        """
        from trialsim.figures import comparable, drawable

        differences = comparable(self.points)
        if not self.axes or self.sweep.design != GRID:
            return [*(f"sweep_{measure}" for measure in self.measures), *differences]
        cases = [f"{_CASES}{measure}" for measure in self.measures] * bool(self._cases())
        return [*drawable(self.grid.replications, list(self.grid.axes), self.measures), *cases, *differences]

    def _cases(self) -> list[int]:
        """The positions of the named cases beside a grid or drawn points."""
        points = enumerate(self.sweep.points)
        return [position for position, point in points if not (point.on_grid or point.is_base)]

    def origin(self) -> str:
        """How many trials of each scenario, seed, version and date."""
        return f"Of each scenario {simulated(self._of_each, self.seed, self.finished)}"

    def _draw(self, name: str) -> Figure:
        from trialsim.figures import draw_differences, draw_rows, draw_scatter, draw_sweep

        words = (self._called(), self._about())
        if name == "sweep_differences":
            axes = " · ".join(axis.title for axis in self.sweep.axes) if self.sweep.design == GRID else ""
            return draw_differences(self.points, self._in_short(), self.measures, *words, axes)
        if name.startswith(_CASES) or not self.axes or self.sweep.design == ONE_AT_A_TIME:
            rows = list(range(len(self.sweep.points)))
            if name.startswith(_CASES):
                rows = sorted({self.sweep.points.index(self.sweep.base), *self._cases()})
            titles = [self.sweep.points[row].title or self.sweep.points[row].name for row in rows]
            return draw_rows(self.points.iloc[rows], titles, name.removeprefix(_CASES).removeprefix("sweep_"), *words)
        if self.sweep.design != GRID:
            drawn = [point.on_grid for point in self.sweep.points]
            return draw_scatter(self._labelled(self.points), self.axes, name.removeprefix("sweep_"), drawn, *words)
        grid = self.grid
        base = self.sweep.base
        values = {
            axis.column: axis.named(base.values[axis.column]) if axis.has_names else base.values[axis.column]
            for axis in self.sweep.axes
        }
        held = {axis.title: axis.name_of(value) or value for axis, value in self._held()}
        return draw_sweep(self._labelled(grid.replications), grid.axes, name, self.measures, values, held, *words)

    def _labelled(self, table: pd.DataFrame) -> pd.DataFrame:
        """A table with the names of values in the place of these, where an axis has them."""
        return table.assign(**{axis.column: table[axis.label_column] for axis in self.sweep.axes if axis.has_names})

    def _in_short(self) -> list[str]:
        """The points by their values alone, where these are on the axes; else by name."""
        from trialsim.figures.varied import text

        def named(point: Point) -> str:
            if not self.axes or not point.on_grid or self.sweep.design != GRID:
                return point.title or point.name
            values = ((axis, point.values[axis.column]) for axis in self.sweep.axes)
            return " · ".join(axis.name_of(value) or text(value) for axis, value in values)

        return [named(point) for point in self.sweep.points]

    def _about(self) -> str:
        """Whose sweep it is, or what is compared: the trial, and how many others it is compared with."""
        from trialsim.analysis.facts import facts_of

        if self.axes:
            return facts_of(self.sweep.base.scenario).label
        base, *others = (point.name for point in self.sweep.points)
        return f"{base} compared with {others[0] if len(others) == 1 else f'{len(others)} others'}"


def known_by(plan: Sweep) -> list[dict[str, str]]:
    """What tells the points of a sweep from those of another: enough for a manifest, which stays small."""
    return [{"name": point.name, "digest": point.scenario.digest()} for point in plan.points]


def _told(axis: Axis) -> dict[str, Any]:
    """An axis as plain values."""
    told = {"key": axis.key, "column": axis.column, "label": axis.label or axis.key, "unit": axis.unit}
    if axis.spread is not None:
        return {**told, "spread": dict(axis.spread)}
    return {**told, "values": list(axis.values), **({"names": list(axis.names)} if axis.has_names else {})}


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value

"""Many scenarios simulated with the same luck, and compared."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from trialsim.analysis.measures import USUAL, checked
from trialsim.analysis.precision import MOST, wanted
from trialsim.columns import Kind
from trialsim.experiment.collection import Progress
from trialsim.experiment.jobs import Job
from trialsim.experiment.running import check, run_part
from trialsim.frames import Table, typed
from trialsim.results.earlier import store_for
from trialsim.results.growing import Precision, check_growth, grow
from trialsim.results.result import Result, of, simulated, when
from trialsim.scenario.sweep import Axis, Point, Sweep, load_sweep, written
from trialsim.tables import axis, point_columns, point_replication_columns

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from trialsim.scenario import Scenario

_REPLICATIONS, _SEED = 1000, 1
_BY_NAME = {"name": "Scenario"}
"""The column by which points are told apart that no axis tells apart, and what figures call it."""


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
    replications : pandas.DataFrame
        The replications of all points, with the number and name of the point and its values at the keys of the axes.
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
    replications: pd.DataFrame
    engine: str
    started: datetime
    finished: datetime
    measures: tuple[str, ...] = USUAL
    precision: Precision | None = None

    def __repr__(self) -> str:
        size = f"{len(self.points)} points, {len(self.replications) // len(self.points):,} replications each"
        return f"SweepResults({self.sweep.name}: {size}, seed {self.seed})"

    @property
    def axes(self) -> dict[str, str]:
        """The keys of the axes, and what figures call them."""
        return {axis.key: axis.title for axis in self.sweep.axes}

    def grid(self) -> SweepResults:
        """What figures show: the replications of the points on the first two axes, any others staying at the base.

        Without an axis that is all points.
        """
        if not self.axes:
            return self
        chosen = [
            number
            for number, point in enumerate(self.sweep.points, start=1)
            if point.on_grid and all(point.values[axis.key] == value for axis, value in self._held())
        ]
        replications = self.replications[self.replications["point"].isin(chosen)]
        return replace(self, sweep=replace(self.sweep, axes=self.sweep.axes[:2]), replications=replications)

    def _held(self) -> list[tuple[Axis, Any]]:
        """The axes that figures do not show, and their values: the base's, or where that is off the grid, the first."""
        on_grid = [point for point in self.sweep.points if point.on_grid]
        base = next((point for point in on_grid if point.is_base), on_grid[0] if on_grid else self.sweep.base)
        return [(axis, base.values[axis.key]) for axis in self.sweep.axes[2:]]

    def summary(self) -> dict[str, Any]:
        """The points' table as plain values, ready for JSON."""
        from trialsim.analysis.points import unchanged

        rows = self.points.astype(object).where(self.points.notna(), None).to_dict("records")
        return {
            "sweep": self.sweep.name,
            "axes": [{"key": key, "label": label} for key, label in self.axes.items()],
            "measures": list(self.measures),
            "words": self._called(),
            "unchanged": unchanged(self.replications["point"], self.replications),
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
        """The scenario of each point, seed, how many replications, engine and when."""
        return {
            **when(self.started, self.finished),
            "sweep": self.sweep.name,
            "points": [{"name": point.name, **of(point.scenario)} for point in self.sweep.points],
            "seed": self.seed,
            "replications": int(self.points["replications"].iloc[0]),
            "engine": self.engine,
            **({} if self.precision is None else {"precision": self.precision.asked()}),
        }

    def tables(self) -> dict[str, Table]:
        """The points and all their replications; what an axis has in it that is no number or flag, as text."""
        axes = [axis(key, self.points[key]) for key in self.axes]
        ladders = [point.scenario.levels for point in self.sweep.points]
        texts = [column.name for column in axes if column.kind is Kind.LABEL]
        return {
            name: Table(columns, typed(columns, table.assign(**{key: table[key].map(written) for key in texts})))
            for name, columns, table in (
                ("points", point_columns(axes), self.points),
                ("replications", point_replication_columns(axes, min(ladders), max(ladders)), self.replications),
            )
        }

    def figures(self) -> list[str]:
        """Those of ``sweep_MEASURE``, one a measure, and ``sweep_heatmap`` that can show the axes.

        Without an axis, as in a comparison, scenarios stand side by side by their names.
        """
        from trialsim.figures import drawable

        grid = self.grid()
        return drawable(grid.replications, list(grid.axes or _BY_NAME), self.measures)

    def origin(self) -> str:
        """How many trials of each scenario, seed, version and date."""
        of_each = int(self.points["replications"].iloc[0])
        return f"Of each scenario {simulated(of_each, self.seed, self.finished)}"

    def _draw(self, name: str) -> Figure:
        from trialsim.figures import draw_sweep

        grid = self.grid()
        base = self.sweep.base
        values = {**base.values, "name": base.name}
        held = {axis.title: value for axis, value in self._held()}
        words = (self._called(), self._about())
        return draw_sweep(grid.replications, grid.axes or _BY_NAME, name, self.measures, values, held, *words)

    def _about(self) -> str:
        """Whose sweep it is, or what is compared: the trial, and how many others it is compared with."""
        from trialsim.analysis.facts import facts_of

        if self.axes:
            return facts_of(self.sweep.base.scenario).label
        base, *others = (point.name for point in self.sweep.points)
        return f"{base} compared with {others[0] if len(others) == 1 else f'{len(others)} others'}"


def sweep(
    source: Sweep | str | os.PathLike[str],
    replications: int | None = None,
    seed: int | None = None,
    jobs: int | None = 1,
    vary: Sequence[str] = (),
    set: Sequence[str] = (),
    progress: Progress | None = None,
    engine: str = "auto",
    measures: Sequence[str] = USUAL,
    keep: str | os.PathLike[str] | None = None,
    fresh: bool = False,
    precision: Sequence[str] = (),
    most: int = MOST,
) -> SweepResults:
    """Simulate every point of a sweep with the same luck, and compare each with the base, replication by replication.

    Parameters
    ----------
    source
        A sweep file, a scenario (with ``vary``), the name of either that ships, or a `Sweep`.
    replications, seed
        Possible histories a point (1000), and which set of them (1); they override the file's.
    jobs, progress, engine
        As for `simulate`; all points share one queue.
    vary, set
        See `trialsim.scenario.sweep.load_sweep`.
    measures
        What reports and figures show: names of milestones (``last_visit``, ``settled``, …), of counts (``infused``, …),
        ``early_termination``, or causes of ending.
    keep, fresh
        As for `simulate`.
    precision, most
        As for `simulate`, for every point; and for differences to the base, ``last_visit_difference=1 week``.

    Raises
    ------
    ScenarioError
        With everything that is wrong with the sweep or its points.
    ValueError
        For a number out of its range, or a measure that is none.
    """
    plan = source if isinstance(source, Sweep) else load_sweep(source, vary, set)
    number, which = _first(replications, plan.replications, _REPLICATIONS), _first(seed, plan.seed, _SEED)
    return _run(plan, number, which, jobs, progress, engine, measures, keep, fresh, precision, most)


def compare(
    scenarios: Sequence[Scenario],
    replications: int = _REPLICATIONS,
    seed: int = _SEED,
    jobs: int | None = 1,
    names: Sequence[str] | None = None,
    progress: Progress | None = None,
    engine: str = "auto",
    measures: Sequence[str] = USUAL,
    keep: str | os.PathLike[str] | None = None,
    fresh: bool = False,
    precision: Sequence[str] = (),
    most: int = MOST,
) -> SweepResults:
    """Simulate scenarios with the same luck, side by side; the first is the base of the differences.

    ``measures``, ``keep``, ``fresh``, ``precision`` and ``most`` are those of `sweep`.

    Raises
    ------
    ValueError
        For fewer than two scenarios, names that are not distinct, a number out of its range, or a measure that is none.
    """
    plan = side_by_side(scenarios, names)
    return _run(plan, replications, seed, jobs, progress, engine, measures, keep, fresh, precision, most)


def _run(
    plan: Sweep,
    replications: int,
    seed: int,
    jobs: int | None,
    progress: Progress | None,
    engine: str,
    measures: Sequence[str],
    keep: str | os.PathLike[str] | None,
    fresh: bool,
    precision: Sequence[str],
    most: int,
) -> SweepResults:
    import pandas as pd

    from trialsim.analysis.points import points_table, with_point

    check(replications, seed, jobs, engine)
    shown, asked = checked(measures), wanted(precision, paired=True)
    if asked:
        check_growth(replications, most)
    base = plan.points.index(plan.base)
    started = datetime.now(UTC)
    work = _jobs(plan, seed)
    names = [point.name for point in plan.points]
    store = None if keep is None or asked else store_for(keep, work, names, replications, plan.name, fresh)
    results, used, precise = grow(work, replications, asked, most, jobs, progress, engine, base, store)
    tables = [each.replications for each in results]
    values = [point.values for point in plan.points]
    numbered = zip(range(1, len(tables) + 1), names, values, tables, strict=True)
    return SweepResults(
        plan,
        seed,
        points_table(names, values, tables, base),
        pd.concat([with_point(table, number, name, keys) for number, name, keys, table in numbered], ignore_index=True),
        engine=used,
        started=started,
        finished=datetime.now(UTC),
        measures=shown,
        precision=precise,
    )


def _jobs(plan: Sweep, seed: int) -> list[Job]:
    return [Job(point.scenario, seed, courses=False) for point in plan.points]


def sweep_part(
    plan: Sweep,
    part: tuple[int, int],
    keep: str | os.PathLike[str],
    replications: int | None = None,
    seed: int | None = None,
    jobs: int | None = 1,
    progress: Progress | None = None,
    engine: str = "auto",
    fresh: bool = False,
) -> int:
    """Simulate one of several equal parts of what `sweep` would; see `trialsim.results.run.simulate_part`."""
    number, which = _first(replications, plan.replications, _REPLICATIONS), _first(seed, plan.seed, _SEED)
    check(number, which, jobs, engine)
    work = _jobs(plan, which)
    store = store_for(keep, work, [point.name for point in plan.points], number, plan.name, fresh)
    return run_part(work, number, part, store, jobs, progress, engine)[0]


def planned(plan: Sweep, replications: int | None = None, seed: int | None = None) -> dict[str, Any]:
    """What can be said of the manifest of a sweep before it is simulated: its points, replications and seed."""
    return {
        "points": [of(point.scenario) for point in plan.points],
        "replications": _first(replications, plan.replications, _REPLICATIONS),
        "seed": _first(seed, plan.seed, _SEED),
    }


def side_by_side(scenarios: Sequence[Scenario], names: Sequence[str] | None = None) -> Sweep:
    """Scenarios as the points of a sweep without axes, the first of which is the base; see `compare`."""
    names = [scenario.name for scenario in scenarios] if names is None else list(names)
    if len(scenarios) < 2 or len(dict.fromkeys(names)) != len(scenarios):
        raise ValueError("a comparison needs two or more scenarios, each with a name of its own")
    points = tuple(
        Point(name, scenario, is_base=position == 0)
        for position, (name, scenario) in enumerate(zip(names, scenarios, strict=True))
    )
    return Sweep("-vs-".join(names)[:100], (), points)


def _first(*values: int | None) -> int:
    return next(value for value in values if value is not None)


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value

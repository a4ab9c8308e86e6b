"""Many scenarios simulated with the same luck, and compared."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from trialsim.analysis.measures import USUAL, checked
from trialsim.analysis.precision import MOST, wanted
from trialsim.experiment.collection import Progress
from trialsim.experiment.jobs import Job
from trialsim.experiment.running import check, run_part
from trialsim.experiment.store import Store
from trialsim.results.earlier import store_for
from trialsim.results.growing import check_growth, grow
from trialsim.results.histories import Histories
from trialsim.results.sweep_results import SweepResults, known_by
from trialsim.scenario.sweep import Point, Sweep, load_sweep

if TYPE_CHECKING:
    from trialsim.scenario import Scenario

_REPLICATIONS, _SEED = 1000, 1


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
    design: str | None = None,
    points: int | None = None,
    executor: str = "auto",
) -> SweepResults:
    """Simulate every point of a sweep with the same luck, and compare each with the base, replication by replication.

    Parameters
    ----------
    source
        A sweep file, a scenario (with ``vary``), the name of either that ships, or a `Sweep`.
    replications, seed
        Possible histories a point (1000), and which set of them (1); they override the file's.
    jobs, progress, engine, executor
        As for `simulate`; all points share one queue.
    vary, set, design, points
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
    plan = source if isinstance(source, Sweep) else load_sweep(source, vary, set, design, points, seed)
    number, which = _first(replications, plan.replications, _REPLICATIONS), _first(seed, plan.seed, _SEED)
    return _run(plan, number, which, jobs, progress, engine, measures, keep, fresh, precision, most, executor)


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
    executor: str = "auto",
) -> SweepResults:
    """Simulate scenarios with the same luck, side by side; the first is the base of the differences.

    ``measures``, ``keep``, ``fresh``, ``precision``, ``most`` and ``executor`` are those of `sweep`.

    Raises
    ------
    ValueError
        For fewer than two scenarios, names that are not distinct, a number out of its range, or a measure that is none.
    """
    plan = side_by_side(scenarios, names)
    return _run(plan, replications, seed, jobs, progress, engine, measures, keep, fresh, precision, most, executor)


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
    executor: str,
) -> SweepResults:
    from trialsim.analysis.points import points_table

    check(replications, seed, jobs, engine, executor)
    shown, asked = checked(measures), wanted(precision, paired=True)
    if asked:
        check_growth(replications, most)
    base = plan.points.index(plan.base)
    started = datetime.now(UTC)
    work = _jobs(plan, seed)
    names = [point.name for point in plan.points]
    named = names, replications, plan.name
    store = None if keep is None else store_for(keep, work, *named, fresh, grows=bool(asked))
    results, used, precise = grow(work, replications, asked, most, jobs, progress, engine, base, store, executor)
    few = len(results) * len(results[base].replications) <= Store.most_rows
    values = [point.values for point in plan.points]
    histories = Histories(plan.points, list(results) if few else results)
    points, unchanged = points_table(names, values, histories.tables, base)
    return SweepResults(
        plan,
        seed,
        points,
        histories,
        unchanged,
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
    executor: str = "auto",
) -> int:
    """Simulate one of several equal parts of what `sweep` would; see `trialsim.results.run.simulate_part`."""
    number, which = _first(replications, plan.replications, _REPLICATIONS), _first(seed, plan.seed, _SEED)
    check(number, which, jobs, engine, executor)
    work = _jobs(plan, which)
    store = store_for(keep, work, [point.name for point in plan.points], number, plan.name, fresh)
    return run_part(work, number, part, store, jobs, progress, engine, executor)[0]


def planned(plan: Sweep, replications: int | None = None, seed: int | None = None) -> dict[str, Any]:
    """What can be said of the manifest of a sweep before it is simulated: its points, replications and seed."""
    return {
        "points": known_by(plan),
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

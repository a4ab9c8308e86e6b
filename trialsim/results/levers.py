"""What would help: each lever of a trial moved by its step, on the same luck as the trial as planned."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from trialsim.analysis.measures import USUAL, checked
from trialsim.experiment.collection import Progress
from trialsim.experiment.jobs import Job
from trialsim.experiment.running import check, run_jobs
from trialsim.frames import Table
from trialsim.results.result import Result, of, own_rule, simulated, when
from trialsim.tables import LEVERS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from trialsim.rules.base import Rule
    from trialsim.scenario import Scenario
    from trialsim.scenario.levers import Lever


MOST, FEWEST = 1000, 20
"""Replications with each lever of a run: more are not needed, and fewer tell nothing."""
MOST_RECORDS = 200_000
"""How many people and lots the levers of a run may take, unless the run itself took more: SimPy's engine simulates so
many in half a minute. A measured time would make the numbers depend on the machine."""


@dataclass(frozen=True, eq=False)
class LeverResults(Result):
    """What moving each lever of a trial buys.

    Attributes
    ----------
    scenario : Scenario
        The trial as planned.
    seed : int
        Which set of histories, the same for all levers.
    replications : int
        How many histories with each lever, and as planned.
    levers : pandas.DataFrame
        One row a lever and measure, the lever that helps most first; see `trialsim.analysis.levers`.
    changes : mapping
        The keys and values that say each lever, by its name.
    measures : tuple of str
        What is compared.
    engine, started, finished, rule
        As in `Results`.
    """

    scenario: Scenario
    seed: int
    replications: int
    levers: pd.DataFrame
    changes: Mapping[str, Mapping[str, Any]]
    measures: tuple[str, ...]
    engine: str
    started: datetime
    finished: datetime
    rule: Rule | None = None

    def __repr__(self) -> str:
        size = f"{len(self.changes)} levers, {self.replications:,} replications each"
        return f"LeverResults({self.scenario.name}: {size}, seed {self.seed})"

    def summary(self) -> dict[str, Any]:
        """How many replications, the measures, and the levers in their order; ready for JSON."""
        from trialsim.analysis.facts import facts_of

        facts = facts_of(self.scenario)
        table = self.levers.astype(object).where(self.levers.notna(), None)
        found: dict[str, dict[str, Any]] = {}
        for row in table.to_dict("records"):
            lever = found.setdefault(row["lever"], {"lever": row["lever"], "set": dict(self.changes[row["lever"]])})
            lever[row["measure"]] = {
                key: row[key] for key in ("difference", "difference_low", "difference_high", "pairs")
            }
        return {
            "scenario": self.scenario.name,
            "replications": self.replications,
            "measures": list(self.measures),
            "words": {measure: facts.measure(measure) for measure in self.measures},
            "levers": list(found.values()),
        }

    def made_from(self) -> dict[str, Any]:
        """Scenario, what was changed about it, seed, how many replications, engine and when."""
        return {
            **when(self.started, self.finished),
            **of(self.scenario),
            "levers": {name: dict(changes) for name, changes in self.changes.items()},
            "measures": list(self.measures),
            "seed": self.seed,
            "replications": self.replications,
            "engine": self.engine,
            "rule": own_rule(self.rule),
        }

    def tables(self) -> dict[str, Table]:
        """The levers."""
        return {"levers": Table(LEVERS, self.levers)}

    def figures(self) -> list[str]:
        """``levers``, if there are any."""
        return ["levers"] if self.changes else []

    def origin(self) -> str:
        """How many trials with each lever, seed, version and date."""
        return f"With each lever {simulated(self.replications, self.seed, self.finished)}"

    def _draw(self, name: str) -> Figure:
        from trialsim.analysis.facts import facts_of
        from trialsim.figures import draw_levers

        return draw_levers(self.levers, facts_of(self.scenario), self.replications)


def levers(
    scenario: Scenario | str | os.PathLike[str],
    replications: int = 1000,
    seed: int = 1,
    jobs: int | None = 1,
    steps: Sequence[str] = (),
    measures: Sequence[str] = USUAL,
    progress: Progress | None = None,
    engine: str = "auto",
    rule: Rule | None = None,
    executor: str = "auto",
) -> LeverResults:
    """Move each lever of a trial by its step, and see what it buys, replication by replication on the same luck.

    Parameters
    ----------
    scenario
        The trial as planned.
    replications, seed, jobs, progress, engine, rule, executor
        As for `simulate`; all levers share one queue.
    steps : sequence of str
        Levers of your own, each ``KEY=VALUE``, beside those that the scenario has.
    measures : sequence of str
        What is compared, and by the first of which levers are ranked; see `trialsim.tables.MEASURES`.

    Raises
    ------
    ScenarioError
        When a step of your own gives no valid scenario.
    ValueError
        For a number out of its range, or a measure that there is not.
    """
    from trialsim.scenario import Scenario, load
    from trialsim.scenario.levers import levers_of

    check(replications, seed, jobs, engine, executor)
    shown = checked(measures)
    trial = scenario if isinstance(scenario, Scenario) else load(scenario)
    return _moved(trial, levers_of(trial, steps), replications, seed, jobs, shown, progress, engine, rule, executor)


def _moved(
    trial: Scenario,
    found: Sequence[Lever],
    replications: int,
    seed: int,
    jobs: int | None,
    measures: tuple[str, ...],
    progress: Progress | None,
    engine: str,
    rule: Rule | None,
    executor: str,
) -> LeverResults:
    """Simulate a trial as planned and with each lever; the arguments are those of `levers`."""
    from trialsim.analysis.levers import levers_table

    started = datetime.now(UTC)
    work = [Job(each, seed, rule=rule) for each in (trial, *(lever.scenario for lever in found))]
    (planned, *moved), used = run_jobs(work, replications, jobs, progress, engine, executor=executor)
    tables = {lever.name: each.replications for lever, each in zip(found, moved, strict=True)}
    return LeverResults(
        trial,
        seed,
        replications,
        levers_table(tables, planned.replications, measures),
        {lever.name: lever.changes for lever in found},
        measures,
        engine=used,
        started=started,
        finished=datetime.now(UTC),
        rule=rule,
    )


def levers_of_run(
    scenario: Scenario,
    planned: pd.DataFrame,
    seed: int,
    jobs: int | None,
    engine: str,
    progress: Progress | None = None,
    rule: Rule | None = None,
    executor: str = "auto",
) -> LeverResults | None:
    """The levers of a trial that has just been simulated, in as many replications as are cheap.

    Parameters
    ----------
    planned : DataFrame
        The replications of the trial as planned.
    engine : str
        The one that simulated it. How many replications there are does not depend on it.

    Returns
    -------
    LeverResults or None
        None if there is no lever, or if there were fewer than 20 replications.
    """
    from trialsim.scenario.levers import levers_of

    records = int(planned["candidates"].sum() + planned["lots_started"].sum())
    found = levers_of(scenario)
    with_each = max(1.0, records / len(planned)) * (1 + len(found))
    number = min(len(planned), MOST, int(max(MOST_RECORDS, records) / with_each))
    if number < FEWEST or not found:
        return None
    return _moved(scenario, found, number, seed, jobs, USUAL, progress, engine, rule, executor)

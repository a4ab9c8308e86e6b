"""What a simulation gives: its tables, what can be said from them, and their folder on the disk."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialsim.analysis.precision import MOST, wanted
from trialsim.experiment.collection import Progress
from trialsim.experiment.jobs import Job
from trialsim.experiment.running import EARLIER, check, run_jobs, run_part
from trialsim.export.content import Content
from trialsim.frames import Table
from trialsim.results.earlier import store_for
from trialsim.results.growing import Precision, check_growth, grow
from trialsim.results.levers import LeverResults, levers_of_run
from trialsim.results.result import Result, of, own_rule, simulated, when
from trialsim.rules.base import check_rule
from trialsim.tables import COURSES, DRAWS, LOTS, PARTICIPANTS, replication_columns

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from trialsim.analysis.schedule import Schedule
    from trialsim.figures.picture import Picture
    from trialsim.rules.base import Rule
    from trialsim.scenario import Scenario


MOST_TWINS = 10_000
_MOST_LOOKED_AT, _MOST_PEOPLE, _FEWEST_LOOKED_AT = 1000, 200_000, 40
"""Replications of which the plan's tasks are: so many at most, with so many people and lots, but so many at least."""


@dataclass(frozen=True, eq=False)
class Results(Result):
    """Many possible histories of one trial.

    Attributes
    ----------
    scenario : Scenario
        What was simulated.
    seed : int
        Which set of histories.
    replications : pandas.DataFrame
        One row a history: how and when it ended, who was in it, what held it up. Days count from the start date.
    courses : pandas.DataFrame
        How the counts rose over time; see `trialsim.analysis.courses`.
    participants, lots : pandas.DataFrame or None
        One row a candidate and one a lot of cells, of all histories; None unless ``detail`` was asked for.
    engine : str
        What ran the model.
    started, finished : datetime
        When, in UTC.
    rule : Rule or None
        The user's own dose rule, if the scenario's was replaced.
    levers : LeverResults or None
        What would help; None unless it was asked for.
    precision : Precision or None
        How near the estimates came to the precision asked for; None unless one was.
    twins : pandas.DataFrame or None
        The table of replications of a second run, in which each trial has the inputs drawn for the one of its number,
        and luck of its own; None unless ``ignorance`` was asked for.
    """

    scenario: Scenario
    seed: int
    replications: pd.DataFrame
    courses: pd.DataFrame
    participants: pd.DataFrame | None
    lots: pd.DataFrame | None
    engine: str
    started: datetime
    finished: datetime
    rule: Rule | None = None
    levers: LeverResults | None = None
    precision: Precision | None = None
    twins: pd.DataFrame | None = None

    def __repr__(self) -> str:
        return f"Results({self.scenario.name}: {len(self.replications):,} replications, seed {self.seed})"

    def summary(self) -> dict[str, Any]:
        """The numbers of the report: duration, risk of ending early, milestones, funnel, attribution, levers."""
        from trialsim.analysis.ignorance import ignorance
        from trialsim.analysis.summary import summarise

        summary = summarise(self.scenario, self.replications, self.courses)
        summary["levers"] = None if self.levers is None else self.levers.summary()
        summary["precision"] = None if self.precision is None else self.precision.to_document()
        summary["ignorance"] = None if self.twins is None else ignorance(self.replications, self.twins)
        return summary

    def made_from(self) -> dict[str, Any]:
        """Scenario, seed, how many replications, engine, rule and when."""
        return {
            **when(self.started, self.finished),
            **of(self.scenario),
            "seed": self.seed,
            "replications": len(self.replications),
            "engine": self.engine,
            "rule": own_rule(self.rule),
            **({} if self.precision is None else {"precision": self.precision.asked()}),
        }

    def tables(self) -> dict[str, Table]:
        """The replications, how their counts rose, and what was drawn; the others that were asked for."""
        found = {
            "replications": Table(replication_columns(self.scenario.levels), self.replications),
            "courses": Table(COURSES, self.courses),
        }
        if self.scenario.uncertain:
            found["draws"] = Table(DRAWS, self.draws())
        if self.twins is not None:
            found["twins"] = Table(replication_columns(self.scenario.levels), self.twins)
        if self.participants is not None and self.lots is not None:
            found |= {"participants": Table(PARTICIPANTS, self.participants), "lots": Table(LOTS, self.lots)}
        return found | (self.levers.tables() if self.levers else {})

    def draws(self) -> pd.DataFrame:
        """What was drawn for the keys that are not known: one row a replication and key; none if all are known."""
        from trialsim.analysis.draws import draws

        return draws(self.scenario, self.seed, len(self.replications))

    @cached_property
    def schedule(self) -> Schedule:
        """The plan, every date as a range: tasks, milestones, meetings of the committee, people by site.

        What only the tables of people and lots tell is of the first replications: 1,000, or as many as have 200,000
        people and lots together, but 40 at least. Unless ``detail`` was asked for, these are simulated once more.
        """
        from trialsim.analysis.schedule import schedule

        number = self._looked_at()
        people, lots = self.participants, self.lots
        if people is None or lots is None:
            job = Job(self.scenario, self.seed, True, self.rule, courses=False)
            (again,), _ = run_jobs([job], number, 1)
            people, lots = again.participants, again.lots
        assert people is not None and lots is not None
        people, lots = (table[table["replication"] <= number] for table in (people, lots))
        return schedule(self.scenario, self.seed, self.replications, people, lots, number)

    def _looked_at(self) -> int:
        """Of how many replications the plan's tasks are."""
        total = (self.replications["candidates"] + self.replications["lots_started"]).cumsum()
        enough = max(_FEWEST_LOOKED_AT, int((total <= _MOST_PEOPLE).sum()))
        return min(len(self.replications), _MOST_LOOKED_AT, enough)

    @property
    def has_plan(self) -> bool:
        """Whether the plan can be told: it can."""
        return True

    def _content(self, tables: dict[str, Table], summary: dict[str, Any]) -> Content:
        origin = simulated(len(self.replications), self.seed)
        return Content(origin, tables, summary, self.scenario, lambda: self.schedule)

    def figures(self) -> list[str]:
        """The names in `trialsim.figures.OF_RUNS`, and those of what was asked for besides."""
        from trialsim.figures import OF_RUNS, of_detail

        people = [] if self.participants is None else of_detail(self.scenario)
        unknown = ["ignorance"] if self.twins is not None else []
        return [*OF_RUNS, *people, *unknown, *(self.levers.figures() if self.levers else [])]

    def with_detail(self) -> list[str]:
        """The figures that need the people and lots of all trials, if these are not there."""
        from trialsim.figures import of_detail

        return of_detail(self.scenario) if self.participants is None else []

    def to_parquet(self, folder: str | Path) -> None:
        """Write the tables into an existing folder, each as ``NAME.parquet``."""
        from trialsim.export import parquet

        parquet.export(self.tables(), Path(folder))

    def figure(self, name: str) -> Picture:
        """Draw a figure; see `Result.figure`."""
        if name in self.with_detail():
            raise KeyError(f"{name} needs the people and lots of all trials: simulate with detail")
        if self.levers is not None and name in self.levers.figures():
            return self.levers.figure(name)
        return super().figure(name)

    def origin(self) -> str:
        """How many trials, seed, version and date."""
        return simulated(len(self.replications), self.seed, self.finished)

    def _origin_of(self, name: str) -> str:
        """Of the history that is drawn, also which one it is, and how to read it."""
        from trialsim.figures import OF_ONE, typical

        if name not in OF_ONE:
            return self.origin()
        number = typical(self.replications)
        seed = f" --seed {self.seed}" * (self.seed != 1)
        told = f" · day by day: trialsim trace SCENARIO -r {number}{seed}" * (self.rule is None)
        return f"Replication {number} of {self.origin()}{told}"

    def _draw(self, name: str) -> Figure:
        from trialsim.figures import OF_ONE, draw_ignorance, draw_run

        if name == "ignorance":
            from trialsim.analysis.facts import facts_of
            from trialsim.analysis.ignorance import ignorance

            assert self.twins is not None
            return draw_ignorance(ignorance(self.replications, self.twins), facts_of(self.scenario))
        return draw_run(self._with_typical_people if name in OF_ONE else self, name)

    @cached_property
    def _with_typical_people(self) -> Results:
        """With the people and lots of at least the replication that a figure shows as typical, simulated once more."""
        from trialsim.figures import typical
        from trialsim.results.trace import trace

        if self.participants is not None:
            return self
        history = trace(self.scenario, self.seed, typical(self.replications), self.rule)
        return replace(self, participants=history.participants, lots=history.lots)


def simulate(
    scenario: Scenario | str | os.PathLike[str],
    replications: int = 1000,
    seed: int = 1,
    jobs: int | None = 1,
    detail: bool = False,
    rule: Rule | None = None,
    engine: str = "auto",
    progress: Progress | None = None,
    levers: bool = False,
    keep: str | os.PathLike[str] | None = None,
    fresh: bool = False,
    precision: Sequence[str] = (),
    most: int = MOST,
    ignorance: bool = False,
    executor: str = "auto",
) -> Results:
    """Simulate a trial many times.

    Parameters
    ----------
    scenario
        The trial, from `trialsim.load`, or what to load.
    replications
        How many possible histories; they are numbered from 1, and each is the same whatever the number of others.
    seed
        Which set of histories, from 0 to 2**64 - 1.
    jobs
        How many processes share the work; the results do not depend on it. None is all cores, unless the work is too
        little to be worth sharing. A script that asks for more than one must do so under
        ``if __name__ == "__main__":``, as Python demands of programs that start processes.
    detail
        Whether to keep the tables of participants and lots as well.
    rule
        A dose rule of your own in place of the scenario's: an object with the methods ``decide`` and ``recommend``.
    engine
        ``simpy``, ``compiled``, or ``auto``: the compiled engine where it can run the scenario and is worth starting.
        The results are the same.
    progress
        Called with (done, all) as replications get done.
    levers
        Whether to find out what would help as well, in at most 1,000 replications; see `trialsim.levers`.
    keep
        The folder in which the results are to be saved. What it holds of the same scenario and seed is not simulated
        again, and what gets done is kept in ``FOLDER.parts`` beside it every few seconds, so that work which was
        interrupted goes on from there. That folder is yours to remove when the results are saved.
    fresh
        Whether to begin anew whatever is there.
    precision
        Estimates and the half-width that their 95 % intervals shall have at most, each ``NAME=HALF-WIDTH``:
        ``early_termination=0.02``, ``last_visit_p80=2 weeks``, ``infused_mean=0.1``. There are then as many
        replications as that takes, ``replications`` (200 or more) at least; see `trialsim.analysis.precision`.
    most
        How many replications there may be for that.
    ignorance
        Whether to tell luck from ignorance, if the scenario calls something unknown: by as many trials once more, at
        most 10,000.
    executor
        Where the work is done: ``auto`` (as many of ``jobs`` as are worth it), ``here`` (one core of this process),
        ``processes`` (engine simpy), ``threads`` (compiled engine), or on the workers of a Dask scheduler by its
        address, ``tcp://host:port``; ``jobs`` then says nothing. The results do not depend on it.

    Raises
    ------
    ValueError
        For a number out of its range, a rule that cannot be sent to other processes, an engine that cannot run the
        scenario, or a rule of your own whose results are to be kept: what it decides cannot be known again.
    TypeError
        For a rule that is none, or a number that is not whole.
    WorkersLost
        When a worker process was killed, and killed again when it did the same work alone.
    ClusterError
        When the Dask scheduler or its workers cannot do the work, or are lost.
    """
    from trialsim.scenario import Scenario, load

    check(replications, seed, jobs, engine, executor)
    if rule is not None:
        check_rule(rule)
    if not isinstance(scenario, Scenario):
        scenario = load(scenario)
    if rule is not None and keep is not None:
        raise ValueError("results of a rule of your own cannot be kept while they are made: leave out keep")
    asked = wanted(precision)
    if asked:
        check_growth(replications, most)
    started = datetime.now(UTC)
    work = [Job(scenario, seed, detail, rule)]
    named = [scenario.name], replications, scenario.name
    store = None if keep is None else store_for(keep, work, *named, fresh, grows=bool(asked))
    (tables,), used, precise = grow(work, replications, asked, most, jobs, progress, engine, None, store, executor)
    assert tables.courses is not None  # the job asks for it
    with_engine = engine if used == EARLIER else used
    helpful = None
    if levers:
        helpful = levers_of_run(scenario, tables.replications, seed, jobs, with_engine, progress, rule, executor)
    twins = None
    if ignorance and scenario.uncertain:
        twins = _twins(scenario, seed, len(tables.replications), jobs, with_engine, progress, rule, executor)
    return Results(
        scenario,
        seed,
        tables.replications,
        tables.courses,
        tables.participants,
        tables.lots,
        engine=used,
        started=started,
        finished=datetime.now(UTC),
        rule=rule,
        levers=helpful,
        precision=precise,
        twins=twins,
    )


def _twins(
    scenario: Scenario,
    seed: int,
    replications: int,
    jobs: int | None,
    engine: str,
    progress: Progress | None,
    rule: Rule | None,
    executor: str,
) -> pd.DataFrame:
    """The replications once more, with the same inputs and luck of their own: that of the seed half the way round."""
    job = Job(scenario, (seed + 2**63) % 2**64, rule=rule, courses=False, draw_seed=seed)
    (tables,), _ = run_jobs([job], min(replications, MOST_TWINS), jobs, progress, engine, executor=executor)
    return tables.replications


def simulate_part(
    scenario: Scenario,
    part: tuple[int, int],
    keep: str | os.PathLike[str],
    replications: int = 1000,
    seed: int = 1,
    jobs: int | None = 1,
    detail: bool = False,
    engine: str = "auto",
    progress: Progress | None = None,
    fresh: bool = False,
    executor: str = "auto",
) -> int:
    """Simulate one of several equal parts of what `simulate` would, into ``FOLDER.parts``; return its replications.

    ``part`` is ``(3, 40)`` for the third of forty. All parts may be simulated at once, on machines that share the
    folder; or each into a folder of its own, and joined later. When all are there, `simulate` finds them.
    """
    check(replications, seed, jobs, engine, executor)
    work = [Job(scenario, seed, detail)]
    store = store_for(keep, work, [scenario.name], replications, scenario.name, fresh)
    return run_part(work, replications, part, store, jobs, progress, engine, executor)[0]

"""What drives the answer: which of the inputs that are not known matter, one at a time, together, and in rank."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from trialsim.analysis.answers import Answer, answers
from trialsim.analysis.measures import USUAL
from trialsim.experiment.arguments import check_count
from trialsim.experiment.collection import Progress
from trialsim.experiment.running import check
from trialsim.frames import Table
from trialsim.results.exchanging import DUMMY, Points, Work, groups, label, simulations
from trialsim.results.result import Result, of, own_rule, simulated, when
from trialsim.tables import INDICES, RANK_CORRELATIONS, TORNADO

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from trialsim.rules.base import Rule
    from trialsim.scenario import Scenario
    from trialsim.scenario.inputs import Input

ANALYSES = ("tornado", "indices", "ranks")
"""One input at a time; shares of the ignorance (Sobol); partial rank correlations."""
REPLICATIONS, POINTS = 1000, 2000
FEWEST, FEWEST_POINTS, MOST = 20, 100, 100_000
"""Replications at each end of a tornado, and points."""


class NotReached(ValueError):
    """An answer that no trial has: nobody reached the milestone. The message is meant for the user."""


@dataclass(frozen=True, eq=False)
class SensitivityResults(Result):
    """What drives the answers of a scenario.

    Attributes
    ----------
    scenario : Scenario
        With its inputs that are not known, those given from outside too.
    seed : int
        Which set of histories.
    replications, points : int
        How many trials with each input at each end, and how many points; 0 where it was not asked for.
    asked : tuple of Answer
        What was looked at.
    tornado, indices, rank_correlations : pandas.DataFrame or None
        As `trialsim.tables` says; None unless asked for.
    spread : mapping
        For each measure what the variance of one trial is made of (`trialsim.analysis.ignorance.Shares`); empty without
        indices.
    engine, started, finished, rule
        As in `Results`.
    """

    scenario: Scenario
    seed: int
    replications: int
    points: int
    asked: tuple[Answer, ...]
    tornado: pd.DataFrame | None
    indices: pd.DataFrame | None
    rank_correlations: pd.DataFrame | None
    spread: Mapping[str, Mapping[str, Any]]
    engine: str
    started: datetime
    finished: datetime
    rule: Rule | None = None

    def __repr__(self) -> str:
        return f"SensitivityResults({self.scenario.name}: {len(self.scenario.inputs)} inputs, seed {self.seed})"

    def summary(self) -> dict[str, Any]:
        """The inputs, what each does to each answer, and whether the dummy came out inert; ready for JSON."""
        from trialsim.analysis.facts import facts_of
        from trialsim.analysis.inertness import stirred

        facts, written = facts_of(self.scenario), _written(self.scenario)
        called = {each.measure: facts.measure(each.measure) for each in self.asked}
        tables = {name: table.frame for name, table in self.tables().items()}
        return {
            "scenario": self.scenario.name,
            "inputs": [
                {"key": each.key, "unit": each.unit, **_quantiles(each), "written": written[each.entry]}
                for each in self.scenario.inputs
            ],
            "correlated": [label(group) for group in groups(self.scenario) if len(group) > 1],
            "replications": self.replications,
            "points": self.points,
            "answers": [each.name for each in self.asked],
            "measures": list(dict.fromkeys(each.measure for each in self.asked)),
            "words": called | {each.name: each.words(called) for each in self.asked},
            "spread": {name: dict(found) for name, found in self.spread.items()},
            **{name: _rows(tables.get(name)) for name in ("tornado", "indices", "rank_correlations")},
            "dummy_moves": stirred(tables),
        }

    def made_from(self) -> dict[str, Any]:
        """Scenario, seed, how many replications and points, answers, engine and when."""
        return {
            **when(self.started, self.finished),
            **of(self.scenario),
            "sensitivity": {"answers": [each.name for each in self.asked], "points": self.points},
            "seed": self.seed,
            "replications": self.replications,
            "engine": self.engine,
            "rule": own_rule(self.rule),
        }

    def tables(self) -> dict[str, Table]:
        """Those that were asked for."""
        every = {
            "tornado": (TORNADO, self.tornado),
            "indices": (INDICES, self.indices),
            "rank_correlations": (RANK_CORRELATIONS, self.rank_correlations),
        }
        return {name: Table(columns, frame) for name, (columns, frame) in every.items() if frame is not None}

    def figures(self) -> list[str]:
        """As the tables are called."""
        return list(self.tables())

    def origin(self) -> str:
        """How many trials in all, seed, version and date."""
        return simulated(self._simulated(), self.seed, self.finished)

    def _simulated(self) -> int:
        return simulations(self.scenario, self.replications, self.points, self.indices is not None)

    def _draw(self, name: str) -> Figure:
        from trialsim.figures import draw_sensitivity

        return draw_sensitivity(name, self.summary(), self.tables()[name].frame)


def sensitivity(
    scenario: Scenario | str | os.PathLike[str],
    replications: int = REPLICATIONS,
    points: int = POINTS,
    seed: int = 1,
    jobs: int | None = 1,
    vary: Sequence[str] = (),
    measures: Sequence[str] = USUAL,
    only: Sequence[str] = ANALYSES,
    progress: Progress | None = None,
    engine: str = "auto",
    rule: Rule | None = None,
    executor: str = "auto",
) -> SensitivityResults:
    """Find out which of the inputs that are not known drive the answers.

    Parameters
    ----------
    scenario
        The trial, with what it calls unknown (`uncertain`).
    replications : int
        Histories with each input at each end of the tornado.
    points : int
        Points at which inputs are drawn, for indices and rank correlations. The indices take two histories of each
        point, and two more for each group of inputs.
    seed, jobs, progress, engine, rule, executor
        As for `simulate`.
    vary : sequence of str
        Further inputs, or other ranges for some: ``KEY=LOW:HIGH``, or ``KEY={…}`` with a distribution.
    measures : sequence of str
        The answers: measures (`trialsim.tables.MEASURES`), of milestones also quantiles, ``last_visit_p80``. Indices
        and rank correlations are those of the measure.
    only : sequence of str
        Which of `ANALYSES`.

    Raises
    ------
    ScenarioError
        If nothing is unknown, something is that cannot vary, or a range is not valid.
    NotReached
        If no trial reaches a milestone that was asked for.
    ValueError
        For a number out of its range, a measure or an analysis that there is not.
    """
    from trialsim.scenario import Scenario, load
    from trialsim.scenario.given_ranges import with_ranges

    asked = answers(measures)
    check_sensitivity(replications, points, only)
    check(max(replications, points), seed, jobs, engine, executor)
    trial = with_ranges(scenario if isinstance(scenario, Scenario) else load(scenario), vary)
    check_inputs(trial)
    started = datetime.now(UTC)
    ends = replications if "tornado" in only else 0
    drawn = points if {"indices", "ranks"} & set(only) else 0
    every = simulations(trial, ends, drawn, "indices" in only)
    work = Work(trial, seed, jobs, progress, engine, rule, executor, every)
    tornado = _tornado(work, ends, asked) if ends else None
    measured = tuple(Answer(name, name) for name in dict.fromkeys(each.measure for each in asked))
    found, table = None, None
    if "indices" in only:
        found = work.points(drawn)
        table = found.sample[0]
    elif drawn:
        table = work.sample(drawn)
    return SensitivityResults(
        trial,
        seed,
        ends,
        drawn,
        asked,
        tornado,
        None if found is None else _indices(found, measured),
        None if table is None or "ranks" not in only else _ranks(trial, seed, table, measured),
        {} if found is None else _spread(found, measured),
        engine=work.engine,
        started=started,
        finished=datetime.now(UTC),
        rule=rule,
    )


def check_sensitivity(replications: int, points: int, only: Sequence[str]) -> None:
    """Raise ValueError for what `sensitivity` cannot be asked; TypeError for a number that is not whole."""
    if not only or set(only) - set(ANALYSES):
        raise ValueError(f"only must name some of {', '.join(ANALYSES)}, not {', '.join(map(str, only)) or 'nothing'}")
    for name, number, fewest in (("replications", replications, FEWEST), ("points", points, FEWEST_POINTS)):
        check_count(name, number, MOST)
        if number < fewest:
            raise ValueError(f"{name} must be {fewest} or more, not {number}")


def check_inputs(trial: Scenario) -> None:
    """Raise ScenarioError if nothing is unknown, or something is that cannot vary."""
    from trialsim.scenario.messages.errors import Problem, ScenarioError

    if not trial.inputs:
        message = "nothing is unknown here; name keys under uncertain, or give ranges (--vary KEY=LOW:HIGH)"
        raise ScenarioError([Problem(trial.name, None, None, "uncertain", message)])
    fixed = [each for each in trial.inputs if len(set(each.extremes())) == 1]
    if fixed:
        raise ScenarioError(
            Problem(
                trial.name, None, None, f"uncertain.{each.entry}", "this is always the same, so that it cannot vary"
            )
            for each in fixed
        )


def _tornado(work: Work, replications: int, asked: Sequence[Answer]) -> pd.DataFrame:
    from trialsim.analysis.tornado import tornado_table

    base, ends = work.tornado(replications)
    _check_reached(asked, [base, *(table for each in ends for table in (each.low, each.high))])
    return tornado_table(ends, base, asked)


def _indices(found: Points, measured: Sequence[Answer]) -> pd.DataFrame:
    from trialsim.analysis.sobol import indices_table

    _check_reached(measured, found.sample)
    return indices_table(found.sample, found.other, found.exchanged, measured, DUMMY)


def _spread(found: Points, measured: Sequence[Answer]) -> dict[str, dict[str, Any]]:
    from trialsim.analysis.ignorance import shares

    return {each.name: asdict(shares(*(each.of(table) for table in found.sample))) for each in measured}


def _ranks(trial: Scenario, seed: int, table: pd.DataFrame, measured: Sequence[Answer]) -> pd.DataFrame:
    from trialsim.analysis.rank_correlations import ranks_table
    from trialsim.randomness import uniforms_of_replications
    from trialsim.scenario.copula import drawn

    _check_reached(measured, [table])
    number = len(table)
    inputs = drawn(trial, seed, 1, number)
    return ranks_table(
        {**inputs, DUMMY: uniforms_of_replications(seed, "sensitivity.dummy", 1, number)}, table, measured, DUMMY
    )


def _check_reached(asked: Sequence[Answer], tables: Sequence[pd.DataFrame]) -> None:
    """Raise NotReached for an answer of which no replication has a value."""
    for each in asked:
        if all(np.isnan(each.of(table)).all() for table in tables):
            raise NotReached(f"no trial reached {each.measure}, so that nothing can drive it; ask for another measure")


def _quantiles(each: Input) -> dict[str, float]:
    return dict(zip(("p10", "p50", "p90"), each.values(np.array([0.1, 0.5, 0.9])).tolist(), strict=True))


def _written(trial: Scenario) -> dict[str, dict[str, str]]:
    """The quantiles of each input in the unit in which its value is written, by its entry."""
    from trialsim.scenario.assumptions import assumptions

    unknown = (each for one in assumptions(trial, with_defaults=True) for each in one.unknown)
    found = {each.key: {"p10": each.low, "p50": each.middle, "p90": each.high} for each in unknown}
    plain = ({name: str(one.write(value)) for name, value in _quantiles(one).items()} for one in trial.inputs)
    return {one.entry: texts for one, texts in zip(trial.inputs, plain, strict=True)} | found


def _rows(table: pd.DataFrame | None) -> list[dict[str, Any]] | None:
    if table is None:
        return None
    found = table.astype(object).where(table.notna(), None).to_dict("records")
    return [{str(key): value for key, value in row.items()} for row in found]

"""The SimPy model as an engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any

from trialsim.analysis.courses import courses, days_of
from trialsim.analysis.replications import replications
from trialsim.experiment.engines import Count
from trialsim.experiment.jobs import Job, Tables
from trialsim.experiment.pickled_rules import unpickled
from trialsim.frames import frame, published
from trialsim.model import run
from trialsim.model.path import days_waited
from trialsim.scenario.copula import scenarios_drawn
from trialsim.tables import ENDS, LOTS, PEOPLE

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.columns import Columns
    from trialsim.model import History
    from trialsim.scenario import Scenario

_LARGEST_CHUNK = 250
_MOST_PARTICIPANTS = 50_000
"""In a chunk, so that the tables of a large trial fit into memory."""


class SimPy:
    """Runs one replication after another, each as a `trialsim.model.History`, and makes tables of them."""

    name = "simpy"

    def largest_chunk(self, job: Job) -> int:
        """As many as together have so many participants, and not too many."""
        return max(1, min(_LARGEST_CHUNK, _MOST_PARTICIPANTS // job.scenario.trial.max_participants))

    def run(self, job: Job, first: int, last: int, done: Count | None = None) -> Tables:
        """Simulate the replications ``first`` to ``last``, both included, and make their tables."""
        rule = unpickled(job.rule)
        draw_seed = job.seed if job.draw_seed is None else job.draw_seed
        each = scenarios_drawn(job.scenario, draw_seed, first, last)
        histories = [run(drawn, job.seed, number, rule) for number, drawn in enumerate(each, first)]
        if done:
            done(len(histories))
        return tables(job.scenario, raw_tables(job.scenario, histories), job.detail)


def raw_tables(scenario: Scenario, histories: Sequence[History]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """How the replications ended, their participants and their lots, each a table of `trialsim.tables`."""

    def rows(records: Iterable[tuple[int, Sequence[Any]]], columns: Columns) -> pd.DataFrame:
        fields = attrgetter(*list(columns)[2:])
        return frame(columns, ((scenario.name, number, *fields(one)) for number, several in records for one in several))

    def end(history: History) -> dict[str, Any]:
        return history._asdict() | {f"days_{piece}": days for piece, days in days_waited(history.path).items()}

    return (
        frame(ENDS, ((scenario.name, *itemgetter(*list(ENDS)[1:])(end(history))) for history in histories)),
        rows(((history.replication, history.participants) for history in histories), PEOPLE),
        rows(((history.replication, history.lots) for history in histories), LOTS),
    )


def tables(scenario: Scenario, raw: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame], detail: bool) -> Tables:
    """The tables of some replications as users see them, from the raw ones."""
    ends, participants, lots = raw
    table = replications(ends, participants, lots, scenario.levels, scenario.trial.close_out)
    kept = (published(participants), lots) if detail else (None, None)
    return Tables(table, courses(participants, table, days_of(scenario, float(table["end_day"].max()))), *kept)

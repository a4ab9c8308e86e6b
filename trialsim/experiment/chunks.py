"""A chunk of replications, from scenario to tables: what one worker does at a time."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.columns import Columns
    from trialsim.model import History
    from trialsim.rules.base import Rule
    from trialsim.scenario import Scenario


class Tables(NamedTuple):
    """The tables of some replications; the last two only if they were asked for."""

    replications: pd.DataFrame
    courses: pd.DataFrame
    participants: pd.DataFrame | None
    lots: pd.DataFrame | None


@dataclass(frozen=True)
class Job:
    """What all chunks of a simulation have in common.

    ``rule`` is a user's own, pickled when it goes to other processes; None for the scenario's.
    """

    scenario: Scenario
    seed: int
    detail: bool
    rule: Rule | bytes | None = None


def run_chunk(job: Job, first: int, last: int) -> Tables:
    """Simulate the replications ``first`` to ``last``, both included, and make their tables."""
    from trialsim.model import run

    rule = pickle.loads(job.rule) if isinstance(job.rule, bytes) else job.rule
    histories = [run(job.scenario, job.seed, number, rule=rule) for number in range(first, last + 1)]
    return tables(job.scenario, raw_tables(job.scenario, histories), job.detail)


def tables(scenario: Scenario, raw: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame], detail: bool) -> Tables:
    """The tables of some replications as users see them, from the raw ones."""
    from trialsim.analysis.courses import courses
    from trialsim.analysis.replications import replications
    from trialsim.frames import published

    ends, participants, lots = raw
    table = replications(ends, participants, lots, scenario.levels, scenario.trial.close_out)
    days = days_of(scenario, float(table["end_day"].max()))
    kept = (published(participants), lots) if detail else (None, None)
    return Tables(table, courses(participants, table, days), *kept)


def days_of(scenario: Scenario, horizon: float) -> list[int]:
    """The days at which courses are kept, as far as the latest end."""
    from trialsim.analysis.courses import grid

    observed = [scenario.day_of(entry.date) for entry in scenario.observed]
    limit = scenario.stopping.time_limit if scenario.stopping else None
    return grid(scenario.trial.start_date, horizon, observed, limit)


def raw_tables(scenario: Scenario, histories: Sequence[History]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """How the replications ended, their participants and their lots, each a table of `trialsim.tables`."""
    from trialsim.frames import frame
    from trialsim.tables import ENDS, LOTS, PEOPLE

    def rows(records: Iterable[tuple[int, Sequence[Any]]], columns: Columns) -> pd.DataFrame:
        fields = attrgetter(*list(columns)[2:])
        return frame(columns, ((scenario.name, number, *fields(one)) for number, several in records for one in several))

    return (
        rows(((history.replication, (history,)) for history in histories), ENDS),
        rows(((history.replication, history.participants) for history in histories), PEOPLE),
        rows(((history.replication, history.lots) for history in histories), LOTS),
    )


def put_together(parts: Sequence[Tables]) -> Tables:
    """Several chunks' tables, in the order given, as one."""
    import pandas as pd

    from trialsim.analysis.courses import merge

    def joined(tables: Iterable[pd.DataFrame | None]) -> pd.DataFrame | None:
        present = [table for table in tables if table is not None]
        return pd.concat(present, ignore_index=True) if present else None

    return Tables(
        pd.concat([part.replications for part in parts], ignore_index=True),
        merge([part.courses for part in parts]),
        joined(part.participants for part in parts),
        joined(part.lots for part in parts),
    )

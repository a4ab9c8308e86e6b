"""One replication, looked at closely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialsim.experiment.chunks import raw_tables

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.rules.base import Rule
    from trialsim.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Trace:
    """One possible history of a trial, in full.

    Attributes
    ----------
    scenario : Scenario
        What was simulated.
    seed, replication : int
        Which history: the same as replication ``replication`` of `trialsim.simulate` with this seed.
    ends : pandas.DataFrame
        One row: how it ended.
    participants, lots : pandas.DataFrame
        One row a candidate, one row a lot of cells.
    """

    scenario: Scenario
    seed: int
    replication: int
    ends: pd.DataFrame
    participants: pd.DataFrame
    lots: pd.DataFrame

    def events(self) -> pd.DataFrame:
        """The event log, in the columns that process-mining and animation tools read."""
        from trialsim.analysis.events import events

        return events(self.ends, self.participants, self.lots)

    def to_document(self) -> dict[str, Any]:
        """All of it as plain values, ready for JSON; None is what did not happen."""

        def rows(table: pd.DataFrame) -> list[dict[Any, Any]]:
            return table.astype(object).where(table.notna(), None).to_dict("records")

        return {
            "seed": self.seed,
            **rows(self.ends)[0],
            "participants": rows(self.participants),
            "lots": rows(self.lots),
        }

    def diary(self) -> str:
        """The history as a text to read, a line an event, at most 80 columns wide."""
        from trialsim.report.diary import diary

        return diary(self.scenario, self.ends, self.participants, self.lots)


def trace(scenario: Scenario, seed: int = 1, replication: int = 1, rule: Rule | None = None) -> Trace:
    """Simulate one replication, counted from 1, and keep everything that happened in it.

    Raises
    ------
    ValueError
        For a seed or a replication out of its range.
    """
    from trialsim.model import run
    from trialsim.tables import published

    if not 0 <= seed < 2**64:
        raise ValueError(f"seed must be from 0 to 2**64 - 1, not {seed}")
    if replication < 1:
        raise ValueError(f"replication must be 1 or more, not {replication}")
    ends, participants, lots = raw_tables(scenario, [run(scenario, seed, replication, rule=rule)])
    return Trace(scenario, seed, replication, ends, published(participants), lots)

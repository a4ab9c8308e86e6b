"""One replication, looked at closely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialsim.experiment.arguments import check_count, check_seed
from trialsim.experiment.engines.simpy import raw_tables
from trialsim.frames import Table, published
from trialsim.results.result import Result, of, own_rule
from trialsim.rules.base import check_rule
from trialsim.tables import ENDS, EVENTS, LOTS, PARTICIPANTS

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.rules.base import Rule
    from trialsim.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Trace(Result):
    """One possible history of a trial, in full.

    Attributes
    ----------
    scenario : Scenario
        What was simulated.
    seed, replication : int
        Which history: the same as replication ``replication`` of `trialsim.simulate` with this seed.
    ends : pandas.DataFrame
        One row: how it ended.
    people, lots : pandas.DataFrame
        One row a candidate, one row a lot of cells; `participants` is ``people`` as it is published.
    rule : Rule or None
        The user's own dose rule, if the scenario's was replaced.
    """

    scenario: Scenario
    seed: int
    replication: int
    ends: pd.DataFrame
    people: pd.DataFrame
    lots: pd.DataFrame
    rule: Rule | None = None

    def __repr__(self) -> str:
        return f"Trace({self.scenario.name}: replication {self.replication}, seed {self.seed})"

    @property
    def participants(self) -> pd.DataFrame:
        """One row a candidate, with the columns of the published table."""
        return published(self.people)

    def events(self) -> pd.DataFrame:
        """The event log, in the columns that process-mining and animation tools read."""
        from trialsim.analysis.events import events

        waiting = self.scenario.waiting
        return events(
            self.ends,
            self.people,
            self.lots,
            sites=[site.name for site in self.scenario.sites],
            eligibility_valid=waiting.eligibility_valid if waiting else None,
        )

    def tables(self) -> dict[str, Table]:
        """How it ended, its participants, its lots and the event log."""
        return {
            "ends": Table(ENDS, self.ends),
            "participants": Table(PARTICIPANTS, self.participants),
            "lots": Table(LOTS, self.lots),
            "events": Table(EVENTS, self.events()),
        }

    def made_from(self) -> dict[str, Any]:
        """Scenario, seed, replication and rule."""
        return {
            **of(self.scenario),
            "seed": self.seed,
            "replication": self.replication,
            "rule": own_rule(self.rule),
        }

    def summary(self) -> dict[str, Any]:
        """All of it as plain values; the same as `to_document`."""
        return self.to_document()

    def to_document(self) -> dict[str, Any]:
        """All of it as plain values, ready for JSON; None is what did not happen."""
        return {
            "seed": self.seed,
            **plain_rows(self.ends)[0],
            "participants": plain_rows(self.participants),
            "lots": plain_rows(self.lots),
        }

    def diary(self, heading: str = "") -> str:
        """The history as a text to read, a line an event, at most 80 columns wide.

        ``heading`` is its second line, under the trial's title; left out, it tells which replication this is.
        """
        from trialsim.report.diary import diary

        return diary(self.scenario, self.ends, self.people, self.lots, heading=heading)


def plain_rows(table: pd.DataFrame) -> list[dict[Any, Any]]:
    """The rows of a table as plain values; None is what is missing."""
    return table.astype(object).where(table.notna(), None).to_dict("records")


def trace(scenario: Scenario, seed: int = 1, replication: int = 1, rule: Rule | None = None) -> Trace:
    """Simulate one replication, counted from 1, and keep everything that happened in it.

    Raises
    ------
    ValueError
        For a seed or a replication out of its range.
    TypeError
        For a rule that is none.
    """
    from trialsim.model import run

    if rule is not None:
        check_rule(rule)
    check_seed(seed)
    check_count("replication", replication)
    return Trace(
        scenario, seed, replication, *raw_tables(scenario, [run(scenario, seed, replication, rule=rule)]), rule
    )

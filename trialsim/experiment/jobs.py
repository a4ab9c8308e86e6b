"""What is to be simulated, and the tables that come of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from trialsim.experiment.pickled_rules import pickled

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.rules.base import Rule
    from trialsim.scenario import Scenario
    from trialsim.scenario.copula import Seeds


class Tables(NamedTuple):
    """The tables of some replications; all but the first only where they were asked for."""

    replications: pd.DataFrame
    courses: pd.DataFrame | None
    participants: pd.DataFrame | None
    lots: pd.DataFrame | None


Fetch = Callable[[], Tables]
"""Gives the tables of a chunk, which may be on the disk until then."""


def at_hand(tables: Tables) -> Fetch:
    """What gives tables that are in memory already."""
    return lambda: tables


@dataclass(frozen=True, eq=False)
class Job:
    """A scenario to be simulated: what all its replications have in common.

    Attributes
    ----------
    scenario : Scenario
        The trial.
    seed : int
        Which set of histories.
    detail : bool
        Whether the tables of participants and lots are wanted.
    rule : Rule, bytes or None
        A dose rule of the user's own in place of the scenario's; pickled once the job has gone to another process.
    courses : bool
        Whether the table of courses is wanted. Engines make it in any case; what is kept may lack it.
    draw_seed : int, mapping or None
        The seed of what is not known, where it is not that of luck: of all inputs, or of each by its key.
    """

    scenario: Scenario
    seed: int
    detail: bool = False
    rule: Rule | bytes | None = None
    courses: bool = True
    draw_seed: Seeds | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return Job, (self.scenario, self.seed, self.detail, pickled(self.rule), self.courses, self.draw_seed)


def put_together(parts: Sequence[Tables]) -> Tables:
    """The tables of several chunks of one job, in the order given, as one."""
    import pandas as pd

    from trialsim.analysis.courses import merge

    def joined(tables: Sequence[pd.DataFrame | None]) -> pd.DataFrame | None:
        present = [table for table in tables if table is not None]
        return pd.concat(present, ignore_index=True) if present else None

    if len(parts) == 1:
        return parts[0]
    courses = [part.courses for part in parts if part.courses is not None]
    return Tables(
        pd.concat([part.replications for part in parts], ignore_index=True),
        merge(courses) if len(courses) == len(parts) else None,
        joined([part.participants for part in parts]),
        joined([part.lots for part in parts]),
    )

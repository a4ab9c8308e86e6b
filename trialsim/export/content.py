"""What exports are made of: tables, numbers, and of one trial its scenario and its plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trialsim.analysis.schedule import Schedule
    from trialsim.frames import Table
    from trialsim.scenario import Scenario


@dataclass(frozen=True)
class Content:
    """What there is to hand over.

    Attributes
    ----------
    origin : str
        What they were made from and with, in words.
    tables : mapping of str to Table
        The tables by name.
    summary : dict
        The numbers, as in ``summary.json``.
    scenario : Scenario or None
        The trial, if it is one.
    make_plan : callable or None
        Makes the plan of that trial.
    """

    origin: str
    tables: Mapping[str, Table]
    summary: Mapping[str, Any]
    scenario: Scenario | None = None
    make_plan: Callable[[], Schedule] | None = None

    @cached_property
    def plan(self) -> Schedule | None:
        """The plan; None of results that are not of one trial."""
        return None if self.make_plan is None else self.make_plan()

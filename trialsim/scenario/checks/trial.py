"""Contradictions between the dates of the trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialsim.scenario.messages.errors import Findings

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario


def planned_end(s: Scenario) -> Findings:
    """Find a planned end before the start."""
    end, start = s.trial.planned_end, s.trial.start_date
    if end is not None and end < start:
        yield ("trial", "planned_end"), f"{end} is before the trial starts ({start})"

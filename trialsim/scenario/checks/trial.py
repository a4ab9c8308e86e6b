"""Contradictions between the dates of the trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialsim.scenario.messages.errors import Findings

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario


def planned_dates(s: Scenario) -> Findings:
    """Find a planned end, or another target, before the start."""
    end, start = s.trial.planned_end, s.trial.start_date
    planned = [] if end is None else [(("trial", "planned_end"), end)]
    for path, target in [
        *planned,
        *((("trial", "targets", n, "date"), each) for n, each in enumerate(s.trial.targets)),
    ]:
        if target.date < start:
            yield path, f"{target.date} is before the trial starts ({start})"

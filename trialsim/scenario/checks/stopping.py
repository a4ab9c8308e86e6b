"""Contradictions in what can end the trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialsim.scenario.messages.errors import Found
from trialsim.scenario.messages.words import number

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario


def looks(s: Scenario) -> Found:
    """Find looks at accrual that would come after the time limit."""
    if s.stopping is None or s.stopping.time_limit is None:
        return
    for place, look in enumerate(s.stopping.accrual_looks):
        if look.at > s.stopping.time_limit:
            message = f"{number(look.at)} days is after the time limit of {number(s.stopping.time_limit)} days"
            yield ("stopping", "accrual_looks", place, "at"), message

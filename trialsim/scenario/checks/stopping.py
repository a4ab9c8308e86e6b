"""Contradictions between the looks at accrual and the time limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialsim.scenario.messages.errors import Findings
from trialsim.scenario.messages.words import number

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario


def accrual_looks(s: Scenario) -> Findings:
    """Find looks at accrual that would come after the time limit."""
    if s.stopping is None or s.stopping.time_limit is None:
        return
    for index, look in enumerate(s.stopping.accrual_looks):
        if look.at > s.stopping.time_limit:
            message = f"{number(look.at)} days is after the time limit of {number(s.stopping.time_limit)} days"
            yield ("stopping", "accrual_looks", index, "at"), message

"""What the kernel's waiting needs to know: patience, and how long eligibility is valid."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

from trialsim.kernel.state.plan.hazards import within

if TYPE_CHECKING:
    from trialsim.kernel.state.plan import Plan
    from trialsim.scenario import Scenario


def put(scenario: Scenario, plan: Plan) -> None:
    """Put it into the plan."""
    waiting = scenario.waiting
    valid = waiting.eligibility_valid if waiting else None
    plan.put(
        may_leave=waiting is not None and (waiting.withdrawal > 0 or valid is not None),
        withdrawal=waiting.withdrawal if waiting else 0.0,
        leaves_below=within(waiting.withdrawal, 0.0) if waiting else 0.0,
        eligibility_valid=nan if valid is None else valid,
        rescreen_probability=waiting.rescreen_probability if waiting else 0.0,
    )

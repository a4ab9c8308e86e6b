"""What the kernel's spacing needs to know: the gaps between infusions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trialsim.kernel.state.plan import Plan
    from trialsim.scenario import Scenario


def put(scenario: Scenario, plan: Plan) -> None:
    """Put it into the plan."""
    if scenario.dosing:
        plan.put(sentinel=scenario.dosing.sentinel, stagger=scenario.dosing.stagger)

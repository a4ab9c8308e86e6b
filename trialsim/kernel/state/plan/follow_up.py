"""What the kernel's follow-up needs to know: how long it is, and how soon people are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialsim.kernel.state.plan.hazards import within

if TYPE_CHECKING:
    from trialsim.kernel.state.plan import Plan
    from trialsim.scenario import Scenario


def put(scenario: Scenario, plan: Plan) -> None:
    """Put it into the plan."""
    follow_up, dosing = scenario.follow_up, scenario.dosing
    if follow_up is None:
        return
    window = dosing.observation if dosing else 0.0
    plan.put(
        follow_up=follow_up.duration,
        follow_up_loss=follow_up.loss,
        lost_below=within(follow_up.loss, max(0.0, follow_up.duration - window)),
    )

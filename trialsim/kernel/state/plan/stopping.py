"""What the kernel's stopping needs to know: the time limit, the looks at accrual, and the sponsor's patience."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trialsim.model import clock

if TYPE_CHECKING:
    from trialsim.kernel.state.plan import Plan
    from trialsim.scenario import Scenario


def put(scenario: Scenario, plan: Plan) -> None:
    """Put it into the plan."""
    layer = scenario.stopping
    looks = [(look.at, float(look.minimum_infused)) for look in layer.accrual_looks] if layer else []
    plan.put(
        time_limit=scenario.time_limit,
        looks=len(looks),
        looks_at=plan.keep(np.array(looks, dtype=float).ravel()),
        external_stop=layer.external_stop if layer else 0.0,
        most_events=clock.MOST_EVENTS,
    )

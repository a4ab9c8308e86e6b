"""What the kernel's slots need to know: when the infusion unit is open, and for how many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from trialsim.kernel.state.plan import Plan
    from trialsim.scenario import Scenario


def put(scenario: Scenario, plan: Plan) -> None:
    """Put it into the plan."""
    unit = scenario.infusion
    if unit is None:
        return
    first = scenario.trial.start_date.weekday()
    open_on = np.array([(first + offset) % 7 in unit.weekdays for offset in range(7)], dtype=np.int64)
    closures = np.array(scenario.closures(), dtype=float).ravel()
    plan.put(
        has_slots=1,
        notice=unit.notice,
        per_day=-1 if unit.per_day is None else unit.per_day,
        open_on_at=plan.keep(open_on),
        closures=len(closures) // 2,
        closures_at=plan.keep(closures),
    )

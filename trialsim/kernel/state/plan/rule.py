"""What the kernel's rules need to know: which one decides, its numbers, and the guards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trialsim.kernel.state import codes

if TYPE_CHECKING:
    from trialsim.kernel.state.plan import Plan
    from trialsim.scenario import Scenario


def put(scenario: Scenario, plan: Plan) -> None:
    """Put it into the plan."""
    dosing = scenario.dosing
    if dosing is None:
        return
    guards = dosing.guards
    plan.put(
        rule=codes.RULES.index(dosing.rule_name),
        guarded=guards is not None,
        enough=(guards.enough_at_level or 0) if guards else 0,
        precise=guards is not None and guards.precision is not None,
        **dosing.rule.numbers(),
    )
    plan.extend()


def thresholds(scenario: Scenario, length: int) -> NDArray[np.int64]:
    """How many DLTs among 0, 1, ... evaluable participants rule a level out; empty if the rule does not say."""
    rule: Any = scenario.dosing.rule if scenario.dosing else None
    table = rule.eliminating_dlts(length) if hasattr(rule, "eliminating_dlts") else []
    return np.array(table, dtype=np.int64)

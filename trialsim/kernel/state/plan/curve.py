"""What the kernel's posterior of a dose-toxicity curve needs to know: the curve, and the guards that ask it."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from trialsim.kernel.state import codes
from trialsim.kernel.state.plan.rules import code_of
from trialsim.rules.guards import Guards

if TYPE_CHECKING:
    from trialsim.kernel.state.plan import Plan
    from trialsim.rules.dose_toxicity import Model
    from trialsim.rules.guards import Limit
    from trialsim.scenario import Scenario


def put(scenario: Scenario, plan: Plan) -> None:
    """Put it into the plan, if the rule's posterior changes with time: else its answers are looked up."""
    dosing, levels = scenario.dosing, plan.levels
    if dosing is None or code_of(plan.rule) != codes.TITE_CRM:
        return
    plan.model = model = plan.rule.curve(len(levels))
    guards = dosing.guards or Guards()
    stop, limit, precision = guards.safety_stop, guards.elimination, guards.precision
    numbers = range(1, len(levels) + 1)
    levels["scale"] = [model.scale(level) for level in numbers]
    plan.put(
        stop_needs=stop.minimum_n if stop else codes.UNLIMITED,
        limit_needs=limit.minimum_n if limit else codes.UNLIMITED,
    )
    if stop:
        plan.put(stop_certainty=stop.certainty, stop_below=_too_toxic_below(model, 1, stop))
    if limit:
        plan.put(limit_certainty=limit.certainty)
        levels["limit_below"] = [_too_toxic_below(model, level, limit) for level in numbers]
    if precision:  # the DLT probability falls where the parameter rises
        low, high = (1 - precision.coverage) / 2, (1 + precision.coverage) / 2
        plan.put(widest=precision.width, share_at_low=1 - low, share_at_high=1 - high)


def _too_toxic_below(model: Model, level: int, limit: Limit) -> float:
    """Where the parameter is below this, the DLT probability of the level is above the limit."""
    crossing = model.crossing(level, limit.above)
    return -inf if crossing is None else crossing

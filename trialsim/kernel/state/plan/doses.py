"""What the kernel's doses need to know: weights, and how many cells a dose takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trialsim.kernel.state.plan import Plan
    from trialsim.scenario import Scenario


def put(scenario: Scenario, plan: Plan) -> None:
    """Put it into the plan."""
    product, people = scenario.product, scenario.participants
    weights = people.weight_kg if people else None
    plan.put(weight=plan.quantity(weights) if weights else -1)
    if product is None:
        return
    plan.put(minimum_dose_fraction=product.minimum_dose_fraction)
    median_weight = weights.median() if weights else 0.0
    for level in plan.levels:
        level["whole_dose"] = level["amount"] * (median_weight if level["per_kg"] else 1.0)
        level["doses_a_lot"] = max(1.0, product.cells_per_lot.median() // float(level["whole_dose"]))

"""What the kernel's dosing needs to know: the dose levels, and how they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trialsim.kernel.state.plan import Plan
    from trialsim.scenario import Scenario


def put(scenario: Scenario, plan: Plan) -> None:
    """Put it into the plan."""
    dosing = scenario.dosing
    if dosing is None:
        return
    for record, dose in zip(plan.levels, dosing.levels, strict=True):
        record["amount"], record["per_kg"] = dose.amount, dose.per_kg
    in_cohorts = plan.rule.cohorts
    plan.put(
        has_dosing=1,
        start_level=dosing.start_level,
        level=dosing.start_level,
        in_cohorts=in_cohorts,
        cohort_size=dosing.cohort_size or (scenario.trial.max_participants if in_cohorts else 1),
        keeps_levels=in_cohorts or dosing.dose_fixed_at == "enrolment",
        stop_cohort_early=dosing.stop_cohort_early,
        replaces=dosing.replace_non_evaluable,
    )

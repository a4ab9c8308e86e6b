"""What the kernel's committee needs to know: how long a review takes, and when it meets."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

from trialsim.scenario.values.distributions import Constant

if TYPE_CHECKING:
    from trialsim.kernel.state.plan import Plan
    from trialsim.scenario import Scenario


def put(scenario: Scenario, plan: Plan) -> None:
    """Put it into the plan."""
    dosing = scenario.dosing
    if dosing is None:
        return
    every = dosing.committee_every
    plan.put(
        review=plan.duration(dosing.review),
        approved=1 if plan.rule.cohorts else dosing.start_level,
        committee_every=nan if every is None else every,
        is_reviewing=every is not None or dosing.review != Constant(0.0),
    )

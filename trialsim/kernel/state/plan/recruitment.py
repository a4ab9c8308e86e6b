"""What the kernel's recruitment needs to know: sites, rates and their periods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trialsim.kernel.state import codes
from trialsim.scenario.values.distributions import Gamma, LogNormal

if TYPE_CHECKING:
    from trialsim.kernel.state.plan import Plan
    from trialsim.scenario import Scenario


def put(scenario: Scenario, plan: Plan) -> None:
    """Put it into the plan."""
    layer = scenario.recruitment
    shared = layer.shared_rate_cv
    plan.put(
        sites=len(scenario.sites),
        turns_away=layer.while_closed == "turn_away",
        max_waiting=codes.UNLIMITED if layer.max_waiting is None else layer.max_waiting,
        rate_multiplier=layer.rate_multiplier,
        shared_effect=plan.quantity(LogNormal(1.0, shared)) if shared else -1,
    )
    for record, site in zip(plan.sites, scenario.sites, strict=True):
        periods = np.array(scenario.periods(site.name), dtype=float).ravel()
        record["rate"] = site.rate or 0.0
        record["rate_effect"] = plan.quantity(Gamma(1.0, site.rate_cv)) if site.rate_cv > 0 else -1
        record["ramp_up"] = site.ramp_up
        record["activation"] = plan.duration(site.activation)
        record["never_active_probability"] = site.never_active_probability
        record["max_candidates"] = -1 if site.max_candidates is None else site.max_candidates
        record["arrival_days"] = -1 if site.arrival_days is None else len(site.arrival_days)
        record["arrival_days_at"] = plan.keep(np.array(site.arrival_days or [0.0]))
        record["periods"] = len(periods) // 3
        record["periods_at"] = plan.keep(periods)

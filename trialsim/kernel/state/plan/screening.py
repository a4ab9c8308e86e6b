"""What the kernel's screening needs to know: how long it takes, and the criteria."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trialsim.kernel.state import codes
from trialsim.randomness import round_days

if TYPE_CHECKING:
    from trialsim.kernel.state.plan import Plan
    from trialsim.scenario import Scenario
    from trialsim.scenario.values.distributions import Distribution

_SMALLEST_UNIFORM, _LARGEST_UNIFORM = 2.0**-53, 1 - 2.0**-53
_TWO_TICKS = 2.0**-19
"""Of the days that times are rounded to: more than rounding can do."""


def put(scenario: Scenario, plan: Plan) -> None:
    """Put it into the plan."""
    screening, recruitment = scenario.screening, scenario.recruitment
    if screening is None:
        return
    probabilities = np.array([check.pass_probability for check in screening.checks], dtype=float)
    plan.put(has_screening=1, **lengths(screening.duration))
    plan.put(
        capacity=codes.UNLIMITED if screening.capacity is None else screening.capacity,
        screening_duration=plan.duration(screening.duration),
        criteria=len(probabilities),
        admits_ahead=len(scenario.sites) == 1
        and recruitment.while_closed == "queue"
        and recruitment.max_waiting is None
        and screening.capacity is None
        # a screening that ends as it begins would come before what else happens at that instant before arrivals
        and _days(screening.duration, _SMALLEST_UNIFORM) > _TWO_TICKS
        and all(each.path[:2] != ("screening", "duration") for each in scenario.inputs),
    )
    plan.table("criteria", probabilities)


def lengths(duration: Distribution) -> dict[str, float]:
    """Fields of the state: how long screening takes at most, and usually at most."""
    return {
        "longest_screening": _at_most(duration, _LARGEST_UNIFORM),
        "usual_screening": _at_most(duration, codes.USUAL),
    }


def _at_most(distribution: Distribution, u: float) -> float:
    """No uniform up to ``u`` makes a longer duration, whatever the rounding."""
    return _days(distribution, u) + _TWO_TICKS


def _days(distribution: Distribution, u: float) -> float:
    """The duration that a uniform makes."""
    return float(round_days(distribution.quantile(np.array([u])))[0])

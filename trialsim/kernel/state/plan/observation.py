"""What the kernel's observation needs to know: the window, and what may happen in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from trialsim.kernel.state.plan import Plan
    from trialsim.scenario import Scenario
    from trialsim.scenario.sections.people import Person


def put(scenario: Scenario, plan: Plan) -> None:
    """Put it into the plan."""
    dosing, truth = scenario.dosing, scenario.truth
    if dosing:
        plan.put(window=dosing.observation, dlt_resolves=dosing.dlt_resolves)
    if truth:
        plan.levels["dlt_probability"] = truth.dlt_probability
        plan.put(
            has_truth=1,
            onset=plan.quantity(truth.dlt_onset),
            loss_probability=truth.loss_in_window_probability,
        )
    for record, site in zip(plan.sites, scenario.sites, strict=True):
        if site.people is not None:
            record["people_at"] = plan.keep(_written(site.people, scenario.levels))


def _written(people: Sequence[Person], levels: int) -> NDArray[np.float64]:
    """What would happen to people whose outcomes are written down: the days to being lost and to a DLT at each level.

    Of shape (people, 1 + levels); NaN is never.
    """
    rows = [(one.lost, *(one.dlt or (None,) * levels)) for one in people]
    return np.array(rows, dtype=float)  # None becomes NaN

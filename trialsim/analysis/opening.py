"""How many sites are open on each day, as the scenario has it, without simulating."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from trialsim.analysis.grouping import Floats

if TYPE_CHECKING:
    from trialsim.scenario import Scenario

_FINENESS = 2000
"""Quantiles by which a distribution is told: a share of sites is known to half of one in so many."""


def expected_open(scenario: Scenario, days: Floats) -> Floats:
    """The expected number of sites that have opened by each of some days, if the trial goes on.

    Parameters
    ----------
    scenario : Scenario
    days : array of float
        Days since the start.

    Returns
    -------
    array of float
        One number a day. It is computed, not simulated, so it has no Monte Carlo error.
    """
    middles = (np.arange(_FINENESS) + 0.5) / _FINENESS
    alike = Counter(
        (None, 0.0) if site.arrival_days is not None else (site.activation, site.never_active_probability)
        for site in scenario.sites
    )
    found = np.zeros(len(days))
    for (activation, never), count in alike.items():
        if activation is None:  # who lists the days of arrival has an open site
            found += count * (days >= 0)
            continue
        opens = np.sort(np.broadcast_to(activation.quantile(middles), middles.shape))
        found += count * (1 - never) * np.searchsorted(opens, days, side="right") / _FINENESS
    return found

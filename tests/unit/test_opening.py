"""The expected number of open sites, against what follows from the scenario by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from trialsim import simulate
from trialsim.analysis.opening import expected_open
from trialsim.scenario import Scenario

RANDOM = {"uniform": {"min": "10 days", "max": "70 days"}}


def scenario(**never: float) -> Scenario:
    sites: list[dict[str, Any]] = [
        {"name": "Listed", "arrival_days": [3, 4]},
        {"name": "Fixed", "rate": "1 per month", "activation": "30 days"},
        {
            "name": "Random",
            "count": 2,
            "rate": "1 per month",
            "activation": RANDOM,
            **never,
        },
    ]
    trial = {"name": "plain", "start_date": "2024-01-08", "max_participants": 12}
    return Scenario.from_document({"format": 1, "trial": trial, "recruitment": {"sites": sites}})


def test_sites_open_as_their_activation_has_it() -> None:
    found = expected_open(scenario(never_active_probability=0.25), np.array([0.0, 29.9, 30.0, 40.0, 1000.0]))
    uniform = np.array([0, 19.9 / 60, 20 / 60, 30 / 60, 1])
    assert found == pytest.approx([1, 1, 2, 2, 2] + 2 * 0.75 * uniform, abs=2e-3)


def test_the_model_opens_them_so() -> None:
    plan = scenario().changed({"recruitment.sites": [{"name": "Random", "rate": "1 per month", "activation": RANDOM}]})
    opened = simulate(plan, 400, engine="simpy").replications["first_site_open_day"].to_numpy(dtype=float)
    days = np.array([25.0, 40.0, 55.0])
    shares = np.array([np.mean(opened <= day) for day in days])
    expected = expected_open(plan, days)
    assert expected == pytest.approx([0.25, 0.5, 0.75], abs=1e-3)
    assert (np.abs(shares - expected) < 4 * np.sqrt(expected * (1 - expected) / 400)).all()

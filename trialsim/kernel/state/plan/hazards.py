"""Hazards that are constant in time."""

from __future__ import annotations

from math import expm1

import numpy as np
from numpy.typing import NDArray


def within(rate: float, days: float) -> float:
    """Above this uniform, something of constant hazard happens later than in so many days, whatever the rounding."""
    return -expm1(-rate * (days + 2.0**-19)) * (1 + 1e-9)


def within_at_rates(rates: NDArray[np.float64], days: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """The same for many rates at once; what it is off by is far less than what the bound has to spare."""
    return -np.expm1(-rates * (days + 2.0**-19)) * (1 + 1e-9)

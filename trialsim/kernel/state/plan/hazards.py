"""Hazards that are constant in time."""

from __future__ import annotations

from math import expm1


def within(rate: float, days: float) -> float:
    """Above this uniform, something of constant hazard happens later than in so many days, whatever the rounding."""
    return -expm1(-rate * (days + 2.0**-19)) * (1 + 1e-9)

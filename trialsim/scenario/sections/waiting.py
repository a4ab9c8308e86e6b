"""Waiting: what can happen to an eligible person before the infusion."""

from __future__ import annotations

from pydantic import Field

from trialsim.scenario.values.fields import PositiveDays, Probability, Rate, Section


class Waiting(Section):
    """What can happen between eligibility and infusion."""

    withdrawal: Rate = Field(0.0, description="Rate at which each of those waiting withdraws before the infusion.")
    eligibility_valid: PositiveDays | None = Field(None, description="How long a passed screening counts.")
    rescreen_probability: Probability = Field(
        0.0, description="Probability that someone whose eligibility expired is screened again."
    )

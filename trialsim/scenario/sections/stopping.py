"""Stopping: what can end the trial before it is complete."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trialsim.scenario.values.fields import Count, Moment, PositiveMoment, Rate, Section

LONGEST_TRIAL = 36525.0
"""Days (100 years): the time limit of a trial that has none."""


class AccrualLook(Section):
    """A planned look at how many have been infused."""

    at: Moment = Field(description="When, from day 0, or a date.", examples=["18 months"])
    minimum_infused: Count = Field(description="The trial ends when fewer have been infused.", examples=[1])


class Stopping(Section):
    """What can end the trial before it is complete."""

    time_limit: PositiveMoment | None = Field(
        None, description="Funding, insurance or authorisation end here: a time from day 0, or a date."
    )
    external_stop: Rate = Field(0.0, description="Rate at which the trial is ended for reasons outside the model.")
    accrual_looks: Annotated[tuple[AccrualLook, ...], Field(strict=False)] = Field(
        (), description="Planned looks at accrual."
    )

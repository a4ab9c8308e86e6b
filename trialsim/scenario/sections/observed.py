"""What really happened in the trial, to compare with; the model never reads it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trialsim.scenario.values.fields import Count, Date, Section


class Observed(Section):
    """Counts known on one day of the real trial: everything up to and including that day."""

    date: Date = Field(description="The day.", examples=["2019-05-14"])
    ended: bool = Field(True, description="Whether the trial was over; looked at in the last entry alone.")
    screened: Count | None = Field(None, description="Persons whose screening has begun.")
    screen_failures: Count | None = Field(None, description="Persons who failed screening.")
    enrolled: Count | None = Field(None, description="Persons given a place.")
    infused: Count | None = Field(None, description="Persons infused.")
    infused_by_level: Annotated[tuple[Count, ...], Field(strict=False)] | None = Field(
        None, description="Persons infused at each level of the ladder."
    )
    under_dosed: Count | None = Field(None, description="Persons infused with less than their level's dose.")

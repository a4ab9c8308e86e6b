"""The trial itself, how it may end, and what really happened."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trialsim.scenario.fields import (
    Count,
    Date,
    Days,
    Label,
    Note,
    PositiveCount,
    PositiveDays,
    Rate,
    Section,
    TrialName,
)


class Trial(Section):
    """What the trial is."""

    name: TrialName = Field(description="Used in file names: letters, digits, - and _.", examples=["a-trial"])
    title: Label | None = Field(None, description="One line for headings.")
    start_date: Date = Field(description="Day 0.", examples=["2019-05-14"])
    max_participants: PositiveCount = Field(description="Participants to be infused.", examples=[10])
    planned_end: Date | None = Field(None, description="Summaries state the chance of meeting it.")
    close_out: Days = Field(0.0, description="From the last visit to database lock.")


class AccrualLook(Section):
    """A planned look at how many have been infused."""

    at: Days = Field(description="When, from day 0.", examples=["18 months"])
    minimum_infused: Count = Field(description="The trial ends when fewer have been infused.", examples=[1])


class Stopping(Section):
    """What can end the trial before it is complete."""

    time_limit: PositiveDays | None = Field(None, description="Funding, insurance or authorisation end here.")
    external_stop: Rate = Field(0.0, description="Hazard of being ended for reasons outside the model.")
    accrual_looks: Annotated[tuple[AccrualLook, ...], Field(strict=False)] = Field(
        (), description="Planned looks at accrual."
    )


class Observed(Section):
    """Counts known on one day of the real trial: everything up to and including that day."""

    date: Date = Field(description="The day.", examples=["2019-05-14"])
    screened: Count | None = Field(None, description="Persons whose screening has begun.")
    screen_failures: Count | None = Field(None, description="Persons who failed screening.")
    enrolled: Count | None = Field(None, description="Persons given a place.")
    infused: Count | None = Field(None, description="Persons infused.")
    infused_by_level: Annotated[tuple[Count, ...], Field(strict=False)] | None = Field(
        None, description="Persons infused at each level of the ladder."
    )
    under_dosed: Count | None = Field(None, description="Persons infused with less than their level's dose.")


SourceKind = Literal["observed", "derived", "protocol", "literature", "assumption", "what-if"]


class Source(Section):
    """Where a number comes from."""

    kind: SourceKind = Field(description="What kind of knowledge it is.", examples=["assumption"])
    note: Note = Field("", description="Where to look it up, or why it was assumed.")

"""The trial itself: its name, its first day, its size and its plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, PlainValidator, WithJsonSchema

from trialsim.scenario.messages.words import given, unknown
from trialsim.scenario.values.fields import Date, Days, Label, PositiveCount, Section, TrialName, date, kind
from trialsim.vocabulary import Milestone


def _milestone(value: Any) -> Milestone:
    if not isinstance(value, str) or value not in Milestone.texts():
        raise ValueError(unknown(value if isinstance(value, str) else given(value), Milestone.texts(), "milestone"))
    return Milestone(value)


class Target(Section):
    """A day on which a milestone should be reached at the latest."""

    date: Date = Field(description="The day.", examples=["2027-01-31"])
    milestone: Annotated[
        Milestone,
        PlainValidator(_milestone),
        PlainSerializer(lambda milestone: milestone.value),
        WithJsonSchema({"enum": list(Milestone.texts())}),
    ] = Field(default=Milestone.LAST_VISIT, description="What should be reached by then.")


def _planned(value: Any) -> Any:
    """A date alone means the last visit."""
    return value if isinstance(value, Mapping | Target) else Target(date=date(value))


class Trial(Section):
    """What the trial is."""

    name: TrialName = Field(description="Used in file names: letters, digits, - and _.", examples=["a-trial"])
    title: Label | None = Field(None, description="One line for headings.")
    start_date: Date = Field(description="Day 0.", examples=["2019-05-14"])
    max_participants: PositiveCount = Field(description="Participants to be infused.", examples=[10])
    planned_end: Annotated[Target, BeforeValidator(_planned), kind("PlannedEnd")] | None = Field(
        None,
        description="A date, of the last visit, or a date and a milestone; summaries state the chance of meeting it.",
    )
    targets: Annotated[tuple[Target, ...], Field(strict=False, max_length=20)] = Field(
        (), description="Further milestones with their days; summaries state the chance of meeting each."
    )
    close_out: Days = Field(0.0, description="From the last visit to database lock.")

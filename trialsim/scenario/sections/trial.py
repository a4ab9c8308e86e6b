"""The trial itself: its name, its first day and its size."""

from __future__ import annotations

from pydantic import Field

from trialsim.scenario.values.fields import Date, Days, Label, PositiveCount, Section, TrialName


class Trial(Section):
    """What the trial is."""

    name: TrialName = Field(description="Used in file names: letters, digits, - and _.", examples=["a-trial"])
    title: Label | None = Field(None, description="One line for headings.")
    start_date: Date = Field(description="Day 0.", examples=["2019-05-14"])
    max_participants: PositiveCount = Field(description="Participants to be infused.", examples=[10])
    planned_end: Date | None = Field(None, description="Summaries state the chance of meeting it.")
    close_out: Days = Field(0.0, description="From the last visit to database lock.")

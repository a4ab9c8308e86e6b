"""Follow-up: what comes after the safety window."""

from __future__ import annotations

from pydantic import Field

from trialsim.scenario.values.fields import Days, Rate, Section


class FollowUp(Section):
    """What comes after the safety window."""

    duration: Days = Field(0.0, description="From the infusion to the last visit.")
    loss: Rate = Field(0.0, description="Rate at which each is lost to follow-up after the safety window.")

"""Participants: what distinguishes one from another."""

from __future__ import annotations

from pydantic import Field

from trialsim.scenario.values.fields import RandomAmount, Section


class Participants(Section):
    """What distinguishes participants."""

    weight_kg: RandomAmount | None = Field(None, description="Body weight in kilograms.")

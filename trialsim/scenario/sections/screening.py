"""Screening: how long it takes, and the probability of being found eligible."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from pydantic import Field

from trialsim.scenario.values.distributions import Constant
from trialsim.scenario.values.fields import Label, PositiveCount, Probability, RandomDuration, Section


class Check(NamedTuple):
    """One thing that screening checks, and the probability of passing it."""

    name: str
    pass_probability: float


class Criterion(Section):
    """One of several eligibility criteria, checked in order."""

    name: Label = Field(description="Reported as the reason when it fails.", examples=["a criterion"])
    pass_probability: Probability = Field(description="Probability of meeting it.", examples=[0.5])


class Screening(Section):
    """Whether a candidate is eligible, and how long it takes to find out."""

    capacity: PositiveCount | None = Field(None, description="Candidates who can be in screening at once.")
    duration: RandomDuration = Field(Constant(0.0), description="How long a screening takes.")
    pass_probability: Probability | None = Field(None, description="Probability of being eligible.")
    criteria: Annotated[tuple[Criterion, ...], Field(strict=False, min_length=1)] | None = Field(
        None, description="Instead of one probability: criteria in order; the first that fails is the reason."
    )

    @property
    def checks(self) -> tuple[Check, ...]:
        """What is checked, in order; a single `pass_probability` is one check called ``screening``."""
        if self.criteria is None:
            return (Check("screening", 1.0 if self.pass_probability is None else self.pass_probability),)
        return tuple(Check(criterion.name, criterion.pass_probability) for criterion in self.criteria)

    @property
    def overall(self) -> float:
        """Probability of passing the whole screening."""
        product = 1.0
        for check in self.checks:
            product *= check.pass_probability
        return product

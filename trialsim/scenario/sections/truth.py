"""The simulated world: how toxic each level really is."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trialsim.scenario.values.distributions import Uniform
from trialsim.scenario.values.fields import Probability, RandomFraction, Section


class Truth(Section):
    """The simulated world; the trial itself never sees it."""

    dlt_probability: Annotated[tuple[Probability, ...], Field(strict=False)] = Field(
        description="Probability of a DLT at each level.", examples=[[0.1]]
    )
    dlt_onset: RandomFraction = Field(Uniform(0.0, 1.0), description="When a DLT comes, as a fraction of the window.")
    loss_in_window_probability: Probability = Field(
        0.0, description="Probability of being lost in the window when no DLT comes first."
    )

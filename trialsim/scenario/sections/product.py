"""The product: how lots are made, tested and kept."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trialsim.scenario.values.distributions import Constant, Distribution
from trialsim.scenario.values.fields import (
    Moment,
    PositiveCount,
    PositiveDays,
    Probability,
    RandomAmount,
    RandomDuration,
    Section,
)


class Product(Section):
    """One donation, one lot, several doses."""

    kind: Literal["allogeneic", "autologous"] = Field("allogeneic", description="A lot for anyone, or for one person.")
    policy: Literal["to_stock", "to_order"] = Field(
        description="When a lot is started: to keep doses in stock, or for those who lack one.", examples=["to_order"]
    )
    target_doses: PositiveCount | None = Field(None, description="Doses to keep in stock (policy to_stock).")
    first_start: Moment = Field(0.0, description="When making starts, from day 0, or a date.")
    lots_in_stock_at_start: Annotated[int, Field(ge=0, le=10_000)] = Field(
        0, description="Lots in stock, released on day 0."
    )
    suites: PositiveCount | None = Field(None, description="Lots that can be in donation or expansion at once.")
    donation: RandomDuration = Field(Constant(0.0), description="Finding a donation, or the apheresis.")
    expansion: RandomDuration = Field(Constant(0.0), description="Growing the cells.")
    release_testing: RandomDuration = Field(Constant(0.0), description="Testing the lot.")
    release_probability: Probability = Field(1.0, description="Probability that a lot passes its tests.")
    shipping: RandomDuration = Field(Constant(0.0), description="From release to the infusion unit.")
    cells_per_lot: RandomAmount = Field(description="Cells that a lot holds.", examples=[1e8])
    shelf_life: PositiveDays | None = Field(None, description="How long a released lot can be used.")
    minimum_dose_fraction: Annotated[float, Field(gt=0, le=1)] = Field(
        1.0, description="A lot may be given when it holds at least this share of the dose."
    )
    max_consecutive_failed_lots: PositiveCount | None = Field(
        None, description="The trial ends when this many lots fail in a row."
    )

    @property
    def shortest_making(self) -> float:
        """Days that no lot is made, tested and shipped in less than."""
        return sum(each.lower() for each in self._stages)

    @property
    def mean_making(self) -> float:
        """Days from starting a lot until it is at hand, on average."""
        return sum(each.mean() for each in self._stages)

    @property
    def _stages(self) -> tuple[Distribution, ...]:
        return self.donation, self.expansion, self.release_testing, self.shipping

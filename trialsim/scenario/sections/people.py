"""Candidates whose course is written down one by one: when they come, and what would happen to them at each level."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, NamedTuple

from pydantic import Field

from trialsim.scenario.values.fields import Days, Moment, Section


class Person(NamedTuple):
    """A candidate as the model sees them. Times are days."""

    arrival: float
    """Since day 0."""
    dlt: tuple[float | None, ...]
    """From infusion to a DLT, for each level that could be given; None for never. Empty: never at any level."""
    lost: float | None
    """From infusion to being lost, unless a DLT comes first; None for never."""

    def dlt_after(self, level: int) -> float | None:
        """Days from infusion to a DLT at a level, counted from 1."""
        return self.dlt[level - 1] if self.dlt else None


class PersonEntry(Section):
    """One candidate, or `count` candidates who are alike."""

    arrival: Moment = Field(description="When they come, from day 0, or a date.", examples=["0 days"])
    dlt: Annotated[tuple[Days | None, ...], Field(strict=False)] | None = Field(
        None, description="Time from infusion to a DLT, one value a dose level; null for never."
    )
    lost: Days | None = Field(None, description="Time from infusion to being lost, unless a DLT comes first.")
    count: Annotated[int, Field(ge=1, le=10_000)] | None = Field(None, description="That many alike.")
    every: Days | None = Field(None, description="Time from one of them to the next; left out, all come at once.")

    @property
    def last_arrival(self) -> float:
        """When the last of them comes, in days from day 0."""
        return self.arrival + ((self.count or 1) - 1) * (self.every or 0.0)

    def counted_out(self) -> Iterator[Person]:
        """Everybody whom this entry stands for, in order of arrival."""
        for position in range(self.count or 1):
            yield Person(self.arrival + position * (self.every or 0.0), self.dlt or (), self.lost)

"""The infusion unit: on which days it infuses, how many, and how long ahead slots are booked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trialsim.scenario.values.fields import Count, Date, Days, Label, Section

Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


WEEK: tuple[Weekday, ...] = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Closure(Section):
    """Days on which the infusion unit is closed."""

    name: Label | None = Field(None, description="Why.")
    start: Date = Field(alias="from", description="First day closed.", examples=["2020-08-01"])
    until: Date = Field(description="First day open again.", examples=["2020-08-16"])


class Infusion(Section):
    """When the unit infuses, and how many a day."""

    days: Annotated[tuple[Weekday, ...], Field(strict=False)] = Field(
        WEEK, alias="weekdays", description="The days of the week on which the unit infuses."
    )
    per_day: Count | None = Field(None, description="Participants a day.")
    notice: Days = Field(0.0, description="A slot is booked at least this long ahead.")
    closures: Annotated[tuple[Closure, ...], Field(strict=False)] = Field((), description="Days of closure.")

    def share_within(self, days: float) -> float:
        """The share of the moments of a week, closures aside, from which an open day begins within so many days."""
        open_on = self.weekdays
        gaps = ((day - before - 1) % 7 + 1 for before, day in zip(open_on, (*open_on[1:], *open_on[:1]), strict=True))
        return sum(min(gap, max(days, 0.0)) for gap in gaps) / 7

    @property
    def weekdays(self) -> tuple[int, ...]:
        """Open days of the week, 0 = Monday, ascending."""
        return tuple(number for number, day in enumerate(WEEK) if day in self.days)

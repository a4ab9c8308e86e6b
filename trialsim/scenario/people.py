"""Candidates whose course is written down one by one: when they come, and what would happen to them at each level."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import Field

from trialsim.scenario.fields import Days, Section
from trialsim.scenario.units import LONGEST_DAYS
from trialsim.scenario.words import number

if TYPE_CHECKING:
    from trialsim.scenario.errors import Path
    from trialsim.scenario.scenario import Scenario

MOST_PEOPLE = 100_000


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

    arrival: Days = Field(description="When they come, from day 0.", examples=["0 days"])
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


def people(s: Scenario) -> Iterator[tuple[Path, str]]:
    """What is wrong with listed people that no single value shows."""
    if _too_many(s):
        yield ("recruitment", "sites"), f"more than {MOST_PEOPLE:,} people are listed in all"
        return
    for place, site in enumerate(s.recruitment.sites):
        before = 0.0
        for position, entry in enumerate(site.people or ()):
            path = ("recruitment", "sites", place, "people", position)
            if entry.arrival < before:
                message = f"{number(entry.arrival)} days is before the entry above, which reaches day {number(before)}"
                yield (*path, "arrival"), f"{message}; list people in order of arrival"
            before = max(before, entry.last_arrival)
            if entry.last_arrival > LONGEST_DAYS:
                message = f"the last of {entry.count:,} would come on day {number(entry.last_arrival)}"
                yield (*path, "every"), f"{message}; a day is at most {LONGEST_DAYS:,.0f}"
            if entry.every is not None and entry.count is None:
                yield (*path, "every"), "goes with a count: so many alike, one after the other"
            yield from _outcomes(s, path, entry)


def _too_many(s: Scenario) -> bool:
    listed = (
        (site.count or 1) * sum(entry.count or 1 for entry in site.people)
        for site in s.recruitment.sites
        if site.people is not None
    )
    return sum(listed) > MOST_PEOPLE


def _outcomes(s: Scenario, path: Path, entry: PersonEntry) -> Iterator[tuple[Path, str]]:
    """What would happen to people fits what the trial could do to them."""
    for key in ("dlt", "lost"):
        if getattr(entry, key) is not None and s.dosing is None:
            yield (*path, key), "needs a dosing section: it is counted from an infusion at a dose level"
    if entry.dlt is not None and s.dosing is not None and len(entry.dlt) != len(s.dosing.levels):
        several, levels = len(entry.dlt), len(s.dosing.levels)
        message = f"{several} value{'s' * (several != 1)} for {levels} dose level{'s' * (levels != 1)}"
        yield (*path, "dlt"), f"{message}; give a duration, or null for never, for each level"

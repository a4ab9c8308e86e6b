"""Contradictions in what was observed in the real trial."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from trialsim.scenario.messages.errors import Findings

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario


def observed_dates(s: Scenario) -> Findings:
    """Find observations before the trial starts, or not in order of time."""
    before = s.trial.start_date
    for index, entry in enumerate(s.observed):
        path = ("observed", index, "date")
        if entry.date < s.trial.start_date:
            yield path, f"{entry.date} is before the trial starts ({s.trial.start_date})"
        elif entry.date < before:
            yield path, f"{entry.date} is before the entry above ({before}); list the days in order"
        before = max(before, entry.date)


def observed_counts(s: Scenario) -> Findings:
    """Find counts that contradict one another, within an observation or from one to the next."""
    highest: dict[str, int] = {}
    for index, entry in enumerate(s.observed):
        path = ("observed", index)
        by_level = sum(entry.infused_by_level) if entry.infused_by_level is not None else None
        infused = entry.infused if entry.infused is not None else by_level
        if by_level is not None and infused != by_level:
            yield (*path, "infused_by_level"), f"adds up to {by_level}, but infused is {infused}"
        counts = {"screened": entry.screened, "enrolled": entry.enrolled, "infused": infused}
        known = [(key, count) for key, count in counts.items() if count is not None]
        for (more, most), (fewer, count) in pairwise(known):
            if count > most:
                yield path, f"{count} {fewer} but only {most} {more}; counts are of persons up to that day"
        failures = entry.screen_failures
        if failures is not None and entry.screened is not None and failures > entry.screened:
            yield path, f"{failures} screening failures but only {entry.screened} screened"
        for key, count in known:
            if count < highest.get(key, 0):
                yield path, f"{count} {key} after {highest[key]} on an earlier day; counts never fall"
            highest[key] = max(count, highest.get(key, 0))


def observed_levels(s: Scenario) -> Findings:
    """Find counts by dose level that are not one for each level."""
    if s.dosing is None:
        return
    wanted = len(s.dosing.levels)
    for index, entry in enumerate(s.observed):
        if entry.infused_by_level is not None and len(entry.infused_by_level) != wanted:
            message = f"{len(entry.infused_by_level)} counts for {wanted} dose levels; give one for each level"
            yield ("observed", index, "infused_by_level"), message

"""Contradictions in people who are listed one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialsim.scenario.messages.errors import Findings, Path
from trialsim.scenario.messages.words import number
from trialsim.scenario.sections.people import PersonEntry
from trialsim.scenario.values.units import LONGEST_DAYS

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario


def listed_people(s: Scenario) -> Findings:
    """Find listed people out of order, and what the trial cannot do to them."""
    for index, site in enumerate(s.recruitment.sites):
        before = 0.0
        for position, entry in enumerate(site.people or ()):
            path = ("recruitment", "sites", index, "people", position)
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


def _outcomes(s: Scenario, path: Path, entry: PersonEntry) -> Findings:
    """Find DLTs and losses that need a dosing section, and DLTs that are not one for each dose level."""
    for key in ("dlt", "lost"):
        if getattr(entry, key) is not None and s.dosing is None:
            yield (*path, key), "needs a dosing section: it is counted from an infusion at a dose level"
    if entry.dlt is not None and s.dosing is not None and len(entry.dlt) != len(s.dosing.levels):
        several, levels = len(entry.dlt), len(s.dosing.levels)
        message = f"{several} value{'s' * (several != 1)} for {levels} dose level{'s' * (levels != 1)}"
        yield (*path, "dlt"), f"{message}; give a duration, or null for never, for each level"

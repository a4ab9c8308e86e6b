"""Contradictions in the days on which the infusion unit is open."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from trialsim.scenario.checks.stretches import ends_before_start
from trialsim.scenario.messages.errors import Findings
from trialsim.scenario.values.dates import day_of, first_open_day

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario


def closure_ends(s: Scenario) -> Findings:
    """Find closures that end before they begin."""
    if s.infusion is not None:
        yield from ends_before_start(("infusion", "closures"), s.infusion.closures)


def infusion_opens(s: Scenario) -> Findings:
    """Find an infusion unit that never opens, or not before the time limit."""
    if s.infusion is None:
        return
    if not s.infusion.days:
        yield ("infusion", "weekdays"), "the infusion unit never opens; list at least one day of the week"
    if s.infusion.per_day == 0:
        yield ("infusion", "per_day"), "0 participants a day means that the infusion unit never opens"
    closures = s.infusion.closures
    if not closures or not s.infusion.days or any(each.until <= each.start for each in closures):
        return
    start = s.trial.start_date
    stretches = [(float(day_of(start, c.start)), float(day_of(start, c.until))) for c in closures]
    first = first_open_day(start, s.infusion.weekdays, stretches)
    if first is not None and first > s.time_limit:
        yield ("infusion", "closures"), "the infusion unit never opens before the time limit"


def weekdays_once(s: Scenario) -> Findings:
    """Find days of the week that are listed more than once."""
    for day, count in Counter(s.infusion.days if s.infusion is not None else ()).items():
        if count > 1:
            yield ("infusion", "weekdays"), f"{day} is listed {count} times"

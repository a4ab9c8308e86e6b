"""Scenarios that are too large to be simulated: too many sites, people or candidates."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import accumulate
from typing import TYPE_CHECKING

from trialsim.scenario.messages.errors import Findings
from trialsim.scenario.messages.words import number

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario
    from trialsim.scenario.sections.recruitment import Period

MOST_SITES = 10_000
MOST_PEOPLE = 100_000
MOST_CANDIDATES_A_DAY = 10_000.0
_HUGE = 500.0
"""The exponential of this is far beyond any limit, and of a few hundred more it would overflow."""


def many_sites(s: Scenario) -> Findings:
    """Find more sites than a trial has."""
    if sum(entry.count or 1 for entry in s.recruitment.sites) > MOST_SITES:
        yield ("recruitment", "sites"), f"more than {MOST_SITES:,} sites in all"


def many_people(s: Scenario) -> Findings:
    """Find more listed people than can be simulated."""
    listed = (
        (site.count or 1) * sum(entry.count or 1 for entry in site.people)
        for site in s.recruitment.sites
        if site.people is not None
    )
    if sum(listed) > MOST_PEOPLE:
        yield ("recruitment", "sites"), f"more than {MOST_PEOPLE:,} people are listed in all"


def many_candidates(s: Scenario) -> Findings:
    """Find sites that together send more candidates a day than can be simulated."""
    default = s.recruitment.site_defaults.rate or 0.0
    rates = ((default if each.rate is None else each.rate) * (each.count or 1) for each in s.recruitment.sites)
    a_day = math.fsum(rates) * s.recruitment.rate_multiplier * _highest_factor(s.recruitment.periods)
    if a_day > MOST_CANDIDATES_A_DAY:
        message = f"all sites together send up to {number(float(f'{a_day:.6g}'))} candidates a day"
        yield ("recruitment", "sites"), f"{message}; at most {MOST_CANDIDATES_A_DAY:,.0f} can be simulated"


def _highest_factor(periods: Iterable[Period]) -> float:
    """The highest product of factors above 1 of periods that overlap."""
    changes = []
    for each in periods:
        if each.factor > 1 and each.start < each.until:
            changes += [(each.until, -math.log(each.factor)), (each.start, math.log(each.factor))]
    return math.exp(min(max(accumulate((log for _, log in sorted(changes)), initial=0.0)), _HUGE))

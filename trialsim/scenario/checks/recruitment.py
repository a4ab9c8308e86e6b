"""Contradictions in how candidates come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialsim.scenario.messages.errors import Found
from trialsim.scenario.messages.words import given, listed, nearest
from trialsim.scenario.sections.recruitment import names

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario

MOST_SITES = 100_000


def site_rates(s: Scenario) -> Found:
    """Find sites without a rate, and sites that have both a rate and fixed days of arrival."""
    fixed = ("rate", "rate_cv", "ramp_up", "activation", "never_active_probability")
    for place, entry in enumerate(s.recruitment.sites):
        path = ("recruitment", "sites", place)
        given_days = next((key for key in ("people", "arrival_days") if getattr(entry, key) is not None), None)
        if given_days is not None:
            if entry.people is not None and entry.arrival_days is not None:
                yield (*path, "people"), "people come on days of their own; leave out the arrival_days"
            clash = [key for key in fixed if getattr(entry, key) is not None]
            if clash:
                message = f"a site with fixed {given_days} is open from day 0; leave out its {listed(clash)}"
                yield (*path, given_days), message
        elif entry.rate is None and s.recruitment.site_defaults.rate is None:
            yield (*path, "rate"), 'is missing; a site needs a rate such as "0.5 per month", or arrival_days, or people'


def site_names(s: Scenario) -> Found:
    """Find site names that are used twice, and too many sites."""
    entries = s.recruitment.sites
    if sum(entry.count or 1 for entry in entries) > MOST_SITES:
        yield ("recruitment", "sites"), f"more than {MOST_SITES:,} sites in all"
        return
    seen: dict[str, int] = {}
    for place, entry in enumerate(entries):
        twice = next((name for name in names(entry) if seen.setdefault(name, place) != place), None)
        if twice:
            yield (
                ("recruitment", "sites", place, "name"),
                f"another site is called {given(twice)} already; every site needs a name of its own",
            )


def periods(s: Scenario) -> Found:
    """Find periods for sites that do not exist."""
    known = {name for entry in s.recruitment.sites for name in (entry.name, *names(entry))}
    for place, period in enumerate(s.recruitment.periods):
        for site in period.sites or ():
            if site not in known:
                close = nearest(site, known)
                hint = f' (did you mean "{close}"?)' if close else ""
                path = ("recruitment", "periods", place, "sites")
                yield path, f"there is no site called {given(site)}{hint}; the sites are {listed(sorted(known))}"

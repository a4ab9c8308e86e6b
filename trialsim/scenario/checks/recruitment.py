"""Contradictions between sites, their rates, and the periods of the calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialsim.scenario.checks.stretches import ends_before_start
from trialsim.scenario.messages.errors import Findings
from trialsim.scenario.messages.words import given, listed, nearest
from trialsim.scenario.sections.recruitment import names

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario


def site_rates(s: Scenario) -> Findings:
    """Find sites without a rate, and sites that have both a rate and fixed days of arrival."""
    fixed = ("rate", "rate_cv", "ramp_up", "activation", "never_active_probability")
    for index, entry in enumerate(s.recruitment.sites):
        path = ("recruitment", "sites", index)
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


def sites_of_a_file(s: Scenario) -> Findings:
    """Find a table of sites that nobody has read."""
    if s.recruitment.sites_from is not None:
        yield ("recruitment", "sites_from"), "only a scenario in a file can have its sites from a table beside it"


def site_names(s: Scenario) -> Findings:
    """Find site names that are used twice."""
    entries = s.recruitment.sites
    seen: dict[str, int] = {}
    for index, entry in enumerate(entries):
        twice = next((name for name in names(entry) if seen.setdefault(name, index) != index), None)
        if twice:
            yield (
                ("recruitment", "sites", index, "name"),
                f"another site is called {given(twice)} already; every site needs a name of its own",
            )


def period_sites(s: Scenario) -> Findings:
    """Find periods for sites that do not exist."""
    known = {name for entry in s.recruitment.sites for name in (entry.name, *names(entry))}
    for index, period in enumerate(s.recruitment.periods):
        for site in period.sites or ():
            if site not in known:
                close = nearest(site, known)
                hint = f' (did you mean "{close}"?)' if close else ""
                path = ("recruitment", "periods", index, "sites")
                yield path, f"there is no site called {given(site)}{hint}; the sites are {listed(sorted(known))}"


def period_ends(s: Scenario) -> Findings:
    """Find periods that end before they begin."""
    yield from ends_before_start(("recruitment", "periods"), s.recruitment.periods)

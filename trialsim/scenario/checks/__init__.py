"""Contradictions between keys, a file a section: what no single value can show.

Each check is a function of the scenario that yields (path, message). To report everything at once they also run on
scenarios of which some part could not be read: that part is then `UNREAD`, and a check that touches it stays silent.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Any

from trialsim.scenario.checks.dosing import cohort_size, ladder, rule_fits, start_level
from trialsim.scenario.checks.infusion import closure_ends, infusion_opens, weekdays_once
from trialsim.scenario.checks.observed import observed_counts, observed_dates, observed_levels
from trialsim.scenario.checks.people import listed_people
from trialsim.scenario.checks.product import product_needs, product_policy
from trialsim.scenario.checks.recruitment import period_ends, period_sites, site_names, site_rates, sites_of_a_file
from trialsim.scenario.checks.screening import criteria_names, screening_choice
from trialsim.scenario.checks.size import many_candidates, many_people, many_sites
from trialsim.scenario.checks.sources import source_keys
from trialsim.scenario.checks.stopping import accrual_looks
from trialsim.scenario.checks.trial import planned_dates
from trialsim.scenario.checks.truth import truth_fits
from trialsim.scenario.checks.uncertain import correlated_keys, uncertain_keys, uncertain_ranges
from trialsim.scenario.messages.errors import MOST_SHOWN, Finding, Findings
from trialsim.scenario.values.unread import NotRead

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario


def contradictions(scenario: Scenario) -> Findings:
    """Contradictions in a scenario (which may have `UNREAD` parts), of each kind as many as anybody reads.

    Of a scenario that is too large nothing else is said, because nothing else is looked at; and what may be drawn is
    looked at where all that is stated is as it should be.
    """
    for checks in (CEILINGS, CHECKS, OF_DRAWS):
        found = [finding for check in checks for finding in _found(check, scenario)]
        if found:
            yield from (each for each in found if not _follows(each, found))
            return


def _follows(finding: Finding, found: list[Finding]) -> bool:
    """Whether it is about the source of a key in a section of which another finding says that it is needed."""
    path, _ = finding
    if path[:1] != ("sources",):
        return False
    section = re.escape(str(path[1]).split(".")[0])
    others = (message for other, message in found if other[:1] != ("sources",))
    return any(re.search(rf"\b{section}(\.| section)", message) for message in others)


def _found(check: Callable[[Any], Findings], scenario: Scenario) -> Findings:
    try:
        yield from list(islice(check(scenario), MOST_SHOWN + 1))
    except NotRead:
        return


CEILINGS: tuple[Callable[[Any], Findings], ...] = (many_sites, many_people, many_candidates)

CHECKS: tuple[Callable[[Any], Findings], ...] = (
    planned_dates,
    site_rates,
    sites_of_a_file,
    site_names,
    listed_people,
    period_sites,
    period_ends,
    closure_ends,
    screening_choice,
    criteria_names,
    product_policy,
    product_needs,
    infusion_opens,
    weekdays_once,
    ladder,
    start_level,
    rule_fits,
    cohort_size,
    truth_fits,
    accrual_looks,
    observed_dates,
    observed_counts,
    observed_levels,
    source_keys,
    uncertain_keys,
)

OF_DRAWS: tuple[Callable[[Any], Findings], ...] = (uncertain_ranges, correlated_keys)

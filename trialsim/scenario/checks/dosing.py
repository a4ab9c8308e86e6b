"""Contradictions between the dose ladder, the rule and its cohorts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialsim.scenario.messages.errors import Findings
from trialsim.scenario.messages.words import given, listed

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario


def ladder(s: Scenario) -> Findings:
    """Find dose levels in different units, or not in order from the lowest."""
    levels = s.dosing.levels if s.dosing is not None else ()
    if len({(dose.unit, dose.per_kg) for dose in levels}) > 1:
        yield ("dosing", "levels"), f"the levels have different units: {listed(dose.text for dose in levels)}"
        return
    for index in range(1, len(levels)):
        if levels[index].amount <= levels[index - 1].amount:
            message = f"{given(levels[index].text)} is not above the level before; list the doses from the lowest"
            yield ("dosing", "levels", index), message


def start_level(s: Scenario) -> Findings:
    """Find a starting level that the ladder does not have."""
    if s.dosing is not None and s.dosing.start_level > len(s.dosing.levels):
        count = len(s.dosing.levels)
        message = f"{s.dosing.start_level} is beyond the ladder, which has {count} level{'s' * (count > 1)}"
        yield ("dosing", "start_level"), f"{message} (counted from 1)"


def rule_fits(s: Scenario) -> Findings:
    """Find a parameter of the dose rule that does not fit the number of levels."""
    if s.dosing is None:
        return
    misfit = s.dosing.rule.misfit(len(s.dosing.levels))
    if misfit:
        parameter, message = misfit
        yield ("dosing", "rule", s.dosing.rule_name, parameter), message


def cohort_size(s: Scenario) -> Findings:
    """Find a cohort size that the dose rule cannot work with, or a missing one."""
    if s.dosing is None:
        return
    rule, name, size = s.dosing.rule, s.dosing.rule_name, s.dosing.cohort_size
    fixed = rule.fixed_cohort_size
    if fixed is not None and size != fixed:
        message = f"{size} does not go with {name}, whose cohorts are of {fixed}; give {fixed}, or leave it out"
        yield ("dosing", "cohort_size"), message
    elif name and size is None and rule.cohorts:
        yield ("dosing", "cohort_size"), f"is missing; the rule {name} works in cohorts: give their size, such as 3"

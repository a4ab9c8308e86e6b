"""Contradictions between the true DLT probabilities and the dose ladder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialsim.scenario.messages.errors import Findings

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario


def truth_fits(s: Scenario) -> Findings:
    """Find true DLT probabilities that are not one for each dose level."""
    if s.truth is None:
        return
    if s.dosing is None:
        yield ("truth",), "needs a dosing section: probabilities belong to dose levels"
        return
    given_count, wanted = len(s.truth.dlt_probability), len(s.dosing.levels)
    if given_count != wanted:
        message = f"{given_count} probabilities for {wanted} dose levels; give one for each level"
        yield ("truth", "dlt_probability"), message

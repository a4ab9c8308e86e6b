"""Contradictions between the pass probability and the criteria of screening."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from trialsim.scenario.messages.errors import Findings
from trialsim.scenario.messages.words import given

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario


def screening_choice(s: Scenario) -> Findings:
    """Find screening with neither or both of an overall pass probability and criteria."""
    if s.screening is None:
        return
    single, several = s.screening.pass_probability is not None, s.screening.criteria is not None
    if not single and not several:
        yield ("screening",), "needs a pass_probability, or criteria"
    if single and several:
        yield ("screening", "criteria"), "criteria and pass_probability exclude each other; keep one of them"


def criteria_names(s: Scenario) -> Findings:
    """Find names that several criteria share."""
    criteria = s.screening.criteria if s.screening is not None else None
    counts = Counter(criterion.name for criterion in criteria or ())
    for index, criterion in enumerate(criteria or ()):
        if counts[criterion.name] > 1:
            yield ("screening", "criteria", index, "name"), f"{given(criterion.name)} names more than one criterion"

"""Contradictions in a stretch of the calendar: a period of recruitment, or a closure of the infusion unit."""

from __future__ import annotations

from collections.abc import Iterable

from trialsim.scenario.messages.errors import Findings, Path
from trialsim.scenario.sections.infusion import Closure
from trialsim.scenario.sections.recruitment import Period
from trialsim.scenario.values.unread import NotRead


def ends_before_start(path: Path, stretches: Iterable[Period | Closure]) -> Findings:
    """Find stretches in the list at `path` that end before they begin; the search ends at one that was not read."""
    try:
        for index, each in enumerate(stretches):
            if each.until <= each.start:
                message = f"{each.until} is not after from ({each.start}); until is the first day outside"
                yield (*path, index, "until"), message
    except NotRead:
        return

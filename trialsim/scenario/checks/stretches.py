"""Contradictions in stretches of the calendar: periods of recruitment and closures of the infusion unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialsim.scenario.messages.errors import Found
from trialsim.scenario.values.broken import Untold

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario


def stretches(s: Scenario) -> Found:
    """Find periods and closures that end before they begin."""
    for section, key in (("recruitment", "periods"), ("infusion", "closures")):
        holder = getattr(s, section)
        try:
            for place, each in enumerate(getattr(holder, key) if holder is not None else ()):
                if each.until <= each.start:
                    path = (section, key, place, "until")
                    yield path, f"{each.until} is not after from ({each.start}); until is the first day outside"
        except Untold:
            continue

"""Contradictions between the sources and the keys of a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialsim.scenario.messages.errors import Findings
from trialsim.scenario.messages.words import dotted, nearest
from trialsim.scenario.reading.key_paths import keys_below
from trialsim.scenario.reading.overrides import split_key

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario


def source_keys(s: Scenario) -> Findings:
    """Find sources given for keys that the scenario does not have."""
    for key, source in s.sources.items():
        if source.kind == "what-if":
            continue  # noted by the program itself; a key that does not exist has been reported
        try:
            parts = split_key(key)
        except ValueError as error:
            yield ("sources", key), str(error)
            continue
        here: Any = s
        for depth, part in enumerate(parts):
            below = keys_below(here)
            if part not in below:
                close = nearest(part, below)
                hint = f"; did you mean {dotted([*parts[:depth], close])}?" if close else ""
                yield ("sources", key), f"there is no key {dotted(parts[: depth + 1])} in this scenario{hint}"
                break
            here = below[part]

"""Values that were changed after a scenario that ships was copied: its sources do not hold for them."""

from __future__ import annotations

from functools import cache
from typing import Any

from trialsim.scenario import shipped
from trialsim.scenario.reading.overrides import split_key
from trialsim.scenario.reading.yaml_text import read_text
from trialsim.scenario.scenario import Scenario
from trialsim.scenario.sections.sources import Source

_DRAWN = ("uncertain", "correlations")
"""Sections that say how values are drawn: they have no sources, and need libraries that values do not."""
_NOT_COPIED = ("assumption", "what-if", "edited")


def without_borrowed_sources(scenario: Scenario) -> Scenario:
    """The scenario, with every value that has the source, but not the value, of one that ships marked as edited."""
    copied = {source.note for source in scenario.sources.values() if source.kind not in _NOT_COPIED and source.note}
    texts = {name: shipped.text(name) for name in shipped.names()} if copied else {}
    origins = [name for name, text in texts.items() if any(note in text for note in copied)]
    if not origins:
        return scenario
    marks = {}
    for key, value in scenario.given_values().items():
        source = scenario.source_of(key)
        if source.kind in _NOT_COPIED or not source.note:
            continue
        known = [(name, each) for name in origins for each in _sourced(name).get(_place(key, source), ())]
        if known and all(value != each for _, each in known):
            note = f"its source is of the value in {known[0][0]}, and not of this one: {source.kind}, {source.note}"
            marks[key] = Source(kind="edited", note=note)
    return scenario.model_copy(update={"sources": scenario.sources | marks}) if marks else scenario


def _place(key: str, source: Source) -> tuple[str, ...]:
    """Where a source stands, whatever the entries on the way are called."""
    parts = split_key(key)
    return (parts[0], parts[-1], source.kind, source.note)


@cache
def _sourced(name: str) -> dict[tuple[str, ...], list[Any]]:
    """The values of a scenario that ships, by place and source."""
    document = read_text(shipped.text(name), name).value
    scenario = Scenario.from_document({key: each for key, each in document.items() if key not in _DRAWN})
    values: dict[tuple[str, ...], list[Any]] = {}
    for key, value in scenario.given_values().items():
        values.setdefault(_place(key, scenario.source_of(key)), []).append(value)
    return values

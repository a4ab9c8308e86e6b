"""Contradictions between the sources and the keys of a scenario."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from trialsim.scenario.messages.errors import Findings
from trialsim.scenario.messages.words import dotted, nearest
from trialsim.scenario.reading.key_paths import keys_below
from trialsim.scenario.reading.overrides import split_key
from trialsim.scenario.values.unread import UNREAD, NotRead

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario


def source_keys(s: Scenario) -> Findings:
    """Find sources given for keys that the scenario does not have: of all for one that is missing, the first."""
    missing: dict[tuple[str, ...], list[str]] = {}
    known: _Known = {}
    for key, source in s.sources.items():
        if source.kind == "what-if":
            continue  # noted by the program itself; a key that does not exist has been reported
        try:
            parts = split_key(key)
        except ValueError as error:
            yield ("sources", key), str(error)
            continue
        with suppress(NotRead):  # then nobody knows whether there is such a key
            if found := _missing(s, parts, known):
                missing.setdefault(found, []).append(key)
    for found, keys in missing.items():
        words = f"there is no key {dotted(found)} in this scenario"
        if len(keys) > 1:
            yield ("sources", keys[0]), f"{words} ({len(keys)} sources are for it)"
        else:
            close = nearest(found[-1], _beside(s, found, known))
            hint = f"; did you mean {dotted([*found[:-1], close])}?" if close else ""
            yield ("sources", keys[0]), f"{words}{hint}"


_Known = dict[int, tuple[Any, dict[str, Any]]]
"""What is below values, by their identity: a list of a thousand sites is asked by the source of each of them."""


def _below(value: Any, known: _Known) -> dict[str, Any]:
    """As `keys_below`, once for each value."""
    if id(value) not in known:
        known[id(value)] = (value, keys_below(value))
    return known[id(value)][1]


def _missing(s: Scenario, parts: list[str], known: _Known) -> tuple[str, ...]:
    """The way to the first part of a key that the scenario does not have or that holds nothing; empty if none."""
    here: Any = s
    for depth, part in enumerate(parts):
        below = _below(here, known)
        if part not in below:
            if any(getattr(entry, "name", None) is UNREAD for entry in below.values()):
                raise NotRead
            return tuple(parts[: depth + (here is not None)])
        here = below[part]
    return ()


def _beside(s: Scenario, path: tuple[str, ...], known: _Known) -> list[str]:
    """The keys beside one that is not there."""
    here: Any = s
    for part in path[:-1]:
        here = _below(here, known)[part]
    return [key for key, value in _below(here, known).items() if value is not None]

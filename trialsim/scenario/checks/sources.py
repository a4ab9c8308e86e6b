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
    missing: dict[str, list[tuple[str, str]]] = {}
    for key, source in s.sources.items():
        if source.kind == "what-if":
            continue  # noted by the program itself; a key that does not exist has been reported
        try:
            parts = split_key(key)
        except ValueError as error:
            yield ("sources", key), str(error)
            continue
        with suppress(NotRead):  # then nobody knows whether there is such a key
            if found := _missing(s, parts):
                missing.setdefault(found[0], []).append((key, found[1]))
    for name, found_there in missing.items():
        key, hint = found_there[0]
        others = f" ({len(found_there)} sources are for it)" if len(found_there) > 1 else hint
        yield ("sources", key), f"there is no key {name} in this scenario{others}"


def _missing(s: Scenario, parts: list[str]) -> tuple[str, str] | None:
    """The first part of a key that the scenario does not have, and what may have been meant; None if it has it."""
    here: Any = s
    for depth, part in enumerate(parts):
        below = keys_below(here)
        if part not in below:
            if any(getattr(entry, "name", None) is UNREAD for entry in below.values()):
                raise NotRead
            close = nearest(part, below)
            hint = f"; did you mean {dotted([*parts[:depth], close])}?" if close else ""
            return dotted(parts[: depth + (here is not None)]), hint
        here = below[part]
    return None

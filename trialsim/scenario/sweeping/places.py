"""Where what a sweep varies was written, and what a scenario has at a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trialsim.scenario.messages.errors import Path, Problem
from trialsim.scenario.reading.entries import position_of
from trialsim.scenario.reading.key_paths import shown
from trialsim.scenario.reading.overrides import split_key
from trialsim.scenario.reading.yaml_text import Document
from trialsim.scenario.scenario import Scenario


@dataclass(frozen=True)
class Origin:
    """Where an axis or a case was written: at a path of a sweep file, or in an option."""

    document: Document
    path: Path = ()
    option: str = ""

    def problem(self, message: str, *inner: str | int, key: str = "") -> Problem:
        """A problem with it, or with something inside; ``key`` is that of the scenario."""
        if self.option:
            return Problem(self.option, None, None, key, message)
        return located(self.document, (*self.path, *inner), ": ".join(part for part in (key, message) if part))


def located(document: Document, path: Path, message: str) -> Problem:
    """The problem with the line and column of the path, or of the nearest part of the document around it."""
    key = shown(path, document.value)
    for length in range(len(path), 0, -1):
        if path[:length] in document.positions:
            return Problem(document.file, *document.positions[path[:length]], key, message)
    return Problem(document.file, None, None, key, message)


def value_at(scenario: Scenario, key: str) -> Any:
    """What a scenario has at a key, as it would be written; None where it has nothing."""
    here: Any = scenario.to_document()
    for part in split_key(key):
        if isinstance(here, list):
            position = position_of(here, part)
            here = None if position is None else here[position]
        else:
            here = here.get(part) if isinstance(here, dict) else None
    return here

"""YAML text to nodes, by ruamel.yaml (YAML 1.2: ``NO`` is text), within limits.

Reading takes most of the time that checking a file takes, so what is too much is told while it is read.
"""

from __future__ import annotations

import warnings
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import ReusedAnchorWarning
from ruamel.yaml.nodes import Node

MOST_VALUES = 12_000
"""Keys and values in a file, aliases counted as often as they are used: at most a second or so of reading."""
DEEPEST = 40
TOO_MANY = f"more than {MOST_VALUES:,} keys and values"
TOO_DEEP = f"brackets or lists are nested too deeply; at most {DEEPEST} levels"


class TooMuch(Exception):
    """A file beyond one of the limits, with the line and column (from 1) where it goes beyond."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column


class _Composer(Composer):
    """Makes nodes until there are too many, or one is too deep."""

    count = 0
    level = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self.count += 1
        if self.count > MOST_VALUES or self.level >= DEEPEST:
            mark = self.parser.peek_event().start_mark
            message = TOO_MANY if self.count > MOST_VALUES else TOO_DEEP
            raise TooMuch(message, mark.line + 1, mark.column + 1)
        self.level += 1
        node = super().compose_node(parent, index)
        self.level -= 1
        return node


def compose(text: str) -> Node | None:
    """The root of a YAML text, None if it is empty. Raises TooMuch, and what ruamel.yaml raises."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _Composer
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ReusedAnchorWarning)  # YAML allows it: the latest one holds
        root: Node | None = yaml.compose(text)
    return root

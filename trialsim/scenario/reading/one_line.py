"""Plain values as one line of YAML each."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from trialsim.scenario.messages.words import number

_PLAIN = re.compile(r"[A-Za-z0-9][^\s:#,\[\]{}\"'&*!|>%@`]*( [^\s:#,\[\]{}\"'&*!|>%@`]+)*")
_NO_TEXT = re.compile(r"[-+.0-9_eExXoOa-fA-F:]+|true|false|null|yes|no|on|off|y|n|~", re.IGNORECASE)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def one_line(value: Any) -> str:
    """A plain value as one line of YAML, which reads back as the same value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{one_line(key)}: {one_line(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(one_line, value)) + "]"
    text = str(value)
    is_plain = _PLAIN.fullmatch(text) and text.isascii() and (not _NO_TEXT.fullmatch(text) or _DATE.fullmatch(text))
    return text if is_plain else json.dumps(text, ensure_ascii=False)

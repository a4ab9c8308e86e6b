"""How values and names are put into messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

_LONGEST = 60
_MOST_COMPARED = 1000
"""Names among which a mistyped one is looked for: more would take seconds."""


def number(value: float) -> str:
    """A number in its shortest form that reads back as the same number: ``28``, ``0.653``, ``1e+08``."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        whole = str(int(value))
        return whole if len(whole) <= 7 else f"{value:.15g}"
    return repr(value)


def given(value: Any) -> str:
    """What the user wrote, as it may be quoted in a message."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, str):
        text = " ".join(value.split())
        return f'"{text if len(text) <= _LONGEST else text[:_LONGEST] + "…"}"'
    if isinstance(value, Mapping):
        return "a mapping" + (f" with {listed(value)}" if value else " with nothing in it")
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    return f"a {type(value).__name__}"


def listed(names: Iterable[Any], last: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``; long lists are cut."""
    words = [str(name) for name in names]
    if len(words) > 20:
        words = [*words[:19], f"{len(words) - 19} more"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


def nearest(name: str, allowed: Iterable[str]) -> str | None:
    """The allowed name that looks most like `name`, if any does."""
    import difflib

    names = {candidate.casefold(): candidate for candidate in islice(allowed, _MOST_COMPARED)}
    close = difflib.get_close_matches(name.casefold()[:100], list(names), n=1, cutoff=0.6)
    return names[close[0]] if close else None


def unknown(name: str, allowed: Iterable[str], what: str) -> str:
    """The sentence for a name that is not one of the allowed ones."""
    options = list(allowed)
    close = nearest(name, options)
    hint = f'did you mean "{close}"? ' if close else ""
    return f"{given(name)} is not a {what}; {hint}allowed: {listed(options)}"


def dotted(path: Iterable[str | int]) -> str:
    """The path of a key as one text: positions in lists count from 1, parts with dots in them are quoted."""
    return ".".join(str(part + 1) if isinstance(part, int) else _part(part) for part in path)


def _part(part: str) -> str:
    if part and "." not in part and part[0] not in "\"'":
        return part
    sign = "'" if '"' in part and "'" not in part else '"'
    return f"{sign}{part.replace(sign, 2 * sign)}{sign}"

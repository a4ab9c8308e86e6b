"""Ranges of numbers in a sweep: ``0.5:2.5:0.1`` and ``7:28:7 days`` stand for the values from the first to the last."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

MOST_VALUES = 1000
_NUMBER = r"[-+]?[0-9]{1,12}(?:\.[0-9]{1,12})?"
_RANGE = re.compile(rf"\s*({_NUMBER})\s*:\s*({_NUMBER})\s*:\s*({_NUMBER})(?:\s+(\S.*?))?\s*")


def expanded(values: Iterable[Any]) -> list[Any]:
    """The values, with those of a range in its place; numbers are exact, and whole ones are whole.

    Raises
    ------
    ValueError
        For a range that does not go from the first to the last.
    """
    found: list[Any] = []
    for value in values:
        match = _RANGE.fullmatch(value) if isinstance(value, str) else None
        found += [value] if match is None else _range(value, match)
    return found


def _range(text: str, match: re.Match[str]) -> list[Any]:
    first, last, step = (Decimal(match[position]) for position in (1, 2, 3))
    if step <= 0 or last < first:
        raise ValueError(f'"{text}" is no range; write FIRST:LAST:STEP, say 0.5:2.5:0.1, with a step above 0')
    number = int((last - first) / step) + 1
    if number > MOST_VALUES:
        raise ValueError(f'"{text}" has {number:,} values; a range has at most {MOST_VALUES:,}')
    numbers = [first + place * step for place in range(number)]
    if match[4]:
        return [f"{each.normalize():f} {match[4]}" for each in numbers]
    whole = all(each == each.to_integral_value() for each in numbers)
    return [int(each) if whole else float(each) for each in numbers]

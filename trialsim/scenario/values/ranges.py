"""Ranges of numbers in a sweep: ``0.5:2.5:0.1`` and ``7:28:7 days`` stand for the values from the first to the last."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Context, Decimal
from typing import Any, NamedTuple

MOST_VALUES = 1000
_NUMBER = r"([-+]?[0-9]{1,12}(?:\.[0-9]{1,12})?(?:[eE][-+]?[0-9])?)"
_PART = rf"\s*{_NUMBER}(?:\s+([^\s:][^:]*?))?\s*"
_RANGE = re.compile(rf"{_PART}:{_PART}:{_PART}")
_EXACT = Context(prec=60)
_ONE = {"days": "day", "weeks": "week", "months": "month", "years": "year"}


class _Range(NamedTuple):
    first: Decimal
    last: Decimal
    step: Decimal
    unit: str

    def number(self) -> int:
        """How many values there are."""
        return int(_EXACT.divide_int(_EXACT.subtract(self.last, self.first), self.step)) + 1

    def value(self, place: int) -> Decimal:
        """The value at a place, counted from 0."""
        return _EXACT.fma(Decimal(place), self.step, self.first)


def expanded(values: Iterable[Any]) -> list[Any]:
    """The values, with those of a range in its place; numbers are exact, and whole ones are whole.

    The unit stands behind the last number, or behind each.

    Raises
    ------
    ValueError
        For a range that does not go from the first to the last, or has several units.
    """
    found: list[Any] = []
    for value in values:
        read = _read(value)
        found += [value] if read is None else _values(value, read)
    return found


def shortfalls(values: Iterable[Any]) -> Iterator[str]:
    """What is said of each range whose steps do not end at its last value."""
    for value in values:
        read = _read(value)
        if read is not None and (end := read.value(read.number() - 1)) != read.last:
            end_of, last = (_written(each, read.unit) for each in (end, read.last))
            yield f'"{value}" ends at {end_of}: the next step would go beyond {last}'


def _read(value: Any) -> _Range | None:
    """The range that a value is, if it is one. Raises ValueError."""
    match = _RANGE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    first, last, step = (Decimal(match[position]) for position in (1, 3, 5))
    units = [" ".join(unit.split()) for unit in (match[2], match[4], match[6]) if unit]
    if len({unit.removesuffix("s") for unit in units}) > 1:
        raise ValueError(f'"{value}" has several units; write one behind the last number, as in 7:28:7 days')
    if step <= 0 or last < first:
        raise ValueError(f'"{value}" is no range; write FIRST:LAST:STEP, say 0.5:2.5:0.1, with a step above 0')
    return _Range(first, last, step, max(units, key=len, default=""))


def _values(text: str, read: _Range) -> list[Any]:
    if read.number() > MOST_VALUES:
        raise ValueError(f'"{text}" has {read.number():,} values; a range has at most {MOST_VALUES:,}')
    numbers = [read.value(place) for place in range(read.number())]
    if read.unit:
        return [_written(each, read.unit) for each in numbers]
    whole = all(each == each.to_integral_value() for each in numbers)
    return [int(each) if whole else float(each) for each in numbers]


def _written(number: Decimal, unit: str) -> str:
    return f"{number.normalize(_EXACT):f} {_ONE.get(unit, unit) if number == 1 else unit}".rstrip()

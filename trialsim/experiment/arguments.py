"""Numbers that are given from Python."""

from __future__ import annotations

from numbers import Integral

MOST_JOBS = 61
"""Processes: Windows cannot wait for more at once."""
MOST_REPLICATIONS = 10_000_000
"""Of one scenario: a row of a table each."""


def check_count(name: str, value: object, most: int | None = None) -> None:
    """Raise unless it is a whole number from 1 on: TypeError if it is not whole, ValueError if it is out of range."""
    number = _whole(name, value)
    if number < 1:
        raise ValueError(f"{name} must be 1 or more, not {value}")
    if most is not None and number > most:
        raise ValueError(f"{name} must be at most {most:,}, not {value}")


def check_seed(value: object) -> None:
    """Raise unless it can be a seed: TypeError if it is not a whole number, ValueError if it is out of range."""
    if not 0 <= _whole("seed", value) < 2**64:
        raise ValueError(f"seed must be from 0 to 2**64 - 1, not {value}")


def _whole(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be a whole number, not {value!r}")
    return int(value)

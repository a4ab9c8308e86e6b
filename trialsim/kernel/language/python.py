"""The language of the kernel as plain Python: functions as they are, records and numbers at addresses by ctypes.

The memory is the same that compiled code uses. What is put into a field wraps at 64 bits, as the processor's words do;
so a product or a sum of words may be longer on its way, as long as only its lower bits are used.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from ctypes import c_double, c_int64, memmove
from typing import Any, TypeVar

import numpy as np
from scipy.special import cython_special

from trialsim.kernel.state.memory import dtype

Record = TypeVar("Record")
Function = TypeVar("Function", bound=Callable[..., Any])

MULTIPLIERS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
WEYL = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
ROUNDS = 10
"""The constants of Philox 4x64."""

_NUMBERS = (c_double * (sys.maxsize // 8)).from_address(0)
_COUNTS = (c_int64 * (sys.maxsize // 8)).from_address(0)
"""All that a process can address, as one array of floats and one of integers: the quickest way to see one of them."""
_LOW = 2**64 - 1
_EXACT = 2.0**52  # from here on every float is a whole number


def compiled(function: Function) -> Function:
    """A function that only other functions of the kernel call."""
    return function


inlined = compiled
"""A function of a line or two, to be made part of its callers."""


def records(record: type[Record]) -> Callable[[int, int], Record]:
    """A function: ``function(address, index)`` is the record there, ``index`` records further on."""
    kind: Any = np.ctypeslib.as_ctypes_type(dtype(record))
    see, size = kind.from_address, dtype(record).itemsize

    def at(address: int, index: int) -> Record:
        seen: Record = see(address + index * size)
        return seen

    return at


def number_at(address: int, index: int) -> float:
    """A float of an array."""
    return _NUMBERS[(address >> 3) + index]


def put_number(address: int, index: int, value: float) -> None:
    """Set a float of an array."""
    _NUMBERS[(address >> 3) + index] = value


def count_at(address: int, index: int) -> int:
    """An integer of an array."""
    return _COUNTS[(address >> 3) + index]


def put_count(address: int, index: int, value: int) -> None:
    """Set an integer of an array."""
    _COUNTS[(address >> 3) + index] = value


def copy_words(to: int, origin: int, words: int) -> None:
    """Copy so many words from one address to another."""
    memmove(to, origin, 8 * words)


def trailing_zeros(word: int) -> int:
    """How many of the lowest bits of a word that is not 0 are 0."""
    return (word & -word).bit_length() - 1


def philox(a: int, b: int, c: int, d: int, key: int, other_key: int) -> tuple[int, int, int, int]:
    """One block of Philox 4x64-10: four words for a counter of four words and a key of two (`trialsim.randomness`)."""
    a, c = a & _LOW, c & _LOW
    for _ in range(ROUNDS):
        first, second = a * MULTIPLIERS[0], c * MULTIPLIERS[1]
        a, b = (second >> 64) ^ (b & _LOW) ^ (key & _LOW), second & _LOW
        c, d = (first >> 64) ^ (d & _LOW) ^ (other_key & _LOW), first & _LOW
        key, other_key = key + WEYL[0], other_key + WEYL[1]
    return a, b, c, d


def rint(x: float) -> float:
    """The nearest whole number, the even one of two as near."""
    return float(round(x)) if abs(x) < _EXACT else x


def exp(x: float) -> float:
    """The exponential; infinite where Python knows no number."""
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def log(x: float) -> float:
    """The natural logarithm of a number that is not negative; minus infinity for 0."""
    return math.log(x) if x > 0 else -math.inf


_special: Any = cython_special
log1p: Callable[[float], float] = _special.log1p
ndtri: Callable[[float], float] = _special.ndtri
xlogy: Callable[[float, float], float] = _special.xlogy
inv_boxcox: Callable[[float, float], float] = _special.inv_boxcox
gammaincinv: Callable[[float, float], float] = _special.gammaincinv
betaincinv: Callable[[float, float, float], float] = _special.betaincinv

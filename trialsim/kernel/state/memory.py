"""Records in flat memory: declared as classes whose annotations are their fields, and laid out by NumPy.

A field is a whole number or a flag (``int``) or a day or a quantity (``float``), and begins as its default, or as 0.
Whoever hands an address to the kernel keeps the array alive. Nothing here imports numba.
"""

from __future__ import annotations

from inspect import get_annotations
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FORMATS = {"int": "i8", "float": "f8"}


def _fields(record: type) -> dict[str, str]:
    """The fields of a record and their kinds: first those of its base classes, one base after another."""
    fields: dict[str, str] = {}
    for base in record.__bases__:
        fields |= _fields(base)
    return fields | get_annotations(record)


def dtype(record: type) -> np.dtype[Any]:
    """NumPy's description of a record: its fields in order, eight bytes each."""
    return np.dtype([(name, _FORMATS[kind]) for name, kind in _fields(record).items()], align=True)


def array(record: type, length: int) -> NDArray[Any]:
    """So many records as they are at the beginning: every field at its default."""
    beginning = np.array(tuple(getattr(record, name, 0) for name in _fields(record)), dtype=dtype(record))
    return np.full(length, beginning)


def room(record: type, length: int) -> NDArray[Any]:
    """Room for so many records, whose fields are set when there is something to be put down."""
    return np.zeros(length, dtype=dtype(record))


def address(memory: NDArray[Any]) -> int:
    """Where an array lies; it must be kept alive for as long as the address is used."""
    return int(memory.ctypes.data)

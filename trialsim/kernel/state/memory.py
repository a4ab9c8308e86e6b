"""Records in flat memory: declared as classes whose annotations are their fields, and laid out by NumPy.

Whoever hands an address to compiled code keeps the array alive. Nothing here imports numba.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_FORMATS = {"int": "i8", "float": "f8"}


def dtype(record: type) -> np.dtype[Any]:
    """NumPy's description of a record: its annotated fields in order, eight bytes each."""
    return np.dtype([(name, _FORMATS[kind]) for name, kind in record.__annotations__.items()], align=True)


def array(record: type, length: int) -> NDArray[Any]:
    """So many records, all zero."""
    return np.zeros(length, dtype=dtype(record))


def address(memory: NDArray[Any]) -> int:
    """Where an array lies; it must be kept alive for as long as the address is used."""
    return int(memory.ctypes.data)

"""The compiled function that Python calls."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import cast

import numba

from trialsim.kernel import trial


def _replicate_many(trial_address: int, first: int, last: int, ends: int) -> int:
    return trial.replicate_many(trial_address, first, last, ends)


@lru_cache(maxsize=1)
def entry() -> Callable[[int, int, int, int], int]:
    """The compiled loop over replications."""
    words = (numba.types.int64,) * 4
    function = numba.njit(numba.types.int64(*words), error_model="numpy", nogil=True)(_replicate_many)
    return cast(Callable[[int, int, int, int], int], function)

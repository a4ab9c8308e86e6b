"""The compiled functions that Python calls: from the cache if they are there, else compiled, which takes a while."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from functools import lru_cache
from threading import Lock
from typing import Any, cast

import numba
from numba.core.caching import NullCache
from numba.core.compiler import CompileResult

from trialsim.kernel import cache, summary, trial

Entry = Callable[[int, int, int, int], int]
_lock = Lock()


def _call(trial_address: int, first: int, last: int, ends: int) -> int:
    """Simulate replications (see `trial.replicate_many`), or with ``last`` 0 summarise a chunk at the address."""
    if last == 0:
        summary.summarise(trial_address)
        return 0
    return trial.replicate_many(trial_address, first, last, ends)


class _Kept(NullCache):
    """Numba's cache of one function, kept by `trialsim.kernel.cache`."""

    def load_overload(self, signature: Any, target: Any) -> Any:
        """The compiled function, if it is there and this version of numba can read it."""
        kept = cache.read()
        if kept is None:
            return None
        target.refresh()
        try:
            return CompileResult._rebuild(target, *pickle.loads(kept))
        except Exception:  # whatever is wrong with it, it can be compiled
            return None

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep the compiled function."""
        if not result.library.has_dynamic_globals:
            cache.write(pickle.dumps(result._reduce(), protocol=pickle.HIGHEST_PROTOCOL))


@lru_cache(maxsize=1)
def _dispatcher() -> Any:
    words = (numba.types.int64,) * 4
    function = numba.njit(error_model="numpy", nogil=True)(_call)
    function._cache = _Kept()
    function.compile(numba.types.int64(*words))
    function.disable_compile()
    return function


def entry() -> Entry:
    """The compiled loop over replications."""
    with _lock:
        return cast(Entry, _dispatcher())


def is_loaded() -> bool:
    """Whether it has been loaded or compiled in this process."""
    return _dispatcher.cache_info().currsize > 0

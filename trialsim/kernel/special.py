"""The very functions that the SimPy model's draws call, for compiled code.

They are SciPy's scalar versions, found by name in its Cython module and made known to the linker, so that compiled code
can also be loaded from a cache in another process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import llvmlite.binding
from numba.extending import get_cython_function_address
from scipy.special import cython_special

from trialsim.kernel.memory import types

_DOUBLE = types.float64
_SKIP_DISPATCH = types.intc


def _function(name: str, numbers: int) -> Any:
    """The function of so many numbers; some are listed under a prefix that says for which type they are."""
    wanted = f"double ({'double, ' * numbers}int __pyx_skip_dispatch)"
    for listed in (name, f"__pyx_fuse_1{name}", f"__pyx_fuse_0{name}"):
        capsule = cython_special.__pyx_capi__.get(listed)
        if capsule is not None and wanted in repr(capsule):
            symbol = f"trialsim_{name}"
            address = get_cython_function_address("scipy.special.cython_special", listed)
            llvmlite.binding.add_symbol(symbol, address)
            return types.ExternalFunction(symbol, _DOUBLE(*[_DOUBLE] * numbers, _SKIP_DISPATCH))
    raise ImportError(f"this version of SciPy has no {name} that compiled code could call")


log1p = cast(Callable[[float, int], float], _function("log1p", 1))
ndtri = cast(Callable[[float, int], float], _function("ndtri", 1))
xlogy = cast(Callable[[float, float, int], float], _function("xlogy", 2))
inv_boxcox = cast(Callable[[float, float, int], float], _function("inv_boxcox", 2))
gammaincinv = cast(Callable[[float, float, int], float], _function("gammaincinv", 2))
betaincinv = cast(Callable[[float, float, float, int], float], _function("betaincinv", 3))

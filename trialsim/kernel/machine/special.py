"""SciPy's functions, for compiled code; `trialsim.kernel.machine.linking` tells where they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from trialsim.kernel.language.numba import types
from trialsim.kernel.machine.linking import FUNCTIONS, symbol

_SKIP_DISPATCH = types.intc


def _function(name: str) -> Any:
    numbers = [types.float64] * FUNCTIONS[name]
    return types.ExternalFunction(symbol(name), types.float64(*numbers, _SKIP_DISPATCH))


log1p = cast(Callable[[float, int], float], _function("log1p"))
ndtri = cast(Callable[[float, int], float], _function("ndtri"))
xlogy = cast(Callable[[float, float, int], float], _function("xlogy"))
inv_boxcox = cast(Callable[[float, float, int], float], _function("inv_boxcox"))
gammaincinv = cast(Callable[[float, float, int], float], _function("gammaincinv"))
betaincinv = cast(Callable[[float, float, float, int], float], _function("betaincinv"))

"""The one function that Python calls, and through it all others, in the language of LLVM."""

from __future__ import annotations

import numba

from trialsim.kernel.layers import trial
from trialsim.kernel.tables import replications


def run(state_address: int, first: int, last: int, ends: int) -> int:
    """Simulate replications (see `trial.replicate_many`), or with ``last`` 0 summarise a chunk at the address."""
    if last == 0:
        replications.summarise(state_address)
        return 0
    return trial.replicate_many(state_address, first, last, ends)


def translated() -> tuple[str, str]:
    """The program as numba translates it, and the name that it gives to `run`."""
    words = (numba.types.int64,) * 4
    function = numba.njit(numba.types.int64(*words), error_model="numpy", no_cpython_wrapper=True)(run)
    (compiled,) = function.overloads.values()
    return function.inspect_llvm(words), compiled.fndesc.llvm_func_name

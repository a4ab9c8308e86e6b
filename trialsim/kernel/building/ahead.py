"""The program that compiles ahead, for later runs: ``python -m trialsim.kernel.building.ahead``.

A run that SimPy does sooner than the engine is compiled starts it. It goes on when that run is over, gives way to
everything else on the machine, says nothing, and leaves what it compiled in the cache.
"""

from __future__ import annotations

import os
import subprocess
import sys

from trialsim.kernel.building import cache

VARIABLE = "TRIALSIM_COMPILE_AHEAD"
"""With the value ``no`` in the environment, nothing is compiled ahead."""
_LEAST_URGENT = 19
_begun: list[subprocess.Popen[bytes]] = []
"""Those who still run, so that they are not taken for forgotten."""


def begin() -> bool:
    """Start the program, unless another is at it, what it would leave cannot be kept, or the user does not want it."""
    if sys.platform == "win32" or os.environ.get(VARIABLE) == "no":
        return False
    from trialsim.kernel.building.compiling import program_of_ours

    try:
        with cache.reserved() as is_free:
            if not is_free:
                return False
        nothing = subprocess.DEVNULL
        program = program_of_ours("ahead", "")
        _begun.append(subprocess.Popen(stdin=nothing, stdout=nothing, start_new_session=True, **program))
    except OSError:
        return False
    return True


def main() -> None:
    """Compile, unless another program is at it or has been."""
    from trialsim.kernel.building import compiling

    os.nice(_LEAST_URGENT)
    with cache.reserved() as is_free:
        if is_free and not cache.is_there():
            compiling.entry()


if __name__ == "__main__":
    main()

"""How the kernel is called: the type of its one function, and the variable that chooses its language."""

from __future__ import annotations

import os
from collections.abc import Callable

Entry = Callable[[int, int, int, int], int]
"""`trialsim.kernel.program.run`, compiled or as plain Python."""

VARIABLE = "TRIALSIM_KERNEL"
"""In the environment, ``python`` asks for plain Python; ``numba`` is for the process that compiles."""


def is_plain() -> bool:
    """Whether the environment asks for plain Python: for a debugger, or to see which lines are run."""
    return os.environ.get(VARIABLE) == "python"

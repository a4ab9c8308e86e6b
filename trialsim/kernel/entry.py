"""How the kernel is called: its one function, `trialsim.kernel.program.run`, compiled or as plain Python."""

from __future__ import annotations

import os
from collections.abc import Callable

Entry = Callable[[int, int, int, int], int]

VARIABLE = "TRIALSIM_KERNEL"
"""In the environment, ``python`` asks for plain Python; ``numba`` is for the process that compiles."""


def is_plain() -> bool:
    """Whether the environment asks for plain Python: for a debugger, or to see which lines are run."""
    return os.environ.get(VARIABLE) == "python"


def plain() -> Entry:
    """The kernel as plain Python, which takes up to twice as long as the SimPy model."""
    from trialsim.kernel.program import run

    return run


def entry() -> Entry:
    """The kernel that this process is to use: the compiled one, unless the environment asks for plain Python.

    Raises
    ------
    ImportError
        If it has to be compiled and that does not work.
    """
    if is_plain():
        return plain()
    from trialsim.kernel.building import compiling

    return compiling.entry()

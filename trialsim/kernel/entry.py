"""The kernel's one function, `trialsim.kernel.program.run`, in the language that is wanted."""

from __future__ import annotations

from trialsim.kernel.calling import Entry, is_plain


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

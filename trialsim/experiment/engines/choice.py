"""Which engine runs the model. Both give the same histories; the compiled one has to be started first."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib.util import find_spec
from math import inf
from typing import TYPE_CHECKING

from trialsim.experiment.jobs import Job
from trialsim.kernel.calling import is_plain

if TYPE_CHECKING:
    from trialsim.kernel.calling import Entry

_log = logging.getLogger("trialsim")

ENGINES = ("auto", "simpy", "compiled")

_LOADING_SECONDS = 0.6
"""What it takes to import what the compiled engine needs and to load its code."""
_COMPILING_SECONDS = 55.0
"""What it takes to compile it, the first time on a machine."""


class EngineError(ValueError):
    """The engine that was asked for cannot run this; the message is meant for the user."""


def worth(engine: str, work: Sequence[Job]) -> float:
    """How many seconds of work for the SimPy model are worth starting the compiled engine for; infinite for never.

    Raises
    ------
    EngineError
        If the compiled engine is asked for and cannot run these jobs.
    """
    if engine == "simpy":
        return inf
    obstacle = _obstacle(work)
    if engine == "compiled":
        if obstacle:
            raise cannot(obstacle)
        return 0.0
    return inf if obstacle or is_plain() else _seconds_to_start()


def start(engine: str) -> Entry | None:
    """Start the compiled engine; None if what it needs is installed but does not work, and ``auto`` is asked for.

    That it has to be compiled is said to the logger ``trialsim``, and that this did not work.

    Raises
    ------
    EngineError
        If it does not work and is asked for by name.
    """
    from trialsim.kernel.entry import entry

    is_new = not is_plain() and _seconds_to_start() > _LOADING_SECONDS
    if is_new:
        _log.info("Compiling the engine: about a minute, once on this machine")
    try:
        kernel = entry()
    except ImportError as problem:
        if engine == "compiled":
            raise EngineError(f"the compiled engine cannot start: {problem}") from None
        if is_new:
            _log.info("It cannot be compiled, so SimPy goes on: %s", problem)
        return None
    return kernel


def compile_for_later(engine: str, work: Sequence[Job], seconds: float) -> None:
    """Have the engine compiled beside and after a run that took so long without it, if it would have been sooner done.

    That it is, is said to the logger ``trialsim``.
    """
    if seconds > _LOADING_SECONDS and _LOADING_SECONDS < worth(engine, work) < inf:
        from trialsim.kernel.building import ahead

        if ahead.begin():
            _log.info(
                "The engine is being compiled in the background, once on this machine: "
                "later runs like this take a moment"
            )


def cannot(obstacle: str) -> EngineError:
    """The error for a compiled engine that was asked for and cannot run the jobs."""
    return EngineError(f"the compiled engine cannot run this: {obstacle}; use the engine simpy or auto")


def unknown(work: Sequence[Job]) -> str | None:
    """What the compiled engine does not know of these jobs, in words; None if it can run them."""
    from trialsim.kernel.support import unsupported

    words = next((what for job in work if (what := unsupported(job.scenario, job.rule))), None)
    return f"it does not know {words}" if words else None


def is_installed() -> bool:
    """Whether what the compiled engine needs is there."""
    return is_plain() or find_spec("numba") is not None


def seconds_to_start() -> float:
    """How long it takes to start the compiled engine here; infinite if that is of no use."""
    return inf if is_plain() or not is_installed() else _seconds_to_start()


def _obstacle(work: Sequence[Job]) -> str | None:
    """Why the compiled engine cannot run these jobs; None if it can."""
    return unknown(work) if is_installed() else "numba is not installed (pip install 'trialsim[fast]')"


def _seconds_to_start() -> float:
    import sys

    from trialsim.kernel.building import cache

    started = sys.modules.get("trialsim.kernel.building.compiling")
    if started is not None and started.is_loaded():
        return 0.0
    return _LOADING_SECONDS if cache.is_there() else _LOADING_SECONDS + _COMPILING_SECONDS

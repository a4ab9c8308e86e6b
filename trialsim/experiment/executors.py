"""Executors: where chunks are simulated, by their names, and which goes with which engine."""

from __future__ import annotations

from urllib.parse import urlsplit

EXECUTORS = ("auto", "here", "processes", "threads")
"""What can be asked for besides the address of a Dask scheduler."""
_SCHEMES = ("tcp", "tls")


class ExecutorError(ValueError):
    """The executor that was asked for cannot do this; the message is meant for the user."""


def is_address(executor: str) -> bool:
    """Whether an executor is a Dask scheduler by its address, such as ``tcp://10.0.0.1:8786``."""
    try:
        parts = urlsplit(executor)
        return parts.scheme in _SCHEMES and bool(parts.hostname and parts.port) and not (parts.path or parts.query)
    except ValueError:
        return False


def check_executor(executor: str, engine: str = "auto", workers: int | None = None) -> None:
    """Raise ExecutorError for an executor that there is not, or that cannot have this engine or so many workers."""
    if is_address(executor):
        return
    if executor not in EXECUTORS:
        raise ExecutorError(
            f"executor must be one of {', '.join(EXECUTORS)}, or the address of a Dask scheduler, "
            f"tcp://host:port, not {executor}"
        )
    if executor == "here" and (workers or 1) > 1:
        raise ExecutorError(f"the executor here has one core, not {workers}: ask for processes or threads, or leave it")
    if executor == "processes" and engine == "compiled":
        raise ExecutorError("processes are for the engine simpy: the compiled engine shares its work among threads")
    if executor == "threads" and engine == "simpy":
        raise ExecutorError("threads are for the compiled engine: with the engine simpy only one of them would work")

"""Work spread over processes that never outlive the one that started them.

Processes are spawned, never forked: forking a program that has threads may hang. Each worker listens to a pipe whose
other end only the parent holds; when that closes, because the work was interrupted or because the parent was killed,
the worker leaves at once.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any, TypeVar

T = TypeVar("T")


class WorkersLost(RuntimeError):
    """Worker processes could not start or were killed."""


def available_cores() -> int:
    """How many cores this process may use, which in a container or a batch job is often fewer than the machine has."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def as_done(
    work: Callable[..., T], tasks: Sequence[tuple[Any, ...]], workers: int
) -> Generator[tuple[int, T], None, None]:
    """Call ``work(*task)`` for each task in so many processes; give ``(position, result)`` as each is done.

    Closing the generator, an interrupt, and an error in ``work`` (raised here, once) all end the workers at once.

    Raises
    ------
    WorkersLost
        When a worker died of something other than an exception.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        sys.exit(1)  # a script without the guard, run once more in its own worker: the parent says what is wrong
    context = multiprocessing.get_context("spawn")
    theirs, ours = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(min(workers, len(tasks)), mp_context=context, initializer=_live_with, initargs=(theirs,))
    try:
        with _interrupts_are_ours():
            positions = {pool.submit(work, *task): position for position, task in enumerate(tasks)}
            _leave_writing_to_workers(pool)
        for future in as_completed(positions):
            yield positions[future], future.result()
        pool.shutdown()
    except BrokenProcessPool:
        raise WorkersLost(
            "the worker processes could not start or were killed (out of memory?); a script that uses several "
            "processes must do so under `if __name__ == '__main__':`, and jobs=1 needs none"
        ) from None
    finally:
        ours.close()
        pool.shutdown(cancel_futures=True)
        theirs.close()


def _leave_writing_to_workers(pool: ProcessPoolExecutor) -> None:
    """Close this process's own end for writing results, once all workers are started and have theirs.

    A worker that dies in the middle of a message would else leave the pool waiting for the rest of it for ever: only
    when nobody is left to write does the reading end.
    """
    with suppress(AttributeError):  # not in the library's promises; without it the rare case above is not caught
        pool._result_queue._writer.close()  # type: ignore[attr-defined]


def _live_with(parent: Connection) -> None:
    """In a worker: leave as soon as the parent closes its end of the pipe, or is no more."""

    def wait() -> None:
        parent.poll(None)  # nothing is ever sent: this returns when the other end is closed
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


@contextmanager
def _interrupts_are_ours() -> Iterator[None]:
    """Start processes that do not see Ctrl-C, which a terminal sends to all: the parent alone decides what it means."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

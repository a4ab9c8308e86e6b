"""Work spread over processes that never outlive the one that started them.

Processes are spawned, never forked: forking a program that has threads may hang. Each worker listens to a pipe whose
other end only the parent holds; when that closes, because the work was interrupted or because the parent was killed,
the worker leaves at once.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any, TypeVar

T = TypeVar("T")

_log = logging.getLogger("trialsim")


class WorkersLost(RuntimeError):
    """Worker processes could not start or were killed."""


def available_cores() -> int:
    """How many cores this process may use, which in a container or a batch job is often fewer than the machine has."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def as_done(
    work: Callable[..., T],
    tasks: Sequence[tuple[Any, ...]],
    workers: int,
    name: Callable[[int], str] = "task {}".format,
) -> Generator[tuple[int, T], None, None]:
    """Call ``work(*task)`` for each task in so many processes; give ``(position, result)`` as each is done.

    What was being done when a worker was killed is done once more, alone: it may have been the others that took all the
    memory. Closing the generator, an interrupt, and an error in ``work`` (raised here, once) all end the workers at
    once. ``name`` says what the task at a position is called in messages.

    Raises
    ------
    WorkersLost
        When a worker died of something other than an exception, twice over the same task.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        sys.exit(1)  # a script without the guard, run once more in its own worker: the parent says what is wrong
    left = deque(range(len(tasks)))
    while left:
        begun: set[int] = set()
        try:
            yield from _in_pool(work, tasks, left, begun, workers)
        except BrokenProcessPool:
            _log.info("A worker process was killed (out of memory?): its work is done once more, alone")
            for position in sorted(begun):
                yield from _alone(work, tasks, position, name(position))


def _alone(
    work: Callable[..., T], tasks: Sequence[tuple[Any, ...]], position: int, name: str
) -> Generator[tuple[int, T], None, None]:
    try:
        yield from _in_pool(work, tasks, deque([position]), set(), workers=1)
    except BrokenProcessPool:
        raise WorkersLost(
            f"the worker process for {name} could not start or was killed, twice (out of memory?); a script that uses "
            "several processes must do so under `if __name__ == '__main__':`, and jobs=1 needs none"
        ) from None


def _in_pool(
    work: Callable[..., T], tasks: Sequence[tuple[Any, ...]], left: deque[int], begun: set[int], workers: int
) -> Generator[tuple[int, T], None, None]:
    """Do the tasks at the positions ``left`` in new processes, each of which has one at a time.

    ``begun`` are the positions of those that are being done, also when this ends because a worker was killed.
    """
    context = multiprocessing.get_context("spawn")
    theirs, ours = context.Pipe(duplex=False)
    number = min(workers, len(left))
    pool = ProcessPoolExecutor(number, mp_context=context, initializer=_live_with, initargs=(theirs,))
    positions: dict[Future[T], int] = {}

    def begin() -> None:
        if left:
            position = left.popleft()
            begun.add(position)
            positions[pool.submit(work, *tasks[position])] = position

    try:
        with _interrupts_are_ours():
            for _ in range(number):
                begin()
            _leave_writing_to_workers(pool)
        while positions:
            done, _ = wait(positions, return_when=FIRST_COMPLETED)
            for future in sorted(done, key=_is_lost):  # results first: they are not to be worked out again
                result = future.result()
                begun.remove(position := positions.pop(future))
                yield position, result
                begin()  # raises if a worker has been killed meanwhile
        pool.shutdown()
    finally:
        ours.close()
        pool.shutdown(cancel_futures=True)
        theirs.close()


def _is_lost(future: Future[Any]) -> bool:
    return isinstance(future.exception(), BrokenProcessPool)


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

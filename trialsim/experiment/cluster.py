"""A Dask scheduler with its workers, as an executor in the sense of `concurrent.futures`.

What is asked of Dask, and every way in which it can fail, is in this file; `trialsim.experiment.sharing` shares the
work out.
"""

from __future__ import annotations

import logging
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from math import inf
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar, cast

from trialsim.experiment.executors import ExecutorError
from trialsim.experiment.remote import OtherVersions

if TYPE_CHECKING:
    from distributed import Client

T = TypeVar("T")

_log = logging.getLogger("trialsim")

_CONNECTING_SECONDS = 10.0
_ANSWER_SECONDS = 300.0
"""For what is asked of all workers, who may have to import a lot first."""
_LEAVING_SECONDS = 3
_LOOK_SECONDS = 3.0
"""How often it is asked how many workers there are."""
_WITHOUT_WORKERS_SECONDS = 60.0


class ClusterError(RuntimeError):
    """The scheduler or the workers cannot do the work, or are lost; the message is meant for the user."""


class WorkersKilled(RuntimeError):
    """The workers that did a task died, one after the other; the message says how many."""


@contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """A connection to a Dask scheduler, for as long as the context lasts.

    Raises
    ------
    ExecutorError
        If Dask is not installed.
    ClusterError
        If there is no scheduler at the address.
    """
    if find_spec("distributed") is None:
        raise ExecutorError("Dask is not installed (pip install 'trialsim[cluster]')")
    from distributed import Client

    with _quiet():
        try:
            client = _within(
                _CONNECTING_SECONDS + 1,
                lambda: Client(address, timeout=_CONNECTING_SECONDS, set_as_default=False),
            )
        except (OSError, ValueError, ImportError) as problem:
            words = " ".join(str(problem).split())
            raise ClusterError(f"there is no Dask scheduler at {address} that answers: {words}") from None
        try:
            yield Cluster(client, address)
        finally:
            with suppress(Exception):  # it is over, whatever the other side thinks of it
                client.close(timeout=_LEAVING_SECONDS)


class Cluster:
    """A Dask scheduler and its workers, by a client that is connected to it."""

    def __init__(self, client: Client, address: str) -> None:
        from distributed import KilledWorker

        self.address = address
        self._client, self._executor = client, client.get_executor(pure=False)
        self._killed_worker = KilledWorker
        self._threads, self._looked = 0, -inf
        self._had_workers = time.monotonic()
        self._told = False

    def submit(self, work: Callable[..., T], *arguments: Any) -> Future[T]:
        """Have a worker call ``work(*arguments)``. Raises ClusterError if the scheduler is lost."""
        self._check_connection()
        future: Future[T] = self._executor.submit(work, *arguments)
        return future

    def result(self, future: Future[T]) -> T:
        """What came of a call that is over; the error, if it was one.

        Raises
        ------
        WorkersKilled
            If the workers that did it died.
        ClusterError
            If the scheduler is lost, or the worker is not like us.
        """
        try:
            return future.result()
        except CancelledError:
            raise self._lost() from None
        except self._killed_worker as problem:
            raise WorkersKilled(f"{problem.allowed_failures + 1} times") from None
        except OtherVersions as problem:
            raise ClusterError(f"a worker of {self.address} that came later {problem}") from None

    def everywhere(self, function: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
        """What a function says on each worker, or the exception that it raised there, by the workers' addresses."""
        self._check_connection()
        said: dict[str, Any] = self._ask(lambda: self._client.run(function, *arguments, on_error="return"))
        return said

    def of_scheduler(self, function: Callable[[], Any]) -> Any:
        """What a function says in the scheduler, which reads what it passes on; ImportError if it is not there."""
        self._check_connection()
        try:
            return self._ask(lambda: self._client.run_on_scheduler(function))
        except ImportError as problem:
            return problem

    def threads(self) -> int:
        """How many tasks the workers can do at once, as of some seconds ago; 0 if there are no workers.

        Raises
        ------
        ClusterError
            If the scheduler is lost, or there have been no workers for a minute.
        """
        self._check_connection()
        now = time.monotonic()
        if now - self._looked >= (_LOOK_SECONDS if self._threads else _LOOK_SECONDS / 10):
            self._threads, self._looked = sum(self._ask(self._client.nthreads).values()), now
            self._notice_workers(now)
        return self._threads

    def wait_for_workers(self) -> None:
        """Wait until there are workers. Raises as `threads` does."""
        while not self.threads():
            time.sleep(_LOOK_SECONDS / 10)

    def _notice_workers(self, now: float) -> None:
        if self._threads:
            self._had_workers, self._told = now, False
        elif now - self._had_workers > _WITHOUT_WORKERS_SECONDS:
            raise ClusterError(f"the scheduler at {self.address} has had no workers for a minute: start some")
        elif not self._told:
            self._told = True
            _log.info("The scheduler at %s has no workers: waiting for some", self.address)

    def _ask(self, question: Callable[[], T]) -> T:
        try:
            return _within(_ANSWER_SECONDS, question)
        except (OSError, CancelledError, AttributeError, RuntimeError):  # as a client that is being closed has them
            raise self._lost() from None

    def _check_connection(self) -> None:
        if self._client.status != "running":
            raise self._lost()

    def _lost(self) -> ClusterError:
        return ClusterError(f"the Dask scheduler at {self.address} is gone, or cannot be reached any more")


def _within(seconds: float, question: Callable[[], T]) -> T:
    """The answer to a question that Dask may never answer: it sets no time for some.

    It is asked in a thread of its own, so that Ctrl-C is heard meanwhile. Raises TimeoutError, or what is raised there.
    """
    answers: SimpleQueue[tuple[T | None, Exception | None]] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put((question(), None))
        except Exception as problem:
            answers.put((None, problem))

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer, problem = answers.get(timeout=seconds)
    except Empty:
        raise TimeoutError(f"there was no answer for {seconds:g} seconds") from None
    if problem is not None:
        raise problem
    return cast("T", answer)


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave it to us to say what is wrong: Dask would say it too, at length."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client", "tornado", "asyncio")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"distributed\b")
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)

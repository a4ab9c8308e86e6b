"""Dask clusters: a scheduler and workers as processes on this machine, and one that only looks like a cluster."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.processes import started

_DEADLINE = 90.0
_ADDRESS = re.compile(r"Scheduler at:\s+(tcp://127\.0\.0\.1:\d+)")
_WORKER = re.compile(r"Registered to:\s+(tcp://127\.0\.0\.1:\d+)")


class Running(NamedTuple):
    """A cluster: the scheduler's address, and the processes."""

    address: str
    scheduler: subprocess.Popen[str]
    workers: list[subprocess.Popen[str]]


@contextmanager
def cluster(folder: Path, workers: int = 2, threads: int = 1, **environment: str) -> Iterator[Running]:
    """A scheduler on a port of its own and workers, which are not started anew when they die; none is left behind.

    ``environment`` is what they have in theirs besides.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:

        def start(name: str, *arguments: str) -> subprocess.Popen[str]:
            command = [
                sys.executable,
                "-m",
                f"distributed.cli.dask_{name}",
                *arguments,
                "--no-dashboard",
                "--dashboard-address",
                "127.0.0.1:0",
            ]
            log = stack.enter_context((folder / f"{name}-{len(os.listdir(folder))}.log").open("w+"))
            process = started(command, cwd=folder, env=os.environ | environment, stdout=log, stderr=log)
            return stack.enter_context(process)

        scheduler = start("scheduler", "--host", "127.0.0.1", "--port", "0")
        address = _said(folder, _ADDRESS)[0]
        options = ["--nthreads", str(threads), "--no-nanny", "--local-directory", str(folder), "--host", "127.0.0.1"]
        ran = [start("worker", address, *options) for _ in range(workers)]
        _said(folder, _WORKER, workers)
        yield Running(address, scheduler, ran)


def _said(folder: Path, what: re.Pattern[str], times: int = 1) -> list[str]:
    """What is said so often in the logs in a folder, once it is."""
    deadline = time.monotonic() + _DEADLINE
    while True:
        logs = {path.name: path.read_text() for path in folder.glob("*.log")}
        found = [each for text in logs.values() for each in what.findall(text)]
        if len(found) >= times:
            return found
        assert time.monotonic() < deadline, logs
        time.sleep(0.05)


class Pretended:
    """Looks like `trialsim.experiment.cluster.Cluster`, and works in threads of this process.

    Parameters
    ----------
    threads : int
        How many.
    fails : callable
        Given the number of a call, from 1 on, and its arguments: raises what comes in the place of a result.
    """

    address = "tcp://nowhere:1"

    def __init__(self, threads: int = 2, fails: Callable[..., object] = lambda *_: None) -> None:
        self._threads, self._fails = threads, fails
        self._pool = ThreadPoolExecutor(threads)
        self.calls: list[tuple[Any, ...]] = []
        self.answers = self.most_under_way = 0
        self.says: dict[str, Callable[[Any], Any]] = {"tcp://one:1": lambda said: said}
        """What becomes of what is said in each worker."""
        self.scheduler_says: Any = None

    def threads(self) -> int:
        """As many as were said."""
        return self._threads

    def wait_for_workers(self) -> None:
        """They are there."""

    def everywhere(self, function: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
        """What the function says here, changed as is said."""
        said = function(*arguments)
        return {worker: change(said) for worker, change in self.says.items()}

    def of_scheduler(self, function: Callable[[], Any]) -> Any:
        """What the function says here, or what the scheduler is to say."""
        return self.scheduler_says or function()

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Begin a call."""
        self.calls.append((*arguments[:-1], pickle.loads(arguments[-1])))
        self.most_under_way = max(self.most_under_way, len(self.calls) - self.answers)
        return self._pool.submit(self._call, len(self.calls), work, arguments)

    def _call(self, number: int, work: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        self._fails(number, *self.calls[number - 1])
        return work(*arguments)

    def result(self, future: Future[Any]) -> Any:
        """What came of it."""
        self.answers += 1
        return future.result()

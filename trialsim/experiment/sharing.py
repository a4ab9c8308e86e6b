"""Jobs shared out among the workers of a cluster: one queue of bundles, of which a few are under way at any time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from math import inf
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, Protocol, TypeVar

from trialsim.experiment.bundles import Bundle, Bundles, size
from trialsim.experiment.cluster import Cluster, ClusterError, WorkersKilled, connected
from trialsim.experiment.collection import Collection
from trialsim.experiment.engines.choice import cannot, unknown
from trialsim.experiment.engines.simpy import SimPy
from trialsim.experiment.jobs import Job
from trialsim.experiment.pickled_rules import portable
from trialsim.experiment.processes import WorkersLost
from trialsim.experiment.remote import (
    About,
    Done,
    about,
    difference,
    digest_of_module,
    packed,
    run_bundle,
    takes,
    versions,
)
from trialsim.storage import StoreError

T = TypeVar("T")
R = TypeVar("R")

_log = logging.getLogger("trialsim")

_IN_HAND = 2
"""Tasks for each thread of a worker: one that it does, and one that lies ready when that is done."""
_LOOK_SECONDS = 1.0
"""How often it is looked whether there are still workers, if nothing is done meanwhile."""
_WORTH_TELLING_SECONDS = 5.0
_MOST_NAMED = 3
"""Workers, in a message."""


class Crew(Protocol):
    """Who does the work: `trialsim.experiment.cluster.Cluster`."""

    def threads(self) -> int:
        """How many tasks can be done at once; raises if there is nobody any more."""

    def result(self, future: Future[R]) -> R:
        """What came of a task. Raises WorkersKilled if those who did it died."""


class Task(NamedTuple):
    """A bundle, and the engine that is to simulate it."""

    engine: str
    bundle: Bundle


def run_on_cluster(collection: Collection, engine: str, address: str) -> str:
    """Simulate what is still to be done on the workers of a Dask scheduler; return the name of the engine that did it.

    What is done when this is interrupted, or the scheduler lost, is kept.

    Raises
    ------
    ClusterError
        If the scheduler or the workers cannot do it.
    WorkersLost
        When a chunk killed all workers that did it, also alone and after all others were done.
    """
    if engine == "compiled" and (obstacle := unknown(collection.jobs)):
        raise cannot(obstacle)
    with connected(address) as cluster:
        work = _Work(collection, engine, cluster, _look_at(cluster))
        under: dict[Future[Done], Task] = {}
        try:
            suspects: list[Task] = []
            for task, done in as_done(cluster, work.begin, work.next, under, suspects.append):
                work.keep(task, done)
            alone = (Task(task.engine, (chunk,)) for task in suspects for chunk in task.bundle)
            for task, done in as_done(cluster, work.begin, lambda _: next(alone, None), under, work.lose, most=1):
                work.keep(task, done)
        except BaseException:
            with suppress(StoreError):
                for future, task in under.items():
                    if future.done() and not future.cancelled() and future.exception() is None:
                        work.keep(task, future.result())
            raise
        return work.used


def as_done(
    crew: Crew,
    begin: Callable[[T], Future[R]],
    next_task: Callable[[int], T | None],
    under: dict[Future[R], T],
    lost: Callable[[T], object],
    most: int | None = None,
) -> Iterator[tuple[T, R]]:
    """Give each task and what came of it, as they are done, with only a few under way.

    Parameters
    ----------
    crew
        Who does the work.
    begin
        Begins a task.
    next_task
        The next one, for one of so many that work; None if there are no more.
    under
        Those under way, which whoever is interrupted may look at; each until what came of it is dealt with.
    lost
        Told of a task whose workers died.
    most
        How many may be under way at once; left out, two for each that works.
    """
    over: SimpleQueue[Future[R]] = SimpleQueue()
    while True:
        workers = max(1, crew.threads())
        while len(under) < (most or _IN_HAND * workers) and (task := next_task(workers)) is not None:
            future = begin(task)
            under[future] = task
            future.add_done_callback(over.put)
        if not under:
            return
        for future in _over(over):
            task = under[future]
            try:
                result = crew.result(future)
            except WorkersKilled:
                lost(task)
            else:
                yield task, result
            del under[future]


def _over(queue: SimpleQueue[Future[R]]) -> list[Future[R]]:
    """What is over since it was asked last, after waiting for it a little; results before errors."""
    found = []
    with suppress(Empty):
        found.append(queue.get(timeout=_LOOK_SECONDS))
        while True:
            found.append(queue.get_nowait())
    return sorted(found, key=lambda future: future.cancelled() or future.exception() is not None)


class _Work:
    """What is to be done on a cluster, and how far it is."""

    def __init__(self, collection: Collection, engine: str, cluster: Cluster, workers: Sequence[About]) -> None:
        self._collection = collection
        self._bundles = Bundles(collection)
        self._cluster = cluster
        self._jobs = _that_travel(collection.jobs, cluster)
        self._engine = SimPy.name if engine == "auto" else engine
        self._seconds_to_start = inf
        if engine == "auto" and not unknown(collection.jobs):
            self._seconds_to_start = max(each.seconds_to_start for each in workers)
        if engine == "compiled" and not all(each.can_compile for each in workers):
            raise ClusterError(f"not all workers of {cluster.address} have numba, which the compiled engine needs")
        self.used = self._engine
        """The engine that did the latest."""

    def next(self, workers: int) -> Task | None:
        """The next task for one of so many workers."""
        speed = self._bundles.speed
        if speed and self._bundles.waiting / (speed * workers) > self._seconds_to_start:
            if self._seconds_to_start > _WORTH_TELLING_SECONDS:
                _log.info("The workers compile the engine where they do not have it: about a minute")
            self._engine, self._seconds_to_start = "auto", inf
        bundle = self._bundles.next(workers)
        return None if bundle is None else Task(self._engine, bundle)

    def begin(self, task: Task) -> Future[Done]:
        """Hand a task to the scheduler."""
        pieces = [(self._jobs[chunk.position], chunk.first, chunk.last) for chunk in task.bundle]
        return self._cluster.submit(run_bundle, task.engine, versions(), packed(pieces))

    def keep(self, task: Task, done: Done) -> None:
        """Keep what came of a task."""
        for chunk, tables in zip(task.bundle, done.tables, strict=True):
            self._collection.add(chunk, tables)
        self._collection.count(size(task.bundle))
        self._bundles.took(task.bundle, done.seconds if task.engine == self._engine else None)
        self.used = done.engine

    def lose(self, task: Task) -> None:
        """Raise WorkersLost for a task that kills workers even alone."""
        (chunk,) = task.bundle
        raise WorkersLost(
            f"all workers that did replications {chunk.first} to {chunk.last} of "
            f"{self._collection.jobs[chunk.position].scenario.name} were killed, also when it was done alone (out of "
            "memory?)"
        )


def _look_at(cluster: Cluster) -> list[About]:
    """What the workers say of themselves. Raises ClusterError if results could be others there than here."""
    if isinstance(problem := cluster.of_scheduler(versions), Exception):
        raise ClusterError(f"the scheduler at {cluster.address} needs the same packages as the workers: {problem}")
    cluster.wait_for_workers()
    said: dict[str, Any] = cluster.everywhere(about)
    wrong = {
        worker: words
        for worker, each in said.items()
        if (words := difference(versions(), each.versions) if isinstance(each, About) else f"cannot begin: {each}")
    }
    if wrong:
        named = "; ".join(f"{worker} {words}" for worker, words in list(wrong.items())[:_MOST_NAMED])
        more = f"; and {len(wrong) - _MOST_NAMED} more" if len(wrong) > _MOST_NAMED else ""
        raise ClusterError(
            f"{len(wrong)} of {len(said)} workers are not as we are, so nothing was begun: {named}{more}"
        )
    return list(said.values())


def _that_travel(jobs: Sequence[Job], cluster: Cluster) -> Sequence[Job]:
    """The jobs with dose rules that workers can read. Raises ValueError if that cannot be."""
    if all(job.rule is None for job in jobs):
        return jobs

    def is_there(module: str) -> bool:
        mine = digest_of_module(module)
        return all(each == mine is not None for each in cluster.everywhere(digest_of_module, module).values())

    sent = {id(job.rule): portable(job.rule, is_there) for job in jobs}
    for rule in sent.values():
        for worker, problem in cluster.everywhere(takes, rule).items():
            if problem is not None:
                raise ValueError(
                    f"the worker {worker} cannot take the rule ({problem}): it lacks something that it needs"
                )
    return [replace(job, rule=sent[id(job.rule)]) for job in jobs]

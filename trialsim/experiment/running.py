"""Running jobs: with the engine and on as many cores as are done soonest."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import closing
from math import ceil, inf

from trialsim.experiment.arguments import MOST_JOBS, MOST_REPLICATIONS, check_count, check_seed
from trialsim.experiment.collection import Chunk, Collection, Progress
from trialsim.experiment.engines import Engine
from trialsim.experiment.engines.choice import ENGINES, compile_for_later, start, worth
from trialsim.experiment.engines.simpy import SimPy
from trialsim.experiment.executors import check_executor, is_address
from trialsim.experiment.jobs import Job, Tables
from trialsim.experiment.pickled_rules import can_be_pickled, pickled
from trialsim.experiment.processes import as_done, available_cores
from trialsim.experiment.store import Store

_log = logging.getLogger("trialsim")

_PROBE_SECONDS = 0.3
_BEYOND_DOUBT = 20.0
"""If there is so much more to come than it takes to start another engine, no more probing is needed."""
_WORTH_PROCESSES_SECONDS = 4.0
"""Starting processes takes about a second each: less work than this is done sooner without them."""
EARLIER = "none needed"
"""In the place of an engine's name, where nothing had to be simulated."""
_ENGINE_OF = {"processes": SimPy.name, "threads": "compiled"}
"""The one engine that an executor is for."""
_LONGEST_CHUNK_SECONDS = 5.0
"""Where finished chunks are kept: so much work is lost, at most, by each of those at work, when they are killed."""
_FIRST_CHUNK = 100
_CHUNKS_A_PROCESS = 8
"""So that none is without work for long while others finish."""


def check(replications: int, seed: int, workers: int | None, engine: str = "auto", executor: str = "auto") -> None:
    """Raise ValueError for a number out of its range or a name that there is not, TypeError for no whole number."""
    check_count("replications", replications, MOST_REPLICATIONS)
    check_seed(seed)
    if workers is not None:
        check_count("jobs", workers, MOST_JOBS)
    if engine not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(ENGINES)}, not {engine}")
    check_executor(executor, engine, workers)


def run_jobs(
    jobs: Sequence[Job],
    replications: int,
    workers: int | None = None,
    progress: Progress | None = None,
    engine: str = "auto",
    after: int = 0,
    store: Store | None = None,
    executor: str = "auto",
) -> tuple[Sequence[Tables], str]:
    """Run the same replications of several scenarios, all in one queue.

    Parameters
    ----------
    jobs : sequence of Job
        The scenarios.
    replications : int
        How many of each.
    workers : int, optional
        Processes or threads to share the work; left out, all cores, unless the work is too little to be worth it.
    progress : callable, optional
        Told how many replications of all scenarios are done.
    engine : str
        One of `ENGINES`.
    store : Store, optional
        Where finished chunks are kept while work goes on, and taken from if they are there.
    after : int
        How many replications of each there are already: those from the next to ``replications`` are simulated.
    executor : str
        One of `trialsim.experiment.executors.EXECUTORS`, or the address of a Dask scheduler.

    Returns
    -------
    sequence of Tables
        Those of each job, in order. With a store, each is read when it is asked for.
    str
        The name of the engine that did the work.
    """
    collection = Collection(jobs, replications, progress, store, after=after)
    used = _run_all(collection, workers, engine, store, executor)
    return collection.tables(), used


def run_part(
    jobs: Sequence[Job],
    replications: int,
    part: tuple[int, int],
    store: Store,
    workers: int | None = None,
    progress: Progress | None = None,
    engine: str = "auto",
    executor: str = "auto",
) -> tuple[int, str]:
    """Run one of several equal parts of what `run_jobs` would run, into a store.

    Parameters
    ----------
    part : tuple of int
        ``(3, 40)`` is the third of forty.

    Returns
    -------
    int
        How many replications the part has.
    str
        The name of the engine that did the work.
    """
    collection = Collection(jobs, replications, progress, store, part)
    used = _run_all(collection, workers, engine, store, executor)
    store.flush()
    return collection.asked, used


def _run_all(collection: Collection, workers: int | None, engine: str, store: Store | None, executor: str) -> str:
    """Simulate what is to be done; return the name of the engine. What is done is kept even if it is interrupted."""
    if store and collection.found and not store.is_told:
        words = "nothing is simulated again" if not collection.left else "the others are simulated"
        _log.info(f"{collection.found:,} of {collection.asked:,} trials are there from before: {words}")
    if store:
        store.is_told = True
    try:
        if not collection.left:
            return EARLIER
        if is_address(executor):
            from trialsim.experiment.sharing import run_on_cluster

            return run_on_cluster(collection, engine, executor)
        return _run_rest(collection, workers, engine, executor, inf if store is None else _LONGEST_CHUNK_SECONDS)
    except BaseException:
        if store:
            store.rescue()
        raise


def _run_rest(collection: Collection, workers: int | None, engine: str, executor: str, longest: float) -> str:
    jobs = collection.jobs
    began = time.perf_counter()
    engine = _ENGINE_OF.get(executor, engine)
    workers = 1 if executor == "here" else workers
    cores = workers or min(available_cores(), MOST_JOBS)
    patience = cores * worth(engine, jobs)
    simpy = SimPy()
    to_come = inf
    if patience > 0 and executor != "processes" and (workers is None or workers == 1 or patience < inf):
        shared = cores > 1 and all(can_be_pickled(job.rule) for job in jobs)
        to_come = _begin(collection, simpy, patience, _WORTH_PROCESSES_SECONDS if shared else inf)
    kernel = start(engine) if to_come > patience else None
    if kernel is not None:
        from trialsim.experiment.engines.compiled import Compiled

        _here(collection, Compiled(kernel, threads=cores), longest)
        return Compiled.name
    if collection.left and (cores > 1 or executor == "processes"):
        _in_processes(collection, simpy, cores)
    else:
        _here(collection, simpy, longest)
    compile_for_later(engine, jobs, time.perf_counter() - began)
    return simpy.name


def _begin(collection: Collection, engine: Engine, patience: float, worth_sharing: float) -> float:
    """Simulate in this process: all of it, or until it shows that there is a better way; return the seconds to come.

    There is one when more than ``patience`` seconds are to come, or more than ``worth_sharing``.
    """
    begin, size = 0.0, 1
    while chunk := collection.next(min(size, _largest_chunk(collection, engine))):
        _run(collection, engine, chunk)
        size *= 2
        if collection.simulated == 1:
            begin = time.perf_counter()  # the first replication also pays for imports
            continue
        spent = time.perf_counter() - begin
        to_come = spent / (collection.simulated - 1) * collection.left
        is_known = spent > _PROBE_SECONDS and to_come > min(patience, worth_sharing)
        if is_known or to_come > _BEYOND_DOUBT * patience:
            return to_come
    return 0.0


def _here(collection: Collection, engine: Engine, longest: float) -> None:
    """Simulate what is still to be done in this process, in chunks of no more than so many seconds."""
    most = _largest_chunk(collection, engine)
    size = most if longest == inf else min(most, _FIRST_CHUNK)
    while chunk := collection.next(size):
        began = time.perf_counter()
        _run(collection, engine, chunk)
        speed = (chunk.last - chunk.first + 1) / (time.perf_counter() - began)
        size = max(1, int(min(most, 4 * size, speed * longest)))


def _run(collection: Collection, engine: Engine, chunk: Chunk) -> None:
    job = collection.jobs[chunk.position]
    collection.add(chunk, engine.run(job, chunk.first, chunk.last, collection.count))


def _in_processes(collection: Collection, engine: Engine, processes: int) -> None:
    """Simulate what is still to be done in other processes. Raises ValueError for a rule that cannot go there."""
    for job in collection.jobs:
        pickled(job.rule)
    size = min(_largest_chunk(collection, engine), ceil(collection.left / (_CHUNKS_A_PROCESS * processes)))
    chunks = collection.rest(size)
    tasks = [(collection.jobs[chunk.position], chunk.first, chunk.last) for chunk in chunks]

    def name(position: int) -> str:
        chunk = chunks[position]
        return f"replications {chunk.first} to {chunk.last} of {collection.jobs[chunk.position].scenario.name}"

    with closing(as_done(engine.run, tasks, processes, name)) as results:
        for position, tables in results:
            chunk = chunks[position]
            collection.add(chunk, tables)
            collection.count(chunk.last - chunk.first + 1)


def _largest_chunk(collection: Collection, engine: Engine) -> int:
    return min(engine.largest_chunk(job) for job in collection.jobs)

"""Running jobs: with the engine and on as many cores as are done soonest."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from math import ceil, inf

from trialsim.experiment.arguments import MOST_JOBS, MOST_REPLICATIONS, check_count, check_seed
from trialsim.experiment.collection import Chunk, Collection, Progress
from trialsim.experiment.engines import Engine
from trialsim.experiment.engines.choice import ENGINES, compile_for_later, start, worth
from trialsim.experiment.engines.simpy import SimPy
from trialsim.experiment.jobs import Job, Tables
from trialsim.experiment.pickled_rules import can_be_pickled, pickled
from trialsim.experiment.processes import as_done, available_cores

_PROBE_SECONDS = 0.3
_BEYOND_DOUBT = 20.0
"""If there is so much more to come than it takes to start another engine, no more probing is needed."""
_WORTH_PROCESSES_SECONDS = 4.0
"""Starting processes takes about a second each: less work than this is done sooner without them."""
_CHUNKS_A_PROCESS = 8
"""So that none is without work for long while others finish."""


def check(replications: int, seed: int, workers: int | None, engine: str = "auto") -> None:
    """Raise ValueError for a number out of its range or an engine that there is not, TypeError for no whole number."""
    check_count("replications", replications, MOST_REPLICATIONS)
    check_seed(seed)
    if workers is not None:
        check_count("jobs", workers, MOST_JOBS)
    if engine not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(ENGINES)}, not {engine}")


def run_jobs(
    jobs: Sequence[Job],
    replications: int,
    workers: int | None = None,
    progress: Progress | None = None,
    engine: str = "auto",
    after: int = 0,
) -> tuple[list[Tables], str]:
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
    after : int
        How many replications of each there are already: those from the next to ``replications`` are simulated.

    Returns
    -------
    list of Tables
        Those of each job, in order.
    str
        The name of the engine that did the work.
    """
    collection = Collection(jobs, replications, progress, after)
    began = time.perf_counter()
    cores = workers or min(available_cores(), MOST_JOBS)
    patience = cores * worth(engine, jobs)
    simpy = SimPy()
    to_come = inf
    if patience > 0 and (workers is None or workers == 1 or patience < inf):
        shared = cores > 1 and all(can_be_pickled(job.rule) for job in jobs)
        to_come = _begin(collection, simpy, patience, _WORTH_PROCESSES_SECONDS if shared else inf)
    kernel = start(engine) if to_come > patience else None
    if kernel is not None:
        from trialsim.experiment.engines.compiled import Compiled

        _here(collection, Compiled(kernel, threads=cores))
        return collection.tables(), Compiled.name
    if collection.left and cores > 1:
        _in_processes(collection, simpy, cores)
    else:
        _here(collection, simpy)
    compile_for_later(engine, jobs, time.perf_counter() - began)
    return collection.tables(), simpy.name


def _begin(collection: Collection, engine: Engine, patience: float, worth_sharing: float) -> float:
    """Simulate in this process: all of it, or until it shows that there is a better way; return the seconds to come.

    There is one when more than ``patience`` seconds are to come, or more than ``worth_sharing``.
    """
    begin, size = 0.0, 1
    while chunk := collection.next(min(size, _largest_chunk(collection, engine))):
        _run(collection, engine, chunk)
        size *= 2
        if collection.done == 1:
            begin = time.perf_counter()  # the first replication also pays for imports
            continue
        spent = time.perf_counter() - begin
        to_come = spent / (collection.done - 1) * collection.left
        is_known = spent > _PROBE_SECONDS and to_come > min(patience, worth_sharing)
        if is_known or to_come > _BEYOND_DOUBT * patience:
            return to_come
    return 0.0


def _here(collection: Collection, engine: Engine) -> None:
    """Simulate what is still to be done in this process."""
    for chunk in collection.rest(_largest_chunk(collection, engine)):
        _run(collection, engine, chunk)


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

"""Running jobs: in this process, in others, or with the compiled engine, whichever is done soonest."""

from __future__ import annotations

import pickle
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from math import ceil, inf
from typing import Any

from trialsim.experiment.arguments import check_count, check_seed
from trialsim.experiment.chunks import Job, Tables, put_together, run_chunk
from trialsim.experiment.engines import ENGINES, start, worth
from trialsim.experiment.executor import as_done, available_cores

Progress = Callable[[int, int], None]
"""Called with the replications done and the replications asked for."""
Report = Callable[[int, int, int, Tables], None]
"""Called with a position, the first and the last replication of a chunk, and its tables."""

_LARGEST_CHUNK = 250
_MOST_PARTICIPANTS = 50_000
"""In a chunk, so that the tables of a large trial fit into memory."""
_PROBE_SECONDS = 0.3
_BEYOND_DOUBT = 20.0
"""If there is so much more to come than it takes to start another engine, no more probing is needed."""
_WORTH_PROCESSES_SECONDS = 4.0
"""Starting processes takes about a second each: less work than this is done sooner without them."""


def run_jobs(
    work: Sequence[Job],
    replications: int,
    jobs: int | None = None,
    progress: Progress | None = None,
    engine: str = "auto",
) -> tuple[list[Tables], str]:
    """Run the same replications of several scenarios, all in one queue.

    Parameters and errors are those of `trialsim.simulate`; ``progress`` counts the replications of all scenarios. The
    tables of each are returned, in order, and the engine that did the work.
    """
    cores = jobs or available_cores()
    parts: list[dict[int, Tables]] = [{} for _ in work]
    done = [0] * len(work)
    everything = replications * len(work)

    def count(index: int, number: int) -> None:
        done[index] += number
        if progress:
            progress(sum(done), everything)

    def report(index: int, first: int, last: int, tables: Tables) -> None:
        parts[index][first] = tables
        count(index, last - first + 1)

    patience = worth(engine, work)
    rules = [job.rule for job in work if job.rule is not None]
    to_come = inf
    if patience > 0 and (jobs is None or jobs == 1 or patience < inf):
        alone = cores == 1 or not all(_can_be_sent(rule) for rule in rules)
        to_come = _run_here(work, replications, done, report, alone=alone, patience=patience * cores)
    kernel = start(engine) if sum(done) < everything and to_come > patience * cores else None
    if kernel is not None:
        from trialsim.experiment.compiled import run_compiled

        for index, job in enumerate(work):
            if (first := done[index] + 1) <= replications:
                counted = partial(count, index)
                parts[index][first] = run_compiled(job, first, replications, kernel, cores, counted)
        engine = "compiled"
    elif sum(done) < everything and cores == 1:
        _run_here(work, replications, done, report, alone=True, patience=inf)
    elif sum(done) < everything:
        sent = [job if job.rule is None else replace(job, rule=_pickled(job.rule)) for job in work]
        _run_elsewhere(sent, replications, done, cores, report)
    tables = [put_together([each for _, each in sorted(part.items())]) for part in parts]
    return tables, "compiled" if engine == "compiled" else "simpy"


def check(replications: int, seed: int, jobs: int | None, engine: str = "auto") -> None:
    """Raise ValueError for a number out of its range or an engine that there is not, TypeError for no whole number."""
    check_count("replications", replications)
    check_seed(seed)
    if jobs is not None:
        check_count("jobs", jobs)
    if engine not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(ENGINES)}, not {engine}")


def _pickled(rule: Any) -> bytes:
    """The rule as bytes, so that a worker that cannot read them says so as any other error."""
    try:
        if type(rule).__module__ == "__main__" and not hasattr(sys.modules["__main__"], "__file__"):
            raise TypeError("it was defined in an interactive session")
        return pickle.dumps(rule)
    except (pickle.PicklingError, AttributeError, TypeError) as problem:
        raise ValueError(
            f"the rule cannot be sent to other processes ({problem}): define its class in a module, or use jobs=1"
        ) from None


def _can_be_sent(rule: Any) -> bool:
    try:
        _pickled(rule)
    except ValueError:
        return False
    return True


def _largest_chunk(work: Sequence[Job]) -> int:
    most = max(job.scenario.trial.max_participants for job in work)
    return max(1, min(_LARGEST_CHUNK, _MOST_PARTICIPANTS // most))


def _run_here(
    work: Sequence[Job], last: int, done: list[int], report: Report, *, alone: bool, patience: float
) -> float:
    """Simulate in this process: all of it, or until it shows that there is a better way; return the seconds left."""
    begin, size = 0.0, 1
    for index, job in enumerate(work):
        while done[index] < last:
            first, until = done[index] + 1, min(done[index] + size, last)
            report(index, first, until, run_chunk(job, first, until))
            size = min(2 * size, _largest_chunk(work))
            finished = sum(done)
            if finished == 1:
                begin = time.perf_counter()  # the first replication also pays for imports
                continue
            spent = time.perf_counter() - begin
            to_come = spent / (finished - 1) * (last * len(work) - finished)
            shared = not alone and to_come > _WORTH_PROCESSES_SECONDS
            if to_come > _BEYOND_DOUBT * patience or (spent > _PROBE_SECONDS and (shared or to_come > patience)):
                return to_come
    return 0.0


def _run_elsewhere(work: Sequence[Job], last: int, done: list[int], processes: int, report: Report) -> None:
    """Simulate the replications still to be done in other processes."""
    size = min(_largest_chunk(work), ceil((last * len(work) - sum(done)) / (8 * processes)))
    tasks = [
        (index, (job, before + 1, min(before + size, last)))
        for index, job in enumerate(work)
        for before in range(done[index], last, size)
    ]
    with closing(as_done(run_chunk, [task for _, task in tasks], processes)) as results:
        for position, tables in results:
            index, (_, first, until) = tasks[position]
            report(index, first, until, tables)

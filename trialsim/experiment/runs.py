"""Many replications of one scenario."""

from __future__ import annotations

import os
import pickle
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from math import ceil, inf
from typing import TYPE_CHECKING, Any

from trialsim.experiment.arguments import check_count, check_seed
from trialsim.experiment.chunks import Job, Tables, put_together, run_chunk
from trialsim.experiment.engines import ENGINES, starts, worth
from trialsim.experiment.executor import as_done, available_cores
from trialsim.experiment.results import Results
from trialsim.rules.base import check_rule

if TYPE_CHECKING:
    from trialsim.rules.base import Rule
    from trialsim.scenario import Scenario

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


def simulate(
    scenario: Scenario | str | os.PathLike[str],
    replications: int = 1000,
    seed: int = 1,
    jobs: int | None = 1,
    detail: bool = False,
    rule: Rule | None = None,
    engine: str = "auto",
    progress: Progress | None = None,
) -> Results:
    """Simulate a trial many times.

    Parameters
    ----------
    scenario
        The trial, from `trialsim.load`, or what to load.
    replications
        How many possible histories; they are numbered from 1, and each is the same whatever the number of others.
    seed
        Which set of histories, from 0 to 2**64 - 1.
    jobs
        How many processes share the work; the results do not depend on it. None is all cores, unless the work is too
        little to be worth sharing. A script that asks for more than one must do so under
        ``if __name__ == "__main__":``, as Python demands of programs that start processes.
    detail
        Whether to keep the tables of participants and lots as well.
    rule
        A dose rule of your own in place of the scenario's: an object with the methods ``decide`` and ``recommend``.
    engine
        ``simpy``, ``compiled``, or ``auto``: the compiled engine where it can run the scenario and is worth starting.
        The results are the same.
    progress
        Called with (done, all) as replications get done.

    Raises
    ------
    ValueError
        For a number out of its range, a rule that cannot be sent to other processes, or an engine that cannot run
        the scenario.
    TypeError
        For a rule that is none, or a number that is not whole.
    WorkersLost
        When a worker process was killed.
    """
    from trialsim.scenario import Scenario, load

    check(replications, seed, jobs, engine)
    if rule is not None:
        check_rule(rule)
    if not isinstance(scenario, Scenario):
        scenario = load(scenario)
    started = datetime.now(UTC)
    (tables,), used = run_jobs([Job(scenario, seed, detail, rule)], replications, jobs, progress, engine)
    return Results(scenario, seed, *tables, engine=used, started=started, finished=datetime.now(UTC), rule=rule)


def run_jobs(
    work: Sequence[Job],
    replications: int,
    jobs: int | None = None,
    progress: Progress | None = None,
    engine: str = "auto",
) -> tuple[list[Tables], str]:
    """Run the same replications of several scenarios, all in one queue.

    Parameters and errors are those of `simulate`; ``progress`` counts the replications of all scenarios. The tables of
    each are returned, in order, and the engine that did the work.
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
    if sum(done) < everything and to_come > patience * cores and starts(engine):
        from trialsim.experiment.compiled import run_compiled

        for index, job in enumerate(work):
            if (first := done[index] + 1) <= replications:
                counted = partial(count, index)
                parts[index][first] = run_compiled(job, first, replications, cores, counted)
        engine = "compiled"
    elif sum(done) < everything and cores == 1:
        _run_here(work, replications, done, report, alone=True, patience=inf)
    elif sum(done) < everything:
        sent = [job if job.rule is None else replace(job, rule=_pickled(job.rule)) for job in work]
        _run_elsewhere(sent, replications, done, cores, report)
    tables = [put_together([each for _, each in sorted(part.items())]) for part in parts]
    return tables, "compiled" if engine == "compiled" else "simpy"


def check(replications: int, seed: int, jobs: int | None, engine: str) -> None:
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

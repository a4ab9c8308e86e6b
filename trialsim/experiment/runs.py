"""Many replications of one scenario."""

from __future__ import annotations

import pickle
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from math import ceil
from typing import TYPE_CHECKING, Any

from trialsim.experiment.chunks import Job, Tables, put_together, run_chunk
from trialsim.experiment.executor import as_done, available_cores
from trialsim.experiment.results import Results

if TYPE_CHECKING:
    from trialsim.rules.base import Rule
    from trialsim.scenario import Scenario

ENGINES = ("auto", "simpy")
Progress = Callable[[int, int], None]
"""Called with the replications done and the replications asked for."""

_LARGEST_CHUNK = 250
_PROBE_SECONDS = 0.3
_WORTH_PROCESSES_SECONDS = 4.0
"""Starting processes takes about a second each: less work than this is done sooner without them."""


def simulate(
    scenario: Scenario,
    replications: int = 1000,
    seed: int = 1,
    jobs: int | None = None,
    detail: bool = False,
    rule: Rule | None = None,
    engine: str = "auto",
    progress: Progress | None = None,
) -> Results:
    """Simulate a trial many times.

    Parameters
    ----------
    scenario
        The trial, from `trialsim.load`.
    replications
        How many possible histories; they are numbered from 1, and each is the same whatever the number of others.
    seed
        Which set of histories, from 0 to 2**64 - 1.
    jobs
        How many processes share the work; the results do not depend on it. Left out, all cores, unless the work is too
        little to be worth sharing.
    detail
        Whether to keep the tables of participants and lots as well.
    rule
        A dose rule of your own in place of the scenario's: an object with the methods ``decide`` and ``recommend``.
    engine
        ``auto`` or ``simpy``.
    progress
        Called with (done, all) as replications get done.

    Raises
    ------
    ValueError
        For a number out of its range, or a rule that cannot be sent to other processes.
    WorkersLost
        When a worker process was killed.
    """
    _check(replications, seed, jobs, engine)
    started = datetime.now(UTC)
    job = Job(scenario, seed, detail, rule)
    cores = jobs or available_cores()
    parts: dict[int, Tables] = {}
    report = progress or (lambda done, everything: None)

    done = 0
    if jobs is None or jobs == 1:
        alone = cores == 1 or (rule is not None and not _can_be_sent(rule))
        done = _run_here(job, replications, parts, report, alone=alone)
    if done < replications:
        sent = job if rule is None else replace(job, rule=_pickled(rule))
        _run_elsewhere(sent, done, replications, cores, parts, report)
    tables = put_together([parts[first] for first in sorted(parts)])
    return Results(scenario, seed, *tables, engine="simpy", started=started, finished=datetime.now(UTC), rule=rule)


def _check(replications: int, seed: int, jobs: int | None, engine: str) -> None:
    if replications < 1:
        raise ValueError(f"replications must be 1 or more, not {replications}")
    if not 0 <= seed < 2**64:
        raise ValueError(f"seed must be from 0 to 2**64 - 1, not {seed}")
    if jobs is not None and jobs < 1:
        raise ValueError(f"jobs must be 1 or more, not {jobs}")
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


def _run_here(job: Job, last: int, parts: dict[int, Tables], report: Progress, *, alone: bool) -> int:
    """Simulate in this process: all of it, or until it shows that it is worth sharing. Returns how many are done."""
    begin, done, size = 0.0, 0, 1
    while done < last:
        until = min(done + size, last)
        parts[done + 1] = run_chunk(job, done + 1, until)
        report(until, last)
        if done == 0:
            begin = time.perf_counter()  # the first replication also pays for imports
        done, size = until, min(2 * size, _LARGEST_CHUNK)
        spent = time.perf_counter() - begin
        if (
            not alone
            and done > 1
            and spent > _PROBE_SECONDS
            and spent / (done - 1) * (last - done) > _WORTH_PROCESSES_SECONDS
        ):
            break
    return done


def _run_elsewhere(job: Job, done: int, last: int, jobs: int, parts: dict[int, Tables], report: Progress) -> None:
    """Simulate the replications after ``done`` in other processes."""
    size = min(_LARGEST_CHUNK, ceil((last - done) / (8 * jobs)))
    tasks = [(job, before + 1, min(before + size, last)) for before in range(done, last, size)]
    with closing(as_done(run_chunk, tasks, jobs)) as results:
        for position, tables in results:
            _, first, until = tasks[position]
            parts[first] = tables
            done += until - first + 1
            report(done, last)

"""What a Dask cluster costs beside the work itself: seconds of processors a task, and bytes.

Usage: python -m benchmarks.cluster [SCENARIO]        (msc-sle by default; docs/scale.md shows what came of it)

A scheduler and two workers are started on this machine, and get tasks as a sweep has them; instead of simulating, the
workers return tables that they have from before. What that costs the scheduler, this process and the workers is what
processors spent on them, by the operating system's count, which other programs disturb less than the clock, without
what they spend when there is nothing to do. From it
follow the share of a worker's time that chunks of some seconds lose, and how busy scheduler and this process are.
"""

from __future__ import annotations

import os
import pickle
import sys
import tempfile
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import psutil

import trialsim
from tests.support.clusters import Running, cluster
from trialsim.experiment.cluster import connected
from trialsim.experiment.engines.simpy import SimPy
from trialsim.experiment.jobs import Job, Tables
from trialsim.experiment.remote import packed, versions
from trialsim.experiment.sharing import as_done

TASKS = 1000
SIZES = (20, 500)
IDLE_SECONDS = 5.0
SECONDS = (0.01, 0.1, 1.0, 2.0, 10.0)
WORKERS = (2, 100, 1000)


def answer(_: str, wanted: dict[str, str], bundle: bytes) -> Any:
    """Like `trialsim.experiment.remote.run_bundle`, in a worker; what it has simulated once it has."""
    from trialsim.experiment import remote

    known: dict[int, Any] = vars(remote).setdefault("known", {})
    ((job, first, last),) = pickle.loads(bundle)
    if last not in known:
        known[last] = remote.Done([SimPy().run(job, first, last)._replace(courses=None)], 1.0, "simpy")
    assert remote.difference(wanted, remote.versions()) is None
    return known[last]


def cost(dask: Running, job: Job, replications: int, tasks: int) -> dict[str, float]:
    """Milliseconds a task, by who spends them."""
    who = {"scheduler": [dask.scheduler.pid], "this process": [psutil.Process().pid]}
    who["a worker"] = [process.pid for process in dask.workers]
    from benchmarks import cluster as importable

    under: dict[Future[Any], int] = {}
    numbers = iter(range(tasks))
    with connected(dask.address) as found:
        idle = {name: -sum(map(spent, processes)) for name, processes in who.items()}
        time.sleep(IDLE_SECONDS)
        before = {name: sum(map(spent, processes)) for name, processes in who.items()}
        began = time.perf_counter()
        for _ in as_done(
            found,
            lambda _: found.submit(importable.answer, "simpy", versions(), packed([(job, 1, replications)])),
            lambda _: next(numbers, None),
            under,
            print,
        ):
            pass
        seconds = time.perf_counter() - began
        return {
            name: 1e3 * (sum(map(spent, processes)) - now - (idle[name] + now) * seconds / IDLE_SECONDS) / tasks
            for (name, processes), now in zip(who.items(), before.values(), strict=True)
        }


def spent(process: int) -> float:
    """Seconds that processors have spent on a process."""
    times = psutil.Process(process).cpu_times()
    return float(times.user + times.system)


def size(what: object) -> int:
    """Bytes on the wire."""
    return len(pickle.dumps(what, protocol=5))


def tables(job: Job, number: int) -> Tables:
    """As a sweep or a run has them."""
    made = SimPy().run(job, 1, number)
    return made if job.courses else made._replace(courses=None)


def main() -> None:
    """Measure, and print."""
    name = (sys.argv[1:] or ["msc-sle"])[0]
    scenario = trialsim.load(name)
    with tempfile.TemporaryDirectory() as folder, cluster(Path(folder), PYTHONPATH=os.getcwd()) as dask:
        spends = {}
        for replications in SIZES:
            job = Job(scenario, 1, courses=False)
            cost(dask, job, replications, 20)  # imports, and the tables
            spends[replications] = cost(dask, job, replications, TASKS if replications == SIZES[0] else TASKS // 10)
    for replications, spend in spends.items():
        words = ", ".join(f"{who} {milliseconds:.2f}" for who, milliseconds in spend.items())
        print(f"A task with tables of {replications:5,} replications costs, in ms: {words}")
    print("\nchunks of   a worker loses   workers: scheduler busy, this process busy")
    small = spends[SIZES[0]]
    for seconds in SECONDS:
        shares = [
            f"{n:5,}: {n / seconds * small['scheduler'] / 1e3:5.0%}, {n / seconds * small['this process'] / 1e3:5.0%}"
            for n in WORKERS
        ]
        print(f"{seconds:5.2f} s     {small['a worker'] / 1e3 / seconds:8.2%}         " + "   ".join(shares))
    print(f"\nbytes, {name:20}   a task   a replication of tables")
    for words, job in (
        ("sweep", Job(scenario, 1, courses=False)),
        ("run", Job(scenario, 1)),
        ("run --detail", Job(scenario, 1, detail=True)),
    ):
        few, more = (size(tables(job, number)) for number in (100, 300))
        print(f"{words:27}   {size([(job, 1, 100)]):6,}   {(more - few) / 200:,.0f}")


if __name__ == "__main__":
    main()

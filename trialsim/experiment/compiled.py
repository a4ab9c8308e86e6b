"""Replications by the compiled engine: threads instead of processes, and tables only at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from trialsim.experiment.chunks import Job, Tables, days_of

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.kernel.entry import Entry
    from trialsim.scenario import Scenario

_LARGEST_CHUNK = 1000
_MOST_PARTICIPANTS = 20_000
"""In a chunk, so that its memory stays small."""


def run_compiled(job: Job, first: int, last: int, kernel: Entry, threads: int, done: Callable[[int], None]) -> Tables:
    """Simulate the replications ``first`` to ``last``; ``done`` is called with the size of each chunk that is."""
    import pandas as pd

    from trialsim.analysis.courses import QUANTITIES, table
    from trialsim.frames import published
    from trialsim.kernel.engine import Engine
    from trialsim.kernel.state.plan import Plan
    from trialsim.kernel.tables.frames import people_and_lots, replications_frame
    from trialsim.kernel.tables.totals import Courses, Totals

    scenario = job.scenario
    plan = Plan(scenario, job.rule)
    totals = Totals(plan, kernel, first, last)
    every = [Courses(partial(days_of, scenario)) for _ in range(threads)]
    idle: SimpleQueue[tuple[Any, Courses]] = SimpleQueue()
    for courses in every:
        idle.put((Engine(plan, kernel, job.detail), courses))

    def work(begin: int, end: int) -> tuple[int, int, Any]:
        engine, courses = idle.get()
        try:
            raw = engine.run(job.seed, begin, end)
            totals.add(raw, courses)
            frames = people_and_lots(scenario, raw) if job.detail else None
            return begin, end, frames
        finally:
            idle.put((engine, courses))

    detail: dict[int, tuple[pd.DataFrame, pd.DataFrame]] = {}
    for begin, end, frames in _in_threads(work, chunks(scenario, first, last, threads), threads):
        if frames is not None:
            detail[begin] = published(frames[0]), frames[1]
        done(end - begin + 1)
    for courses in every[1:]:
        every[0].add(courses)
    replications = replications_frame(scenario, totals)
    parts = [detail[begin] for begin in sorted(detail)]
    kept = [pd.concat(tables, ignore_index=True) for tables in zip(*parts, strict=True)] if parts else [None, None]
    counts = every[0].counts(float(replications["end_day"].max()))
    courses_table = table([(name, *columns) for name, columns in zip(QUANTITIES, counts, strict=True)])
    return Tables(replications, courses_table, *kept)


def chunks(scenario: Scenario, first: int, last: int, threads: int) -> Iterator[tuple[int, int]]:
    """The first and the last replication of each chunk: few enough for the memory, and something for each thread."""
    size = max(1, min(_LARGEST_CHUNK, _MOST_PARTICIPANTS // scenario.trial.max_participants))
    size = max(1, min(size, (last - first + threads) // threads))
    return ((begin, min(begin + size - 1, last)) for begin in range(first, last + 1, size))


def _in_threads(
    work: Callable[[int, int], tuple[int, int, Any]], tasks: Iterator[tuple[int, int]], threads: int
) -> Iterator[tuple[int, int, Any]]:
    """The results of tasks as they are done, in this thread alone if one is enough."""
    listed: Sequence[tuple[int, int]] = list(tasks)
    if threads == 1 or len(listed) == 1:
        yield from (work(*task) for task in listed)
        return
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(work, *task) for task in listed]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

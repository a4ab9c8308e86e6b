"""The kernel as an engine: the model compiled, in threads of this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from trialsim.analysis.courses import days_of
from trialsim.experiment.engines import Count
from trialsim.experiment.jobs import Job, Tables
from trialsim.experiment.pickled_rules import unpickled
from trialsim.frames import published
from trialsim.kernel.engine import Engine as Kernel
from trialsim.kernel.state.plan import Plan
from trialsim.kernel.tables.frames import courses_frame, people_and_lots, replications_frame
from trialsim.kernel.tables.totals import Courses, Totals

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.kernel.calling import Entry
    from trialsim.scenario import Scenario

T = TypeVar("T")
Block = tuple[int, int]
"""The first and the last of some replications."""

_LARGEST_CHUNK = 1_000_000
_LARGEST_BLOCK = 1000
_MOST_PARTICIPANTS = 20_000
"""In a block, so that the kernel's memory stays small."""


class Compiled:
    """Runs blocks of replications in the kernel, each thread with memory of its own; tables are made at the end.

    The kernel does not hold Python's lock, and sums up a block before the next one takes its memory.
    """

    name = "compiled"

    def __init__(self, kernel: Entry, threads: int = 1) -> None:
        self._kernel = kernel
        self._threads = threads

    def largest_chunk(self, job: Job) -> int:
        """So many that putting chunks together takes hardly any of the time."""
        return _LARGEST_CHUNK

    def run(self, job: Job, first: int, last: int, done: Count | None = None) -> Tables:
        """Simulate the replications ``first`` to ``last``, both included, and make their tables."""
        rule = unpickled(job.rule)
        plan = Plan(job.scenario, rule)
        totals = Totals(plan, self._kernel, first, last)
        every = [Courses(partial(days_of, job.scenario)) for _ in range(self._threads)]
        idle: SimpleQueue[tuple[Kernel, Courses]] = SimpleQueue()
        for courses in every:
            idle.put((Kernel(plan, self._kernel, job.detail), courses))

        def work(block: Block) -> tuple[Block, tuple[pd.DataFrame, pd.DataFrame] | None]:
            kernel, courses = idle.get()
            try:
                raw = kernel.run(job.seed, *block, job.draw_seed)
                totals.add(raw, courses)
                return block, people_and_lots(job.scenario, raw) if job.detail else None
            finally:
                idle.put((kernel, courses))

        detail: dict[Block, tuple[pd.DataFrame, pd.DataFrame]] = {}
        for (begin, end), frames in _in_threads(work, blocks(job.scenario, first, last, self._threads), self._threads):
            if frames is not None:
                detail[begin, end] = frames
            if done:
                done(end - begin + 1)
        for courses in every[1:]:
            every[0].add(courses)
        replications = replications_frame(job.scenario, totals)
        reached = courses_frame(every[0], float(replications["end_day"].max()))
        kept = _joined([detail[block] for block in sorted(detail)]) if job.detail else (None, None)
        return Tables(replications, reached, *kept)


def blocks(scenario: Scenario, first: int, last: int, threads: int = 1) -> Iterator[Block]:
    """Blocks of replications: small enough for the memory, and something for each thread."""
    size = max(1, min(_LARGEST_BLOCK, _MOST_PARTICIPANTS // scenario.trial.max_participants))
    size = max(1, min(size, (last - first + threads) // threads))
    return ((begin, min(begin + size - 1, last)) for begin in range(first, last + 1, size))


def _in_threads(work: Callable[[Block], T], tasks: Iterator[Block], threads: int) -> Iterator[T]:
    """The results of tasks as they are done, in this thread alone if one is enough."""
    listed: Sequence[Block] = list(tasks)
    if threads == 1 or len(listed) == 1:
        yield from map(work, listed)
        return
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(work, task) for task in listed]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _joined(parts: list[tuple[pd.DataFrame, pd.DataFrame]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables of participants and lots of several blocks."""
    import pandas as pd

    people, lots = (pd.concat(tables, ignore_index=True) for tables in zip(*parts, strict=True))
    return published(people), lots

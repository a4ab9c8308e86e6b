"""What has been simulated of some jobs so far: how many replications, and their tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from trialsim.experiment.jobs import Job, Tables, put_together

Progress = Callable[[int, int], None]
"""Called with the replications done and the replications asked for."""


class Chunk(NamedTuple):
    """Replications ``first`` to ``last`` of a job, which is given by its position."""

    position: int
    first: int
    last: int


class Collection:
    """The tables of jobs, chunk by chunk as they are done.

    Parameters
    ----------
    jobs : sequence of Job
        What is simulated.
    replications : int
        How many of each.
    progress : callable, optional
        Told how many replications of all jobs are done.
    after : int
        How many of each there are already; they are left out.
    """

    def __init__(
        self, jobs: Sequence[Job], replications: int, progress: Progress | None = None, after: int = 0
    ) -> None:
        self.jobs = jobs
        self.asked = (replications - after) * len(jobs)
        self.done = 0
        self._replications = replications
        self._progress = progress
        self._position, self._last, self._after = 0, after, after
        """The job of which replications were handed out last, and the last of these."""
        self._parts: list[dict[int, Tables]] = [{} for _ in jobs]

    @property
    def left(self) -> int:
        """How many replications are still to be done."""
        return self.asked - self.done

    def next(self, size: int) -> Chunk | None:
        """The next replications to simulate, at most ``size``; None if all have been handed out."""
        if self._last == self._replications:
            self._position, self._last = self._position + 1, self._after
        if self._position == len(self.jobs):
            return None
        first, self._last = self._last + 1, min(self._last + size, self._replications)
        return Chunk(self._position, first, self._last)

    def rest(self, size: int) -> list[Chunk]:
        """All that is still to be simulated, in chunks of at most ``size``."""
        return list(iter(lambda: self.next(size), None))

    def count(self, replications: int) -> None:
        """So many more are done."""
        self.done += replications
        if self._progress:
            self._progress(self.done, self.asked)

    def add(self, chunk: Chunk, tables: Tables) -> None:
        """Keep the tables of a chunk. Chunks may come in any order."""
        self._parts[chunk.position][chunk.first] = tables

    def tables(self) -> list[Tables]:
        """The tables of each job, its chunks in order."""
        return [put_together([tables for _, tables in sorted(parts.items())]) for parts in self._parts]

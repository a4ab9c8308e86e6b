"""What has been simulated of some jobs so far: how many replications, and their tables."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from trialsim.experiment.chunks import Span, missing
from trialsim.experiment.jobs import Fetch, Job, Tables, at_hand, put_together
from trialsim.experiment.store import Store
from trialsim.frames import Lazy

Progress = Callable[[int, int], None]
"""Called with the replications done and the replications asked for."""


class Chunk(NamedTuple):
    """Replications ``first`` to ``last`` of a job, which is given by its position."""

    position: int
    first: int
    last: int


class Collection:
    """The tables of jobs, chunk by chunk as they are done; in memory, or in a store.

    Parameters
    ----------
    jobs : sequence of Job
        What is simulated.
    replications : int
        How many of each.
    progress : callable, optional
        Told how many replications of all jobs are done.
    store : Store, optional
        Where finished chunks are kept, and from which those are taken that are there already.
    part : tuple of int, optional
        ``(3, 40)``: only the third of forty equal parts of all replications.
    after : int
        How many of each there are already; they are left out.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        replications: int,
        progress: Progress | None = None,
        store: Store | None = None,
        part: tuple[int, int] | None = None,
        after: int = 0,
    ) -> None:
        self.jobs = jobs
        found = store.found() if store else {}
        self._parts: list[dict[Span, Tables]] = [{} for _ in jobs]
        """Without a store."""
        wanted = _share(len(jobs), replications, part, after)
        self._to_do = deque(
            Chunk(position, *gap) for position, span in wanted.items() for gap in missing(found.get(position, ()), span)
        )
        self.asked = sum(last - first + 1 for first, last in wanted.values())
        self.simulated = 0
        """How many replications have been done, without those that were there."""
        self.found = self.done = self.asked - sum(chunk.last - chunk.first + 1 for chunk in self._to_do)
        self._progress = progress
        self._store = store
        if self.left:
            self.count(0)  # where it begins

    @property
    def left(self) -> int:
        """How many replications are still to be done."""
        return self.asked - self.done

    def next(self, size: int) -> Chunk | None:
        """The next replications to simulate, at most ``size``; None if all have been handed out."""
        if not self._to_do:
            return None
        position, first, last = self._to_do.popleft()
        if last - first + 1 > size:
            self._to_do.appendleft(Chunk(position, first + size, last))
            last = first + size - 1
        return Chunk(position, first, last)

    def rest(self, size: int) -> list[Chunk]:
        """All that is still to be simulated, in chunks of at most ``size``."""
        return list(iter(lambda: self.next(size), None))

    def count(self, replications: int) -> None:
        """So many more are done."""
        self.done += replications
        self.simulated += replications
        if self._progress:
            self._progress(self.done, self.asked)

    def add(self, chunk: Chunk, tables: Tables) -> None:
        """Keep the tables of a chunk. Chunks may come in any order."""
        span = chunk.first, chunk.last
        if self._store:
            self._store.add(chunk.position, span, tables)
        else:
            self._parts[chunk.position][span] = tables

    def tables(self) -> Sequence[Tables]:
        """The tables of each job, its chunks in order."""
        of = self._store.chunks if self._store else self._chunks
        return Lazy(len(self.jobs), lambda position: put_together([fetch() for fetch in of(position)]))

    def _chunks(self, position: int) -> list[Fetch]:
        """What gives the tables of a job's chunks, in order."""
        return [at_hand(tables) for _, tables in sorted(self._parts[position].items())]


def _share(jobs: int, replications: int, part: tuple[int, int] | None, after: int) -> dict[int, Span]:
    """Which replications of which jobs are wanted: all, those after some, or those of one of several equal parts."""
    if after:
        return {position: (after + 1, replications) for position in range(jobs)}
    number, parts = part or (1, 1)
    everything = jobs * replications
    begin, end = everything * (number - 1) // parts, everything * number // parts
    return {
        position: (max(begin - position * replications, 0) + 1, min(end - position * replications, replications))
        for position in range(begin // replications, -(-end // replications))
    }

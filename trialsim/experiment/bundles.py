"""Bundles: chunks of one or several scenarios that take some seconds together, for workers elsewhere."""

from __future__ import annotations

from math import ceil

from trialsim.experiment.collection import Chunk, Collection

Bundle = tuple[Chunk, ...]

_SHORTEST_SECONDS, _LONGEST_SECONDS = 2.0, 10.0
"""Of a bundle: long beside the milliseconds that handing it out takes, short enough that little is lost with it."""
_BUNDLES_A_SECOND = 100
"""At most, as long as they take no longer than the longest: a scheduler, and this process, can handle some more."""
_LAST_SECONDS = 0.5
"""Towards the end bundles become smaller, down to this, so that all workers finish at about the same time."""
_CERTAIN = 0.1
"""A bundle that took this share of the time that it should take tells how fast it goes; others that it goes faster."""
_GROWTH = 4
_MOST_CHUNKS = 200
"""In a bundle: each brings its scenario, of some thousand bytes, along."""
_MOST_REPLICATIONS = 20_000
"""In a bundle: their tables, of some hundred bytes each, wait in memory."""
_MOST_PEOPLE = 500_000
"""In a bundle, where the tables of participants are wanted as well."""


class Bundles:
    """What is still to be simulated of a collection, in bundles as large as the speed shows that they should be.

    Parameters
    ----------
    collection : Collection
        Of which they are taken.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._size = 1.0
        self._workers = 1
        self._out = 0
        """How many replications have been handed out and are not done."""
        self._most = min(
            _MOST_PEOPLE // job.scenario.trial.max_participants if job.detail else _MOST_REPLICATIONS
            for job in collection.jobs
        )
        self.speed: float | None = None
        """Replications a second of one worker, as far as it is known."""

    @property
    def waiting(self) -> int:
        """How many replications have not been handed out."""
        return self._collection.left - self._out

    def next(self, workers: int) -> Bundle | None:
        """The next bundle for one of so many workers; None if all have been handed out."""
        self._workers = workers
        room = max(1, int(min(self._size, self._most, self._fair())))
        chunks: list[Chunk] = []
        while room and len(chunks) < _MOST_CHUNKS and (chunk := self._collection.next(room)):
            chunks.append(chunk)
            room -= chunk.last - chunk.first + 1
        self._out += size(chunks)
        return tuple(chunks) or None

    def _fair(self) -> float:
        """Half of what there is for each worker, but no less than is worth handing out."""
        return max(ceil(self.waiting / (2 * self._workers)), _LAST_SECONDS * (self.speed or 0.0))

    def took(self, bundle: Bundle, seconds: float | None) -> None:
        """A bundle is done, which took a worker so long; None if that says nothing of what follows."""
        number = size(bundle)
        self._out -= number
        if seconds is None:
            return
        wanted = min(_LONGEST_SECONDS, max(_SHORTEST_SECONDS, self._workers / _BUNDLES_A_SECOND))
        if seconds >= _CERTAIN * wanted:
            self.speed = number / seconds
            self._size = self.speed * wanted
        else:
            self._size = max(self._size, _GROWTH * number)


def size(bundle: Bundle | list[Chunk]) -> int:
    """How many replications a bundle has."""
    return sum(chunk.last - chunk.first + 1 for chunk in bundle)

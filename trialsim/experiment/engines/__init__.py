"""The engines behind one interface: a job and the numbers of some replications in, their tables out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from trialsim.experiment.jobs import Job, Tables

Count = Callable[[int], None]
"""Told how many more replications are done."""


class Engine(Protocol):
    """What runs the model. All engines give the same tables, so that whoever uses one need not know which it is."""

    @property
    def name(self) -> str:
        """What users call it."""

    def largest_chunk(self, job: Job) -> int:
        """How many replications may be run at once, for the memory that they need."""

    def run(self, job: Job, first: int, last: int, done: Count | None = None) -> Tables:
        """Simulate the replications ``first`` to ``last``, both included, and make their tables.

        ``done`` is called now and then, in this thread.
        """

"""Time: SimPy's environment, with the order of simultaneous events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NoReturn

import simpy

from trialsim.vocabulary import Phase

MOST_EVENTS = 10_000_000
"""A replication that schedules more moments than this is stopped: some layer is spinning."""

_ADDRESS_BITS = 56


class TooManyEvents(RuntimeError):
    """A replication had more events than a trial can have; the message names the busiest layer."""


class Moment(simpy.Event):
    """An instant at which a process goes on; of two at one time, the lower phase goes first, then the lower address."""

    def __init__(self, clock: Clock, day: float, phase: Phase, address: int = 0) -> None:
        clock.scheduled[phase] += 1
        clock.left -= 1
        if clock.left < 0:
            clock.give_up()
        self.env = clock
        self.callbacks = []
        self._value = None
        self._ok = True
        clock.schedule(self, (phase << _ADDRESS_BITS) | address, day - clock._now)  # type: ignore[arg-type]


class Clock(simpy.Environment):
    """Days since the start of the trial.

    SimPy breaks ties by an integer priority and then by the order of scheduling. Here the priority is the phase
    followed by an address (a participant's or a lot's), so that ties never depend on who was scheduled first. SimPy's
    own bookkeeping (starting a process, granting a resource) has priorities 0 and 1 and so comes before all phases.
    """

    def __init__(self) -> None:
        super().__init__(0.0)
        self.scheduled = [0] * (max(Phase) + 1)
        """How many moments of each phase there have been."""
        self.left = MOST_EVENTS
        self.at = partial(Moment, self)
        """``at(day, phase, address=0)``: that instant, for a process to wait for."""

    def call(self, day: float, phase: Phase, address: int, action: Callable[..., None], *arguments: Any) -> None:
        """Call ``action(*arguments)`` at the instant ``day`` in ``phase``."""
        self.at(day, phase, address).callbacks.append(lambda _: action(*arguments))

    def give_up(self) -> NoReturn:
        """Stop a replication that has had more events than a trial can have."""
        raise TooManyEvents(too_many(self.scheduled, self.now))


def too_many(scheduled: Sequence[int], now: float) -> str:
    """The message about a replication that had so many moments of each phase by the day ``now``."""
    busiest = max(Phase, key=lambda phase: scheduled[phase])
    return (
        f"more than {MOST_EVENTS:,} events in one replication, by day {now:,.1f}; the busiest layer is {busiest.words}"
    )

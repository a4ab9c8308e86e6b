"""The critical path: what each moment was waited for, and since which moment before it.

Whatever happens in a trial happens when the last of its conditions is met. The layer that sees it happen notes a `Step`
that leads back to that condition; so the steps behind the end of the trial are what held it up, day for day.
"""

from __future__ import annotations

from typing import NamedTuple

from trialsim.vocabulary import Piece


class Step(NamedTuple):
    """A moment that was waited for: until ``day``, for ``piece``, since the moment of ``since``."""

    day: float
    piece: Piece
    since: Step | None


START = Step(0.0, Piece.START_UP, None)
"""Day 0, before which nothing was waited for."""


def wait(since: Step, piece: Piece, day: float) -> Step:
    """The moment ``day``, reached by waiting for ``piece`` since another; that moment itself if it is the same."""
    return since if day == since.day else Step(day, piece, since)


def later(one: Step, other: Step) -> Step:
    """What bound: the later of two steps, the first if both are of one moment."""
    return other if other.day > one.day else one


def cut(step: Step, day: float) -> Step:
    """The moment ``day`` on the path that leads to a later step."""
    while step.since is not None and step.since.day >= day:
        step = step.since
    return step._replace(day=day)


def days_waited(step: Step) -> dict[Piece, float]:
    """The days of each piece on the path that leads to a step; they sum to its day."""
    days = dict.fromkeys(Piece, 0.0)
    while step.since is not None:
        days[step.piece] += step.day - step.since.day
        step = step.since
    return days

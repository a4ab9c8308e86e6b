"""Histories that were typed in or made up: who was given which level, and what is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from trialsim.rules.base import DLT, LOST, NO_DLT, Assigned


class Member(NamedTuple):
    """A participant by what a dose rule looks at."""

    level: int
    """Counted from 1."""
    cohort: int
    """Counted from 1; of a rule that does not work in cohorts, those who were given a level together."""
    outcome: str | None
    """`dlt`, `no_dlt`, `lost`, or None while it is not known."""
    followed: float = 0.0
    """The share of the window that has been observed, of somebody whose outcome is not known."""


def members(level: int, cohort: int, dlts: int, size: int, pending: int = 0, followed: float = 0.0) -> list[Member]:
    """Return a cohort: first those with a DLT, then those without, then those whose outcome is not known."""
    known = size - pending
    return [
        *(Member(level, cohort, DLT if number < dlts else NO_DLT) for number in range(known)),
        *(Member(level, cohort, None, followed) for _ in range(pending)),
    ]


def history(people: Sequence[Member], window: float, in_cohorts: bool) -> tuple[Assigned, ...]:
    """Return what a rule would see today, on day 0: outcomes became known in the order of `people`, before today.

    Parameters
    ----------
    people : sequence of Member
    window : float
        Days that each of them is observed.
    in_cohorts : bool
        Whether the rule works in cohorts; for one that does not, nobody is in a cohort.
    """
    step = window or 1.0
    seen = []
    for index, who in enumerate(people):
        number = who.cohort if in_cohorts else 0
        if who.outcome is None:
            seen.append(Assigned(who.level, number, 0.0 - who.followed * window, None, None))
        else:
            known = (index - len(people)) * step
            seen.append(Assigned(who.level, number, known - window, who.outcome, known))
    return tuple(seen)


class Tally(NamedTuple):
    """What happened at a level."""

    treated: int
    evaluable: int
    dlts: int
    pending: int
    lost: int


def tally(people: Sequence[Member], level: int) -> Tally:
    """Return the counts of a level."""
    outcomes = [who.outcome for who in people if who.level == level]
    dlts, pending, lost = (outcomes.count(outcome) for outcome in (DLT, None, LOST))
    return Tally(len(outcomes), len(outcomes) - pending - lost, dlts, pending, lost)

"""The committee: the twin of `trialsim.model.committee`."""

from __future__ import annotations

from math import floor

import numpy as np

from trialsim.kernel.language import compiled, inlined
from trialsim.kernel.layers import dosing, path
from trialsim.kernel.machine.calendar import schedule
from trialsim.kernel.machine.random import duration
from trialsim.kernel.state.codes import COMMITTEE, DECIDE, OF_REVIEW, WAITS_FOR_REVIEW
from trialsim.kernel.state.parts import State

_NO_MEETING_AFTER = 2.0**52
"""From here on a day has no hours, and the trial is over long before."""


@inlined
def has_approved(t: State, begins: int) -> bool:
    """Whether the committee has agreed to this cohort or, without cohorts, to this level."""
    return begins <= t.approved if t.in_cohorts else begins == t.approved


@inlined
def allows(t: State, level: int) -> bool:
    """Whether somebody enrolled at a lower level may be infused at this one: it needs no review, or had one."""
    return not t.is_reviewing or level == t.level or level == t.approved


@compiled
def begin_review(t: State, begins: int, why: int) -> None:
    """Begin the review of a cohort or level; the committee decides when it is over, or at its next meeting."""
    t.under_review = begins
    t.asked = why
    t.reviews += 1
    number = begins if t.in_cohorts else t.reviews
    ready = t.now + duration(t, t.review, OF_REVIEW, t.sites, number, 0)
    schedule(t, next_meeting(t, ready), COMMITTEE, 0, DECIDE, 0, 0)


@compiled
def next_meeting(t: State, day: float) -> float:
    """The committee's next meeting; a report handed in on a meeting's day is in time."""
    every = t.committee_every
    if np.isnan(every) or day >= _NO_MEETING_AFTER:
        return day
    number = max(0, floor(day / every) - 1)
    while floor(number * every) < floor(day):
        number += 1
    return max(day, float(floor(number * every)))


@compiled
def decide(t: State) -> None:
    """The committee agrees to what was under review; the rule is asked again, on what is known by now."""
    t.approved = t.under_review
    t.under_review = 0
    t.latest_news = path.wait(t, t.asked, WAITS_FOR_REVIEW, t.now)
    dosing.ask(t)

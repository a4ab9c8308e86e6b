"""The committee: it reviews before a cohort or, without cohorts, another level is begun, and meets now and then."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING

from trialsim.model.path import START, Step, wait
from trialsim.scenario.values.distributions import Constant
from trialsim.vocabulary import Phase, Piece, Stream

if TYPE_CHECKING:
    from trialsim.model.dosing import Dosing
    from trialsim.model.trial import Trial
    from trialsim.scenario.sections.dosing import Dosing as Layer


class Committee:
    """The committee's consent to what the dose rule would begin.

    A review takes a while; it ends at a meeting, if the committee meets on certain days only.
    """

    def __init__(self, trial: Trial, layer: Layer, dosing: Dosing) -> None:
        self.trial, self.dosing = trial, dosing
        self.review = trial.draws.durations(Stream.REVIEW, layer.review)
        self.every = layer.committee_every
        self.is_asked = bool(layer.committee_every) or layer.review != Constant(0.0)
        self.reviews = 0
        self.under_review: int | None = None
        """The cohort or level that is being reviewed."""
        self.asked = START
        """When the latest review began."""
        self.approved = 1 if dosing.in_cohorts else layer.start_level
        """The latest cohort, or without cohorts the level, that the committee has agreed to."""

    def has_approved(self, begins: int) -> bool:
        """Whether the committee has agreed to this cohort or, without cohorts, to this level."""
        return begins <= self.approved if self.dosing.in_cohorts else begins == self.approved

    def allows(self, level: int) -> bool:
        """Whether somebody enrolled at a lower level may be infused at this one: it needs no review, or had one."""
        return not self.is_asked or level in (self.dosing.level, self.approved)

    def begin_review(self, begins: int, why: Step) -> None:
        """Begin the review of a cohort or level; the committee decides when it is over, or at its next meeting."""
        clock = self.trial.clock
        self.under_review, self.asked = begins, why
        self.reviews += 1
        ready = clock.now + self.review(begins if self.dosing.in_cohorts else self.reviews)
        clock.call(self.next_meeting(ready), Phase.COMMITTEE, 0, self.decide)

    def next_meeting(self, day: float) -> float:
        """The committee's next meeting; a report handed in on a meeting's day is in time."""
        every = self.every
        if not every:
            return day
        number = max(0, floor(day / every) - 1)
        while floor(number * every) < floor(day):
            number += 1
        return max(day, float(floor(number * every)))

    def decide(self) -> None:
        """The committee agrees to what was under review; the rule is asked again, on what is known by now."""
        assert self.under_review is not None
        self.approved, self.under_review = self.under_review, None
        self.dosing.latest_news = wait(self.asked, Piece.REVIEW, self.trial.clock.now)
        self.dosing.ask()

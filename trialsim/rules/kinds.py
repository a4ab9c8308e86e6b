"""Kinds of dose rules, by what they can say besides their answer.

Whoever shows a rule asks for its kind, never for its class. A rule is of a kind as soon as it has the methods, and may
be of several kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from trialsim.rules.base import View
from trialsim.rules.by_tallies import Tallies

if TYPE_CHECKING:  # it needs numpy, which checking a scenario does not
    from trialsim.rules.dose_toxicity import Model, Posterior


@runtime_checkable
class WithTarget(Protocol):
    """A rule with a target probability of a DLT."""

    target: float


@runtime_checkable
class WithDirection(Protocol):
    """A rule that goes up, stays or goes down by the outcomes at the current level."""

    def direction(self, evaluable: int, dlts: int) -> int:
        """Return 1 for up, 0 for stay and -1 for down."""
        ...


@runtime_checkable
class WithBoundaries(Protocol):
    """A rule that compares the DLT rate at the current level with two boundaries."""

    def boundaries(self) -> tuple[float, float]:
        """Return the DLT rates at or below which the trial goes up, and from which it goes down."""
        ...


@runtime_checkable
class WithFollowUp(Protocol):
    """A rule that compares the follow-up of those pending at the current level with two boundaries."""

    minimum_follow_up: float

    def thresholds(self, treated: int, dlts: int, pending: int) -> tuple[float, float | None]:
        """Return from which total follow-up of those pending (in windows) to go up, and up to which to go down.

        The second is None where no follow-up leads down.
        """
        ...


@runtime_checkable
class WithMostAtLevel(Protocol):
    """A rule that gives a level to so many participants and no more."""

    most_at_level: int


@runtime_checkable
class WithSecondCohort(Protocol):
    """A rule that may give a level to a second cohort before it decides."""

    @property
    def confirms_mtd(self) -> bool:
        """Whether the level below one that is exceeded needs its second cohort before it is the MTD."""
        ...


@runtime_checkable
class WithEstimates(Protocol):
    """A rule that recommends by estimates of the DLT probability."""

    def estimates_of_tried(self, tallies: Tallies) -> Mapping[int, float]:
        """Return the estimate of each level where somebody is evaluable, by level (from 1)."""
        ...


@runtime_checkable
class WithBetaPrior(Protocol):
    """A rule that takes each level by itself, with a beta prior of the DLT probability."""

    prior_a: float
    prior_b: float


@runtime_checkable
class WithCurve(Protocol):
    """A rule with a dose-toxicity curve, which ties the levels together."""

    def curve(self, levels: int) -> Model:
        """Return the curve for so many levels, before any data."""
        ...

    def posterior(self, view: View) -> Posterior:
        """Return what the data known so far say."""
        ...

    def nearest(self, tallies: Tallies) -> int:
        """Return the level whose DLT probability is nearest to the target."""
        ...

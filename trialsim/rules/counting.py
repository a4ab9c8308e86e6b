"""Cohorts by numbers, and what they come to: all that a rule in cohorts looks at.

Whoever asks a rule often keeps count (`Cohorts.added`, `changed`, `without_last`), so that a question takes no longer
late in a trial than at its beginning; the count then goes with the participants (`Counted`).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from trialsim.rules.base import Assigned


class Cohort(NamedTuple):
    """A cohort, by numbers."""

    level: int
    places: int
    """Members who count towards its size: all but those lost who are to be replaced."""
    pending: int
    evaluable: int
    dlts: int


class Cohorts(tuple[Cohort, ...]):
    """The cohorts so far, in order, and what they come to."""

    tallies: tuple[tuple[int, int], ...]
    """(evaluable participants, DLTs) per level; level 1 comes first."""
    places: int
    pending: int
    highest: int
    """The highest level that a cohort was given; 0 without cohorts."""
    lowest_left: int | None
    """The lowest level from which the trial has gone down."""
    open: tuple[int, ...]
    """Which cohorts (from 0) have somebody pending."""

    @classmethod
    def of(cls, cohorts: Iterable[Cohort], levels: int) -> Self:
        """Return the cohorts with their sums, on a ladder of so many levels."""
        counted = cls(cohorts)
        evaluable, dlts = [0] * levels, [0] * levels
        for cohort in counted:
            evaluable[cohort.level - 1] += cohort.evaluable
            dlts[cohort.level - 1] += cohort.dlts
        counted.tallies = tuple(zip(evaluable, dlts, strict=True))
        counted.places = sum(cohort.places for cohort in counted)
        counted.pending = sum(cohort.pending for cohort in counted)
        counted.highest = max((cohort.level for cohort in counted), default=0)
        left = (earlier.level for earlier, later in pairwise(counted) if later.level < earlier.level)
        counted.lowest_left = min(left, default=None)
        counted.open = tuple(index for index, cohort in enumerate(counted) if cohort.pending)
        return counted

    def added(self, cohort: Cohort) -> Self:
        """Return these and one more."""
        counted = self._copy((*self, cohort._replace(places=0, pending=0, evaluable=0, dlts=0)))
        counted.highest = max(self.highest, cohort.level)
        if self and cohort.level < self[-1].level:
            counted.lowest_left = min(self.lowest_left or self[-1].level, self[-1].level)
        return counted.changed(len(self), cohort)

    def changed(self, index: int, cohort: Cohort) -> Self:
        """Return these with another one, at the same level, in the place of one."""
        counted, old, tallies = self._copy((*self[:index], cohort, *self[index + 1 :])), self[index], [*self.tallies]
        evaluable, dlts = tallies[cohort.level - 1]
        tallies[cohort.level - 1] = evaluable + cohort.evaluable - old.evaluable, dlts + cohort.dlts - old.dlts
        counted.tallies = tuple(tallies)
        counted.places += cohort.places - old.places
        counted.pending += cohort.pending - old.pending
        if bool(cohort.pending) != bool(old.pending):
            counted.open = tuple(sorted({*self.open} ^ {index}))
        return counted

    def without_last(self) -> Self:
        """Return all but the last one."""
        return self.of(self[:-1], len(self.tallies))

    def _copy(self, cohorts: Iterable[Cohort]) -> Self:
        """Return other cohorts with the sums of these."""
        copy = type(self)(cohorts)
        copy.__dict__.update(self.__dict__)
        return copy


class Counted(tuple["Assigned", ...]):
    """Participants whose cohorts are counted already."""

    cohorts: Cohorts

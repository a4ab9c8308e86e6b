"""What every built-in rule says of itself, so that nobody has to know its class: cohorts, evidence, parameters."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Literal

from trialsim.rules.base import Answer, Parameters, View

Evidence = Literal["level", "pending", "follow_up", "cohorts", "all"]
"""What a decision depends on: the outcomes at the current level; also how many are pending there; also for how long
those have been followed; the cohorts at the current level and beside it, one by one; or all outcomes so far."""


class BuiltInRule(Parameters):
    """A rule that scenario files can name; its fields are the rule's parameters."""

    cohorts: ClassVar[bool]
    """Whether the rule works in cohorts."""
    takes_cohort_size: ClassVar[bool] = True
    """Whether the cohort size of the trial changes anything."""
    fixed_cohort_size: ClassVar[int | None] = None
    """The size of its cohorts, where the rule itself says it; else the trial does."""
    seeks_dose: ClassVar[bool] = True
    """Whether the rule looks for a dose; else everybody has the same one."""
    decides_on: ClassVar[Evidence] = "all"
    """What its decisions depend on: a decision table is made for that, and there is none for `all`."""

    @abstractmethod
    def decide(self, view: View) -> Answer:
        """Say whether the next participant may have a place now, and at which level."""

    @abstractmethod
    def recommend(self, view: View) -> int | None:
        """Name the level to go on with, if the trial ended now: one that was not eliminated, or None."""

    def admissible(self, view: View) -> int:
        """Return the level below the lowest one eliminated; 0 if that is level 1, and the top if none is.

        Nobody may be infused above it any more, whatever level they were given at enrolment.
        """
        return view.levels

    def misfit(self, levels: int) -> tuple[str, str] | None:
        """Return the parameter that does not go with so many dose levels, and why; None if all do."""
        return None

    def numbers(self) -> dict[str, float]:
        """Return by name what the rule is computed with, besides the outcomes: for those who compute it elsewhere."""
        return {}

    def options(self) -> dict[str, str]:
        """Return by name the choices that every report mentions, because they move the calendar."""
        return {}

"""What a dose rule sees, and what it may answer.

A rule is a pure function of the history: it has no state, draws nothing and knows no clock but `View.now`. Anything
with the methods of `Rule` will do; the built-in rules are also the validated parameters of a scenario.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple, Protocol, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from trialsim.rules.counting import Counted

DLT = "dlt"
NO_DLT = "no_dlt"
LOST = "lost"

Probability = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Assigned(NamedTuple):
    """One participant who holds a place, or held it until infusion; whoever left before infusion is not listed."""

    level: int
    """Dose level, counted from 1."""
    cohort: int
    """Cohort, counted from 1; 0 under a rule that does not work in cohorts."""
    infusion_day: float | None
    """Days since day 0; None before infusion."""
    outcome: str | None
    """`dlt`, `no_dlt` or `lost` (in the window, without a DLT); None while it is not known."""
    outcome_day: float | None
    """When the outcome became known, days since day 0."""


@dataclass(frozen=True, slots=True)
class View:
    """All that a rule may know when it is asked.

    Times are days since day 0; `participants` stand in the order in which they were given a place.
    """

    now: float
    levels: int
    start_level: int
    cohort_size: int | None
    max_participants: int
    window: float
    replace_non_evaluable: bool
    stop_cohort_early: bool
    participants: Sequence[Assigned]

    def tallies(self) -> tuple[tuple[int, int], ...]:
        """Return (evaluable participants, DLTs) per level, of those whose outcome is known; level 1 comes first."""
        if isinstance(self.participants, Counted):
            return self.participants.cohorts.tallies
        evaluable = [0] * self.levels
        dlts = [0] * self.levels
        for level, _, _, outcome, _ in self.participants:
            if outcome == NO_DLT:
                evaluable[level - 1] += 1
            elif outcome == DLT:
                evaluable[level - 1] += 1
                dlts[level - 1] += 1
        return tuple(zip(evaluable, dlts, strict=True))

    def pending(self, level: int | None = None) -> int:
        """Return how many participants (at one level, or at all) have no known outcome yet, infused or not."""
        if level is None and isinstance(self.participants, Counted):
            return self.participants.cohorts.pending
        return sum(1 for who in self.participants if who.outcome is None and (level is None or who.level == level))

    def places_used(self) -> int:
        """Return how many of `max_participants` are used up: someone lost and to be replaced frees the place."""
        if isinstance(self.participants, Counted):
            return self.participants.cohorts.places
        if not self.replace_non_evaluable:
            return len(self.participants)
        return sum(1 for who in self.participants if who.outcome != LOST)

    def follow_up(self, index: int) -> float:
        """Return for how many days of the window participant `index` (from 0) has been observed.

        A participant without a DLT whose window is over has the whole window, one not infused yet has 0.
        """
        who = self.participants[index]
        if who.infusion_day is None:
            return 0.0
        if who.outcome == NO_DLT:
            return self.window
        until = self.now if who.outcome_day is None else who.outcome_day
        return min(max(until - who.infusion_day, 0.0), self.window)


@dataclass(frozen=True, slots=True)
class Assign:
    """The next participant may have a place, at this level; `opens_cohort` if it is the first place of a cohort."""

    level: int
    opens_cohort: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """No place for now. The rule is asked again when the history has changed, or on day `until`."""

    until: float | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """No further participants: the rule recommends a level, or None because no dose is acceptable."""

    level: int | None


Answer: TypeAlias = Assign | Wait | Stop


class Rule(Protocol):
    """What every dose rule can do."""

    @property
    def cohorts(self) -> bool:
        """Whether the rule works in cohorts."""
        ...

    def decide(self, view: View) -> Answer:
        """Say whether the next participant may have a place now, and at which level."""
        ...

    def recommend(self, view: View) -> int | None:
        """Name the level to go on with, if the trial ended now: one that was not eliminated, or None."""
        ...


def check_rule(rule: object) -> None:
    """Raise TypeError, with what to give instead, for anything but an object with `decide` and `recommend`."""
    wanted = "a dose rule is an object with the methods decide and recommend"
    if isinstance(rule, type):
        raise TypeError(f"{rule.__name__} is a class; {wanted}: give {rule.__name__}(…)")
    if isinstance(rule, str | Mapping):
        raise TypeError(
            f"{rule!r} is how a scenario names a rule, and {wanted}; "
            f'give it under dosing.rule: load(…, set=["dosing.rule=…"]) '
            f'or scenario.changed({{"dosing.rule": {rule!r}}})'
        )
    missing = [name for name in ("decide", "recommend") if not callable(getattr(rule, name, None))]
    if missing:
        raise TypeError(f"{rule!r} has no method {' and no method '.join(missing)}; {wanted}")


class Parameters(BaseModel):
    """The parameters of a built-in rule, or of a guard: immutable, checked strictly, unknown ones refused."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

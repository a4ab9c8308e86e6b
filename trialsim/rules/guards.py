"""Guards: what a protocol lays on top of any dose rule. A guard may lower or stop, never raise."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trialsim.rules.base import Answer, Assign, Parameters, Probability, Rule, Stop, View, Wait
from trialsim.rules.beta import upper_tail


class Limit(Parameters):
    """A level is too toxic when P(DLT probability > `above` | data) > `certainty`."""

    above: Probability
    certainty: Probability = 0.95
    minimum_n: Annotated[int, Field(ge=1)] = 3
    """How many evaluable participants it takes: at the level, or in the trial if the rule ties levels together."""


class Precision(Parameters):
    """The DLT probability of a level is known well enough when its credible interval is narrow."""

    width: Probability
    """The greatest width of the interval."""
    coverage: Probability = 0.9


class Guards(Parameters):
    """The guards of a trial, in the order in which they are asked."""

    safety_stop: Limit | None = None
    """The trial stops without a recommended level when the lowest level is too toxic."""
    elimination: Limit | None = None
    """A level that is too toxic is not given any more, nor any above it."""
    enough_at_level: Annotated[int, Field(ge=1)] | None = None
    """The trial stops when the next place would be at a level where so many are evaluable."""
    enough_when_staying: Annotated[int, Field(ge=1)] | None = None
    """The trial stops when so many are evaluable at the current level and the next place would be there as well: the
    early stop of published BOIN."""
    precision: Precision | None = None
    """The trial stops when the next place would be at the recommended level, whose DLT probability is known."""


class Guarded:
    """A rule with guards: itself a rule.

    What the data say about a level comes from the rule where it has a model of its own (the methods `tail` and
    `interval`), else from a uniform prior and the outcomes at that level.
    """

    def __init__(self, rule: Rule, guards: Guards) -> None:
        self.rule = rule
        self.guards = guards
        self.cohorts: bool = getattr(rule, "cohorts", False)

    def decide(self, view: View) -> Answer:
        """Ask the guards, then the rule, then lower or stop its answer."""
        ceiling = self.ceiling(view)
        if ceiling < 1:
            return Stop(None)
        answer = self.rule.decide(view)
        if isinstance(answer, Wait):
            return answer
        if isinstance(answer, Stop):
            level = self._lowered(view, answer.level, ceiling)
            if level is not None or answer.level is None:
                return Stop(level)
            if view.places_used() >= view.max_participants or (self.cohorts and view.pending()):
                return Wait()
            return Assign(ceiling, opens_cohort=self.cohorts)  # what is left below has not been tried
        if answer.level > ceiling:
            if self.cohorts and not answer.opens_cohort and view.pending():
                return Wait()  # the cohort is over, but its outcomes are not all known
            answer = Assign(ceiling, opens_cohort=self.cohorts)
        begins = answer.opens_cohort or not self.cohorts
        return Stop(self.recommend(view)) if begins and self._knows_enough(view, answer.level) else answer

    def recommend(self, view: View) -> int | None:
        """Name the rule's level, or the highest tried of those that the guards have left."""
        return self._lowered(view, self.rule.recommend(view), self.ceiling(view))

    def _lowered(self, view: View, level: int | None, ceiling: int) -> int | None:
        if level is None or level <= ceiling:
            return level
        return next((level for level in range(ceiling, 0, -1) if view.tallies()[level - 1][0]), None)

    def admissible(self, view: View) -> int:
        """Return the level below the lowest one eliminated, by the guards or by the rule."""
        by_rule = getattr(self.rule, "admissible", None)
        return min(self.ceiling(view), by_rule(view) if by_rule else view.levels)

    def ceiling(self, view: View) -> int:
        """Return the level below the lowest one that the guards rule out; 0 if none is left."""
        stop, elimination = self.guards.safety_stop, self.guards.elimination
        if stop and self._is_too_toxic(view, 1, stop):
            return 0
        if elimination:
            for level in range(1, view.levels + 1):
                if self._is_too_toxic(view, level, elimination):
                    return level - 1
        return view.levels

    def _is_too_toxic(self, view: View, level: int, limit: Limit) -> bool:
        tail = getattr(self.rule, "tail", None)
        if tail:
            evaluable, probability = tail(view, level, limit.above)
        else:
            evaluable, dlts = view.tallies()[level - 1]
            probability = upper_tail(limit.above, 1 + dlts, 1 + evaluable - dlts)
        return bool(evaluable >= limit.minimum_n and probability > limit.certainty)

    def _knows_enough(self, view: View, level: int) -> bool:
        evaluable, _ = view.tallies()[level - 1]
        enough, precision = self.guards.enough_at_level, self.guards.precision
        if enough is not None and evaluable >= enough:
            return True
        enough = self.guards.enough_when_staying
        if enough is not None and evaluable >= enough and view.participants[-1].level == level:
            return True
        if precision is None or not evaluable or self.rule.recommend(view) != level:
            return False
        return self.is_narrow(view, level, precision)

    def is_narrow(self, view: View, level: int, precision: Precision) -> bool:
        """Say whether a level's DLT probability is known well enough."""
        evaluable, dlts = view.tallies()[level - 1]
        interval = getattr(self.rule, "interval", None)
        if interval:
            low, high = interval(view, level, precision.coverage)
        else:
            from scipy.special import betaincinv

            tail = (1 - precision.coverage) / 2
            low, high = betaincinv(1 + dlts, 1 + evaluable - dlts, (tail, 1 - tail))
        return bool(high - low <= precision.width)

"""Answers of dose rules and guards that stay in Python, as numbers that the kernel can look up."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral
from typing import TYPE_CHECKING, Any

from trialsim.kernel.state import codes
from trialsim.model.dosing import RuleError
from trialsim.rules.base import DLT, NO_DLT, Assigned, Stop, View
from trialsim.rules.guards import Guarded

if TYPE_CHECKING:
    from trialsim.scenario import Scenario

Question = tuple[int, ...]
"""The level of the cohort that is over (0 where the answer does not depend on it), then of each level, from level 1,
how many are evaluable and how many of them had a DLT."""


class Answers:
    """The answers of a rule and a scenario's guards; each is worked out once.

    Parameters
    ----------
    scenario : Scenario
        With a dose rule.
    rule : Rule
        Its rule, or another one in its place.
    code : int
        How the kernel knows the rule (`codes`).
    """

    def __init__(self, scenario: Scenario, rule: Any, code: int) -> None:
        dosing = scenario.dosing
        assert dosing is not None
        self._scenario, self._dosing, self._rule, self._code = scenario, dosing, rule, code
        self._guards = dosing.guards if code != codes.TITE_CRM else None  # whose guards change with time: see `curve`
        self._known: dict[Question, tuple[int, ...]] = {}

    def to(self, question: Question) -> tuple[int, ...]:
        """The fields of `trialsim.kernel.state.records.Answer`, from the second on.

        Raises
        ------
        RuleError
            If the rule answers with something that is not a level.
        """
        if question not in self._known:
            self._known[question] = self._work_out(question)
        return self._known[question]

    def _work_out(self, question: Question) -> tuple[int, ...]:
        here, tallies = question[0], tuple(zip(question[1::2], question[2::2], strict=True))
        after = recommended = narrow = 0
        highest_left = ceiling = len(tallies)
        if here:
            after = self._level_after(here, tallies)
        if self._code == codes.LOOKED_UP:
            highest_left, recommended = self._rule.highest_left(tallies), self._rule.best(tallies) or 0
        if self._guards:
            guarded, precision, view = Guarded(self._rule, self._guards), self._guards.precision, self._view(tallies)
            ceiling = guarded.ceiling(view)
            if precision:
                tried = (level for level, (evaluable, _) in enumerate(tallies, 1) if evaluable)
                narrow = _bits(level for level in tried if guarded.is_narrow(view, level, precision))
        return after, highest_left, recommended, ceiling, narrow

    def _level_after(self, here: int, tallies: tuple[tuple[int, int], ...]) -> int:
        """The level that the rule asks for after a cohort; minus the one that it recommends with a stop."""
        answer: Any = self._rule.after(here, tallies)
        stops = isinstance(answer, Stop)
        level = answer.level if stops else answer
        if stops and level is None:
            return 0
        if isinstance(level, Integral) and int(level) >= 1 and (int(level) <= len(tallies) or not stops):
            return -int(level) if stops else int(level)  # one above the top is lowered, as any other that is too high
        raise RuleError(
            f"the rule {type(self._rule).__name__} answered {answer!r} after a cohort at level {here}, (evaluable, "
            f"DLTs) being {list(tallies)}; it may answer a level, Stop with one from 1 to {len(tallies)}, or Stop(None)"
        )

    def _view(self, tallies: tuple[tuple[int, int], ...]) -> View:
        """A history with just these outcomes."""
        people = [
            Assigned(level, 0, 0.0, DLT if number < dlts else NO_DLT, 0.0)
            for level, (evaluable, dlts) in enumerate(tallies, 1)
            for number in range(evaluable)
        ]
        return View(
            now=0.0,
            levels=len(tallies),
            start_level=self._dosing.start_level,
            cohort_size=self._dosing.cohort_size,
            max_participants=self._scenario.trial.max_participants,
            window=self._dosing.observation,
            replace_non_evaluable=self._dosing.replace_non_evaluable,
            stop_cohort_early=self._dosing.stop_cohort_early,
            participants=people,
        )


def _bits(levels: Iterable[int]) -> int:
    """A bit for each level."""
    return sum(1 << (level - 1) for level in levels)

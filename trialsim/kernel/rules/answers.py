"""What the methods that stay in Python make of outcomes: the posterior of a curve, the strongest key, the guards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from trialsim.rules.base import DLT, NO_DLT, Assigned, View
from trialsim.rules.crm import Crm
from trialsim.rules.guards import Guarded
from trialsim.rules.keyboard import Keyboard
from trialsim.rules.tite_crm import TiteCrm

if TYPE_CHECKING:
    from trialsim.scenario import Scenario

Outcomes = tuple[tuple[int, int], ...]
"""(evaluable, DLTs) per level; level 1 comes first."""


class Verdicts:
    """What a scenario's rule and guards say to outcomes, as the numbers of `trialsim.kernel.state.records.Opinion`."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._known: dict[Outcomes, tuple[int, ...]] = {}

    def on(self, outcomes: Outcomes) -> tuple[int, ...]:
        """The nearest level, that of those tried, the guards' ceiling, and the levels known, from which up and down."""
        if outcomes not in self._known:
            self._known[outcomes] = self._judge(outcomes)
        return self._known[outcomes]

    def _judge(self, outcomes: Outcomes) -> tuple[int, ...]:
        dosing = self._scenario.dosing
        assert dosing is not None
        view, rule = self._view(outcomes), dosing.rule
        tried = [level for level, (evaluable, _) in enumerate(outcomes, 1) if evaluable]
        nearest = recommended = narrow = up = down = 0
        ceiling = len(outcomes)
        if isinstance(rule, Crm | TiteCrm) and tried:
            nearest, recommended = rule.nearest(outcomes), rule.recommend(view) or 0
        if isinstance(rule, Keyboard):
            directions = {level: rule.direction(*outcomes[level - 1]) for level in tried}
            up, down = (_bits(level for level in tried if directions[level] == step) for step in (1, -1))
        if dosing.guards and not isinstance(rule, TiteCrm):  # its guards look at partial follow-up as well
            guarded, precision = Guarded(rule, dosing.guards), dosing.guards.precision
            ceiling = guarded.ceiling(view)
            if precision:
                narrow = _bits(level for level in tried if guarded.is_narrow(view, level, precision))
        return nearest, recommended, ceiling, narrow, up, down

    def _view(self, outcomes: Outcomes) -> View:
        """A history with just these outcomes."""
        dosing = self._scenario.dosing
        assert dosing is not None
        people = [
            Assigned(level, 0, 0.0, DLT if number < dlts else NO_DLT, 0.0)
            for level, (evaluable, dlts) in enumerate(outcomes, 1)
            for number in range(evaluable)
        ]
        return View(
            now=0.0,
            levels=len(outcomes),
            start_level=dosing.start_level,
            cohort_size=dosing.cohort_size,
            max_participants=self._scenario.trial.max_participants,
            window=dosing.observation,
            replace_non_evaluable=dosing.replace_non_evaluable,
            stop_cohort_early=dosing.stop_cohort_early,
            participants=people,
        )


def _bits(levels: Iterable[int]) -> int:
    """A bit for each level."""
    return sum(1 << (level - 1) for level in levels)

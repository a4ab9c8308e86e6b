"""The setting of a dose-finding design: a rule with its ladder, its cohorts, its window, and who comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from trialsim.design.histories import Member, history
from trialsim.rules.base import Answer, View
from trialsim.rules.built_in import BuiltInRule
from trialsim.rules.guards import Guarded
from trialsim.rules.kinds import WithTarget
from trialsim.scenario.scenario import Scenario
from trialsim.scenario.sections.dosing import Dosing


@dataclass(frozen=True)
class Setting:
    """All that the answers of a dose rule depend on, besides the data.

    Attributes
    ----------
    scenario : Scenario
        The trial with nothing but recruitment and dosing (and the truth, if one was given): what is simulated for the
        operating characteristics.
    doses : tuple of str, or None
        The doses of the levels, where a scenario names them.
    """

    scenario: Scenario
    doses: tuple[str, ...] | None = None

    @property
    def dosing(self) -> Dosing:
        """The section of the scenario that this is about."""
        dosing = self.scenario.dosing
        assert dosing is not None
        return dosing

    @property
    def rule(self) -> BuiltInRule:
        """The rule, without guards."""
        return cast(BuiltInRule, self.dosing.rule)

    @property
    def guarded(self) -> BuiltInRule | Guarded:
        """The rule that is asked: with its guards."""
        return cast(BuiltInRule | Guarded, self.dosing.guarded())

    @property
    def levels(self) -> int:
        """How many dose levels there are."""
        return self.scenario.levels

    @property
    def cohort_size(self) -> int | None:
        """Participants in a cohort; None without cohorts, and of a rule that passes a size over."""
        return self.dosing.cohort_size if self.rule.takes_cohort_size else None

    @property
    def max_participants(self) -> int:
        """How many participants may be infused at most."""
        return self.scenario.trial.max_participants

    @property
    def target(self) -> float | None:
        """The target probability of a DLT, if the rule has one."""
        return self.rule.target if isinstance(self.rule, WithTarget) else None

    def view(self, people: Sequence[Member]) -> View:
        """What the rule sees today."""
        dosing = self.dosing
        return View(
            now=0.0,
            levels=self.levels,
            start_level=dosing.start_level,
            cohort_size=self.cohort_size,
            max_participants=self.max_participants,
            window=dosing.observation,
            replace_non_evaluable=dosing.replace_non_evaluable,
            stop_cohort_early=dosing.stop_cohort_early,
            participants=history(people, dosing.observation, self.rule.cohorts),
        )

    def answer(self, people: Sequence[Member]) -> Answer:
        """What the rule answers."""
        return self.guarded.decide(self.view(people))

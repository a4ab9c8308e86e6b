"""A dose-finding design: a rule with its ladder, its cohorts, its window, and who comes; no other layer of a trial."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialsim.design.advice import Advice, advice
from trialsim.design.decisions import decision_table
from trialsim.design.drafts import OWN_NAME, draft
from trialsim.design.histories import Member
from trialsim.design.notation import parse
from trialsim.design.pathways import Pathways, pathways
from trialsim.design.prior import Prior, prior
from trialsim.design.setting import Setting
from trialsim.design.tables import Table
from trialsim.design.warnings import warnings
from trialsim.design.words import answer_text, rule_text
from trialsim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from trialsim.design.characteristics import Characteristics
    from trialsim.experiment.collection import Progress

History = str | Sequence[Member]
"""What has happened so far: in the notation of `trialsim.design.notation`, or participant by participant."""


@dataclass(frozen=True)
class Design(Setting):
    """A dose-finding design, from `Design.of`: a setting, and what may be asked about it."""

    @classmethod
    def of(
        cls,
        rule: str | Mapping[str, Any] | None = None,
        parameters: Mapping[str, Any] | None = None,
        *,
        scenario: str | os.PathLike[str] | Scenario | None = None,
        **options: Any,
    ) -> Design:
        """Make a design.

        Parameters
        ----------
        rule : str or mapping, optional
            A rule as in a scenario file: its name, or ``{"boin": {"target": 0.3}}``. Left out, that of the scenario.
        parameters : mapping, optional
            Parameters of the rule; those of a rule of a scenario, or in the mapping, are changed.
        scenario : Scenario, str or path, optional
            Where everything that is not given comes from; without one, see `trialsim.design.drafts.DEFAULTS`.
        **options
            ``levels`` (a number), ``start_level``, ``cohort_size``, ``max_participants``, ``window``, ``review``,
            ``rate`` (texts such as ``"28 days"`` and ``"2 per month"``), ``while_closed``, ``truth`` (the probability
            of a DLT at each level), and ``set``, a sequence of ``KEY=VALUE`` as for `trialsim.load`.

        Raises
        ------
        ScenarioError
            With everything that is wrong, in the words of scenario files.
        TypeError
            For an option that there is not.
        """
        return cls(*draft(rule, parameters or {}, scenario, options))

    @property
    def title(self) -> str:
        """The rule and its parameters, on one line."""
        return rule_text(self)

    @property
    def label(self) -> str:
        """The title, after the name of the scenario that the design was taken from."""
        return f"{self.scenario.name}: {self.title}" if self.scenario.name != OWN_NAME else self.title

    def told(self, advice: Advice) -> str:
        """The answer of some advice, in words."""
        return answer_text(advice)

    def warnings(self) -> list[str]:
        """What is hardly meant, and for trials to be simulated, what makes them unlikely to work."""
        return warnings(self)

    def people(self, data: History, label: str = "data") -> tuple[Member, ...]:
        """The participants of a history. Raises ScenarioError; `label` is what messages call it."""
        return parse(data, self.levels, label) if isinstance(data, str) else tuple(data)

    def table(self, to: int = 12) -> Table | None:
        """The decision table for up to ``to`` participants at a level; None for a rule that needs all data."""
        return decision_table(self, to)

    def prior(self) -> Prior | None:
        """The curve that a model-based rule begins with; None for other rules."""
        return prior(self)

    def after(self, data: History) -> Advice:
        """What the rule answers after a history. Raises ScenarioError if the history cannot be read."""
        return advice(self, self.people(data))

    def pathways(self, cohorts: int, data: History = "") -> Pathways:
        """Every way the next cohorts may go. Raises ValueError if outcomes are pending or the ways are too many."""
        return pathways(self, cohorts, self.people(data))

    def characteristics(
        self,
        truth: Sequence[float] | None = None,
        replications: int = 1000,
        seed: int = 1,
        jobs: int | None = 1,
        progress: Progress | None = None,
    ) -> Characteristics:
        """What to expect of the design, by simulation.

        Parameters
        ----------
        truth : sequence of float, optional
            The probability of a DLT at each level; left out, that of the design.
        replications, seed, jobs, progress
            As for `trialsim.simulate`.

        Raises
        ------
        ScenarioError
            If the truth does not go with the ladder.
        ValueError
            If there is no truth.
        """
        from trialsim.design.characteristics import characteristics

        scenario = self.scenario
        if truth is not None:
            scenario = scenario.changed({"truth.dlt_probability": list(truth)})
        return characteristics(scenario, self.target, replications, seed, jobs, progress)

    def to_document(self) -> dict[str, Any]:
        """The design as plain values."""
        document = self.scenario.to_document()
        kept: dict[str, Any] = {"max_participants": self.max_participants}
        return kept | {name: document[name] for name in ("dosing", "recruitment", "truth") if name in document}

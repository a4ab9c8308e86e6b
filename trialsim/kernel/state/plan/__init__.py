"""The plan: a scenario as flat records and arrays, which is all that the kernel reads.

Each file fills in what one layer of the kernel needs, and has the layer's name.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialsim.kernel.state import records
from trialsim.kernel.state.memory import address, array
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.plan import (
    committee,
    curve,
    doses,
    dosing,
    follow_up,
    manufacturing,
    observation,
    places,
    random,
    recruitment,
    rules,
    screening,
    slots,
    spacing,
    stopping,
    waiting,
)
from trialsim.kernel.state.plan.answers import Answers
from trialsim.kernel.state.plan.distributions import Distributions
from trialsim.rules.dose_toxicity import Model
from trialsim.scenario import Scenario
from trialsim.scenario.values.distributions import Distribution

_LAYERS = (
    *(random, recruitment, screening, waiting, places, dosing, rules, curve, committee, spacing),
    *(doses, manufacturing, slots, observation, follow_up, stopping),
)


class Plan:
    """A scenario for the kernel.

    Attributes
    ----------
    scenario : Scenario
        What it was made from.
    rule : Rule or None
        The dose rule: the scenario's, or one in its place.
    own_rule : Rule or None
        The one in its place.
    state : array of one `State`
        The numbers, and the addresses of the arrays below; a replication begins as it is here.
    sites : array of `records.Site`
        What the scenario says of each site.
    levels : array of `records.Level`
        What it says of each dose level.
    thresholds : array of int
        From how many DLTs on a level is too toxic, by the number of evaluable participants; `extend` makes it longer.
    distributions : Distributions
        All distributions, by number.
    answers : Answers or None
        What the rule and the guards answer, if there is a rule.
    tables : dict of array
        The tables of which an engine needs its own copies if something in them is not known.
    model : Model or None
        The curve whose posterior the kernel works out by itself.
    """

    def __init__(self, scenario: Scenario, rule: Any = None) -> None:
        self.scenario = scenario
        self.own_rule = rule
        self.rule: Any = rule or (scenario.dosing.rule if scenario.dosing else None)
        self.state = array(State, 1)
        self.sites = array(records.Site, len(scenario.sites))
        self.levels = array(records.Level, scenario.levels)
        self.thresholds = np.zeros(0, dtype=np.int64)
        self.model: Model | None = None
        self.answers: Answers | None = None
        self.tables: dict[str, NDArray[Any]] = {}
        self._kept: list[NDArray[Any]] = []
        self.distributions = Distributions(self.keep)
        for layer in _LAYERS:
            layer.put(scenario, self)
        self.put(levels=len(self.levels))
        self.table("levels", self.levels)
        self.table("distributions", self.distributions.table())

    def put(self, **values: float) -> None:
        """Set fields of the state."""
        for name, value in values.items():
            self.state[name] = value

    def keep(self, memory: NDArray[Any]) -> int:
        """Keep an array alive and return its address."""
        self._kept.append(memory)
        return address(memory)

    def table(self, name: str, memory: NDArray[Any]) -> None:
        """Put the address of a table that may be different in each replication into the field ``NAME_at``."""
        self.tables[name] = memory
        self.put(**{f"{name}_at": self.keep(memory)})

    def duration(self, distribution: Distribution) -> int:
        """The number of a distribution of days."""
        return self.distributions.duration(distribution)

    def quantity(self, distribution: Distribution) -> int:
        """The number of a distribution of weights, cells or fractions."""
        return self.distributions.quantity(distribution)

    def extend(self) -> None:
        """Make the table of thresholds longer."""
        length = max(64, 2 * len(self.thresholds))
        self.thresholds = rules.thresholds(self.rule, length)

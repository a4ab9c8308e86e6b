"""The simulations of a sensitivity analysis: inputs moved one at a time, and points with inputs exchanged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trialsim.analysis.tornado import Ends
from trialsim.experiment.collection import Progress
from trialsim.experiment.jobs import Job
from trialsim.experiment.running import run_jobs
from trialsim.scenario.copula import Seeds, independent_groups
from trialsim.scenario.inputs import Input, with_values

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.rules.base import Rule
    from trialsim.scenario import Scenario

DUMMY = "dummy"
"""What the input is called that changes nothing."""
_SEEDS = 2**64
_OTHER = 2**63
"""How far the seed is off of the second luck, which is that of the twins of a run, and of the other points' inputs."""
_OF_DUMMY = 2**62
"""How far it is off of the luck for which the dummy exchanges a point's."""


class Points(NamedTuple):
    """Replications of points, of each on two lucks: as drawn, of other points, and with each group of inputs exchanged.

    The groups go by their `label`, and the dummy by its name.
    """

    sample: list[pd.DataFrame]
    other: list[pd.DataFrame]
    exchanged: Mapping[str, list[pd.DataFrame]]


@dataclass
class Work:
    """What is simulated for a scenario with inputs that are not known.

    Attributes
    ----------
    trial : Scenario
        With inputs.
    seed : int
        Of the luck; see `points` for the others.
    everything : int
        How many replications there will be, for the progress.
    """

    trial: Scenario
    seed: int
    jobs: int | None
    progress: Progress | None
    engine: str
    rule: Rule | None
    executor: str = "auto"
    everything: int = 0
    done: int = 0

    def tornado(self, replications: int) -> tuple[pd.DataFrame, list[Ends]]:
        """Replications with all inputs at their medians, and with each input, and the dummy, at its ends.

        All have the same luck. Of correlated inputs, too, only one is moved.
        """
        inputs = self.trial.inputs
        quantiles = [each.values(np.array([0.1, 0.5, 0.9])).tolist() for each in inputs]
        medians = {each.path: values[1] for each, values in zip(inputs, quantiles, strict=True)}
        plans = [medians]
        for each, values in zip(inputs, quantiles, strict=True):
            plans += [{**medians, each.path: values[end]} for end in (0, 2)]
        plans += [medians, medians]  # the dummy's ends
        base, *tables = self._run([self._job(with_values(self.trial, plan)) for plan in plans], replications)
        named = [(each.key, each.unit, values, False) for each, values in zip(inputs, quantiles, strict=True)]
        named.append((DUMMY, "none", [0.1, 0.5, 0.9], True))
        return base, [
            Ends(key, unit, values, tables[2 * place], tables[2 * place + 1], is_dummy)
            for place, (key, unit, values, is_dummy) in enumerate(named)
        ]

    def sample(self, points: int) -> pd.DataFrame:
        """Replications in which all inputs vary: those of a run."""
        (table,) = self._run([self._job(self.trial)], points)
        return table

    def points(self, points: int) -> Points:
        """Replications of points, of each on two lucks.

        The points and their first luck are those of a run with this seed, and the second luck that of its twins. What
        the dummy exchanges is luck itself.
        """
        lucks = [(self.seed + off) % _SEEDS for off in (0, _OTHER)]
        keys = [each.key for each in self.trial.inputs]
        other = (self.seed + _OTHER) % _SEEDS
        draws: dict[str, Seeds] = {"sample": self.seed, "other": other}
        for group in groups(self.trial):
            taken = {each.key for each in group}
            draws[label(group)] = {key: other if key in taken else self.seed for key in keys}
        work = [self._job(self.trial, luck, seed) for seed in draws.values() for luck in lucks]
        work += [self._job(self.trial, (luck + _OF_DUMMY) % _SEEDS, self.seed) for luck in lucks]
        tables = self._run(work, points)
        pairs = [tables[place : place + 2] for place in range(0, len(tables), 2)]
        sample, others, *exchanged = pairs
        return Points(sample, others, dict(zip([*list(draws)[2:], DUMMY], exchanged, strict=True)))

    def _job(self, scenario: Scenario, luck: int | None = None, draws: Seeds | None = None) -> Job:
        return Job(scenario, self.seed if luck is None else luck, rule=self.rule, courses=False, draw_seed=draws)

    def _run(self, work: Sequence[Job], replications: int) -> list[pd.DataFrame]:
        before, tell = self.done, self.progress
        told = None if tell is None else lambda done, asked: tell(before + done, max(self.everything, before + asked))
        results, self.engine = run_jobs(work, replications, self.jobs, told, self.engine, executor=self.executor)
        self.done += len(work) * replications
        return [each.replications for each in results]


def groups(trial: Scenario) -> list[tuple[Input, ...]]:
    """The inputs of a scenario, those that are correlated together."""
    return independent_groups(trial.inputs, trial.correlations)


def label(group: Sequence[Input]) -> str:
    """The keys of a group in a line; of a list, all but the first by what tells it apart: ``a.b.1 + .2 + .3``."""
    first, *rest = (each.key for each in group)
    begin = first.rpartition(".")[0] + "."
    short = len(begin) > 1 and all(key.startswith(begin) and "." not in key[len(begin) :] for key in rest)
    return " + ".join([first, *(key[len(begin) - 1 :] if short else key for key in rest)])


def simulations(trial: Scenario, replications: int, points: int, with_indices: bool) -> int:
    """How many trials an analysis takes: of so many replications at each end, 0 for none, and of so many points."""
    jobs = 2 * (len(groups(trial)) + 3) if with_indices else 1
    return (2 * len(trial.inputs) + 3) * replications + jobs * points

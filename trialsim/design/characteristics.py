"""Operating characteristics: what to expect of a design, by simulating trials of nothing but recruitment and dosing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trialsim.analysis.statistics import Mean, Proportion, Quantile, mean, proportion, quantile
from trialsim.experiment.collection import Progress
from trialsim.experiment.jobs import Job
from trialsim.experiment.running import check, run_jobs
from trialsim.vocabulary import EndCause

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.scenario import Scenario


@dataclass(frozen=True)
class LevelCharacteristics:
    """What becomes of a level.

    Attributes
    ----------
    level : int
        Counted from 1.
    truth : float
        Its DLT probability in the simulated world.
    selected : Proportion
        The share of trials that recommend it.
    treated, dlts : Mean
        Participants infused there, and their DLTs, a trial.
    """

    level: int
    truth: float
    selected: Proportion
    treated: Mean
    dlts: Mean


@dataclass(frozen=True)
class Spread:
    """How a quantity varies: a mean with its error, and quantiles."""

    mean: Mean
    p10: Quantile
    p50: Quantile
    p90: Quantile


@dataclass(frozen=True)
class Characteristics:
    """What to expect of a design.

    Attributes
    ----------
    replications, seed : int
        How many trials were simulated, and which.
    best : tuple of int
        The levels whose DLT probability is nearest to the target; empty without a target.
    levels : tuple of LevelCharacteristics
        From level 1.
    none_selected : Proportion
        The share of trials that recommend no level.
    correct : Proportion or None
        The share of trials that recommend one of the `best`; None without a target.
    treated_at_best, treated_above_best : Mean or None
        The share of a trial's participants infused at one of the `best`, and above all of them, of trials that infused
        anybody; None without a target.
    stopped_for_safety : Proportion
        The share of trials that the rule, or a guard, ended because no level was acceptable.
    participants, dlts, turned_away : Mean
        A trial: infused, with a DLT, sent away because there was no place.
    completion : Spread
        Days from day 0 to primary completion, when the last outcome is known, of trials that infused anybody.
    duration : Spread
        Days from day 0 to the decision that ends the trial.
    wait : Spread
        Days from arrival to infusion. The mean is that of the trials' means, its error from trial to trial; the
        quantiles are those of all participants together, without intervals.
    durations : ndarray of shape (replications,)
        Every duration, in days, ascending.
    """

    replications: int
    seed: int
    best: tuple[int, ...]
    levels: tuple[LevelCharacteristics, ...]
    none_selected: Proportion
    correct: Proportion | None
    treated_at_best: Mean | None
    treated_above_best: Mean | None
    stopped_for_safety: Proportion
    participants: Mean
    dlts: Mean
    turned_away: Mean
    completion: Spread
    duration: Spread
    wait: Spread
    durations: NDArray[np.float64]

    def to_document(self) -> dict[str, Any]:
        """The characteristics as plain values."""
        return {name: value for name, value in asdict(self).items() if name != "durations"}


def characteristics(
    scenario: Scenario,
    target: float | None,
    replications: int = 1000,
    seed: int = 1,
    jobs: int | None = 1,
    progress: Progress | None = None,
) -> Characteristics:
    """Simulate the scenario of a design; the parameters are those of `trialsim.design.Design.characteristics`."""
    if scenario.truth is None:
        raise ValueError("operating characteristics need a truth: the probability of a DLT at each level")
    check(replications, seed, jobs)
    (tables,), _ = run_jobs([Job(scenario, seed, detail=True)], replications, jobs, progress)
    trials, people = tables.replications, tables.participants
    assert people is not None
    recommended = trials["recommended_level"].to_numpy(dtype=float, na_value=np.nan)
    durations = np.sort(_numbers(trials, "end_day"))
    completions = _numbers(trials, "primary_completion_day")
    truth = scenario.truth.dlt_probability
    best = _nearest(truth, target)
    above = range(max(best) + 1, len(truth) + 1) if best else ()
    return Characteristics(
        replications=len(trials),
        seed=seed,
        best=best,
        levels=tuple(
            LevelCharacteristics(
                level,
                probability,
                _share(recommended == level),
                mean(_numbers(trials, f"infused_level_{level}")),
                mean(_numbers(trials, f"dlts_level_{level}")),
            )
            for level, probability in enumerate(truth, start=1)
        ),
        none_selected=_share(np.isnan(recommended)),
        correct=_share(np.isin(recommended, best)) if best else None,
        treated_at_best=_treated(trials, best) if best else None,
        treated_above_best=_treated(trials, above) if best else None,
        stopped_for_safety=_share(trials["end_cause"].to_numpy(dtype=object) == EndCause.SAFETY),
        participants=mean(_numbers(trials, "infused")),
        dlts=mean(_numbers(trials, "dlts")),
        turned_away=mean(_numbers(trials, "turned_away")),
        completion=_spread(completions[~np.isnan(completions)]),
        duration=_spread(durations),
        wait=_wait(people),
        durations=durations,
    )


def _spread(days: NDArray[np.float64]) -> Spread:
    return Spread(mean(days), *(quantile(days, p) for p in (0.1, 0.5, 0.9)))


def _wait(people: pd.DataFrame) -> Spread:
    infused = people[people["infusion_day"].notna()]
    days = infused["infusion_day"] - infused["arrival_day"]
    by_trial = days.groupby(infused["replication"]).mean().to_numpy(dtype=float)
    every = days.to_numpy(dtype=float)
    found = (float(np.quantile(every, p)) if len(every) else None for p in (0.1, 0.5, 0.9))
    return Spread(mean(by_trial), *(Quantile(value, None, None) for value in found))


def _treated(trials: pd.DataFrame, levels: Sequence[int]) -> Mean:
    """The share of a trial's participants who were infused at one of the levels."""
    everybody = _numbers(trials, "infused")
    there = sum((_numbers(trials, f"infused_level_{level}") for level in levels), np.zeros(len(trials)))
    return mean(there[everybody > 0] / everybody[everybody > 0])


def _nearest(truth: tuple[float, ...], target: float | None) -> tuple[int, ...]:
    if target is None:
        return ()
    distances = [round(abs(p - target), 12) for p in truth]
    return tuple(level for level, distance in enumerate(distances, start=1) if distance == min(distances))


def _numbers(table: pd.DataFrame, column: str) -> NDArray[np.float64]:
    return table[column].to_numpy(dtype=float)


def _share(chosen: NDArray[np.bool_]) -> Proportion:
    return proportion(int(np.count_nonzero(chosen)), len(chosen))

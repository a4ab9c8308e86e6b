"""What drives the answer of a run: a sensitivity analysis in as many trials as are cheap, as levers have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialsim.experiment.collection import Progress
from trialsim.results.exchanging import simulations
from trialsim.results.levers import MOST_RECORDS
from trialsim.results.sensitivity import FEWEST, FEWEST_POINTS, NotReached, SensitivityResults, sensitivity

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.scenario import Scenario

MOST, MOST_POINTS = 300, 500
"""Trials with an input at each end, and points."""


def drivers_of_run(
    scenario: Scenario,
    replications: pd.DataFrame,
    seed: int,
    jobs: int | None,
    engine: str,
    progress: Progress | None = None,
) -> SensitivityResults | None:
    """Which of the values that are not known drive the answer of a run that was just simulated.

    Parameters
    ----------
    scenario, seed, jobs, engine, progress
        Those of the run.
    replications : DataFrame
        The table of replications of the run: how many people and lots a trial has, by which the number of trials is
        chosen; it does not depend on the machine.

    Returns
    -------
    SensitivityResults or None
        None where all is known, or too few trials would be cheap. Without shares (``indices``) where these would take
        too many.
    """
    if not scenario.uncertain:
        return None
    records = float(replications["candidates"].sum() + replications["lots_started"].sum())
    affordable = max(MOST_RECORDS, records) / max(1.0, records / len(replications))
    with_shares = simulations(scenario, 0, 1, True)
    points = min(MOST_POINTS, len(replications), int(affordable / 2 / with_shares))
    number = min(MOST, len(replications), int(affordable / 2 / simulations(scenario, 1, 0, False)))
    if number < FEWEST:
        return None
    only = ["tornado", "indices"] if points >= FEWEST_POINTS else ["tornado"]
    end = "last_visit" if scenario.follow_up is not None and scenario.follow_up.duration > 0 else "settled"
    measures = (end, "early_termination")
    points = max(points, FEWEST_POINTS)
    try:
        return sensitivity(scenario, number, points, seed, jobs, (), measures, only, progress, engine)
    except NotReached:
        return None

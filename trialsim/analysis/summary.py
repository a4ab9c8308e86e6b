"""From the table of replications to the numbers of the report, as a document that can be written as JSON.

The spread of one trial (quantiles, ``sd``) and the error of an estimate (``low`` and ``high``, ``standard_error``) have
different names throughout, and every figure says how many replications are behind it. What is not known is None.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from trialsim.analysis import statistics
from trialsim.analysis.facts import Facts, Target, facts_of
from trialsim.analysis.grouping import Floats
from trialsim.tables import FUNNEL, QUANTILES
from trialsim.vocabulary import END_CAUSES, MONTH, EndCause, Milestone, Piece

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.scenario import Scenario

WASTE = ("lots_started", "lots_failed", "lots_expired")
_MOST_MOMENTS = 120


def summarise(scenario: Scenario, replications: pd.DataFrame, courses: pd.DataFrame | None = None) -> dict[str, Any]:
    """The summary of a scenario's table of replications; see `summary_of`."""
    return summary_of(facts_of(scenario), replications, courses)


def summary_of(facts: Facts, replications: pd.DataFrame, courses: pd.DataFrame | None = None) -> dict[str, Any]:
    """The summary document.

    Parameters
    ----------
    facts : Facts
        Plain facts about the scenario.
    replications : DataFrame
        The table of `trialsim.analysis.replications`, at least one row.
    courses : DataFrame, optional
        The table of `trialsim.analysis.courses` of the same replications, with the observed days among its days.
        Without it, only the last observation finds its rank.

    Returns
    -------
    dict
        Of plain Python values: what ``summary.json`` holds.

    Raises
    ------
    ValueError
        If there are no replications.
    """
    count = len(replications)
    if count == 0:
        raise ValueError("there are no replications to summarise")
    end_day = _days(replications, "end_day")
    completed = replications["end_cause"].to_numpy(dtype=object) == EndCause.COMPLETED
    return {
        "replications": count,
        "duration": {**_quantiles(facts, end_day), **asdict(statistics.mean(end_day))},
        "early_termination": _share(~completed),
        "end_causes": _end_causes(replications, end_day),
        "targets": [_target(facts, target, replications, completed) for target in facts.targets],
        "milestones": {each.value: _milestone(facts, replications, each) for each in Milestone},
        "funnel": {name: _mean(replications, name) for name in FUNNEL},
        "levels": _levels(facts, replications),
        "attribution": _attribution(replications, end_day),
        "waste": {name: _mean(replications, name) for name in WASTE},
        "observed": _observed(facts, replications, end_day, courses),
    }


def _days(replications: pd.DataFrame, name: str) -> Floats:
    return replications[name].to_numpy(dtype=float)


def _mean(replications: pd.DataFrame, name: str) -> dict[str, Any]:
    return asdict(statistics.mean(_days(replications, name)))


def _share(chosen: Any) -> dict[str, Any]:
    """The share of the replications that are ``chosen``."""
    return asdict(statistics.proportion(int(np.count_nonzero(chosen)), len(chosen)))


def _quantiles(facts: Facts, days: Floats) -> dict[str, Any]:
    """Quantiles with intervals and dates."""
    found = {name: statistics.quantile(days, probability) for name, probability in QUANTILES.items()}
    return {
        name: {**asdict(each), "date": None if each.value is None else facts.date_of(each.value).isoformat()}
        for name, each in found.items()
    }


def _end_causes(replications: pd.DataFrame, end_day: Floats) -> dict[str, Any]:
    """The probability of each cause, and how it accumulates over time, by months (at most some hundred moments)."""
    causes = replications["end_cause"].to_numpy(dtype=object)
    months = max(1, math.ceil(float(end_day.max()) / MONTH))
    step = math.ceil(months / _MOST_MOMENTS)
    grid = np.arange(0, months + step, step) * MONTH
    return {
        cause.value: {
            **_share(causes == cause),
            "over_time": {
                "day": grid.tolist(),
                "probability": statistics.cumulative_incidence(end_day, causes, cause, grid).tolist(),
            },
        }
        for cause in END_CAUSES
    }


def _target(facts: Facts, target: Target, replications: pd.DataFrame, completed: Any) -> dict[str, Any]:
    """The chance that the trial is completed with the target's milestone reached by the end of its day.

    ``milestones`` has the chance of each milestone by that day, in trials that end early too.
    """
    limit = facts.day_of(target.date) + 1
    by_then = {each: _days(replications, each.column) < limit for each in Milestone}
    return {
        "milestone": target.milestone.value,
        "date": target.date.isoformat(),
        **_share(by_then[target.milestone] & completed),
        "milestones": {each.value: _share(reached) for each, reached in by_then.items()},
    }


def _milestone(facts: Facts, replications: pd.DataFrame, milestone: Milestone) -> dict[str, Any]:
    """The chance of reaching a milestone, and when it is reached by those that reach it."""
    days = _days(replications, milestone.column)
    reached = ~np.isnan(days)
    return {
        "reached": _share(reached),
        **_quantiles(facts, days[reached]),
        **asdict(statistics.mean(days[reached])),
    }


def _levels(facts: Facts, replications: pd.DataFrame) -> dict[str, Any] | None:
    """Who is treated at each level, and what is recommended in the end; None without dosing."""
    if not facts.levels:
        return None
    recommended = replications["recommended_level"].to_numpy(dtype=float, na_value=np.nan)
    return {
        "doses": [
            {
                "level": level,
                "dose": dose,
                "infused": _mean(replications, f"infused_level_{level}"),
                "dlts": _mean(replications, f"dlts_level_{level}"),
                "recommended": _share(recommended == level),
            }
            for level, dose in enumerate(facts.levels, start=1)
        ],
        "none_recommended": _share(np.isnan(recommended)),
    }


def _attribution(replications: pd.DataFrame, end_day: Floats) -> dict[str, Any]:
    """Mean days given to each cause, and their share of the mean duration."""
    duration = float(end_day.mean())
    result = {}
    for piece in Piece.texts():
        days = _mean(replications, f"days_{piece}")
        result[piece] = {**days, "share": days["mean"] / duration if duration > 0 else None}
    return result


def _observed(
    facts: Facts, replications: pd.DataFrame, end_day: Floats, courses: pd.DataFrame | None
) -> list[dict[str, Any]]:
    """The ranks of what was observed among the simulated trials.

    The last entry of a trial that is over is compared with whole simulated trials. Earlier ones, and all of a trial
    that still runs, are compared with the counts that simulated trials had reached by the same day, as far as their
    courses are at hand.
    An earlier entry with one person infused also dates the first infusion, for the comparison with those that had one.
    """
    if not facts.observed:
        return []
    entries = sorted(facts.observed, key=lambda entry: entry.date)
    result = []
    earlier = entries
    if entries[-1].ended:
        *earlier, last = entries
        result.append(_ranked("duration", last.date, facts.day_of(last.date), end_day, "whole_trial"))
        for name, value in last.counts.items():
            if name in replications:
                result.append(_ranked(name, last.date, value, _days(replications, name), "whole_trial"))
    first = next((entry for entry in earlier if entry.counts.get("infused")), None)
    if first and first.counts["infused"] == 1:
        days = _days(replications, "first_infusion_day")
        reached = days[~np.isnan(days)]
        if len(reached):
            result.append(_ranked("first_infusion", first.date, facts.day_of(first.date), reached, "whole_trial"))
    if courses is None:
        return result
    for entry in earlier:
        on_that_day = courses[courses["day"] == facts.day_of(entry.date)]
        for name, value in entry.counts.items():
            then = on_that_day[on_that_day["quantity"] == name]
            if not then.empty:
                simulated = np.repeat(then["value"].to_numpy(dtype=float), then["replications"].to_numpy())
                result.append(_ranked(name, entry.date, value, simulated, "that_day"))
    return result


def _ranked(quantity: str, date: datetime.date, value: float, simulated: Floats, compared_with: str) -> dict[str, Any]:
    """The rank of one observed value among the simulated ones."""
    rank = statistics.rank(value, simulated)
    return {
        "quantity": quantity,
        "date": date.isoformat(),
        "compared_with": compared_with,
        "value": value,
        "place": rank.mid_rank,
        "at_most": rank.at_most,
        "at_least": rank.at_least,
        "replications": rank.replications,
        **{name: float(np.quantile(simulated, probability)) for name, probability in QUANTILES.items()},
    }

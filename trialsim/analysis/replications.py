"""One row a replication: how the trial ended, how many came, what happened when, and what held it up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from trialsim.analysis.grouping import Flags, Floats, Replications
from trialsim.frames import typed
from trialsim.tables import ENDS, REPLICATIONS, replication_columns
from trialsim.vocabulary import LotOutcome, Outcome

if TYPE_CHECKING:
    import pandas as pd


def replications(
    ends: pd.DataFrame, participants: pd.DataFrame, lots: pd.DataFrame, levels: int, close_out: float
) -> pd.DataFrame:
    """The published table of replications.

    Parameters
    ----------
    ends, participants, lots : DataFrame
        As in `trialsim.tables`, of one scenario; every row's replication has its row in ``ends``.
    levels : int
        Doses on the ladder; 1 without dosing.
    close_out : float
        Days from the last visit to database lock.

    Returns
    -------
    DataFrame
        One row for each row of ``ends``, in that order, with the columns of `trialsim.tables.replication_columns`.
    """
    groups = Replications(ends["replication"])
    values: dict[str, Any] = {name: ends[name] for name in ENDS if name in REPLICATIONS}
    values |= _people(groups, participants, levels)
    values["database_lock_day"] = values["last_visit_day"] + close_out
    lot_rows = groups.rows(lots)
    lot_outcome = lots["outcome"].to_numpy(dtype=object)
    values["lots_started"] = groups.counts(lot_rows, np.ones(len(lots), dtype=bool))
    values["lots_failed"] = groups.counts(lot_rows, lot_outcome == LotOutcome.FAILED)
    values["lots_expired"] = groups.counts(lot_rows, lot_outcome == LotOutcome.EXPIRED)
    return typed(replication_columns(levels), values)


def _people(groups: Replications, participants: pd.DataFrame, levels: int) -> dict[str, Any]:
    """Counts and days of the participants, for each replication."""
    rows = groups.rows(participants)
    outcome = participants["outcome"].to_numpy(dtype=object)
    level = participants["level"].to_numpy(dtype=float, na_value=np.nan)

    def days(name: str) -> Floats:
        return participants[name].to_numpy(dtype=float)

    enrolled: Flags = ~np.isnan(days("enrolment_day"))
    infused: Flags = ~np.isnan(days("infusion_day"))
    dlt: Flags = outcome == Outcome.DLT
    chosen: dict[str, Flags] = {
        "candidates": np.ones(len(participants), dtype=bool),
        "turned_away": outcome == Outcome.TURNED_AWAY,
        "screened": participants["screenings"].to_numpy(dtype=np.int64) >= 1,
        "screen_failures": outcome == Outcome.SCREEN_FAILURE,
        "withdrawn": outcome == Outcome.WITHDRAWN,
        "eligibility_expired": outcome == Outcome.ELIGIBILITY_EXPIRED,
        "enrolled": enrolled,
        "infused": infused,
        "evaluable": (outcome == Outcome.OBSERVED) | dlt,
        "non_evaluable": outcome == Outcome.NON_EVALUABLE,
        "dlts": dlt,
        "under_dosed": infused & participants["under_dosed"].to_numpy(dtype=bool),
    }
    for number in range(1, levels + 1):
        chosen[f"infused_level_{number}"] = infused & (level == number)
        chosen[f"dlts_level_{number}"] = dlt & (level == number)
    values: dict[str, Any] = {name: groups.counts(rows, flags) for name, flags in chosen.items()}
    return values | {
        "first_candidate_day": groups.first(rows, days("arrival_day")),
        "first_enrolment_day": groups.first(rows, days("enrolment_day")),
        "last_enrolment_day": groups.last(rows, days("enrolment_day")),
        "first_infusion_day": groups.first(rows, days("infusion_day")),
        "last_infusion_day": groups.last(rows, days("infusion_day")),
        "primary_completion_day": groups.last(rows, np.where(infused, days("outcome_known_day"), np.nan)),
        "last_visit_day": groups.last(rows, np.where(infused, days("last_visit_day"), np.nan)),
    }

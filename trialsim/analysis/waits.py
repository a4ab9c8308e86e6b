"""What people wait for, from the day on which they come until they are infused or leave: person-days by cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trialsim.analysis.grouping import Floats, Replications
from trialsim.vocabulary import Outcome, Piece, Term

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.scenario import Scenario


class Wait(Term):
    """What somebody waits for. Being screened is no waiting."""

    SCREENING_PLACE = "screening_place", "a screening place"
    PLACE = "place", "a place in the trial"
    PRODUCT = "product", Piece.PRODUCT.words
    PREPARATION = "preparation", Piece.PREPARATION.words
    SPACING = "spacing", Piece.SPACING.words
    SLOT = "slot", Piece.SLOT.words
    IN_VAIN = "in_vain", "an infusion that did not come"
    """With a place, of those who were not infused: what they waited for is not in the tables."""


def waits(scenario: Scenario, ends: pd.DataFrame, participants: pd.DataFrame) -> dict[Wait, Floats]:
    """Person-days of waiting in each replication, shape (replications,), by what was waited for.

    What binds an infusion is told as on the critical path: spacing, if it allows the infusion later than the notice at
    which slots are booked, else that notice; and from then on the calendar of slots. Of somebody screened again, the
    wait for a place is that after the latest screening.

    Parameters
    ----------
    scenario : Scenario
    ends, participants : DataFrame
        As in `trialsim.tables`; of ``ends``, ``replication`` and ``end_day`` are read.
    """
    groups = Replications(ends["replication"])
    rows = groups.rows(participants)
    end = ends["end_day"].to_numpy(dtype=float)[rows]
    arrived, begun, screened, withdrew, placed, ready, spaced, infused = (
        participants[f"{name}_day"].to_numpy(dtype=float)
        for name in (
            "arrival",
            "screening_start",
            "screening_end",
            "withdrawal",
            "enrolment",
            "ready",
            "spacing",
            "infusion",
        )
    )
    outcome = participants["outcome"].to_numpy(dtype=object)
    notice = scenario.infusion.notice if scenario.infusion else 0.0
    valid = scenario.waiting.eligibility_valid if scenario.waiting else None
    came = outcome != Outcome.TURNED_AWAY
    eligible = came & ~np.isin(outcome, [Outcome.IN_SCREENING, Outcome.SCREEN_FAILURE])
    expired = screened + (np.inf if valid is None else valid)
    left = np.where(outcome == Outcome.WITHDRAWN, withdrew, end)
    left = np.where(outcome == Outcome.ELIGIBILITY_EXPIRED, np.fmin(expired, end), left)
    has_place, done = eligible & ~np.isnan(placed), eligible & ~np.isnan(infused)
    prepared = ready + notice
    by_spacing = spaced > prepared
    days: dict[Wait, Floats] = {
        Wait.SCREENING_PLACE: np.where(came, np.where(np.isnan(begun), end, begun) - arrived, 0.0),
        Wait.PLACE: np.where(eligible, np.where(has_place, placed, left) - screened, 0.0),
        Wait.PRODUCT: np.where(done, ready - placed, 0.0),
        Wait.PREPARATION: np.where(done & ~by_spacing, notice, 0.0),
        Wait.SPACING: np.where(done & by_spacing, spaced - ready, 0.0),
        Wait.SLOT: np.where(done, infused - np.where(by_spacing, spaced, prepared), 0.0),
        Wait.IN_VAIN: np.where(has_place & ~done, left - placed, 0.0),
    }
    return {wait: groups.sums(rows, np.maximum(np.nan_to_num(found), 0.0)) for wait, found in days.items()}

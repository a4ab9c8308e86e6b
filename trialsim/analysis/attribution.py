"""What held the trial up: every day from 0 to the end is given to exactly one cause.

The trial is walked from infusion to infusion. Within the interval that ends with an infusion, the causes take turns in
a fixed order, each until the moment at which it no longer stood in the way of that participant, and never beyond the
interval. After the last infusion the same is done for whoever would have been next. The order is a convention: the
share of a cause is not what removing it would save.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trialsim.analysis.grouping import Flags, Floats, Ints, Replications
from trialsim.frames import typed
from trialsim.tables import REPLICATIONS
from trialsim.vocabulary import EndCause, Outcome, Piece

if TYPE_CHECKING:
    import pandas as pd

TURNS = ("start_up", "observation", "review", "recruitment", "screening", "product", "spacing")
"""The causes in the order of their turns; ``slot`` takes what they leave of an interval."""


def attribution(ends: pd.DataFrame, participants: pd.DataFrame) -> pd.DataFrame:
    """The days that each cause held the trial up.

    Parameters
    ----------
    ends, participants : DataFrame
        As in `trialsim.tables`, of one scenario.

    Returns
    -------
    DataFrame
        One row for each row of ``ends``, in that order: ``replication`` and the ``days_`` columns, which add up to
        ``end_day`` exactly when all days are multiples of 2**-20.
    """
    groups = Replications(ends["replication"])
    people = participants.assign(row=groups.rows(participants))
    infused = people[people["infusion_day"].notna()].sort_values(["row", "infusion_day", "participant"])
    row = infused["row"].to_numpy(dtype=np.int64)
    day = infused["infusion_day"].to_numpy(dtype=float)
    follows = np.zeros(len(row), dtype=bool)  # an infusion before it in the same replication?
    follows[1:] = row[1:] == row[:-1]
    begin = np.where(follows, np.concatenate(([0.0], day[:-1])), 0.0) if len(day) else day

    tail = _next_in_line(ends, people, groups)
    tail_row = np.arange(groups.count)
    last = groups.last(row, day)
    rows = np.concatenate((row, tail_row))
    begins = np.concatenate((begin, np.where(np.isnan(last), 0.0, last)))
    stops = np.concatenate((day, ends["end_day"].to_numpy(dtype=float)))
    until = {
        name: np.concatenate((infused[column].to_numpy(dtype=float), tail[column]))
        for name, column in (
            ("review", "place_open_day"),
            ("recruitment", "screening_start_day"),
            ("screening", "enrolment_day"),
            ("product", "ready_day"),
            ("spacing", "spacing_day"),
        )
    }
    until["start_up"] = ends["first_site_open_day"].to_numpy(dtype=float)[rows]
    until["observation"] = _awaited_outcomes(
        infused["outcome_known_day"].to_numpy(dtype=float), row, until["review"], groups.count
    )
    settled = ~np.isnan(tail["observation_until"])
    until["observation"][len(row) :][settled] = tail["observation_until"][settled]

    values: dict[str, Floats] = {}
    now = begins
    for name in TURNS:
        wanted = np.where(np.isnan(until[name]), np.inf, until[name])
        then = np.clip(wanted, now, stops)
        values[f"days_{name}"] = groups.sums(rows, then - now)
        now = then
    values["days_slot"] = groups.sums(rows, stops - now)
    columns = {name: REPLICATIONS[name] for name in ("replication", *(f"days_{piece}" for piece in Piece))}
    return typed(columns, {"replication": ends["replication"], **values})


def _awaited_outcomes(known: Floats, row: Ints, place_open: Floats, count: int) -> Floats:
    """Until when outcomes were waited for: the last of those infused before that was known when the place opened.

    ``place_open`` holds the infused (sorted as ``known`` and ``row``) and then one further value a replication, for
    whoever was next. The result is -inf where no such outcome is known.
    """
    infusions = np.bincount(row, minlength=count)
    rank = np.arange(len(row)) - np.repeat(np.cumsum(infusions) - infusions, infusions)
    outcomes = np.full((count, int(infusions.max(initial=0))), np.inf)
    outcomes[row, rank] = np.where(np.isnan(known), np.inf, known)
    all_rows = np.concatenate((row, np.arange(count)))
    before = np.concatenate((rank, infusions))
    result = np.full(len(all_rows), -np.inf)
    for earlier in range(1, outcomes.shape[1] + 1):
        chosen = np.flatnonzero(before == earlier)
        seen = outcomes[all_rows[chosen], :earlier]
        in_time = seen <= place_open[chosen, None]
        result[chosen] = np.where(in_time, seen, -np.inf).max(axis=1, initial=-np.inf)
    return result


def _next_in_line(ends: pd.DataFrame, people: pd.DataFrame, groups: Replications) -> dict[str, Floats]:
    """What the next participant was waiting for when the trial ended, one value a replication.

    The next is the first of the released (earliest ready, else earliest enrolled), else whoever would have taken the
    open place, else whoever a place would have been opened for. NaN is never. ``observation_until`` is NaN where the
    ordinary rule holds: it is infinite for completed trials, whose last days are all observation.
    """
    count = groups.count
    names = ("place_open_day", "screening_start_day", "enrolment_day", "ready_day", "spacing_day")
    tail = {name: np.full(count, np.nan) for name in names}
    outcome = people["outcome"].to_numpy(dtype=object)
    row = people["row"].to_numpy(dtype=np.int64)

    next_place = ends["next_place_open_day"].to_numpy(dtype=float)
    tail["place_open_day"] = next_place.copy()
    screening: Flags = outcome == Outcome.IN_SCREENING
    in_screening = groups.first(row[screening], people["screening_start_day"].to_numpy(dtype=float)[screening])
    tail["screening_start_day"] = np.where(np.isnan(next_place), np.nan, in_screening)

    released = people[outcome == Outcome.RELEASED].sort_values(["row", "ready_day", "enrolment_day", "participant"])
    released = released.drop_duplicates("row")
    of_released = released["row"].to_numpy(dtype=np.int64)
    for name in names:
        tail[name][of_released] = released[name].to_numpy(dtype=float)

    closed = np.isnan(next_place)
    closed[of_released] = False
    end_day = ends["end_day"].to_numpy(dtype=float)
    known = groups.last(row, np.where(people["infusion_day"].notna(), people["outcome_known_day"], np.nan))
    open_window = groups.counts(row, outcome == Outcome.IN_WINDOW) > 0
    all_known = (known <= end_day) & ~open_window
    until = np.where(closed, np.where(all_known, known, np.inf), np.nan)
    until[ends["end_cause"].to_numpy(dtype=object) == EndCause.COMPLETED] = np.inf
    return {**tail, "observation_until": until}

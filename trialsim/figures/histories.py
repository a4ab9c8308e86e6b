"""What the chart of one replication shows, as plain rows; NaN is a day on which nothing happened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from trialsim.vocabulary import LotOutcome, Outcome

if TYPE_CHECKING:
    import pandas as pd

NEVER = float("nan")


class Strip(NamedTuple):
    """People who never had a place, for one reason: their name, how many, and a day for each that has one."""

    name: str
    people: int
    days: list[float]


class PersonRow(NamedTuple):
    """Somebody who was given a place."""

    number: int
    site: str
    cohort: int | None
    level: int
    screened_from: float
    screened_until: float
    place: float
    place_until: float
    infusion: float
    window_until: float
    last_visit: float
    dlt: float
    left: float


class LotRow(NamedTuple):
    """A lot: when its making, testing and keeping ended, and when doses of it were given."""

    number: int
    started: float
    made: float
    available: float
    kept_until: float
    failed: float
    given: list[float]


_REASONS = {
    "turned away": ((Outcome.TURNED_AWAY,), "arrival_day"),
    f"{Outcome.SCREEN_FAILURE.words}s": ((Outcome.SCREEN_FAILURE,), "screening_end_day"),
    "left while waiting": ((Outcome.WITHDRAWN, Outcome.ELIGIBILITY_EXPIRED), "withdrawal_day"),
    "in screening or waiting": ((Outcome.IN_SCREENING, Outcome.WAITING), "arrival_day"),
}


def strips(people: pd.DataFrame) -> list[Strip]:
    """Those of one replication who never had a place."""
    without = people[people["enrolment_day"].isna()]
    found = []
    for name, (outcomes, column) in _REASONS.items():
        mine = without[without["outcome"].isin(outcomes)]
        if len(mine):
            # an expired eligibility has no day of its own: the screening before it stands for it
            days = mine[column].fillna(mine["screening_end_day"]).dropna()
            found.append(Strip(name, len(mine), days.tolist()))
    return found


def one_of(ends: pd.DataFrame, replication: int | None) -> int:
    """The number of the replication meant, the first if none is. Raises ValueError if ``ends`` does not have it."""
    number = int(ends["replication"].iloc[0]) if replication is None else replication
    if not (ends["replication"] == number).any():
        raise ValueError(f"replication {number} is not in the table")
    return number


def person_rows(people: pd.DataFrame, end_day: float) -> list[PersonRow]:
    """Those of one replication who were given a place: cohort by cohort, last those who lost it."""
    placed = people[people["enrolment_day"].notna()]
    rows = []
    for each in _records(placed):
        infused = not np.isnan(each.infusion_day)
        left = each.withdrawal_day if not infused else NEVER
        if each.outcome == Outcome.ELIGIBILITY_EXPIRED:
            left = max(each.enrolment_day, each.screening_end_day)  # it expired some time after that
        # a DLT that resolves its participant, or a loss, ends what the trial waits for
        window_until = each.window_end_day if np.isnan(each.outcome_known_day) else each.outcome_known_day
        until = each.infusion_day if infused else (end_day if each.outcome == Outcome.RELEASED else left)
        rows.append(
            PersonRow(
                number=int(each.participant),
                site=str(each.site),
                cohort=None if _missing(each.cohort) else int(each.cohort),
                level=1 if _missing(each.level) else int(each.level),
                screened_from=each.screening_start_day,
                screened_until=each.screening_end_day,
                place=each.enrolment_day,
                place_until=until,
                infusion=each.infusion_day,
                window_until=window_until,
                last_visit=each.last_visit_day,
                dlt=each.dlt_day,
                left=left,
            )
        )
    return sorted(rows, key=lambda row: (float("inf") if row.cohort is None else row.cohort, row.place, row.number))


def lot_rows(lots: pd.DataFrame, people: pd.DataFrame, end_day: float) -> list[LotRow]:
    """The lots of one replication, in order."""
    infused = people[people["infusion_day"].notna()]
    rows = []
    for each in _records(lots.sort_values("lot")):
        given = sorted(infused["infusion_day"][infused["lot"].eq(each.lot).fillna(False)].tolist())
        failed = each.release_day if each.outcome == LotOutcome.FAILED else NEVER
        available = each.available_day
        under_way = end_day if each.outcome == LotOutcome.IN_PROCESS else NEVER  # what is still to come has no day yet
        made = under_way if np.isnan(each.expansion_end_day) else each.expansion_end_day
        tested = under_way if np.isnan(each.release_day) else each.release_day
        kept_until = end_day
        if each.outcome == LotOutcome.USED and given:
            kept_until = given[-1]
        elif each.expiry_day <= end_day:
            kept_until = each.expiry_day
        rows.append(
            LotRow(
                number=int(each.lot),
                started=each.start_day,
                made=made,
                available=tested if np.isnan(available) else available,
                kept_until=kept_until if not np.isnan(available) else NEVER,
                failed=failed,
                given=given,
            )
        )
    return rows


def _records(table: pd.DataFrame) -> Iterable[Any]:
    """The rows, with the columns as attributes."""
    return table.itertuples(index=False)


def _missing(value: object) -> bool:
    import pandas as pd

    return value is pd.NA or value is None or value != value

"""How the counts rise over time in many replications, as a small table that several processes can each add to.

A fan chart, or the rank of an interim count among the simulated trials, needs every replication's course but not its
participants. For each day of a grid the table says how many replications had reached which count by then. Its size
depends on the days and on how much the trials differ, hardly on how many there are.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from trialsim.analysis.grouping import Floats, Ints, Replications
from trialsim.frames import typed
from trialsim.tables import COURSES, QUANTITIES

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.scenario import Scenario

_HAPPENED = {"screened": "screening_start_day", "enrolled": "enrolment_day", "infused": "infusion_day"}
"""For each quantity, the column of the participants' table that says when it happened."""

_WEEKS_UNTIL = 182


def grid(
    start_date: datetime.date, horizon: float, observed: Iterable[int] = (), time_limit: float | None = None
) -> list[int]:
    """The days at which courses are kept: every day of four weeks, every week of half a year, then the ends of months.

    Parameters
    ----------
    start_date
        The date of day 0.
    horizon
        The latest end, in days.
    observed
        Further days to include, because something is known of the real trial on them.
    time_limit
        The day of the time limit, which is included too: what has happened by then must not seem to come after it.

    Returns
    -------
    list of int
        Ascending and without repeats, as far as the first day, week or month that covers both the horizon and what was
        observed. A shorter horizon gives the beginning of the same list, so that `merge` can put parts together.
    """
    wanted = {int(day) for day in observed}
    last = max(math.floor(horizon), *wanted, 0)
    start = np.datetime64(start_date, "D")
    months = start.astype("datetime64[M]") + np.arange(1, last // 28 + 3)
    ends_of_months = (months.astype("datetime64[D]") - start).astype(np.int64) - 1
    regular = np.concatenate(
        (np.arange(28), np.arange(28, _WEEKS_UNTIL + 1, 7), ends_of_months[ends_of_months > _WEEKS_UNTIL])
    )
    until = regular[np.searchsorted(regular, last)]
    if time_limit is not None and time_limit <= until:
        wanted.add(math.floor(time_limit))
    return sorted(wanted.union(int(day) for day in regular[regular <= until]))


def days_of(scenario: Scenario, horizon: float) -> list[int]:
    """The days at which a scenario's courses are kept, as far as a horizon, the latest end."""
    observed = [scenario.day_of(entry.date) for entry in scenario.observed]
    limit = scenario.stopping.time_limit if scenario.stopping else None
    return grid(scenario.trial.start_date, horizon, observed, limit)


def courses(participants: pd.DataFrame, ends: pd.DataFrame, days: Sequence[int]) -> pd.DataFrame:
    """How many replications had reached which count by the end of which day.

    Parameters
    ----------
    participants, ends : DataFrame
        As in `trialsim.tables`, of one scenario; of ``ends`` (or of the table of replications) only ``replication`` and
        ``end_day`` are read. After a replication's end its counts stay what they were.
    days : sequence of int
        Whole days; everything up to and including the day is counted. The last must not come before the last end.

    Returns
    -------
    DataFrame
        With the columns of `trialsim.tables.COURSES`, sorted by quantity, in the order of `QUANTITIES`, day and value.

    Raises
    ------
    ValueError
        If there is no day, or the last comes before a replication's end.
    """
    moments = np.unique(np.asarray(days, dtype=np.int64))
    latest = math.floor(ends["end_day"].max()) if len(ends) else 0
    if len(moments) == 0 or moments[-1] < latest:
        raise ValueError(f"the days must reach the last end, on day {latest}")
    groups = Replications(ends["replication"])
    rows = groups.rows(participants)
    parts = [
        (quantity, *_reached(rows, participants[_HAPPENED[quantity]].to_numpy(dtype=float), moments, groups.count))
        for quantity in QUANTITIES
    ]
    return _table([(quantity, moments[at], value, count) for quantity, at, value, count in parts])


def merge(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The courses of all replications of several parts, each with other replications of the same scenario.

    A part whose days end earlier stays at its last counts, because all its replications have ended by then.

    Raises
    ------
    ValueError
        If there is no part, or the days of one are not the first of those of another.
    """
    import pandas as pd

    if not parts:
        raise ValueError("there are no courses to merge")
    grids = [part["day"].unique() for part in parts]
    longest = max(grids, key=len)
    width = max(int(part["value"].max()) for part in parts) + 1
    total = np.zeros((len(QUANTITIES), len(longest), width), dtype=np.int64)
    for part, days in zip(parts, grids, strict=True):
        if not np.array_equal(days, longest[: len(days)]):
            raise ValueError("courses can be merged only if they are kept on the same days")
        quantity = pd.Index(QUANTITIES).get_indexer(pd.Index(part["quantity"]))
        at = np.searchsorted(longest, part["day"])
        value, count = (part[name].to_numpy(dtype=np.int64) for name in ("value", "replications"))
        total[quantity, at, value] += count
        final = at == len(days) - 1
        total[quantity[final], len(days) :, value[final]] += count[final, None]
    return _table(
        [
            (quantity, longest[at], value, one[at, value])
            for quantity, one in zip(QUANTITIES, total, strict=True)
            for at, value in [np.nonzero(one)]
        ]
    )


def bands(table: pd.DataFrame, quantiles: Sequence[float]) -> pd.DataFrame:
    """Quantiles of the counts, day by day.

    A quantile is the least count that at least this share of the replications does not exceed: a whole number that
    some replication had.

    Parameters
    ----------
    table : DataFrame
        From `courses` or `merge`.
    quantiles : sequence of float
        Shares from 0 to 1.

    Returns
    -------
    DataFrame
        ``day, quantity, replications`` and a column for each quantile, named like ``p10`` or ``p97.5``.
    """
    count = table["replications"].to_numpy(dtype=np.int64)
    value = table["value"].to_numpy(dtype=np.int64)
    day, quantity = table["day"].to_numpy(dtype=np.int64), table["quantity"].to_numpy(dtype=object)
    fresh = np.ones(len(table), dtype=bool)
    fresh[1:] = (day[1:] != day[:-1]) | (quantity[1:] != quantity[:-1])
    first = np.flatnonzero(fresh)
    through = np.cumsum(count)
    before = through[first] - count[first]
    total = np.diff(np.append(before, through[-1:]))
    columns = {name: COURSES[name] for name in ("day", "quantity", "replications")}
    values = {"day": day[first], "quantity": quantity[first], "replications": total}
    for share in quantiles:
        wanted = np.maximum(np.ceil(share * total - 1e-9), 1)  # 0.07 * 100 is a little more than 7
        name = f"p{100 * share:.10g}"
        columns[name], values[name] = COURSES["value"], value[np.searchsorted(through, before + wanted)]
    return typed(columns, values)


def _reached(rows: Ints, happened: Floats, days: Ints, replications: int) -> tuple[Ints, Ints, Ints]:
    """For every day's position and count reached by then: how many replications. In order of day and count."""
    known = ~np.isnan(happened)
    at = np.searchsorted(days, np.floor(happened[known]))
    size = len(days)
    new = np.bincount(rows[known] * size + at, minlength=replications * size).reshape(replications, size)
    counts = new.cumsum(axis=1)
    width = int(counts.max(initial=0)) + 1
    cells = np.bincount((counts + np.arange(size) * width).ravel(), minlength=size * width)
    filled = np.flatnonzero(cells)
    return filled // width, filled % width, cells[filled]


def _table(parts: Sequence[tuple[str, Ints, Ints, Ints]]) -> pd.DataFrame:
    """The typed table of (quantity, days, values, replications)."""
    quantities = [quantity for quantity, day, _, _ in parts for _ in day]
    columns = (np.concatenate([part[position] for part in parts]) for position in (1, 2, 3))
    return typed(COURSES, dict(zip(("quantity", "day", "value", "replications"), (quantities, *columns), strict=True)))

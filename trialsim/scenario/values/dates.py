"""Dates and days: day 0 is the trial's start date, and a date stands for its first moment."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable
from typing import Self


class Dated(float):
    """A moment in days since day 0 that was given as a date, and stays at that date when day 0 is another.

    Whatever is computed with it is a plain number.
    """

    date: datetime.date

    def __new__(cls, start: datetime.date, date: datetime.date) -> Self:
        """The moment at which a date begins, in a trial that starts on another."""
        moment = super().__new__(cls, day_of(start, date))
        moment.date = date
        moment._start = start
        return moment

    def __getnewargs__(self) -> tuple[datetime.date, datetime.date]:  # type: ignore[override]
        """What a copy in another process is made from."""
        return self._start, self.date

    _start: datetime.date


def day_of(start: datetime.date, date: datetime.date) -> int:
    """Days from `start` to `date`; negative before it."""
    return (date - start).days


def date_of(start: datetime.date, day: float) -> datetime.date:
    """The date on which a moment falls, `day` days after `start`; the last date there is for anything beyond."""
    try:
        return start + datetime.timedelta(days=math.floor(day))
    except OverflowError:
        return datetime.date.max


def first_open_day(
    start: datetime.date, weekdays: Iterable[int], closures: Iterable[tuple[float, float]]
) -> int | None:
    """First day from day 0 on which a unit with these weekdays and closures is open; None if it never is.

    Parameters
    ----------
    start : datetime.date
        The date of day 0.
    weekdays : iterable of int
        Open days of the week, 0 = Monday.
    closures : iterable of (from, until)
        Days since `start`; `until` is the first day open again.
    """
    open_days = {(weekday - start.weekday()) % 7 for weekday in weekdays}
    if not open_days:
        return None
    day = min(open_days)
    for closed, until in sorted(closures):
        if closed <= day < until:
            day = next(later for later in range(int(until), int(until) + 7) if later % 7 in open_days)
    return day

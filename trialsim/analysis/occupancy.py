"""How much of what is scarce is in use over time: screening places, suites, infusion slots, and the committee.

A figure of weeks, because units that are closed on some days of the week would else look busy or idle by which day is
looked at. A trial that has ended uses nothing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trialsim.analysis.grouping import Floats, Ints, Replications
from trialsim.scenario.values.distributions import Constant
from trialsim.vocabulary import Term

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.scenario import Scenario

_MOST_PERIODS = 60
WEEK = 7


class Resource(Term):
    """What may be in use."""

    SCREENING = "screening", "in screening"
    SUITES = "suites", "lots in making"
    SLOTS = "slots", "infusions a week"
    COMMITTEE = "committee", "waiting for the committee"


class Use(NamedTuple):
    """The use of a resource in each of some periods, shape (n,): means over all trials, and how trials differ."""

    resource: Resource
    mean: Floats
    standard_error: Floats
    """Of the mean; NaN for one trial."""
    p10: Floats
    p90: Floats
    capacity: Floats | None
    """The most that can be in use; None without a limit."""

    @property
    def peak(self) -> int:
        """The period in which most is in use on average."""
        return int(np.argmax(self.mean))

    @property
    def load(self) -> float | None:
        """The share of the capacity that is in use in the busiest period; None without a capacity there."""
        if self.capacity is None or not self.capacity[self.peak] > 0:
            return None
        return float(self.mean[self.peak] / self.capacity[self.peak])


class Spans(NamedTuple):
    """Times in service: the row of each one's replication, and its first and last day."""

    rows: Ints
    begin: Floats
    until: Floats


def periods(last: float) -> Floats:
    """The bounds of periods of whole weeks, all alike, from day 0 until after day ``last``."""
    weeks = max(1, math.ceil(last / (WEEK * _MOST_PERIODS)))
    return np.arange(0, math.floor(last / (WEEK * weeks)) + 2, dtype=float) * WEEK * weeks


def in_service(spans: Spans, bounds: Floats, count: int) -> Floats:
    """The mean number in service in each period of each replication, shape (count, periods): an exact time average."""
    known = ~(np.isnan(spans.begin) | np.isnan(spans.until))
    rows, begin = spans.rows[known], spans.begin[known]
    until = np.maximum(spans.until[known], begin)
    so_far = np.array(
        [np.bincount(rows, np.clip(bound, begin, until) - begin, minlength=count) for bound in bounds], dtype=float
    )
    return np.asarray((np.diff(so_far, axis=0) / np.diff(bounds)[:, None]).T, dtype=float)


def occupancy(
    scenario: Scenario, ends: pd.DataFrame, participants: pd.DataFrame, lots: pd.DataFrame
) -> tuple[Floats, list[Use]]:
    """The bounds of the periods, and the use of each resource that the scenario has.

    Parameters
    ----------
    scenario : Scenario
    ends, participants, lots : DataFrame
        As in `trialsim.tables`, of all replications; of ``ends``, ``replication`` and ``end_day`` are read.
    """
    groups = Replications(ends["replication"])
    end_day = ends["end_day"].to_numpy(dtype=float)
    bounds = periods(float(end_day.max()))
    people, made = groups.rows(participants), groups.rows(lots)
    found: list[Use] = []

    def add(resource: Resource, used: Floats, capacity: Floats | float | None) -> None:
        limit = None if capacity is None else np.broadcast_to(np.asarray(capacity, dtype=float), (len(bounds) - 1,))
        found.append(_use(resource, used, limit))

    there = resources(scenario)
    if Resource.SCREENING in there and scenario.screening is not None:
        spans = screenings(participants, people, end_day)
        add(Resource.SCREENING, in_service(spans, bounds, groups.count), scenario.screening.capacity)
    if scenario.product is not None:
        until = np.fmin(lots["expansion_end_day"].to_numpy(dtype=float), end_day[made])
        spans = Spans(made, lots["start_day"].to_numpy(dtype=float), until)
        add(Resource.SUITES, in_service(spans, bounds, groups.count), scenario.product.suites)
    if scenario.infusion is not None:
        given = participants["infusion_day"].to_numpy(dtype=float)
        add(Resource.SLOTS, _a_week(people, given, bounds, groups.count), slots_a_week(scenario, bounds))
    if Resource.COMMITTEE in there:
        add(Resource.COMMITTEE, in_service(reviews(participants, people), bounds, groups.count), None)
    return bounds, found


def resources(scenario: Scenario) -> list[Resource]:
    """The resources that a scenario has. Without cohorts it is not in the tables when the committee is asked."""
    dosing = scenario.dosing
    has = {
        Resource.SCREENING: scenario.screening is not None and scenario.screening.duration != Constant(0.0),
        Resource.SUITES: scenario.product is not None,
        Resource.SLOTS: scenario.infusion is not None,
        Resource.COMMITTEE: dosing is not None
        and dosing.rule.cohorts
        and bool(dosing.committee_every or dosing.review != Constant(0.0)),
    }
    return [resource for resource in Resource if has[resource]]


def screenings(participants: pd.DataFrame, rows: Ints, end_day: Floats) -> Spans:
    """When people were in screening; of those screened again, of whom the table has no single screening, none."""
    once = participants["screenings"].to_numpy(dtype=float) <= 1
    begin = np.where(once, participants["screening_start_day"].to_numpy(dtype=float), np.nan)
    return Spans(rows, begin, np.fmin(participants["screening_end_day"].to_numpy(dtype=float), end_day[rows]))


def reviews(participants: pd.DataFrame, rows: Ints) -> Spans:
    """When a cohort's outcomes were known, and the next cohort had not been opened yet.

    A review that the trial's end cut off is not among them. Where a cohort's outcome was decided before its last
    participant's was known, the time counts from the last that was known when the next cohort opened.
    """
    members = participants.assign(row=rows)[participants["cohort"].notna() & participants["place_open_day"].notna()]
    opened = members.groupby(["row", "cohort"])["place_open_day"].min()
    following = opened.rename("next").reset_index()
    following["cohort"] -= 1
    known = members.merge(following, on=["row", "cohort"])
    known = known[known["outcome_known_day"] <= known["next"]]
    latest = known.groupby(["row", "cohort"], as_index=False).agg({"outcome_known_day": "max", "next": "first"})
    columns = (latest[name].to_numpy(dtype=float) for name in ("outcome_known_day", "next"))
    return Spans(latest["row"].to_numpy(dtype=np.int64), *columns)


def slots_a_week(scenario: Scenario, bounds: Floats) -> Floats | None:
    """How many infusions a week the unit can give in each period, closures taken off; None without a limit."""
    unit = scenario.infusion
    if unit is None or unit.per_day is None:
        return None
    days = np.arange(int(bounds[-1]))
    is_open = np.isin((scenario.trial.start_date.weekday() + days) % WEEK, unit.weekdays)
    for start, until in scenario.closures():
        is_open &= ~((days >= start) & (days < until))
    opened = np.add.reduceat(is_open.astype(float), bounds[:-1].astype(np.int64))
    return np.asarray(unit.per_day * opened / (np.diff(bounds) / WEEK), dtype=float)


def _a_week(rows: Ints, days: Floats, bounds: Floats, count: int) -> Floats:
    """How many happened a week in each period of each replication."""
    known = ~np.isnan(days)
    number = len(bounds) - 1
    at = np.searchsorted(bounds, days[known], side="right") - 1
    found = np.bincount(rows[known] * number + at, minlength=count * number).reshape(count, number)
    return np.asarray(found / (np.diff(bounds) / WEEK), dtype=float)


def _use(resource: Resource, used: Floats, capacity: Floats | None) -> Use:
    count = len(used)
    error = used.std(axis=0, ddof=1) / math.sqrt(count) if count > 1 else np.full(used.shape[1], np.nan)
    p10, p90 = np.quantile(used, [0.1, 0.9], axis=0)
    return Use(resource, used.mean(axis=0), error, p10, p90, capacity)

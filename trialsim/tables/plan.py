"""The tables of a plan: tasks, milestones as ranges, meetings of the committee, and people by site."""

from __future__ import annotations

from collections.abc import Iterable

from trialsim.columns import Column, Kind
from trialsim.tables.answers import QUANTILES, estimate
from trialsim.tables.parts import DAY, DAYS, KEY, LABEL, MOMENT, NONE, NUMBER, PERSONS, PROBABILITY, declared

SPANS = {name: QUANTILES[name] for name in ("p10", "p50", "p90")}
"""The quantiles of a task: optimistic, likely and pessimistic."""
PEOPLE_AT_SITES = {
    "candidates": "who came",
    "screened": "whose screening began",
    "enrolled": "who was ever given a place",
    "infused": "who was infused",
}

_REPLICATIONS = Column("replications", Kind.COUNT, "replications", "how many are behind the quantiles of the row")


def _quantiles(of: str, names: Iterable[str], unit: str, meaning: str) -> Iterable[Column]:
    """The quantiles of a day, each with its interval."""
    for name in names:
        yield from estimate(f"{of}{name}", unit, f"{meaning}: {100 * QUANTILES[name]:.0f} % quantile", DAY)


def _dates(of: str, names: Iterable[str], meaning: str) -> Iterable[Column]:
    for name in names:
        yield Column(
            f"{of}{name}_date", LABEL, NONE, f"{meaning}: the date of the {100 * QUANTILES[name]:.0f} % quantile"
        )


MILESTONE_RANGES = declared(
    Column("milestone", LABEL, NONE, "which milestone"),
    Column("name", LABEL, NONE, "the milestone in words"),
    *estimate("reached", PROBABILITY, "that it comes at all"),
    _REPLICATIONS,
    *_dates("", QUANTILES, "when it comes"),
    *_quantiles("", QUANTILES, MOMENT, "when it comes"),
)
"""When milestones come, of the replications that reach them: one row a milestone."""

TASKS = declared(
    Column("task", LABEL, NONE, "the number of the task in the outline of the plan"),
    Column("name", LABEL, NONE, "the task in words"),
    Column("part_of", LABEL, NONE, "the task that it is part of"),
    Column(
        "rests_on",
        LABEL,
        NONE,
        "tasks that it waits for: FS starts when they finish, SS not before they start, FF not done before they are",
    ),
    *estimate("needed", PROBABILITY, "that a trial comes to it"),
    _REPLICATIONS,
    *_dates("start_", SPANS, "when it starts"),
    *_dates("finish_", SPANS, "when it is done"),
    *_quantiles("start_", SPANS, MOMENT, "when it starts"),
    *_quantiles("finish_", SPANS, MOMENT, "when it is done"),
    *_quantiles("duration_", SPANS, DAYS, "how long it takes"),
    Column(
        "critical_share",
        NUMBER,
        "share of the days",
        "of the days up to the end, those on the critical path that this kind of work takes; missing where they are "
        "not told apart",
    ),
    Column("critical_share_standard_error", NUMBER, "share of the days", "its standard error"),
)
"""What the plan consists of: one row a task."""

MEETINGS = declared(
    Column("meeting", KEY, NONE, "which meeting of the committee, counted from 1"),
    Column("date", LABEL, NONE, "on which date"),
    Column("day", DAY, MOMENT, "on which day"),
    *estimate("running", PROBABILITY, "that the trial still runs on that day"),
    *estimate("decides", PROBABILITY, "that the committee decides on the next cohort on that day"),
)
"""When the committee meets: one row a meeting."""

PEOPLE_BY_SITE = declared(
    Column("site", LABEL, NONE, "the name of the site"),
    _REPLICATIONS._replace(meaning="how many are behind the means of the row"),
    *(
        column
        for name, meaning in PEOPLE_AT_SITES.items()
        for column in (
            Column(f"{name}_mean", NUMBER, PERSONS, f"{meaning}, in one trial: mean"),
            Column(f"{name}_standard_error", NUMBER, PERSONS, f"{meaning}, in one trial: standard error of the mean"),
        )
    ),
)
"""How many people come to each site and stay: one row a site."""

"""The plan of a trial as data, each date as a range: tasks, milestones, meetings of the committee, people by site.

Every quantile is of the replications that come to the task or milestone, and has the interval of its Monte Carlo error.
Quantiles of parts do not add up to those of the whole: the P90 of a sum is not the sum of P90s.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from trialsim.analysis import statistics
from trialsim.analysis.facts import Facts, facts_of
from trialsim.analysis.grouping import Floats, Replications
from trialsim.analysis.statistics import Proportion, Quantile
from trialsim.analysis.stretches import Link, Stretch, cohorts, stretches
from trialsim.frames import Table, frame
from trialsim.tables import QUANTILES
from trialsim.tables.plan import MEETINGS, MILESTONE_RANGES, PEOPLE_AT_SITES, PEOPLE_BY_SITE, SPANS, TASKS
from trialsim.vocabulary import EndCause, Milestone

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.scenario import Scenario

MOST_MEETINGS = 200
RARE = 0.01
"""Tasks that fewer trials come to are left out."""
_ALL_COHORTS = 10_000

Range = dict[str, Quantile]
"""Quantiles of a day by their names, ``p10`` and so on."""


class Share(NamedTuple):
    """A share of the days, and its standard error."""

    share: float | None
    standard_error: float | None


@dataclass(frozen=True)
class Task:
    """A task of the plan.

    Attributes
    ----------
    key, number, name : str
        Which task: for programs, in the outline (``6.2.1``), and in words.
    parent : str
        The key of the task that it is part of; empty at the top.
    rests_on : tuple of Link
        What it waits for.
    needed : Proportion
        How many trials come to it, of those looked at.
    start, finish, duration : dict of str to Quantile
        Optimistic, likely and pessimistic (P10, P50 and P90), in days since the start date, and in days.
    critical : Share or None
        Which share of the days up to the end it takes on the critical path; None where that is not told apart.
    """

    key: str
    number: str
    name: str
    parent: str
    rests_on: tuple[Link, ...]
    needed: Proportion
    start: Range
    finish: Range
    duration: Range
    critical: Share | None

    @property
    def level(self) -> int:
        """How deep in the outline it is, from 1."""
        return self.number.count(".") + 1


@dataclass(frozen=True)
class MilestoneRange:
    """A milestone that is ever reached, and when: P10, P50, P80 and P90 of the trials that reach it."""

    milestone: Milestone
    name: str
    reached: Proportion
    days: Range


@dataclass(frozen=True)
class Planned:
    """What was planned: a milestone by a date, and the chance that the trial is completed and has it by then."""

    milestone: Milestone
    name: str
    date: datetime.date
    met: Proportion


@dataclass(frozen=True)
class Meeting:
    """A day on which the committee meets: the chances that the trial still runs, and that a cohort is decided on."""

    number: int
    day: float
    running: Proportion
    decides: Proportion


@dataclass(frozen=True)
class Schedule:
    """The plan of a trial.

    Attributes
    ----------
    facts : Facts
        The trial.
    digest : str
        Of the scenario.
    seed, replications : int
        Of which histories milestones are.
    looked_at : int
        How many of them, from the first, tasks, meetings and sites are of.
    tasks, milestones, targets, meetings : tuple
        In order.
    sites : DataFrame
        As `trialsim.tables.plan.PEOPLE_BY_SITE`.
    """

    facts: Facts
    digest: str
    seed: int
    replications: int
    looked_at: int
    tasks: tuple[Task, ...]
    milestones: tuple[MilestoneRange, ...]
    targets: tuple[Planned, ...]
    meetings: tuple[Meeting, ...]
    sites: pd.DataFrame

    def is_group(self, task: Task) -> bool:
        """Whether other tasks are part of it."""
        return any(each.parent == task.key for each in self.tasks)

    def tables(self) -> dict[str, Table]:
        """The plan as tables."""
        date = self.facts.date_of
        milestones = ([*_said(each), *_dated(date, each.days), *_flat(each.days)] for each in self.milestones)
        numbers = {task.key: task.number for task in self.tasks}
        meetings = (
            [each.number, date(each.day).isoformat(), each.day, *_ends(each.running), *_ends(each.decides)]
            for each in self.meetings
        )
        found = {
            "milestones": Table(MILESTONE_RANGES, frame(MILESTONE_RANGES, milestones)),
            "tasks": Table(TASKS, frame(TASKS, (_row(each, numbers, date) for each in self.tasks))),
            "meetings": Table(MEETINGS, frame(MEETINGS, meetings)),
            "sites": Table(PEOPLE_BY_SITE, self.sites),
        }
        return {name: table for name, table in found.items() if len(table.frame)}


def schedule(
    scenario: Scenario,
    seed: int,
    replications: pd.DataFrame,
    participants: pd.DataFrame,
    lots: pd.DataFrame,
    looked_at: int,
) -> Schedule:
    """The plan of a trial.

    Parameters
    ----------
    scenario : Scenario
        What was simulated.
    seed : int
        Which set of histories.
    replications : DataFrame
        All of them.
    participants, lots : DataFrame
        Those of the first replications.
    looked_at : int
        How many these are: tasks, meetings and sites are of them.

    Raises
    ------
    ValueError
        If there are no replications.
    """
    facts = facts_of(scenario)
    some = replications[replications["replication"] <= looked_at]
    if not len(some):
        raise ValueError("there are no replications to make a plan of")
    found = list(stretches(scenario, facts, some, participants, lots))
    return Schedule(
        facts=facts,
        digest=scenario.digest(),
        seed=seed,
        replications=len(replications),
        looked_at=len(some),
        tasks=tuple(_tasks(found, some["end_day"].to_numpy(dtype=float), some)),
        milestones=tuple(_milestones(facts, replications)),
        targets=tuple(_targets(facts, replications)),
        meetings=tuple(_meetings(scenario, some, participants, lots)),
        sites=_sites(scenario, some, participants),
    )


def _range(days: Floats, names: Mapping[str, float]) -> Range:
    return {name: statistics.quantile(days, probability) for name, probability in names.items()}


def _tasks(found: Sequence[Stretch], end_day: Floats, replications: pd.DataFrame) -> Iterable[Task]:
    """What is estimated of each task that is not too rare, with its number in the outline."""
    has = {each.key: ~np.isnan(each.start) & ~np.isnan(each.finish) for each in found}
    found = [each for each in found if has[each.key].mean() >= RARE]
    there = {each.key for each in found}
    numbers: dict[str, str] = {}
    for each in found:
        before = sum(1 for other in numbers if _parent(found, other) == each.parent)
        numbers[each.key] = f"{numbers[each.parent]}.{before + 1}" if each.parent else str(before + 1)
        mine = has[each.key]
        start, finish = each.start[mine], each.finish[mine]
        yield Task(
            key=each.key,
            number=numbers[each.key],
            name=each.name,
            parent=each.parent,
            rests_on=tuple(link for link in each.rests_on if link.key in there),
            needed=statistics.proportion(int(mine.sum()), len(mine)),
            start=_range(start, SPANS),
            finish=_range(finish, SPANS),
            duration=_range(finish - start, SPANS),
            critical=_share_of(each, end_day, replications) if each.pieces else None,
        )


def _parent(found: Sequence[Stretch], key: str) -> str:
    return next(each.parent for each in found if each.key == key)


def _share_of(stretch: Stretch, end_day: Floats, replications: pd.DataFrame) -> Share:
    """The share of all days that the task's pieces take: a ratio of means, and its error by the delta method."""
    spent = sum(
        (replications[f"days_{piece}"].to_numpy(dtype=float) for piece in stretch.pieces), np.zeros(len(end_day))
    )
    if not end_day.mean() > 0:
        return Share(None, None)
    share = float(spent.mean() / end_day.mean())
    error = statistics.mean(spent - share * end_day).standard_error
    return Share(share, None if error is None else error / float(end_day.mean()))


def _milestones(facts: Facts, replications: pd.DataFrame) -> Iterable[MilestoneRange]:
    for milestone in Milestone:
        days = replications[milestone.column].to_numpy(dtype=float)
        known = days[~np.isnan(days)]
        if len(known):
            reached = statistics.proportion(len(known), len(days))
            yield MilestoneRange(milestone, facts.words_of(milestone), reached, _range(known, QUANTILES))


def _targets(facts: Facts, replications: pd.DataFrame) -> Iterable[Planned]:
    """As in the summary: a target is met by a trial that is completed."""
    completed = (replications["end_cause"] == EndCause.COMPLETED).to_numpy()
    for target in facts.targets:
        by_then = replications[target.milestone.column].to_numpy(dtype=float) < facts.day_of(target.date) + 1
        met = statistics.proportion(int((by_then & completed).sum()), len(completed))
        yield Planned(target.milestone, facts.words_of(target.milestone), target.date, met)


def _meetings(
    scenario: Scenario, replications: pd.DataFrame, participants: pd.DataFrame, lots: pd.DataFrame
) -> Iterable[Meeting]:
    """The days on which the committee meets, up to the one after which nine trials of ten have ended."""
    every = None if scenario.dosing is None else scenario.dosing.committee_every
    if not every:
        return
    end = replications["end_day"].to_numpy(dtype=float)
    opened = [each.opened for each in cohorts(replications, participants, lots, _ALL_COHORTS)[1:]]
    until = float(np.quantile(end, 0.9))
    for number in range(min(MOST_MEETINGS, math.floor(until / every) + 1)):
        day = math.floor(number * every)
        decided = sum((np.floor(each) == day for each in opened), np.zeros(len(end), dtype=bool))
        yield Meeting(
            number + 1,
            float(day),
            statistics.proportion(int((end >= day).sum()), len(end)),
            statistics.proportion(int(np.count_nonzero(decided)), len(end)),
        )


def _sites(scenario: Scenario, replications: pd.DataFrame, participants: pd.DataFrame) -> pd.DataFrame:
    """Means of people by site, over all replications looked at, also those in which nobody comes to the site."""
    by = Replications(replications["replication"])
    rows, at = by.rows(participants), participants["site"].to_numpy(dtype=object)
    chosen = {
        "candidates": np.ones(len(participants), dtype=bool),
        "screened": participants["screening_start_day"].notna().to_numpy(),
        "enrolled": participants["enrolment_day"].notna().to_numpy(),
        "infused": participants["infusion_day"].notna().to_numpy(),
    }
    places = {site.name: place for place, site in enumerate(scenario.sites)}
    place = np.array([places[name] for name in at], dtype=np.int64)
    lines = []
    counts = {
        name: np.bincount(rows[mine] * len(places) + place[mine], minlength=by.count * len(places)).reshape(
            by.count, -1
        )
        for name, mine in chosen.items()
    }
    for site, column in places.items():
        means = [statistics.mean(counts[name][:, column]) for name in PEOPLE_AT_SITES]
        lines.append([site, by.count, *(value for each in means for value in (each.mean, each.standard_error))])
    return frame(PEOPLE_BY_SITE, lines)


def _said(milestone: MilestoneRange) -> list[Any]:
    reached = milestone.reached
    return [milestone.milestone.value, milestone.name, *_ends(reached), reached.count]


def _ends(estimate: Proportion) -> list[Any]:
    return [estimate.probability, estimate.low, estimate.high]


def _dated(date: Any, days: Range) -> list[str | None]:
    return [None if each.value is None else date(each.value).isoformat() for each in days.values()]


def _flat(days: Range) -> list[float | None]:
    return [value for each in days.values() for value in (each.value, each.low, each.high)]


def _row(task: Task, numbers: Mapping[str, str], date: Any) -> list[Any]:
    critical = task.critical or Share(None, None)
    return [
        task.number,
        task.name,
        numbers.get(task.parent),
        ", ".join(f"{numbers[link.key]} {link.kind}" for link in task.rests_on) or None,
        *_ends(task.needed),
        task.needed.count,
        *(_dated(date, task.start) + _dated(date, task.finish)),
        *(_flat(task.start) + _flat(task.finish) + _flat(task.duration)),
        *critical,
    ]

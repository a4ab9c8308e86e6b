"""When each task of a plan begins and ends in every replication, from the tables of replications, people and lots.

A task that a replication does not come to is NaN in it. Tasks are the same stretches of the calendar that reports and
the critical path know: sites start, candidates come, lots are made, cohorts fill, are watched and reviewed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trialsim.analysis.grouping import Flags, Floats, Replications
from trialsim.scenario.values.distributions import Constant
from trialsim.vocabulary import Milestone, Piece

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.analysis.facts import Facts
    from trialsim.scenario import Scenario

MOST_COHORTS = 20
"""Of which a plan has tasks."""


class Link(NamedTuple):
    """What a task waits for: another one, by its key; ``FS``, ``SS`` or ``FF`` as planners know these."""

    key: str
    kind: str


class Stretch(NamedTuple):
    """A task in every replication.

    ``start`` and ``finish`` are days, one a replication; ``pieces`` what of the critical path is spent on such work,
    empty where that is not told apart; ``parent`` the key of the task that it is part of.
    """

    key: str
    name: str
    start: Floats
    finish: Floats
    rests_on: tuple[Link, ...] = ()
    pieces: tuple[Piece, ...] = ()
    parent: str = ""


class _Tables:
    """The tables of the same replications, to take first and last days from."""

    def __init__(self, replications: pd.DataFrame, participants: pd.DataFrame, lots: pd.DataFrame) -> None:
        self.replications = replications
        self.by = Replications(replications["replication"])
        self.people = {name: _days(participants, name) for name in _OF_PEOPLE}
        self.cohort = participants["cohort"].to_numpy(dtype=float, na_value=np.nan)
        self.rows = self.by.rows(participants)
        self.lots = {name: _days(lots, name) for name in ("start_day", "available_day", "cells_infused")}
        self.lot_rows = self.by.rows(lots)

    def milestone(self, milestone: Milestone) -> Floats:
        return _days(self.replications, milestone.column)

    def first(self, name: str, chosen: Flags) -> Floats:
        return self.by.first(self.rows[chosen], self.people[name][chosen])

    def last(self, name: str, chosen: Flags) -> Floats:
        return self.by.last(self.rows[chosen], self.people[name][chosen])


_OF_PEOPLE = (
    *("screening_start_day", "screening_end_day", "place_open_day", "enrolment_day"),
    *("infusion_day", "outcome_known_day"),
)


def stretches(
    scenario: Scenario, facts: Facts, replications: pd.DataFrame, participants: pd.DataFrame, lots: pd.DataFrame
) -> Iterator[Stretch]:
    """The tasks of a plan, in their outline's order.

    Parameters
    ----------
    scenario : Scenario
        The trial.
    facts : Facts
        Its words.
    replications, participants, lots : DataFrame
        As in `trialsim.tables`, of the same replications.
    """
    tables = _Tables(replications, participants, lots)
    infused = ~np.isnan(tables.people["infusion_day"])
    opening = tables.milestone(Milestone.FIRST_SITE_OPEN)
    yield Stretch("start_up", "site start-up", 0 * opening, opening, (), (Piece.START_UP,))
    recruited = tables.milestone(Milestone.LAST_ENROLMENT)
    pieces = (Piece.RECRUITMENT, Piece.REPLACEMENT)
    yield Stretch("recruitment", "recruitment", opening, recruited, (Link("start_up", "FS"),), pieces)
    before: tuple[Link, ...] = (Link("recruitment", "SS"),)
    if scenario.screening is not None:
        start = tables.first("screening_start_day", infused)
        finish = tables.last("screening_end_day", infused)
        name = f"screening of those {facts.infused}"
        yield Stretch("screening", name, start, finish, before, (Piece.SCREENING,))
        before = (Link("screening", "FF"),)
    if scenario.product is not None:
        used = (tables.lots["cells_infused"] > 0) & ~np.isnan(tables.lots["start_day"])
        start = tables.by.first(tables.lot_rows[used], tables.lots["start_day"][used])
        finish = tables.by.last(tables.lot_rows[used], tables.lots["available_day"][used])
        yield Stretch("making", "making of the lots used", start, finish, (), (Piece.PRODUCT,))
        before += (Link("making", "FF"),)
    first, last = tables.milestone(Milestone.FIRST_INFUSION), tables.milestone(Milestone.LAST_INFUSION)
    pieces_of_infusion = (Piece.PREPARATION, Piece.SLOT, Piece.SPACING)
    yield Stretch("infusions", f"{facts.infusion}s", first, last, before, pieces_of_infusion)
    after = "infusions"
    if scenario.dosing is not None and scenario.dosing.observation > 0:
        known = tables.milestone(Milestone.PRIMARY_COMPLETION)
        yield Stretch("windows", f"{facts.window}s", first, known, (Link(after, "FF"),), (Piece.OBSERVATION,))
        after = "windows"
    yield from _cohorts(scenario, facts, tables)
    visited = tables.milestone(Milestone.LAST_VISIT)
    if facts.has_follow_up:
        start = tables.first("outcome_known_day", infused)
        yield Stretch("follow_up", "follow-up", start, visited, (Link(after, "FF"),))
        after = "follow_up"
    if scenario.trial.close_out > 0:
        locked = tables.milestone(Milestone.DATABASE_LOCK)
        yield Stretch("close_out", "close-out until database lock", visited, locked, (Link(after, "FS"),))


class Cohort(NamedTuple):
    """A cohort in every replication: when it opened, was filled and infused, and when its outcomes were known."""

    number: int
    opened: Floats
    filled: Floats
    first: Floats
    last: Floats
    known: Floats


def cohorts(
    replications: pd.DataFrame, participants: pd.DataFrame, lots: pd.DataFrame, most: int = MOST_COHORTS
) -> list[Cohort]:
    """The first cohorts of replications; none where the rule does not work in cohorts."""
    return _first_cohorts(_Tables(replications, participants, lots), most)


def _first_cohorts(tables: _Tables, most: int) -> list[Cohort]:
    found: list[Cohort] = []
    end = tables.milestone(Milestone.SETTLED)
    number = np.nanmax(tables.cohort, initial=0)
    opened = [_opened(tables, cohort) for cohort in range(1, min(most, int(number)) + 2)]
    for cohort, here in enumerate(opened[:-1], start=1):
        mine = tables.cohort == cohort
        following = opened[cohort]
        until = np.where(np.isnan(following), end, following)
        outcomes = mine & ~np.isnan(tables.people["outcome_known_day"])
        in_time = outcomes & (tables.people["outcome_known_day"] <= until[tables.rows])
        all_known = tables.by.counts(tables.rows, outcomes) == tables.by.counts(tables.rows, in_time)
        known = tables.last("outcome_known_day", in_time)
        complete = np.where(~np.isnan(following) | all_known, known, np.nan)
        filled = tables.last("enrolment_day", mine & ~np.isnan(tables.people["place_open_day"]))
        first, last = tables.first("infusion_day", mine), tables.last("infusion_day", mine)
        found.append(Cohort(cohort, here, filled, first, last, complete))
    return [each for each in found if not np.isnan(each.opened).all()]


def _opened(tables: _Tables, cohort: int) -> Floats:
    return tables.first("place_open_day", (tables.cohort == cohort) & ~np.isnan(tables.people["enrolment_day"]))


def _cohorts(scenario: Scenario, facts: Facts, tables: _Tables) -> Iterator[Stretch]:
    """Each cohort from its opening to the opening of the next, and all reviews together."""
    dosing = scenario.dosing
    found = _first_cohorts(tables, MOST_COHORTS)
    if dosing is None or not found:
        return
    is_reviewed = bool(dosing.committee_every) or dosing.review != Constant(0.0)
    following = [each.opened for each in found[1:]]
    if is_reviewed and following:
        decided = _latest(following)
        start = np.where(np.isnan(decided), np.nan, found[0].known)
        yield Stretch("reviews", "committee reviews", start, decided, (Link("infusions", "SS"),), (Piece.REVIEW,))
    yield Stretch("cohorts", "cohorts", found[0].opened, _latest(each.known for each in found))
    before: tuple[Link, ...] = ()
    for each, then in zip(found, [*following, None], strict=True):
        key, number = f"cohort_{each.number}", each.number
        yield Stretch(key, f"cohort {number}", each.opened, each.known, (), (), "cohorts")
        yield Stretch(f"{key}_filling", f"filling cohort {number}", each.opened, each.filled, before, (), key)
        filled, infused = (Link(f"{key}_filling", "SS"),), (Link(f"{key}_infusions", "SS"),)
        name = f"{facts.infusion}s of cohort {number}"
        yield Stretch(f"{key}_infusions", name, each.first, each.last, filled, (), key)
        name = f"{facts.window} of cohort {number}"
        yield Stretch(f"{key}_window", name, each.first, each.known, infused, (), key)
        before = (Link(f"{key}_window", "FS"),)
        if is_reviewed and then is not None:
            start = np.where(np.isnan(then), np.nan, each.known)
            yield Stretch(f"{key}_review", f"review after cohort {number}", start, then, before, (), "cohorts")
            before = (Link(f"{key}_review", "FS"),)


def _latest(days: Iterable[Floats]) -> Floats:
    result: Floats | None = None
    for each in days:
        result = each if result is None else np.fmax(result, each)
    assert result is not None
    return result


def _days(table: pd.DataFrame, name: str) -> Floats:
    return table[name].to_numpy(dtype=float)

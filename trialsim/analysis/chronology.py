"""One replication told in order of time, from its participants' and lots' tables.

What happens at one instant is put in the model's order of simultaneous events: the lowest phase with something to do
goes next, within a phase by the participant's address (site, candidate) or the lot's number; and nothing is told
before what led to it.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trialsim.vocabulary import LotOutcome, Outcome, Phase

if TYPE_CHECKING:
    import pandas as pd

_AFTERWARDS = max(Phase) + 1
"""Within an instant, what is told when everything has happened."""
_LAST = 2**62
"""Within a phase, what concerns no participant comes after all of them: places are given before lots are started."""
_NOT_INFUSED = (Outcome.IN_SCREENING, Outcome.WAITING, Outcome.RELEASED)


@dataclass(slots=True, eq=False)
class Moment:
    """Something that happened.

    ``kind`` says what; ``who`` is ``participant``, ``lot``, ``cohort`` or ``trial``, ``number`` which of them, and
    ``facts`` the row of the table that it was read from (missing values are None).
    """

    day: float
    phase: int
    kind: str
    who: str
    number: int
    facts: Mapping[str, Any]
    address: tuple[float, ...] = (0, 0)
    after: list[Moment] = field(default_factory=list)


def chronology(
    ends: pd.DataFrame,
    participants: pd.DataFrame,
    lots: pd.DataFrame,
    *,
    sites: Sequence[str] = (),
    eligibility_valid: float | None = None,
) -> list[Moment]:
    """Everything that happened in one replication, in order.

    Parameters
    ----------
    ends, participants, lots : DataFrame
        As in `trialsim.tables`, of one replication.
    sites : sequence of str, optional
        The sites in the order of the scenario; others follow in alphabetical order.
    eligibility_valid : float, optional
        Days for which eligibility is valid. No column says when somebody's eligibility expired; without this it is
        told on the day of the last screening's end.

    Raises
    ------
    ValueError
        If the tables are not of exactly one replication.
    """
    if len(ends) != 1:
        raise ValueError(f"a chronology is of one replication, not of {len(ends)}")
    (end,) = _records(ends)
    people, all_lots = _records(participants), _records(lots)
    if any(row["replication"] != end["replication"] for row in (*people, *all_lots)):
        raise ValueError("the tables are of different replications")
    order = {
        name: position for position, name in enumerate([*sites, *sorted({row["site"] for row in people} - {*sites})])
    }

    told = [Moment(end["end_day"], Phase.STOPPING, "end", "trial", 0, end)]
    if end["first_site_open_day"] is not None and end["first_site_open_day"] <= end["end_day"]:
        told.append(Moment(end["first_site_open_day"], Phase.ARRIVALS, "site_open", "trial", 0, end, (-1, 0)))
    last_use: dict[int, float] = {}
    for row in people:
        address = (order[row["site"]], row["site_candidate"])
        told += _chain("participant", row["participant"], row, address, _of_person(row, end, eligibility_valid))
        if row["lot"] is not None and row["infusion_day"] is not None:
            last_use[row["lot"]] = max(row["infusion_day"], last_use.get(row["lot"], 0.0))
    for row in all_lots:
        told += _chain("lot", row["lot"], row, (_LAST, row["lot"]), _of_lot(row, end, last_use.get(row["lot"])))
    told += _of_cohorts(told, end)
    return _in_order(told)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as dictionaries, with None for everything that is missing."""
    columns = {name: table[name].astype(object).where(table[name].notna(), None).tolist() for name in table.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _chain(
    who: str, number: int, facts: Mapping[str, Any], address: tuple[int, int], happened: Iterable[tuple[Any, int, str]]
) -> list[Moment]:
    """What happened to one person or lot; each thing follows the one before, and the last of them is the departure."""
    days = [(day, phase, kind) for day, phase, kind in happened if day is not None]
    if days:
        days[-1] = (max(day for day, _, _ in days), *days[-1][1:])
    chain: list[Moment] = []
    for day, phase, kind in days:
        queue = _queue(kind, facts) + address
        chain.append(Moment(day, phase, kind, who, number, facts, queue, chain[-1:]))
    return chain


def _queue(kind: str, facts: Mapping[str, Any]) -> tuple[float, ...]:
    """What comes before the address where people are served in the order of a queue.

    Places are given in the order of eligibility, and slots booked in that of enrolment, which is that of the slots too.
    """
    if kind == "enrolment":
        return 0, facts["screening_end_day"] or 0
    if kind == "ready":
        return 1, facts["infusion_day"] or _LAST
    return (-1,) if kind == "screening_start" else ()


def _of_person(
    row: Mapping[str, Any], end: Mapping[str, Any], eligibility_valid: float | None
) -> Iterable[tuple[float | None, int, str]]:
    """Day, phase and kind of what happened to one person, in the natural order."""
    outcome, end_day = row["outcome"], end["end_day"]
    yield row["arrival_day"], Phase.ARRIVALS, "arrival"
    if outcome == Outcome.TURNED_AWAY:
        yield row["arrival_day"], Phase.ARRIVALS, "turned_away"
        return
    yield row["screening_start_day"], Phase.PLACES, "screening_start"
    if outcome not in (Outcome.IN_SCREENING, Outcome.SCREEN_FAILURE):
        yield row["screening_end_day"], Phase.SCREENINGS, "eligible"
    yield row["enrolment_day"], Phase.PLACES, "enrolment"
    yield row["ready_day"], Phase.PLACES, "ready"
    if row["infusion_day"] is not None:
        yield from _after_infusion(row)
    elif outcome == Outcome.SCREEN_FAILURE:
        yield row["screening_end_day"], Phase.SCREENINGS, "screen_failure"
    elif outcome == Outcome.WITHDRAWN:
        yield row["withdrawal_day"], Phase.DEPARTURES, "withdrawal"
    elif outcome == Outcome.ELIGIBILITY_EXPIRED:
        expiry = row["screening_end_day"]
        if expiry is not None and eligibility_valid is not None:
            expiry = min(expiry + eligibility_valid, end_day)
        yield expiry, Phase.DEPARTURES, "eligibility_expired"
    elif outcome in _NOT_INFUSED:
        yield end_day, _AFTERWARDS, "released"


def _after_infusion(row: Mapping[str, Any]) -> Iterable[tuple[float | None, int, str]]:
    """The same from infusion on. What is still in the window at the end of the trial is told as it will be."""
    known = row["outcome_known_day"]
    yield row["infusion_day"], Phase.INFUSIONS, "infusion"
    yield row["dlt_day"], Phase.OUTCOMES, "dlt"
    cut_short = known is not None and row["window_end_day"] is not None and known < row["window_end_day"]
    will_be_lost = row["outcome"] == Outcome.IN_WINDOW and row["dlt_day"] is None and cut_short
    lost = row["outcome"] == Outcome.NON_EVALUABLE or will_be_lost
    yield known, Phase.OUTCOMES, "lost" if lost else "outcome_known"
    yield row["last_visit_day"], Phase.DEPARTURES, "last_visit"


def _of_lot(
    row: Mapping[str, Any], end: Mapping[str, Any], last_use: float | None
) -> Iterable[tuple[float | None, int, str]]:
    """Day, phase and kind of what happened to one lot, in the natural order."""
    outcome, end_day = row["outcome"], end["end_day"]
    if row["start_day"] is None:
        yield row["available_day"], Phase.LOTS, "stocked"
    else:
        yield row["start_day"], Phase.PLACES, "lot_start"
        yield row["expansion_start_day"], Phase.LOTS, "expansion_start"
        yield row["expansion_end_day"], Phase.LOTS, "expansion_end"
        yield row["release_day"], Phase.LOTS, "failed" if outcome == LotOutcome.FAILED else "passed"
        if outcome != LotOutcome.FAILED:
            yield row["available_day"], Phase.LOTS, "available"
    if outcome == LotOutcome.USED:
        yield last_use if last_use is not None else end_day, Phase.DEPARTURES, "used"
    elif outcome == LotOutcome.EXPIRED:
        expiry = row["expiry_day"]
        yield end_day if expiry is None else min(expiry, end_day), Phase.DEPARTURES, "expired"
    elif outcome != LotOutcome.FAILED:
        yield end_day, _AFTERWARDS, "lot_left"


def _of_cohorts(told: Sequence[Moment], end: Mapping[str, Any]) -> list[Moment]:
    """When each cohort opened, and when the outcomes were known on which the next one was decided."""
    enrolments: dict[int, list[Moment]] = defaultdict(list)
    outcomes: dict[int, list[Moment]] = defaultdict(list)
    for moment in told:
        cohort = moment.facts.get("cohort")
        if cohort is not None and moment.kind == "enrolment" and moment.facts["place_open_day"] is not None:
            enrolments[cohort].append(moment)
        if cohort is not None and moment.kind in ("lost", "outcome_known"):
            outcomes[cohort].append(moment)
    opened = {cohort: min(one.facts["place_open_day"] for one in members) for cohort, members in enrolments.items()}
    cohorts: list[Moment] = []
    complete: dict[int, Moment] = {}
    for cohort in sorted(opened):
        level = {"level": enrolments[cohort][0].facts["level"]}
        opening = Moment(opened[cohort], Phase.COMMITTEE, "cohort_open", "cohort", cohort, level)
        opening.after += [complete[cohort - 1]] if cohort - 1 in complete else []
        for member in enrolments[cohort]:
            member.after = [*member.after, opening]
        cohorts.append(opening)
        until = opened.get(cohort + 1, end["end_day"])
        known = [moment for moment in outcomes[cohort] if moment.day <= until]
        if known and (cohort + 1 in opened or len(known) == len(outcomes[cohort])):
            dlts = sum(moment.facts["outcome"] == Outcome.DLT for moment in known)
            facts = {**level, "infused": len(known), "dlts": dlts}
            day = max(moment.day for moment in known)
            complete[cohort] = Moment(
                day, Phase.OUTCOMES, "cohort_complete", "cohort", cohort, facts, (_LAST, 0), known
            )
            cohorts.append(complete[cohort])
    return cohorts


def _in_order(told: Sequence[Moment]) -> list[Moment]:
    """By day; within a day the lowest phase that has something to do whose causes have been told."""
    causes = {id(moment): len(moment.after) for moment in told}
    follow: dict[int, list[Moment]] = defaultdict(list)
    for moment in told:
        for cause in moment.after:
            follow[id(cause)].append(moment)
    positions = {id(moment): position for position, moment in enumerate(told)}

    def entry(moment: Moment) -> tuple[float, int, tuple[float, ...], int, Moment]:
        return moment.day, moment.phase, moment.address, positions[id(moment)], moment

    ready = [entry(moment) for moment in told if not causes[id(moment)]]
    heapq.heapify(ready)
    ordered: list[Moment] = []
    while ready:
        moment = heapq.heappop(ready)[-1]
        ordered.append(moment)
        for later in follow[id(moment)]:
            causes[id(later)] -= 1
            if not causes[id(later)]:
                heapq.heappush(ready, entry(later))
    # Somebody may have been enrolled before the last of several screenings, the only one that the table knows.
    ordered.sort(key=lambda moment: moment.day)
    return ordered

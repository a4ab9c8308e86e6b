"""The event log of one replication, as process-mining and animation tools expect it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from trialsim.analysis.chronology import Moment, chronology
from trialsim.frames import typed
from trialsim.tables import EVENTS
from trialsim.vocabulary import Outcome

if TYPE_CHECKING:
    import pandas as pd

LOT_IDS = 1_000_000
"""Added to a lot's number to make its ``entity_id``; participants have their own number."""

TRAVELS: dict[str, tuple[tuple[str, str], ...]] = {
    "arrival": (("arrival_departure", "arrival"), ("queue", "waiting_for_screening")),
    "turned_away": (("arrival_departure", "depart"),),
    "screening_start": (("resource_use", "screening"),),
    "screen_failure": (("resource_use_end", "screening_end"), ("arrival_departure", "depart")),
    "eligible": (("resource_use_end", "screening_end"), ("queue", "waiting_for_place")),
    "enrolment": (("queue", "waiting_for_product"),),
    "ready": (("queue", "waiting_for_slot"),),
    "infusion": (("resource_use", "infusion"), ("resource_use_end", "infusion_end"), ("queue", "observation")),
    "dlt": (("queue", "dlt"),),
    "lost": (("queue", "lost"),),
    "outcome_known": (("queue", "follow_up"),),
    "last_visit": (("arrival_departure", "depart"),),
    "withdrawal": (("arrival_departure", "depart"),),
    "eligibility_expired": (("arrival_departure", "depart"),),
    "released": (("arrival_departure", "depart"),),
    "stocked": (("arrival_departure", "arrival"), ("queue", "in_stock")),
    "lot_start": (("arrival_departure", "arrival"), ("resource_use", "donation")),
    "expansion_start": (("resource_use_end", "donation_end"), ("resource_use", "expansion")),
    "expansion_end": (("resource_use_end", "expansion_end"), ("queue", "release_testing")),
    "failed": (("arrival_departure", "depart"),),
    "passed": (("queue", "shipping"),),
    "available": (("queue", "in_stock"),),
    "used": (("arrival_departure", "depart"),),
    "expired": (("arrival_departure", "depart"),),
    "lot_left": (("arrival_departure", "depart"),),
}
"""What each kind of moment means for whom it happens to: event types and events, in order."""

_RESOURCES = {"screening": "screening place", "infusion": "infusion place", "donation": "suite", "expansion": "suite"}


def events(
    ends: pd.DataFrame,
    participants: pd.DataFrame,
    lots: pd.DataFrame,
    *,
    sites: Sequence[str] = (),
    eligibility_valid: float | None = None,
) -> pd.DataFrame:
    """The event log of one replication.

    Parameters
    ----------
    ends, participants, lots, sites, eligibility_valid
        As for `trialsim.analysis.chronology.chronology`.

    Returns
    -------
    DataFrame
        In order of time, one row an event. ``entity_id`` (a participant's number; a lot's plus 1,000,000),
        ``event_type``, ``event``, ``time`` (days), ``pathway`` (``participant`` or ``lot``), ``run_number`` (the
        replication), ``resource_id`` (which unit of the resource, from 1; None where none is in use); then our own:
        ``entity``, ``resource``, ``site``, ``level``, ``cohort``, ``lot``, ``outcome``. Each entity arrives and
        departs exactly once.
    """
    rows = [
        row
        for moment in chronology(ends, participants, lots, sites=sites, eligibility_valid=eligibility_valid)
        if moment.who in ("participant", "lot")
        for row in _rows(moment)
    ]
    rows = _with_units(rows)
    return typed(EVENTS, {name: [row[name] for row in rows] for name in EVENTS})


def _rows(moment: Moment) -> Iterable[dict[str, Any]]:
    """The rows of the log that a moment makes."""
    facts, is_lot = moment.facts, moment.who == "lot"
    steps = TRAVELS[moment.kind]
    if facts["outcome"] == Outcome.TURNED_AWAY:
        steps = steps[:1]  # nobody who is turned away waits
    for event_type, event in steps:
        yield {
            "entity_id": moment.number + LOT_IDS * is_lot,
            "event_type": event_type,
            "event": event,
            "time": moment.day,
            "pathway": moment.who,
            "run_number": facts["replication"],
            "resource_id": None,
            "entity": f"{moment.who} {moment.number}",
            "resource": _RESOURCES.get(event.removesuffix("_end")) if event_type.startswith("resource_use") else None,
            **{name: facts.get(name) for name in ("site", "level", "cohort", "lot", "outcome")},
        }


def _with_units(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the units in use numbered, and with an end of use for whoever departs from the middle of one.

    Whoever begins gets back the unit they had last if it is free (a lot stays in its suite), else the lowest free one.
    """
    busy: dict[str, set[int]] = defaultdict(set)
    latest: dict[tuple[int, str], int] = {}
    using: dict[int, dict[str, Any]] = {}
    log: list[dict[str, Any]] = []

    def end(row: dict[str, Any]) -> None:
        begun = using.pop(row["entity_id"])
        row["resource_id"] = begun["resource_id"]
        busy[begun["resource"]].remove(begun["resource_id"])
        log.append(row)

    for row in rows:
        who, resource = row["entity_id"], row["resource"]
        if row["event_type"] == "resource_use":
            taken = busy[resource]
            unit = latest.get((who, resource), 1)
            if unit in taken:
                unit = next(number for number in range(1, len(taken) + 2) if number not in taken)
            row["resource_id"] = latest[who, resource] = unit
            taken.add(unit)
            using[who] = row
            log.append(row)
        elif row["event_type"] == "resource_use_end":
            end(row)
        else:
            if row["event"] == "depart" and who in using:
                begun = using[who]
                closing = {"event_type": "resource_use_end", "event": f"{begun['event']}_end"}
                end({**row, **closing, "resource": begun["resource"]})
            log.append(row)
    return log

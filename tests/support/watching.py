"""One replication, watched while it runs: who did what in which order, and how many were where for how long.

The records say where everybody ended up; this adds what they do not keep (places given back and taken again, the order
of what happened at one instant) and what Little's law is about: the areas under the numbers of people and lots that
were in each state, taken from the live model step by step.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import isclose
from typing import Any, NamedTuple

import simpy

from trialsim.model import History, Participant, Trial
from trialsim.model.path import Step
from trialsim.model.records import Lot
from trialsim.rules.base import Rule
from trialsim.scenario import Scenario

STANDING = ("in_process", "in_stock")
"""The outcomes of lots with which something may still happen."""

ABOUT = ("in_screening", "waiting", "enrolled", "in_window")
"""The outcomes of those with whom something may still happen; all others are for good."""


class Event(NamedTuple):
    """Something that the dosing layer or the door of the trial was told of."""

    day: float
    kind: str
    """``arrives``, ``waits`` (eligible), ``goes`` (withdrawn or expired), ``assigned``, ``leaves`` (a place, before
    infusion), ``gives_up`` (a dose and a slot, if any), ``sent_back`` (``people``, to the head of the queue),
    ``infused``, ``outcome``, or ``asked`` (the rule, by the dosing layer)."""
    person: int = 0
    level: int | None = None
    cohort: int | None = None
    outcome: str | None = None
    waiting: int = 0
    """At an arrival: how many eligible people wait."""
    people: tuple[int, ...] = ()
    """Those who are sent back, in their order."""
    booked: float | None = None
    ready: float | None = None
    lot: int | None = None
    cells: float = 0.0
    """The infusion and the dose that are given up, by somebody who ``gives_up``, and since when they were reserved."""


@dataclass
class Watched:
    """A history and what was seen while it came about."""

    scenario: Scenario
    seed: int
    history: History
    events: list[Event]
    areas: Counter[str] = field(default_factory=Counter)
    """Person-days in each state (``in_screening``, ``waiting``, ``enrolled``, ``in_window``) and on a screening place
    (``screened``), and suite-days (``suites``)."""
    reserved_at_the_end: Counter[int] = field(default_factory=Counter)
    """Cells of each lot that are still reserved when the trial ends."""
    faults: list[str] = field(default_factory=list)
    """Resources seen in excess of what there is."""

    @property
    def straight(self) -> bool:
        """Whether nobody was screened twice or sent back, so that the records tell of every step."""
        again = any(person.screenings > 1 or person.attempt for person in self.history.participants)
        return not again and not any(event.kind == "sent_back" and event.people for event in self.events)

    @property
    def in_cohorts(self) -> bool:
        """Whether the rule works in cohorts."""
        return self.scenario.dosing is not None and self.scenario.dosing.rule.cohorts

    @property
    def levels_given(self) -> dict[int, int | None]:
        """The level at which each was enrolled last; it may be another one at the infusion."""
        return {event.person: event.level for event in self.events if event.kind == "assigned"}

    @property
    def nobody_left(self) -> bool:
        """Whether nobody gave back a place before infusion: then no dose and no slot was ever given back."""
        return not any(event.kind == "leaves" for event in self.events)


def watch(scenario: Scenario, seed: int, replication: int, rule: Rule | None = None) -> Watched:
    """Run one replication, step by step."""
    trial = Trial(scenario, seed, replication, rule)
    events: list[Event] = []
    _listen(trial, events)
    areas: Counter[str] = Counter()
    faults: list[str] = []
    clock = trial.clock
    about: list[Participant] = []
    lots: list[Lot] = []
    met = made = 0
    while not trial.stopping.ended.processed:
        passes = clock.peek() - clock.now
        if passes > 0:
            about = [person for person in about + trial.people[met:] if person.outcome in ABOUT]
            met = len(trial.people)
            _measure(trial, about, passes, areas)
            _count_reserved(trial, about, lots, faults)
        clock.step()
        # A trial to which nobody comes may make lots for a century: those that are over and done are not looked at.
        lots = [
            lot for lot in lots + list(trial.manufacturing.lots[made:]) if lot.outcome in STANDING or lot.cells_reserved
        ]
        made = len(trial.manufacturing.lots)
        _inspect(trial, lots, faults)
    reserved: Counter[int] = Counter({lot.lot: lot.cells_reserved for lot in trial.manufacturing.lots})
    return Watched(scenario, seed, trial.close(), events, areas, reserved, faults)


def _listen(trial: Trial, events: list[Event]) -> None:
    """Write down every call to the dosing layer and to the door."""

    def overheard(owner: Any, name: str, note: Any, before: bool) -> None:
        original = getattr(owner, name)

        def call(*arguments: Any) -> Any:
            if before:
                events.append(note(*arguments))
                return original(*arguments)
            result = original(*arguments)
            events.append(note(*arguments))
            return result

        setattr(owner, name, call)

    def noted(kind: str) -> Any:
        def note(person: Participant, *why: Step) -> Event:
            return Event(trial.clock.now, kind, person.participant, person.level, person.cohort, person.outcome)

        return note

    def gives_up(person: Participant, why: Step) -> Event:
        dose = {
            "booked": person.booked_day,
            "ready": person.ready_day,
            "lot": person.lot,
            "cells": person.dose_cells or 0.0,
        }
        return Event(trial.clock.now, "gives_up", person.participant, **dose)  # type: ignore[arg-type]

    def sent_back(people: list[Participant]) -> Event:
        return Event(trial.clock.now, "sent_back", people=tuple(person.participant for person in people))

    def arrives(site: str, number: int, address: int, opened: Step) -> Event:
        return Event(trial.clock.now, "arrives", len(trial.people) + 1, waiting=len(trial.waiting.queue))

    def asked() -> Event:
        return Event(trial.clock.now, "asked")

    if trial.scenario.dosing is not None:
        overheard(trial.dosing, "ask", asked, before=False)
    overheard(trial.dosing, "assign", noted("assigned"), before=False)
    overheard(trial.dosing, "left", noted("leaves"), before=True)
    overheard(trial.waiting, "join", noted("waits"), before=True)
    overheard(trial.waiting, "_leave", noted("goes"), before=True)
    overheard(trial.infusion, "give_up", gives_up, before=True)
    overheard(trial.dosing, "infused", noted("infused"), before=True)
    overheard(trial.dosing, "outcome_known", noted("outcome"), before=True)
    overheard(trial.recruitment, "arrive", arrives, before=True)
    overheard(trial.waiting, "put_back", sent_back, before=True)


def _measure(trial: Trial, about: list[Participant], days: float, areas: Counter[str]) -> None:
    """Add ``days`` for everybody about, while nothing happens."""
    for person in about:
        areas[person.outcome] += days  # type: ignore[assignment]
    areas["suites"] += days * getattr(trial.manufacturing, "suites_busy", 0)  # type: ignore[assignment]
    places = getattr(trial.screening, "places", None)
    if isinstance(places, simpy.Resource):
        areas["screened"] += days * places.count  # type: ignore[assignment]


def _count_reserved(trial: Trial, about: list[Participant], lots: list[Lot], faults: list[str]) -> None:
    """See that what is reserved of each lot are the doses of those who wait for their infusion."""
    reserved: Counter[int] = Counter()
    for person in about:
        if person.lot is not None and person.outcome == "enrolled":
            reserved[person.lot] += person.dose_cells  # type: ignore[assignment,operator]
    for lot in lots:
        if not isclose(reserved[lot.lot], lot.cells_reserved, rel_tol=1e-9, abs_tol=1e-6 * (lot.cells or 1.0)):
            faults.append(f"day {trial.clock.now:g}: {lot.cells_reserved} cells of lot {lot.lot} are reserved")


def _inspect(trial: Trial, lots: list[Lot], faults: list[str]) -> None:
    """See that no resource is used beyond what there is, at any step."""
    product, slots = trial.manufacturing, trial.slots
    used = {
        "suites": (getattr(product, "suites_busy", 0), getattr(product, "suites", 0)),
        "places": (trial.places.holders, trial.places.maximum),
        "slots": (max(getattr(slots, "booked", {}).values(), default=0), getattr(slots, "per_day", None)),
        "waiting": (len(trial.waiting.queue), len(trial.people)),
    }
    for name, (busy, most) in used.items():
        if busy < 0 or (most is not None and busy > most):
            faults.append(f"day {trial.clock.now:g}: {busy} {name} of {most}")
    for lot in lots:
        if lot.cells is not None and (lot.cells_free < -1e-9 * lot.cells or lot.cells_reserved < -1e-9 * lot.cells):
            faults.append(f"day {trial.clock.now:g}: lot {lot.lot} has {lot.cells_free} free cells")

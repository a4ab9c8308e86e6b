"""What must hold of how a replication ends, of what held it up, and of how many were where for how long."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np

from tests.support.checks_people import INFUSED, or_else
from tests.support.replaying import replay
from tests.support.watching import Watched
from trialsim.analysis.replications import replications
from trialsim.experiment.engines.simpy import raw_tables
from trialsim.randomness import Luck, round_days
from trialsim.rules.base import Stop
from trialsim.scenario.sections.stopping import LONGEST_TRIAL
from trialsim.vocabulary import END_CAUSES, Piece

RANK = ("safety", "completed", "product", "slow_accrual", "time_limit", "external")
"""Of several causes at the same instant, the first of these is the one."""


def the_rule_and_the_committee_are_obeyed(w: Watched) -> None:
    """Each place was given when the rule, asked anew, would have given it, at its level, after the review."""
    faults, _ = replay(w)
    assert not faults


def there_is_one_end_and_one_cause(w: Watched) -> None:
    """Of all the causes met on the last day the first was given, and none was met before."""
    end = w.history.end_day
    assert w.history.end_cause in END_CAUSES
    assert set(END_CAUSES) == set(RANK)
    met = {
        "completed": _completed(w),
        "product": _lots_failed(w),
        "slow_accrual": _accrual(w),
        "external": _external(w),
    }
    met["time_limit"] = _time_limit(w)
    met["safety"] = inf
    if w.scenario.dosing is not None:
        _, answer = replay(w)
        if isinstance(answer, Stop):
            cause = "safety" if answer.level is None else "completed"
            met[cause] = min(met[cause], end)
    assert min(met.values()) == end, met
    assert w.history.end_cause == next(cause for cause in RANK if met[cause] == end), met


def _completed(w: Watched) -> float:
    """When the last of ``max_participants`` outcomes was known that need no replacement."""
    dosing, maximum = w.scenario.dosing, w.scenario.trial.max_participants
    replaces = dosing.replace_non_evaluable if dosing else False
    known = sorted(
        or_else(p.outcome_known_day, inf)
        for p in w.history.participants
        if p.outcome in INFUSED and not (p.outcome == "non_evaluable" and replaces)
    )
    return known[maximum - 1] if len(known) >= maximum else inf


def _lots_failed(w: Watched) -> float:
    """When so many lots had failed in a row while there were doses to make."""
    product = w.scenario.product
    if product is None or product.max_consecutive_failed_lots is None:
        return inf
    tested = [lot for lot in w.history.lots if lot.start_day is not None and lot.release_day is not None]
    in_a_row = 0
    for lot in sorted(tested, key=lambda lot: (or_else(lot.release_day, inf), lot.lot)):
        in_a_row = in_a_row + 1 if lot.outcome == "failed" else 0
        if in_a_row >= product.max_consecutive_failed_lots:
            assert lot.release_day is not None
            limit = w.scenario.stopping.time_limit if w.scenario.stopping else None
            is_needed = _served(w, lot.release_day) < w.scenario.trial.max_participants
            if not is_needed or lot.release_day > or_else(limit, inf):
                continue
            return lot.release_day
    return inf


def _served(w: Watched, day: float) -> int:
    """How many held a place and had a dose, reserved or infused, when lots were tested on that day."""
    dosing = w.scenario.dosing
    replaces = dosing.replace_non_evaluable if dosing else False
    lost = sum(
        replaces and p.outcome == "non_evaluable" and or_else(p.outcome_known_day, inf) < day
        for p in w.history.participants
    )
    had = sum(or_else(p.ready_day, inf) < day for p in w.history.participants)
    return had + sum(_gave_up_later(w, day)) - lost


def _gave_up_later(w: Watched, day: float) -> list[bool]:
    """Of those who gave up a dose from that day on, who had it before."""
    later = [event for event in w.events if event.kind == "gives_up" and event.booked is not None and event.day >= day]
    return [event.ready is not None and event.ready < day for event in later]


def _accrual(w: Watched) -> float:
    """The first look at which too few had been infused."""
    looks = w.scenario.stopping.accrual_looks if w.scenario.stopping else ()
    infused = [p.infusion_day for p in w.history.participants if p.infusion_day is not None]
    days = [look.at for look in looks if sum(day <= look.at for day in infused) < look.minimum_infused]
    return min(days, default=inf)


def _external(w: Watched) -> float:
    stopping = w.scenario.stopping
    if stopping is None or stopping.external_stop == 0:
        return inf
    uniform = Luck(w.seed, w.history.replication).uniforms("stopping.external")
    return float(round_days(-np.log1p(-uniform) / stopping.external_stop)[0])


def _time_limit(w: Watched) -> float:
    """The limit; if enough had been infused by then, the end of the last window if someone is then to be replaced."""
    stopping, dosing = w.scenario.stopping, w.scenario.dosing
    limit = LONGEST_TRIAL if stopping is None else or_else(stopping.time_limit, LONGEST_TRIAL)
    replaces = dosing.replace_non_evaluable if dosing else False
    infused = [p for p in w.history.participants if p.infusion_day is not None]

    def to_be_replaced(day: float) -> int:
        return sum(
            replaces and p.outcome == "non_evaluable" and or_else(p.outcome_known_day, inf) <= day for p in infused
        )

    if len(infused) - to_be_replaced(limit) < w.scenario.trial.max_participants:
        return limit
    last = max(or_else(p.outcome_known_day, inf) for p in infused)
    short = len(infused) - to_be_replaced(last) < w.scenario.trial.max_participants
    return last if last > limit and short else inf


def every_day_is_given_to_one_cause(several: Sequence[Watched]) -> None:
    """Pieces are never negative and add up to the last day exactly, and the counts add up to the candidates.

    Several replications of one scenario at a time: tables are slow to make and quick to fill.
    """
    scenario = several[0].scenario
    ends, participants, lots = raw_tables(scenario, [w.history for w in several])
    table = replications(ends, participants, lots, scenario.levels, scenario.trial.close_out)
    outcomes = ("turned_away", "screen_failures", "withdrawn", "eligibility_expired", "evaluable", "non_evaluable")
    by_level = range(1, scenario.levels + 1)
    for w, row in zip(several, table.to_dict("records"), strict=True):
        pieces = [row[f"days_{piece}"] for piece in Piece]
        assert min(pieces) >= 0
        assert sum(pieces) == w.history.end_day
        people = w.history.participants
        still_there = ("in_screening", "waiting", "released", "in_window")
        rest = sum(person.outcome in still_there for person in people)
        assert row["candidates"] == len(people) == sum(row[outcome] for outcome in outcomes) + rest
        assert row["infused"] == sum(row[f"infused_level_{level}"] for level in by_level)
        assert row["dlts"] == sum(row[f"dlts_level_{level}"] for level in by_level)
        assert row["candidates"] >= row["screened"] >= row["enrolled"] >= row["infused"] >= row["evaluable"]
        assert row["lots_started"] == len(w.history.lots)


def little_holds(w: Watched) -> None:
    """The area under the number in each state, seen inside the model, is the sum of the times that the records tell."""
    end = w.history.end_day
    people, lots = w.history.participants, w.history.lots

    def until(day: float | None) -> float:
        return min(or_else(day, end), end)

    infused = [p for p in people if p.infusion_day is not None]
    assert w.areas["in_window"] == sum(until(p.outcome_known_day) - or_else(p.infusion_day, 0.0) for p in infused)
    made = [lot for lot in lots if lot.start_day is not None]
    assert w.areas["suites"] == sum(until(lot.expansion_end_day) - or_else(lot.start_day, 0.0) for lot in made)
    if not w.straight:
        return
    candidates = [p for p in people if p.outcome != "turned_away"]
    assert w.areas["in_screening"] == sum(until(p.screening_end_day) - p.arrival_day for p in candidates)
    if w.scenario.screening and w.scenario.screening.capacity:
        screened = [p for p in candidates if p.screening_start_day is not None]
        assert w.areas["screened"] == sum(
            until(p.screening_end_day) - or_else(p.screening_start_day, 0.0) for p in screened
        )
    layer = w.scenario.waiting
    valid = inf if layer is None or layer.eligibility_valid is None else layer.eligibility_valid
    waiting = enrolled = 0.0
    for p in candidates:
        if p.screening_end_day is None or p.failure_reason is not None:
            continue
        leaves = until(p.withdrawal_day if p.outcome != "eligibility_expired" else p.screening_end_day + valid)
        waiting += (leaves if p.enrolment_day is None else p.enrolment_day) - p.screening_end_day
        if p.enrolment_day is not None:
            enrolled += (leaves if p.infusion_day is None else p.infusion_day) - p.enrolment_day
    assert w.areas["waiting"] == waiting
    assert w.areas["enrolled"] == enrolled

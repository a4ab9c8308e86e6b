"""Random scenarios against what must hold in every one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import checks_ends as ends
import checks_people as people
import checks_product as product
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import scenarios
from watching import Watched, watch

from trialsim.model import History, Participant, run
from trialsim.scenario import Scenario

CHECKS: tuple[Callable[[Watched], None], ...] = (
    people.candidates_are_numbered_as_they_come,
    people.everybody_is_somewhere,
    people.milestones_follow_one_another,
    people.every_time_is_on_the_grid,
    people.weights_are_the_persons_own,
    people.nobody_is_screened_beyond_capacity,
    people.screening_finds_what_it_must,
    people.patience_and_validity_are_kept,
    people.nobody_jumps_the_queue,
    people.places_are_not_given_twice,
    product.lots_are_all_accounted_for,
    product.lots_take_the_time_their_luck_says,
    product.cells_are_infused_wasted_or_left,
    product.suites_are_not_used_twice,
    product.doses_come_from_a_released_valid_lot,
    product.infusions_are_on_open_days,
    product.spacing_is_kept,
    ends.the_rule_and_the_committee_are_obeyed,
    ends.there_is_one_end_and_one_cause,
    ends.every_day_is_given_to_one_cause,
    ends.little_holds,
)
REPLICATIONS = 2
seen: Counter[str] = Counter()
"""What occurred in the scenarios of this run; see `test_the_scenarios_reach_everything`."""


def values(record: Any) -> tuple[Any, ...]:
    """All fields of a record, with the person whose lot it is by number."""
    fields = (getattr(record, name) for name in record.__dataclass_fields__)
    return tuple(value.participant if isinstance(value, Participant) else value for value in fields)


def told(history: History) -> tuple[Any, ...]:
    """A history as plain values, to compare."""
    return (*history[:-2], [values(person) for person in history.participants], [values(lot) for lot in history.lots])


def check(scenario: Scenario, seed: int) -> None:
    """Everything, for some replications of a scenario."""
    for replication in range(1, REPLICATIONS + 1):
        watched = watch(scenario, seed, replication)
        assert not watched.faults
        for one in CHECKS:
            one(watched)
        # The same address gives the same history, watched or not, in whatever order.
        assert told(run(scenario, seed, replication)) == told(watched.history)
        seen[watched.history.end_cause] += 1
        seen.update({person.outcome for person in watched.history.participants})
        seen.update({f"lot {lot.outcome}" for lot in watched.history.lots})
        seen["under-dose"] += any(person.under_dosed for person in watched.history.participants)
        seen["sent back"] += any(event.kind == "sent_back" and event.person for event in watched.events)
        seen["place given back"] += not watched.nobody_left
        seen["third cohort"] += watched.history.cohorts >= 3


@settings(max_examples=250, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios(), st.integers(0, 2**64 - 1))
def test_invariants_hold(scenario: Scenario, seed: int) -> None:
    check(scenario, seed)

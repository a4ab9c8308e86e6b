"""Stopping: the twin of `trialsim.model.stopping`."""

from __future__ import annotations

from trialsim.kernel.language import compiled, inlined, number_at
from trialsim.kernel.layers import doses
from trialsim.kernel.machine.calendar import schedule
from trialsim.kernel.machine.random import wait
from trialsim.kernel.state.codes import (
    COMPLETED,
    END,
    EXTERNAL,
    LIMIT,
    LOOK,
    NON_EVALUABLE,
    OF_EXTERNAL,
    PRODUCT,
    SAFETY,
    SLOW_ACCRUAL,
    STOPPING,
    TIME_LIMIT,
)
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.records import Person


@compiled
def set_up(t: State) -> None:
    """Put the time limit, the looks at accrual and the sponsor's decision, if any, into the calendar."""
    schedule(t, t.time_limit, STOPPING, TIME_LIMIT, LIMIT, 0, 0)
    for number in range(t.looks):
        schedule(t, number_at(t.looks_at, 2 * number), STOPPING, SLOW_ACCRUAL, LOOK, number, 0)
    if t.external_stop > 0.0:
        sponsor = wait(t, t.external_stop, OF_EXTERNAL, t.sites, 0, 0)
        schedule(t, sponsor, STOPPING, EXTERNAL, END, EXTERNAL, 0)


@inlined
def end(t: State, cause: int) -> None:
    """End the trial now."""
    t.cause = cause
    t.ended = 1


@compiled
def look(t: State, which: int) -> None:
    """Look at accrual, as planned: with too few infused, the trial ends."""
    if t.infused < number_at(t.looks_at, 2 * which + 1):
        end(t, SLOW_ACCRUAL)


@compiled
def reach_limit(t: State) -> None:
    """Infuse nobody after the time limit. If enough have been infused, their windows settle the cause."""
    if t.concluded_for_good + t.in_window < t.maximum:
        end(t, TIME_LIMIT)
    else:
        t.past_limit = 1
        t.closed_for_good = 1


@compiled
def concluded(t: State, person: Person) -> None:
    """Count an outcome that is known: with the last one the trial ends."""
    if not (person.outcome == NON_EVALUABLE and t.replaces):
        t.concluded_for_good += 1
    if t.concluded_for_good >= t.maximum:
        _now(t, COMPLETED, person.path)
    elif t.past_limit and t.in_window == 0:
        _now(t, TIME_LIMIT, person.path)


@inlined
def rule_stops(t: State, level: int, why: int) -> None:
    """End the trial as the rule has answered: with a level, or with 0 because no dose is acceptable."""
    _now(t, COMPLETED if level else SAFETY, why)


@compiled
def lots_failed(t: State, why: int) -> None:
    """End the trial if there are still doses to give: too many lots have failed in a row."""
    if doses.needed(t) > 0:
        _now(t, PRODUCT, why)


@inlined
def _now(t: State, cause: int, why: int) -> None:
    """Let the trial end at this instant, unless another cause goes first."""
    t.settled = why
    schedule(t, t.now, STOPPING, cause, END, cause, 0)

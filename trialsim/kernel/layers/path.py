"""The critical path: the twin of `trialsim.model.path`. A step is known by its position; the start is the first."""

from __future__ import annotations

from trialsim.kernel.language import compiled, inlined
from trialsim.kernel.machine.views import step_at
from trialsim.kernel.state import codes
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.records import End

START = 0


@inlined
def day_of(t: State, step: int) -> float:
    """The day of a step."""
    return step_at(t.steps_at, step).day


@compiled
def wait(t: State, since: int, piece: int, day: float) -> int:
    """The moment ``day``, reached by waiting for ``piece`` since another; that moment itself if it is the same."""
    if step_at(t.steps_at, since).day == day:
        return since
    position = t.steps + 1
    if position >= t.steps_room:
        t.status = codes.STEPS_FULL
        return since
    t.steps = position
    step = step_at(t.steps_at, position)
    step.day = day
    step.piece = piece
    step.since = since
    return position


@inlined
def later(t: State, one: int, other: int) -> int:
    """What bound: the later of two steps, the first if both are of one moment."""
    return other if step_at(t.steps_at, other).day > step_at(t.steps_at, one).day else one


@compiled
def cut(t: State, step: int, day: float) -> int:
    """The moment ``day`` on the path that leads to a later step."""
    while step != START and step_at(t.steps_at, step_at(t.steps_at, step).since).day >= day:
        step = step_at(t.steps_at, step).since
    return wait(t, step_at(t.steps_at, step).since, step_at(t.steps_at, step).piece, day)


@compiled
def days_waited(t: State, position: int, end: End) -> None:
    """Write the days of each piece on the path that leads to a step; they sum to its day."""
    end.days_start_up = end.days_recruitment = end.days_screening = end.days_product = end.days_preparation = 0.0
    end.days_slot = end.days_spacing = end.days_observation = end.days_review = end.days_replacement = 0.0
    while position != START:
        step = step_at(t.steps_at, position)
        position = step.since
        days = step.day - step_at(t.steps_at, position).day
        if step.piece == codes.WAITS_FOR_RECRUITMENT:
            end.days_recruitment += days
        elif step.piece == codes.WAITS_FOR_OBSERVATION:
            end.days_observation += days
        elif step.piece == codes.WAITS_FOR_PRODUCT:
            end.days_product += days
        elif step.piece == codes.WAITS_FOR_SCREENING:
            end.days_screening += days
        elif step.piece == codes.WAITS_FOR_REVIEW:
            end.days_review += days
        elif step.piece == codes.WAITS_FOR_SPACING:
            end.days_spacing += days
        elif step.piece == codes.WAITS_FOR_PREPARATION:
            end.days_preparation += days
        elif step.piece == codes.WAITS_FOR_SLOT:
            end.days_slot += days
        elif step.piece == codes.WAITS_FOR_START_UP:
            end.days_start_up += days
        else:
            end.days_replacement += days

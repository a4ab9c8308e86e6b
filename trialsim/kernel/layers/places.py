"""Places: the twin of `trialsim.model.places`."""

from __future__ import annotations

from trialsim.kernel.language import compiled, inlined
from trialsim.kernel.layers import doses, dosing, infusion, path, waiting
from trialsim.kernel.machine.calendar import wake
from trialsim.kernel.machine.lists import after, first, join, leave
from trialsim.kernel.machine.views import person_at
from trialsim.kernel.state.codes import ENROLLED, NOT_INFUSED, QUEUE, RELEASED, SENT_BACK, WAITS_FOR_REVIEW
from trialsim.kernel.state.parts import State


@inlined
def has_room(t: State) -> bool:
    """Whether a place is left, and the trial still enrols."""
    return t.holders < t.maximum and not t.closed_for_good


@compiled
def is_open(t: State) -> bool:
    """Whether the next eligible person may be enrolled now; the dose rule is asked even when no place is left."""
    return dosing.is_open(t) and has_room(t)


@compiled
def give(t: State) -> bool:
    """Enrol the head of the queue, if there is a place; False if there was nothing to do."""
    if not is_open(t):
        return False
    patient = first(t, QUEUE)
    if patient < 0:
        return False
    leave(t, QUEUE, patient)
    person = person_at(t.people_at, patient)
    person.outcome = ENROLLED
    person.place_open_day = t.open_since
    person.enrolment_day = t.now
    person.path = path.wait(t, path.later(t, person.eligible, t.opened), WAITS_FOR_REVIEW, t.now)
    t.shortened = person.path
    t.holders += 1
    join(t, NOT_INFUSED, patient)
    dosing.assign(t, person, patient)
    infusion.enrol(t, patient)
    return True


@compiled
def give_up(t: State, patient: int, why: int) -> None:
    """Let somebody enrolled leave before infusion: the dose, the slot and the place are free again."""
    infusion.give_up(t, patient, why)
    leave(t, NOT_INFUSED, patient)
    dosing.left(t, patient, why)
    take_back(t, why)


@inlined
def take_back(t: State, why: int) -> None:
    """Free a place: its holder left before infusion, or is to be replaced."""
    t.opened = why
    t.holders -= 1
    wake(t)


@compiled
def send_back(t: State, highest: int, why: int) -> None:
    """Those above a level who are not yet infused go back to the head of the queue, in their order."""
    patient = first(t, NOT_INFUSED)
    while patient >= 0:
        following = after(t, NOT_INFUSED, patient)
        if person_at(t.people_at, patient).level > highest:
            give_up(t, patient, why)
            join(t, SENT_BACK, patient)
        patient = following
    waiting.put_back(t)


@compiled
def release(t: State) -> None:
    """Release those still enrolled when the trial ends."""
    patient = first(t, NOT_INFUSED)
    while patient >= 0:
        doses.give_up(t, patient, path.START)
        person_at(t.people_at, patient).outcome = RELEASED
        patient = after(t, NOT_INFUSED, patient)

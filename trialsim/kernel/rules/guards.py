"""The dose rule with its guards in compiled code: `trialsim.rules.guards`, function by function."""

from __future__ import annotations

from trialsim.kernel.language import compiled
from trialsim.kernel.machine.lists import last
from trialsim.kernel.machine.views import cohort_at, person_at, tally_at
from trialsim.kernel.rules import cohorts, curve, without_cohorts
from trialsim.kernel.rules.lookups import answer, current_level
from trialsim.kernel.state.codes import TITE_CRM, TREATED
from trialsim.kernel.state.parts import State


@compiled
def decide(t: State) -> None:
    """Ask the guards, then the rule, then lower or stop its answer."""
    if not t.guarded:
        _ask_rule(t)
        return
    ceiling = _ceiling(t)
    if ceiling < 1:
        t.answer = cohorts.STOP
        t.answer_level = 0
        return
    _ask_rule(t)
    if t.answer == cohorts.WAIT:
        return
    if t.answer == cohorts.STOP:
        _lower_stop(t, ceiling)
        return
    if t.answer_level > ceiling:
        if t.in_cohorts and not t.answer_opens and t.pending:
            t.answer = cohorts.WAIT  # the cohort is over, but its outcomes are not all known
            return
        t.answer_level = ceiling
        t.answer_opens = t.in_cohorts
    if (t.answer_opens or not t.in_cohorts) and _knows_enough(t, t.answer_level):
        t.answer = cohorts.STOP
        t.answer_level = recommend(t)


@compiled
def _lower_stop(t: State, ceiling: int) -> None:
    """The rule stops with a level: with one that the guards have left, if any of them was tried."""
    level = _lowered(t, t.answer_level, ceiling)
    if level or not t.answer_level:
        t.answer_level = level
    elif t.places_used >= t.maximum or (t.in_cohorts and t.pending):
        t.answer = cohorts.WAIT
    else:  # what is left below has not been tried
        cohorts.assign(t, ceiling, t.in_cohorts)


@compiled
def _ask_rule(t: State) -> None:
    if t.in_cohorts:
        cohorts.decide(t)
    else:
        without_cohorts.decide(t)


@compiled
def recommend(t: State) -> int:
    """The rule's level, or the highest tried of those that the guards have left; 0 for none."""
    level = _of_rule(t)
    return _lowered(t, level, _ceiling(t)) if t.guarded else level


@compiled
def _of_rule(t: State) -> int:
    return cohorts.recommend(t) if t.in_cohorts else without_cohorts.recommend(t)


@compiled
def admissible(t: State) -> int:
    """The level below the lowest one eliminated, by the guards or by the rule."""
    highest = cohorts.ceiling(t, t.cohorts_at, t.tallies_at) if t.in_cohorts else without_cohorts.admissible(t)
    return min(_ceiling(t), highest) if t.guarded else highest


@compiled
def _ceiling(t: State) -> int:
    """The level below the lowest one that the guards rule out; 0 if none is left."""
    return curve.ceiling(t) if t.rule == TITE_CRM else answer(t, t.tallies_at, current_level(t)).ceiling


@compiled
def _lowered(t: State, level: int, ceiling: int) -> int:
    if level <= ceiling:
        return level
    for lower in range(ceiling, 0, -1):
        if tally_at(t.tallies_at, lower - 1).evaluable:
            return lower
    return 0


@compiled
def _here(t: State) -> int:
    """The level given last."""
    if t.in_cohorts:
        return cohort_at(t.cohorts_at, t.cohort - 1).level
    return person_at(t.people_at, last(t, TREATED)).level


@compiled
def _knows_enough(t: State, level: int) -> bool:
    evaluable = tally_at(t.tallies_at, level - 1).evaluable
    if t.enough and evaluable >= t.enough:
        return True
    if t.enough_when_staying and evaluable >= t.enough_when_staying and level == _here(t):
        return True
    if not t.precise or not evaluable or _of_rule(t) != level:
        return False
    if t.rule == TITE_CRM:
        return curve.is_narrow(t, level)
    return ((answer(t, t.tallies_at, current_level(t)).narrow >> (level - 1)) & 1) != 0

"""Cohort rules in compiled code: `trialsim.rules.cohorts` and the rules that build on it.

A rule sees cohorts by numbers and the tallies of levels, as they are or as they might turn out. A proposal is a whole
number: a level, 0 for stopping without a level, or minus the level that a stop recommends.
"""

from __future__ import annotations

import numpy as np

from trialsim.kernel.language import (
    compiled,
    count_at,
    inlined,
)
from trialsim.kernel.machine.lists import length
from trialsim.kernel.machine.views import (
    cohort_at,
    tally_at,
)
from trialsim.kernel.rules.lookups import answer, current_level
from trialsim.kernel.state.codes import (
    BETA_BINOMIAL,
    FIXED,
    LADDER,
    LOOKED_UP,
    NOT_INFUSED,
    TABLE_FULL,
    THREE_PLUS_THREE,
)
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.records import Cohort

WAIT, ASSIGN, STOP = range(3)
UNSETTLED = 1 << 40
_TOO_MANY = 2
_SUCCESSIVE = 1e-10


@compiled
def decide(t: State) -> None:
    """Say whether the next participant may have a place now, and at which level."""
    t.answer_opens = 0
    if not t.cohort:
        assign(t, t.start_level, 1)
        return
    current = cohort_at(t.cohorts_at, t.cohort - 1)
    left = t.maximum - t.places_used
    missing = max(0, min(t.cohort_size - current.places, left))
    room = missing
    if current.level > ceiling(t, t.cohorts_at, t.tallies_at):
        room = 0
    if not room and not t.pending:
        _act_on(t, _guarded(t, t.cohorts_at, t.tallies_at), left)
        return
    if t.stop_cohort_early and current.dlts:
        settled = _settled(t, missing)
        if settled != UNSETTLED:
            _act_on(t, settled, left + length(t, NOT_INFUSED))
            return
    if room:
        assign(t, current.level, 0)
    else:
        t.answer = WAIT


@inlined
def assign(t: State, level: int, opens_cohort: int) -> None:
    """Answer that the next participant gets this level, and whether with a new cohort."""
    t.answer = ASSIGN
    t.answer_level = level
    t.answer_opens = opens_cohort


@compiled
def _act_on(t: State, proposal: int, places_left: int) -> None:
    if proposal <= 0:
        t.answer = STOP
        t.answer_level = -proposal
    elif places_left > 0:
        assign(t, proposal, 1)
    else:
        t.answer = WAIT


@compiled
def _guarded(t: State, cohorts: int, tallies: int) -> int:
    """The rule's proposal after the guards."""
    highest = ceiling(t, cohorts, tallies)
    if highest < 1:
        return 0
    proposal = _propose(t, cohorts, tallies, highest)
    if proposal <= 0:
        return proposal
    return min(proposal, highest, _reach(t, cohorts))


@compiled
def _reach(t: State, cohorts: int) -> int:
    """The highest level that may come next whatever the proposal: no untried level is skipped."""
    highest = t.levels
    if not t.skip:
        while not tally_at(t.tallies_at, highest - 1).cohorts:
            highest -= 1
        highest += 1
    current = cohort_at(cohorts, t.cohort - 1)
    if t.coherent and current.dlts:
        highest = min(highest, current.level)
    return highest


@compiled
def _settled(t: State, missing: int) -> int:
    """The proposal if it is a lower level or a stop, and the same whatever is still unknown."""
    level = cohort_at(t.cohorts_at, t.cohort - 1).level
    proposal = _guarded(t, t.cohorts_at, t.tallies_at)
    if proposal > 0 and proposal >= level:
        return UNSETTLED
    if _is_eliminated_anyhow(t, level):
        missing = 0
    _complete(t, missing)
    while True:
        if _guarded(t, t.completed_at, t.completed_tallies_at) != proposal:
            return UNSETTLED
        if not _next_completion(t, missing):
            return proposal


@compiled
def _is_eliminated_anyhow(t: State, level: int) -> bool:
    """Whether the level is eliminated now, and will be whatever the outcomes still due."""
    if level <= ceiling(t, t.cohorts_at, t.tallies_at):
        return False
    _complete(t, 0)
    while True:
        if level <= ceiling(t, t.completed_at, t.completed_tallies_at):
            return False
        if not _next_completion(t, 0):
            return True


@inlined
def _unknown(t: State, number: int, missing: int) -> int:
    """Outcomes of a cohort that are not known, of those still to join included."""
    return cohort_at(t.cohorts_at, number).pending + (missing if number == t.cohort - 1 else 0)


@compiled
def _complete(t: State, missing: int) -> None:
    """The cohorts as they would be if all outcomes still unknown turned out well."""
    for level in range(t.levels):
        tally, completed_tally = tally_at(t.tallies_at, level), tally_at(t.completed_tallies_at, level)
        completed_tally.evaluable = tally.evaluable
        completed_tally.dlts = tally.dlts
    for number in range(t.cohort):
        known, completed = cohort_at(t.cohorts_at, number), cohort_at(t.completed_at, number)
        unknown = _unknown(t, number, missing)
        completed.level = known.level
        completed.places = known.places + unknown - known.pending
        completed.pending = 0
        completed.evaluable = known.evaluable + unknown
        completed.dlts = known.dlts
        tally_at(t.completed_tallies_at, known.level - 1).evaluable += unknown


@compiled
def _next_completion(t: State, missing: int) -> bool:
    """Another way in which they might turn out, counting up the DLTs as on an odometer; False after the last."""
    for number in range(t.cohort):
        known, completed = cohort_at(t.cohorts_at, number), cohort_at(t.completed_at, number)
        tally = tally_at(t.completed_tallies_at, known.level - 1)
        if completed.dlts - known.dlts < _unknown(t, number, missing):
            completed.dlts += 1
            tally.dlts += 1
            return True
        tally.dlts -= completed.dlts - known.dlts
        completed.dlts = known.dlts
    return False


@inlined
def _is_whole(t: State, cohort: Cohort) -> bool:
    return cohort.places >= t.cohort_size and not cohort.pending and cohort.evaluable > 0


@compiled
def _too_toxic_from(t: State, evaluable: int) -> int:
    if evaluable >= t.thresholds:
        t.status = TABLE_FULL
        return evaluable + 1
    return count_at(t.thresholds_at, evaluable)


@compiled
def ceiling(t: State, cohorts: int, tallies: int) -> int:
    """The level below the lowest one eliminated; 0 if that is level 1, and the top if none is."""
    if not t.thresholds:
        return answer(t, tallies, current_level(t)).highest_left if t.eliminates else t.levels
    highest = highest_left(t, tallies)
    if t.rule != BETA_BINOMIAL:
        return highest
    for number in range(1, t.cohort):
        earlier, later = cohort_at(cohorts, number - 1).level, cohort_at(cohorts, number).level
        if later < earlier:
            highest = min(highest, earlier - 1)
    return highest


@compiled
def highest_left(t: State, tallies: int) -> int:
    """The level below the lowest one where there are too many DLTs."""
    for level in range(t.levels):
        tally = tally_at(tallies, level)
        if tally.dlts >= _too_toxic_from(t, tally.evaluable):
            return level
    return t.levels


@compiled
def direction(t: State, evaluable: int, dlts: int) -> int:
    """BOIN: 1 for up, 0 for stay, -1 for down."""
    return (1 if dlts <= t.up * evaluable else 0) - (1 if dlts >= t.down * evaluable else 0)


@compiled
def _propose(t: State, cohorts: int, tallies: int, highest: int) -> int:
    """The level of the next cohort, or a stop."""
    if t.rule == FIXED:
        return t.start_level
    if t.rule == LADDER:
        return _ladder(t, cohorts)
    if t.rule == THREE_PLUS_THREE:
        return _three_plus_three(t, cohorts, tallies)
    current = cohort_at(cohorts, t.cohort - 1)
    if t.rule == BETA_BINOMIAL:
        return min(current.level + (1 if current.evaluable > 0 else 0), highest)
    if t.rule == LOOKED_UP:
        return answer(t, tallies, current.level).after
    tally = tally_at(tallies, current.level - 1)
    step = direction(t, tally.evaluable, tally.dlts) if tally.evaluable else 0
    return min(max(current.level + step, 1), t.levels)


@compiled
def recommend(t: State) -> int:
    """The level that the rule would go on with if the trial ended now; 0 for none."""
    if t.rule == FIXED:
        return t.start_level if tally_at(t.tallies_at, t.start_level - 1).evaluable else 0
    if t.rule == LADDER:
        return _highest_cleared(t, t.cohorts_at)
    if t.rule == THREE_PLUS_THREE:
        for level in range(_highest_not_exceeded(t, t.tallies_at), 0, -1):
            if _is_cleared(t, level, t.cohorts_at):
                return level
        return 0
    if t.rule == LOOKED_UP:
        return answer(t, t.tallies_at, current_level(t)).recommended
    highest = ceiling(t, t.cohorts_at, t.tallies_at)
    if t.rule == BETA_BINOMIAL:
        best = 0
        for number in range(t.cohort):
            cohort = cohort_at(t.cohorts_at, number)
            if cohort.evaluable and cohort.level <= highest:
                best = max(best, cohort.level)
        return best
    return nearest_to_target(t, highest)


# The ladder


@compiled
def _ladder(t: State, cohorts: int) -> int:
    for number in range(t.cohort):
        if cohort_at(cohorts, number).dlts > t.max_dlts:
            return -_highest_cleared(t, cohorts)
    current = cohort_at(cohorts, t.cohort - 1)
    if not _is_whole(t, current):
        return current.level
    if current.level == t.levels:
        return -_highest_cleared(t, cohorts)
    return current.level + 1


@compiled
def _highest_cleared(t: State, cohorts: int) -> int:
    too_high = t.levels + 1
    for number in range(t.cohort):
        cohort = cohort_at(cohorts, number)
        if cohort.dlts > t.max_dlts:
            too_high = min(too_high, cohort.level)
    highest = 0
    for number in range(t.cohort):
        cohort = cohort_at(cohorts, number)
        if cohort.level < too_high and _is_whole(t, cohort):
            highest = max(highest, cohort.level)
    return highest


# 3+3


@compiled
def _three_plus_three(t: State, cohorts: int, tallies: int) -> int:
    highest = _highest_not_exceeded(t, tallies)
    if not highest:
        return 0
    here = min(cohort_at(cohorts, t.cohort - 1).level, highest)
    if not _is_cleared(t, here, cohorts):
        return here
    if here < highest:
        return here + 1
    needs_six = t.six_at_top if here == t.levels else t.six_at_mtd
    if needs_six and _whole_cohorts(t, here, cohorts) < 2:
        return here
    return -here


@compiled
def _highest_not_exceeded(t: State, tallies: int) -> int:
    for level in range(t.levels):
        if tally_at(tallies, level).dlts >= _TOO_MANY:
            return level
    return t.levels


@compiled
def _whole_cohorts(t: State, level: int, cohorts: int) -> int:
    whole = 0
    for number in range(t.cohort):
        cohort = cohort_at(cohorts, number)
        if cohort.level == level and _is_whole(t, cohort):
            whole += 1
    return whole


@compiled
def _is_cleared(t: State, level: int, cohorts: int) -> bool:
    dlts = 0
    for number in range(t.cohort):
        cohort = cohort_at(cohorts, number)
        if cohort.level == level:
            dlts += cohort.dlts
    return _whole_cohorts(t, level, cohorts) > dlts


# BOIN


@compiled
def nearest_to_target(t: State, highest: int) -> int:
    """The level whose isotonic estimate is nearest to the target, of those tried and not eliminated."""
    blocks = _pool_violators(t, highest)
    best, nearest = 0, np.inf
    level = tried = 0
    for block in range(blocks):
        pooled = tally_at(t.tallies_at, block)
        for _ in range(pooled.pooled):
            while not tally_at(t.tallies_at, level).evaluable:
                level += 1
            level += 1
            distance = abs(pooled.mean + tried * _SUCCESSIVE - t.target)
            tried += 1
            if distance < nearest:
                best, nearest = level, distance
    return best


@compiled
def _pool_violators(t: State, highest: int) -> int:
    """Pool neighbours that do not rise until all do; a block's mean and weight lie in the tally of its number."""
    blocks = 0
    for level in range(highest):
        tally = tally_at(t.tallies_at, level)
        if not tally.evaluable:
            continue
        n, y = tally.evaluable, tally.dlts
        mean = (y + 0.05) / (n + 0.1)
        weight = (n + 0.1) * (n + 0.1) * (n + 1.1) / ((y + 0.05) * (n - y + 0.05))
        pooled = 1
        while blocks and tally_at(t.tallies_at, blocks - 1).mean > mean:
            blocks -= 1
            last = tally_at(t.tallies_at, blocks)
            mean = (last.mean * last.weight + mean * weight) / (last.weight + weight)
            weight += last.weight
            pooled += last.pooled
        block = tally_at(t.tallies_at, blocks)
        block.mean = mean
        block.weight = weight
        block.pooled = pooled
        blocks += 1
    return blocks

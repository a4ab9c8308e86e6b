"""Answers of rules and guards that stay in Python (`trialsim.kernel.state.plan.answers`), looked up.

They depend on nothing but how many are evaluable at each level, how many of them had a DLT and, for some rules, the
level of the cohort that is over. So the kernel looks the answer up by these numbers; if it is not there, the
replication stops, Python works the answer out, and the replication begins anew. There are few such numbers in all the
replications of a trial.
"""

from __future__ import annotations

from trialsim.kernel.language import (
    compiled,
    count_at,
    inlined,
    put_count,
)
from trialsim.kernel.machine.views import (
    answer_at,
    cohort_at,
    tally_at,
)
from trialsim.kernel.state.codes import ANSWER_NEEDED, LOOKED_UP, MIX
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.records import Answer


@compiled
def answer(t: State, tallies: int, here: int) -> Answer:
    """The answer to the outcomes in the tallies after a cohort at level ``here``.

    All is 0 if it has to be worked out first.
    """
    mixed = here * MIX
    for level in range(t.levels):
        tally = tally_at(tallies, level)
        mixed = (mixed ^ tally.evaluable) * MIX
        mixed = (mixed ^ tally.dlts) * MIX
    position = (mixed >> 20) & (t.answers_room - 1)
    while answer_at(t.answers_at, position).is_there and not _is_to(t, position, tallies, here):
        position = (position + 1) & (t.answers_room - 1)
    found = answer_at(t.answers_at, position)
    if not found.is_there and t.status != ANSWER_NEEDED:
        t.status = ANSWER_NEEDED
        put_count(t.question_at, 0, here)
        for level in range(t.levels):
            tally = tally_at(tallies, level)
            put_count(t.question_at, 1 + 2 * level, tally.evaluable)
            put_count(t.question_at, 2 + 2 * level, tally.dlts)
    return found


@inlined
def current_level(t: State) -> int:
    """The level of the latest cohort if the rule's answers are looked up by it, else 0."""
    return cohort_at(t.cohorts_at, t.cohort - 1).level if t.rule == LOOKED_UP and t.cohort else 0


@compiled
def _is_to(t: State, position: int, tallies: int, here: int) -> bool:
    """Whether an answer is one to this question."""
    begin = (1 + 2 * t.levels) * position
    if count_at(t.answer_keys_at, begin) != here:
        return False
    for level in range(t.levels):
        tally = tally_at(tallies, level)
        if count_at(t.answer_keys_at, begin + 1 + 2 * level) != tally.evaluable:
            return False
        if count_at(t.answer_keys_at, begin + 2 + 2 * level) != tally.dlts:
            return False
    return True

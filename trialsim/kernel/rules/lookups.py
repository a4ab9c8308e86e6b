"""What is made of outcomes by methods that stay in Python: the posterior of a curve, the strongest key, the guards.

All of them depend on nothing but how many are evaluable at each level and how many of them had a DLT. So the kernel
looks the answer up by these numbers; if it is not there, the replication stops, Python works the answer out, and the
replication begins anew. There are few such numbers in all the replications of a trial.
"""

from __future__ import annotations

from trialsim.kernel.language.numba import (
    compiled,
    count_at,
    put_count,
)
from trialsim.kernel.machine.views import (
    opinion_at,
    tally_at,
)
from trialsim.kernel.state.codes import MIX, OPINION_NEEDED
from trialsim.kernel.state.records import (
    Opinion,
    State,
)


@compiled
def opinion(t: State, tallies: int) -> Opinion:
    """What is made of the outcomes in the tallies; all zero if it has to be worked out first."""
    mixed = 0
    for level in range(t.levels):
        tally = tally_at(tallies, level)
        mixed = (mixed ^ tally.evaluable) * MIX
        mixed = (mixed ^ tally.dlts) * MIX
    place = (mixed >> 20) & (t.opinions_room - 1)
    while opinion_at(t.opinions_at, place).there and not _is_about(t, place, tallies):
        place = (place + 1) & (t.opinions_room - 1)
    found = opinion_at(t.opinions_at, place)
    if not found.there and t.status != OPINION_NEEDED:
        t.status = OPINION_NEEDED
        for level in range(t.levels):
            tally = tally_at(tallies, level)
            put_count(t.asked_at_levels_at, 2 * level, tally.evaluable)
            put_count(t.asked_at_levels_at, 2 * level + 1, tally.dlts)
    return found


@compiled
def _is_about(t: State, place: int, tallies: int) -> bool:
    begin = 2 * t.levels * place
    for level in range(t.levels):
        tally = tally_at(tallies, level)
        if count_at(t.opinion_keys_at, begin + 2 * level) != tally.evaluable:
            return False
        if count_at(t.opinion_keys_at, begin + 2 * level + 1) != tally.dlts:
            return False
    return True

"""Every way in which a trial under a dose rule may go, with its probability, by asking `decide` itself.

`stepwise` lets each participant's outcome be known before the next is assigned; otherwise a cohort is filled first and
all its outcomes become known at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import comb
from typing import Any

from trialsim.rules import Assign, Assigned, Rule, Stop, View, Wait

State = tuple[tuple[int, int, int], ...]  # (level, participants, DLTs) of each cohort


@dataclass
class Exact:
    """Probabilities and means over all ways."""

    recommended: dict[int | None, float] = field(default_factory=lambda: defaultdict(float))
    stopped_for_safety: float = 0.0
    participants: float = 0.0
    dlts: float = 0.0
    cohorts: float = 0.0
    participants_at: dict[int, float] = field(default_factory=lambda: defaultdict(float))


def view_of(state: State, levels: int, pending: int = 0, **options: Any) -> View:
    """Return the view in which the last `pending` members of the last cohort have no outcome yet."""
    people = []
    for number, (level, size, dlts) in enumerate(state, start=1):
        known = size - (pending if number == len(state) else 0)
        for k in range(size):
            outcome = None if k >= known else "dlt" if k < dlts else "no_dlt"
            people.append(Assigned(level, number, 0.0, outcome, None if outcome is None else 1.0))
    settings: dict[str, Any] = {
        "now": 1.0,
        "levels": levels,
        "start_level": 1,
        "cohort_size": 3,
        "max_participants": 1000,
        "window": 28.0,
        "replace_non_evaluable": True,
        "stop_cohort_early": True,
        "participants": people,
    }
    return View(**(settings | options))


def enumerate_rule(
    rule: Rule, p: Sequence[float], *, stepwise: bool = False, by_tallies: bool = False, **options: Any
) -> Exact:
    """Walk all ways of a trial whose levels have DLT probabilities `p`.

    With `by_tallies`, cohorts at one level are taken together, which makes a long walk short: for rules that see no
    more of them than their sum. Cohorts are then not counted.
    """
    exact = Exact()
    going: dict[State, float] = {(): 1.0}
    while going:
        following: dict[State, float] = defaultdict(float)
        for state, probability in going.items():
            for after, share in _step(rule, state, p, stepwise, options):
                if isinstance(after, Stop):
                    _end(exact, state, after, probability)
                else:
                    following[_together(after) if by_tallies else after] += probability * share
        going = following
    return exact


def _together(state: State) -> State:
    sums: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for level, size, dlts in state:
        sums[level] = sums[level][0] + size, sums[level][1] + dlts
    here = state[-1][0]
    return tuple((level, *sums[level]) for level in (*sorted(sums.keys() - {here}), here))


def _step(
    rule: Rule, state: State, p: Sequence[float], stepwise: bool, options: dict[str, Any]
) -> list[tuple[State | Stop, float]]:
    view = view_of(state, len(p), **options)
    answer = rule.decide(view)
    if isinstance(answer, Stop):
        assert rule.recommend(view) == answer.level, "a stop and the recommendation at the end must agree"
        return [(answer, 1.0)]
    if isinstance(answer, Wait):
        return [(Stop(rule.recommend(view)), 1.0)]  # everybody is resolved, so nobody else will come
    assert answer.opens_cohort or answer.level == state[-1][0]
    if answer.opens_cohort:
        state = (*state, (answer.level, 0, 0))
    members = 1 if stepwise else _room(rule, state, len(p), options)
    level, size, dlts = state[-1]
    toxic = p[level - 1]
    return [
        ((*state[:-1], (level, size + members, dlts + k)), comb(members, k) * toxic**k * (1 - toxic) ** (members - k))
        for k in range(members + 1)
    ]


def _room(rule: Rule, state: State, levels: int, options: dict[str, Any]) -> int:
    """Count how many more the rule takes into the cohort while no outcome of theirs is known."""
    level, size, dlts = state[-1]
    members = 1
    while rule.decide(
        view_of((*state[:-1], (level, size + members, dlts)), levels, pending=members, **options)
    ) == Assign(level):
        members += 1
    return members


def _end(exact: Exact, state: State, stop: Stop, probability: float) -> None:
    exact.recommended[stop.level] += probability
    exact.stopped_for_safety += probability * (stop.level is None)
    exact.cohorts += probability * len(state)
    for level, size, dlts in state:
        exact.participants += probability * size
        exact.dlts += probability * dlts
        exact.participants_at[level] += probability * size

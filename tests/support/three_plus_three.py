"""The 3+3 design by enumeration, written from its textbook description and sharing nothing with the program.

A state is (participants, DLTs) per level and the level in turn. Three are treated at a time and all their outcomes are
known before the next step.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import comb

Tally = tuple[tuple[int, int], ...]


@dataclass
class Exact:
    """What may happen, with probabilities; `visits` are the mean numbers of cohorts by (level, DLTs there before)."""

    recommended: dict[int | None, float] = field(default_factory=lambda: defaultdict(float))
    cohorts: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    dlts: float = 0.0
    visits: dict[tuple[int, int], float] = field(default_factory=lambda: defaultdict(float))

    def mean_cohorts(self) -> float:
        return sum(number * probability for number, probability in self.cohorts.items())

    def var_cohorts(self) -> float:
        return sum(number**2 * probability for number, probability in self.cohorts.items()) - self.mean_cohorts() ** 2


def enumerate_trial(p: Sequence[float], six_at_mtd: bool = False) -> Exact:
    """All ways through a ladder with DLT probabilities `p` (levels counted from 1 in the answer)."""
    exact = Exact()

    def go(level: int, tally: Tally, cohorts: int, probability: float) -> None:
        treated, before = tally[level]
        exact.visits[level + 1, before] += probability
        for more in range(4):
            weight = probability * comb(3, more) * p[level] ** more * (1 - p[level]) ** (3 - more)
            after = (*tally[:level], (treated + 3, before + more), *tally[level + 1 :])
            following = next_level(level, after)
            if isinstance(following, int):
                go(following, after, cohorts + 1, weight)
            else:
                exact.recommended[following[0]] += weight
                exact.cohorts[cohorts + 1] += weight
                exact.dlts += weight * sum(dlts for _, dlts in after)

    def next_level(level: int, tally: Tally) -> int | tuple[int | None]:
        """The next level, or the recommendation (a tuple of one) if the trial is over."""
        treated, dlts = tally[level]
        if dlts >= 2:
            return settle(level - 1, tally)
        if dlts == 1 and treated == 3:
            return level
        if level + 1 == len(p):
            return (level + 1,)
        if tally[level + 1][1] >= 2:
            return (level + 1,)
        return level + 1

    def settle(level: int, tally: Tally) -> int | tuple[int | None]:
        """The level below one that was too toxic."""
        if level < 0:
            return (None,)
        if six_at_mtd and tally[level][0] == 3:
            return level
        return (level + 1,)

    go(0, ((0, 0),) * len(p), 0, 1.0)
    return exact

"""What the days on the critical path mean: the end moves by them when the durations of that cause are stretched."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.stretching import STRETCHED, Stretching
from trialsim.model import run
from trialsim.model.path import Step, days_waited
from trialsim.vocabulary import Piece

A_LITTLE = 2.0**-12
ROUNDING = 2.0**-20
"""Days to which each duration is rounded."""
MANY = 2000


def pieces(step: Step) -> Iterator[Piece]:
    """What was waited for on the path, from the end to the start."""
    while step.since is not None:
        yield step.piece
        step = step.since


def stretched_histories(numbers: range) -> tuple[int, int]:
    """Of all pairs of a history and a cause on its path: how many there are, and in how many the path stayed the same.

    In the latter the end must have moved by the days of that cause times what they were stretched by.
    """
    pairs = same = 0
    for number in numbers:
        scenario = Stretching(number).scenario()
        path = run(scenario, number, 1).path
        days, way = days_waited(path), list(pieces(path))
        assert sum(days.values()) == path.day
        for cause in STRETCHED:
            if not days[cause]:
                continue
            shorter = run(Stretching(number, cause, 1 - A_LITTLE).scenario(), number, 1).path
            pairs += 1
            if list(pieces(shorter)) == way:
                moved = path.day - shorter.day
                assert moved == pytest.approx(A_LITTLE * days[cause], abs=4 * ROUNDING * len(way)), (
                    number,
                    cause,
                    moved,
                    days[cause] * A_LITTLE,
                )
                same += 1
    return pairs, same


@pytest.mark.parametrize(
    "numbers", [range(150), pytest.param(range(150, 150 + MANY), marks=pytest.mark.slow)], ids=["some", "many"]
)
def test_the_end_moves_by_the_days_of_what_is_stretched(numbers: range) -> None:
    pairs, same = stretched_histories(numbers)
    print(f"{same} of {pairs} paths stayed the same")
    assert same > 0.95 * pairs

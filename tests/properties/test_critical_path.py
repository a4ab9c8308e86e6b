"""What the days on the critical path mean: the end moves by them when the durations of that cause are stretched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.stretching import STRETCHED, Stretching
from trialsim.model import History, run
from trialsim.model.path import Step, days_waited
from trialsim.vocabulary import EndCause, Piece

A_LITTLE = 2.0**-12
ROUNDING = 2.0**-20
"""Days to which each duration is rounded."""


def pieces(step: Step) -> Iterator[Piece]:
    """What was waited for on the path, from the end to the start."""
    while step.since is not None:
        yield step.piece
        step = step.since


def course(history: History) -> Any:
    """What happened, without the days: the path, who was enrolled and how it went on, and the lots."""
    enrolled = [person for person in history.participants if person.enrolment_day is not None]
    return (
        list(pieces(history.path)),
        [(one.participant, one.site, one.outcome, one.lot, one.attempt, one.cohort, one.level) for one in enrolled],
        [lot.outcome for lot in history.lots],
    )


def moved_as_predicted(number: int) -> Iterator[bool]:
    """For each cause on the path of a history, whether the end moved by its days times what they were stretched by.

    It must, unless things took another course.
    """
    history = run(Stretching(number).scenario(), number, 1)
    days, steps = days_waited(history.path), list(pieces(history.path))
    assert sum(days.values()) == history.path.day == history.end_day
    if history.end_cause == EndCause.TIME_LIMIT:  # the end stands, whatever came before
        return
    for cause in STRETCHED:
        if days[cause]:
            other = run(Stretching(number, cause, 1 - A_LITTLE).scenario(), number, 1)
            moved = history.end_day - other.end_day
            as_predicted = abs(moved - A_LITTLE * days[cause]) <= 4 * ROUNDING * len(steps)
            assert as_predicted or course(other) != course(history), (number, cause, moved, A_LITTLE * days[cause])
            yield as_predicted


@pytest.mark.parametrize(
    "numbers", [range(8), pytest.param(range(8, 160), marks=pytest.mark.slow)], ids=["some", "many"]
)
def test_the_end_moves_by_the_days_of_what_is_stretched(numbers: range) -> None:
    found = [each for number in numbers for each in moved_as_predicted(number)]
    print(f"{sum(found)} of {len(found)} ends moved as predicted")
    assert sum(found) > 0.97 * len(found)

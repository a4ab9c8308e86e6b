"""Kim's and Nelson's promise is kept: the best is chosen as often as was promised, where it is hardest.

A thousand selections each. Their normal differences are where the promise is proved; chances and a simulated trial are
where it is only near.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np
import pytest
from numpy.typing import NDArray

import trialsim
from trialsim.analysis.plans import scores
from trialsim.analysis.selection import Race

REPEATS, PROMISE = 1000, 0.95
LEAST = PROMISE - 2 * sqrt(PROMISE * (1 - PROMISE) / REPEATS)
pytestmark = pytest.mark.slow

Draw = Callable[[np.random.Generator, int], NDArray[np.float64]]


def kept(draw: Draw, best: int, indifference: float, first: int, least_variance: float = 0.0) -> float:
    """The share of selections that choose the best."""
    right = 0
    for repeat in range(REPEATS):
        luck = np.random.default_rng(repeat)
        plans = draw(luck, 1).shape[1]
        race = Race(plans, indifference, PROMISE, first, least_variance)
        while not race.is_over:
            race.run(draw(luck, 200))
        right += int(race.left.sum()) == 1 and bool(race.left[best])
    return right / REPEATS


def normal(means: list[float], spreads: list[float], common: float) -> Draw:
    def draw(luck: np.random.Generator, size: int) -> NDArray[np.float64]:
        return luck.normal(means, spreads, (size, len(means))) + luck.normal(0, common, (size, 1))

    return draw


@pytest.mark.parametrize("common", [0.0, 5.0])
@pytest.mark.parametrize("spreads", [[1.0, 1.0, 1.0, 1.0], [0.3, 0.6, 1.2, 2.4], [2.4, 1.2, 0.6, 0.3]])
def test_at_the_indifference_zone(spreads: list[float], common: float) -> None:
    """All others are worse by the indifference and no more; below 0; the best varies least, or most."""
    found = kept(normal([-8.0, -7.0, -7.0, -7.0], spreads, common), 0, 1.0, 10)
    assert LEAST <= found < 1


def test_the_indifference_zone_is_where_it_is_hardest() -> None:
    assert kept(normal([-3.0, -1.5, 0.0], [1.0, 2.0, 1.0], 1.0), 0, 1.0, 10) >= PROMISE
    assert kept(normal([-1.5, -3.0], [1.0, 2.0], 1.0), 1, 1.0, 10) >= PROMISE


@pytest.mark.parametrize("chance", [0.01, 0.45])
def test_chances_that_differ_by_the_indifference(chance: float) -> None:
    """0 and 1, on common luck or not."""
    chances = np.array([chance, chance + 0.05, chance + 0.05])

    def common(luck: np.random.Generator, size: int) -> NDArray[np.float64]:
        return (luck.random((size, 1)) < chances).astype(float)

    def apart(luck: np.random.Generator, size: int) -> NDArray[np.float64]:
        return (luck.random((size, 3)) < chances).astype(float)

    for draw in (common, apart):
        assert kept(draw, 0, 0.05, 100, 0.05 * 0.95) >= LEAST


def test_a_simulated_trial() -> None:
    """Two plans of a trial, drawn from 4,000 simulated histories: of these the truth is known."""
    plans = (["recruitment.rate_multiplier=1.05"], ["screening.duration=2 weeks"])
    tables = [trialsim.simulate(trialsim.load("msc-sle", set=each), 2000).replications for each in plans]
    for measure, least in (("enrolled", False), ("early_termination", True)):
        found = np.column_stack([scores(table, measure) for table in tables])
        means = found.mean(axis=0)
        step = abs(float(means[0] - means[1]))
        assert step > 0

        def draw(luck: np.random.Generator, size: int, found: NDArray[np.float64] = found) -> NDArray[np.float64]:
            return found[luck.integers(len(found), size=size)]

        assert kept(draw, int(np.argmin(means)), step, 50, step * (1 - step) if least else 0.0) >= LEAST, measure

"""Shares of the ignorance are those of known functions, however much luck there is, and the dummy has none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import sobol_indices

from trialsim.analysis.sobol import FEWEST, Indices, indices

Floats = NDArray[np.float64]

A, B = 7.0, 0.1
_V1, _V2, _V13 = (1 + B * np.pi**4 / 5) ** 2 / 2, A**2 / 8, B**2 * np.pi**8 * (1 / 18 - 1 / 50)
VARIANCE = _V1 + _V2 + _V13
TRUTH = np.array([[_V1, _V2, 0, 0], [_V1 + _V13, _V2, _V13, 0]]) / VARIANCE
"""First and total indices of the three inputs and the dummy. T. Ishigami, T. Homma: An importance quantification
technique in uncertainty analysis for computer models. Proceedings of ISUMA (1990) 398-403."""
POINTS = 512


def ishigami(x: Floats) -> Floats:
    """With inputs that are uniform from -pi to pi, shape (3, points)."""
    y: Floats = np.sin(x[0]) + A * np.sin(x[1]) ** 2 + B * x[2] ** 4 * np.sin(x[0])
    return y


def simulated(
    rng: np.random.Generator, sd: float = 1.0, f: Callable[[Floats], Floats] = ishigami, points: int = POINTS
) -> list[Floats]:
    """What trials give at A, at B, and with each input exchanged, the dummy last; luck has ``sd`` times f's own spread.

    Half the variance of luck is common to all points of a row, as with luck by address, the other half is each point's.
    """
    a, b = rng.uniform(-np.pi, np.pi, (2, 3, points))
    common = rng.normal(size=(2, points))
    spread = sd * np.sqrt(VARIANCE / 2)

    def trials(x: Floats, luck: Floats) -> Floats:
        y: Floats = f(x) + spread * (luck + rng.normal(size=luck.shape))
        return y

    exchanged = [np.where(np.arange(3)[:, np.newaxis] == each, b, a) for each in range(3)]
    return [
        *(trials(x, common) for x in (a, b, *exchanged)),
        trials(a, rng.normal(size=(2, points))),  # the dummy exchanges luck, and nothing else
    ]


def found(values: list[Floats]) -> Floats:
    """Values, low and high ends of first and total indices, shape (3, 2, inputs)."""
    sample, other, *exchanged = values
    each = [indices(sample, other, one) for one in exchanged]
    pairs = [[one.first for one in each], [one.total for one in each]]
    return np.array([[[getattr(i, end) for i in row] for row in pairs] for end in ("value", "low", "high")])


def naive(values: list[Floats]) -> Floats:
    """What SciPy says, which takes a trial for the function, on the first luck; shape (2, inputs)."""
    sample, other, *exchanged = (each[:1] for each in values)
    said = sobol_indices(func={"f_A": sample, "f_B": other, "f_AB": np.array(exchanged)}, n=sample.shape[1])
    return np.array([said.first_order, said.total_order])


def test_intervals_hold_the_indices_of_a_known_function() -> None:
    """With as much luck as signal, in 95 of 100 trials of the method, each index; the dummy's hold 0.

    The usual estimators call the dummy half of everything (luck is half of the variance of a trial), all totals about
    as much too large, and first indices half of what they are.
    """
    rng = np.random.default_rng(1)
    trials = [simulated(rng) for _ in range(120)]
    values, low, high = (np.array(part) for part in zip(*map(found, trials), strict=True))
    held = ((low <= TRUTH) & (high >= TRUTH)).mean(axis=0)
    assert held.min() >= 0.90 and 0.93 <= held.mean() <= 0.975
    error = values.std(axis=0) / np.sqrt(len(trials))
    assert (np.abs(values.mean(axis=0) - TRUTH) <= 4 * error + 0.004).all()
    usual = np.mean([naive(each) for each in trials[:20]], axis=0)
    assert usual[1, 3] == pytest.approx(0.5, abs=0.02)
    assert (usual[1, :3] > TRUTH[1, :3] / 2 + 0.2).all() and usual[0, 1] < 0.7 * TRUTH[0, 1]


def test_without_luck_the_numerators_are_scipys() -> None:
    """On both lucks alike, the products over them are squares; SciPy has another variance and no control variate."""
    sample, other, *exchanged = simulated(np.random.default_rng(2), sd=0.0, points=2**14)
    each = [indices(sample, other, one) for one in exchanged[:3]]
    mine = np.array([[one.first.value for one in each if one.first], [one.total.value for one in each if one.total]])
    assert mine == pytest.approx(TRUTH[:, :3], abs=0.02)
    assert mine == pytest.approx(naive([sample, other, *exchanged[:3]]), abs=0.05)


def test_what_does_nothing_is_exactly_nothing() -> None:
    """An input that moves no trial, on the same luck, has shares of 0, and there is nothing to be unsure of."""
    rng = np.random.default_rng(3)
    sample, other, *_ = simulated(rng)
    none = indices(sample, other, sample)
    assert none.first is not None and none.total is not None
    assert (
        (none.first.value, none.first.low, none.first.high)
        == (0, 0, 0)
        == (
            *(none.total.value, none.total.low),
            none.total.high,
        )
    )


def test_where_all_is_luck_nothing_is_shared_out() -> None:
    rng = np.random.default_rng(4)
    told = [indices(*simulated(rng, f=lambda x: np.zeros(x.shape[1]))[:3]).total is not None for _ in range(200)]
    assert sum(told) <= 12  # 1 of 40 intervals of the variance lies above 0


def test_points_without_a_value_do_not_count() -> None:
    sample, other, exchanged, *_ = simulated(np.random.default_rng(5))
    sample[0, :10], other[1, 5:20], exchanged[1, 100] = np.nan, np.nan, np.nan
    with_gaps = indices(sample, other, exchanged)
    kept = np.ones(POINTS, dtype=bool)
    kept[:20], kept[100] = False, False
    assert with_gaps == indices(*(each[:, kept] for each in (sample, other, exchanged)))
    assert with_gaps.points == POINTS - 21
    few = [each[:, : FEWEST - 1] for each in simulated(np.random.default_rng(6))[:3]]
    assert indices(*few) == Indices(FEWEST - 1, None, None)

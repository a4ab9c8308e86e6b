"""Paired differences against worked answers, and how often their intervals hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from trialsim.analysis.pairs import difference, difference_of_shares


def test_against_the_paired_t_test() -> None:
    luck = np.random.default_rng(1)
    one, other = luck.normal(3, 2, 50), luck.normal(1, 1, 50)
    found = difference(one, other)
    known = stats.ttest_rel(one, other).confidence_interval(0.95)
    assert found.mean == pytest.approx(np.mean(one) - np.mean(other))
    assert (found.low, found.high) == pytest.approx((known.low, known.high))
    assert found.correlation == pytest.approx(stats.pearsonr(one, other).statistic)


def test_equal_differences_say_nothing_of_their_spread() -> None:
    days = [10.0, 0.1, 365.25]
    found = difference(days, days)
    assert (found.mean, found.low, found.high, found.variance_factor) == (0, None, None, None)
    assert found.correlation == pytest.approx(1)
    shifted = difference([12.1] * 7, [2.0] * 7)
    assert (shifted.mean, shifted.low, shifted.high) == (12.1 - 2.0, None, None)


def test_a_hundred_pairs_without_a_difference_leave_three_and_a_half_points() -> None:
    """Of 100 pairs none differs with probability 2.5 % where 1 - 0.025 ** (1 / 100) of all do."""
    same = [True] * 40 + [False] * 60
    found = difference_of_shares(same, same)
    assert found.mean == 0
    assert (found.low, found.high) == pytest.approx((-0.0362167, 0.0362167), abs=1e-7)
    assert (difference_of_shares([True], [True]).low, difference_of_shares([True], [True]).high) == (-0.975, 0.975)


@pytest.mark.parametrize("pairs", [8, 40])
def test_the_interval_of_two_shares_holds_the_truth_as_often_as_it_says(pairs: int) -> None:
    """Exactly, by all that may come of so many pairs, at 62 truths."""
    counts = [(more, less) for more in range(pairs + 1) for less in range(pairs + 1 - more)]
    found = []
    for more, less in counts:
        one = np.arange(pairs) < more
        other = (more <= np.arange(pairs)) & (np.arange(pairs) < more + less)
        found.append(difference_of_shares(one, other))
    low, high = np.array([each.low for each in found]), np.array([each.high for each in found])
    grid = [0.0, 0.002, 0.01, 0.04, 0.1, 0.25, 0.5, 0.75, 1.0]
    for truth in [(more, less) for more in grid for less in grid if more + less <= 1]:
        chances = stats.multinomial.pmf(
            [(*count, pairs - sum(count)) for count in counts], pairs, [*truth, 1 - sum(truth)]
        )
        holds = (low <= truth[0] - truth[1] + 1e-12) & (high >= truth[0] - truth[1] - 1e-12)
        assert chances[holds].sum() >= 0.95, truth


def test_the_variance_factor_by_hand() -> None:
    # differences 1, 2, 0 (variance 1); sides 2, 4, 3 and 1, 2, 3 (variance 1 each)
    found = difference([2.0, 4.0, 3.0], [1.0, 2.0, 3.0])
    assert found.variance_factor == pytest.approx(2)
    assert found.correlation == pytest.approx(0.5)


def test_a_side_that_does_not_vary_has_no_correlation() -> None:
    found = difference([1.0, 1.0, 1.0], [1.0, 2.0, 3.0])
    assert (found.correlation, found.variance_factor) == (None, None)


def test_one_pair_has_no_interval() -> None:
    found = difference([2.0], [1.0])
    assert (found.mean, found.low, found.high, found.replications) == (1, None, None, 1)


@pytest.mark.parametrize("pair", [([], []), ([1.0], [1.0, 2.0])])
def test_what_cannot_be_paired(pair: tuple[list[float], list[float]]) -> None:
    with pytest.raises(ValueError, match="equally long"):
        difference(*pair)

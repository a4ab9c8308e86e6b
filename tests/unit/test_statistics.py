from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from trialsim.analysis.statistics import (
    cumulative_incidence,
    mean,
    proportion,
    quantile,
    quantile_ranks,
    rank,
)


@pytest.mark.parametrize("count", range(0, 30))
def test_wilson_against_scipy(count: int) -> None:
    expected = stats.binomtest(count, 29).proportion_ci(0.95, method="wilson")
    share = proportion(count, 29)
    assert share.probability == count / 29
    assert (share.low, share.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert (share.count, share.replications) == (count, 29)


def test_wilson_of_the_reference_trial() -> None:
    # 8 of 29 passed screening.
    share = proportion(8, 29)
    assert (share.low, share.high) == pytest.approx((0.1470, 0.4572), abs=5e-5)


def test_wilson_at_the_ends_is_exact() -> None:
    for size in (1, 7, 1000, 99991):
        assert proportion(0, size).low == 0.0
        assert proportion(size, size).high == 1.0
        assert 0 < proportion(0, size).high < 1  # type: ignore[operator]
    assert proportion(0, 0).probability is None


def inside(size: int, p: float, low: int | None, high: int | None) -> float:
    """P(X_(low) <= quantile < X_(high)) for a continuous distribution: low <= B <= high - 1, B values being below."""
    return math.fsum(stats.binom.pmf(b, size, p) for b in range(low or 0, size + 1 if high is None else high))


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8, 0.9])
@pytest.mark.parametrize("size", [*range(1, 61), 200, 1000])
def test_ranks_cover_and_no_narrower_ones_do(size: int, p: float) -> None:
    low, high = quantile_ranks(size, p)
    assert inside(size, p, low, high) >= 0.95
    # Each side on its own misses at most 2.5 % of the time, and one rank further in would miss more often.
    assert inside(size, p, low, None) >= 0.975
    assert inside(size, p, None, high) >= 0.975
    assert inside(size, p, (low or 0) + 1, None) < 0.975
    assert inside(size, p, None, (size + 1 if high is None else high) - 1) < 0.975


def test_ranks_known_from_tables() -> None:
    assert quantile_ranks(1000, 0.5) == (469, 532)
    assert quantile_ranks(6, 0.5) == (1, 6)
    assert quantile_ranks(5, 0.5) == (None, None)  # even the whole range holds the median only 93.75 % of the time
    assert quantile_ranks(35, 0.1)[0] is None
    assert quantile_ranks(36, 0.1)[0] == 1


def test_quantile_and_its_interval() -> None:
    values = [6.0, 1.0, 5.0, 2.0, 4.0, 3.0]
    assert quantile(values, 0.5).value == 3.5
    assert (quantile(values, 0.5).low, quantile(values, 0.5).high) == (1.0, 6.0)
    assert quantile(values, 0.9).high is None
    assert quantile(values[:5], 0.5).low is None
    assert quantile([7.0], 0.5).value == 7.0
    assert quantile([], 0.5).value is None


def test_quantile_interval_holds_ties() -> None:
    result = quantile([3.0] * 40, 0.5)
    assert (result.value, result.low, result.high) == (3.0, 3.0, 3.0)


def test_mean() -> None:
    result = mean([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0])
    assert result.mean == 5.0
    assert result.sd == pytest.approx(math.sqrt(32 / 7))
    assert result.standard_error == pytest.approx(math.sqrt(32 / 7 / 8))
    assert result.replications == 8
    assert mean([3.0]).sd is None
    assert mean([3.0]).standard_error is None
    assert mean([]).mean is None


def test_mid_rank() -> None:
    result = rank(3, [1, 3, 3, 4, 5])
    assert (result.mid_rank, result.at_most, result.at_least) == (0.4, 0.6, 0.8)
    assert rank(9, [1, 2]).mid_rank == 1.0
    assert rank(0, [1, 2]).mid_rank == 0.0
    assert rank(1, []).mid_rank is None
    values = np.random.default_rng(1).integers(0, 9, 100)
    assert rank(4, values).mid_rank == pytest.approx(stats.percentileofscore(values, 4, kind="mean") / 100)


def test_cumulative_incidence() -> None:
    days = [10.0, 20.0, 20.0, 30.0]
    causes = ["completed", "safety", "completed", "completed"]
    grid = [0, 10, 19.5, 20, 100]
    assert cumulative_incidence(days, causes, "completed", grid).tolist() == [0, 0.25, 0.25, 0.5, 0.75]
    assert cumulative_incidence(days, causes, "safety", grid).tolist() == [0, 0, 0, 0.25, 0.25]
    assert cumulative_incidence([], [], "safety", [1]).tolist() == [0]

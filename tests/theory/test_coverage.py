"""95 % intervals hold the truth 95 times of 100, whether the replications were so many or as many as they took."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

import trialsim
from tests.coverage_of_intervals import CASES, Case, coverage, fixed, naive, precise
from tests.support.exact import build
from trialsim.analysis.statistics import quantile, quantile_ranks

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("how", [fixed, precise], ids=["so many", "as many as they took"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name} {case.truth:.3g}")
def test_intervals_hold_the_truth(case: Case, how: Callable[..., tuple[object, ...]]) -> None:
    found, _ = coverage(case, how)  # type: ignore[arg-type]
    assert found == pytest.approx(0.95, abs=0.015)


def test_stopping_as_soon_as_an_interval_is_narrow_would_be_stopping_by_luck() -> None:
    """What `--precision` does not do: with a look after every ten pairs, 10 intervals of 100 do not hold the truth."""
    found, _ = coverage(CASES[-1], naive)
    assert found < 0.92


def test_intervals_of_simulated_trials() -> None:
    """The tenth event of a Poisson process, in 120 times 40 replications; how often they hold the median is exact."""
    groups, size = 120, 40
    scenario = build(10, "0.1 per day")
    days = trialsim.simulate(scenario, groups * size, seed=11, engine="simpy").replications["end_day"].to_numpy()
    truth = stats.gamma(10, scale=10).median()
    found = [quantile(each, 0.5) for each in days.reshape(groups, size)]
    holds = np.mean([each.low <= truth <= each.high for each in found])  # type: ignore[operator]
    low, high = quantile_ranks(size, 0.5)
    assert low is not None and high is not None
    exact = float(np.sum(stats.binom.pmf(range(low, high), size, 0.5)))
    assert exact >= 0.95
    assert abs(holds - exact) <= 4 * np.sqrt(exact * (1 - exact) / groups)

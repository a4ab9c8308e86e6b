"""Operating characteristics of dose rules, simulated through the whole model, against enumeration.

Everybody is there from day 0 and a cohort is infused at once, so the calendar plays no part.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import comb
from typing import Any

import pytest
from scipy.stats import beta, binom

from tests.support.exact import build, histories, mean_is, once, sd_is, share_is, shares_are
from tests.support.three_plus_three import enumerate_trial


def at_once(rule: Any, p: Sequence[float], most: int, replications: int, **dosing: Any) -> list[Any]:
    ladder = [f"{level + 1} mg" for level in range(len(p))]
    section = {"levels": ladder, "observation": "28 days", "rule": rule, **dosing}
    scenario = build(most, [0.0] * most, dosing=section, truth={"dlt_probability": list(p)})
    return histories(scenario, replications)


def dlts(history: Any) -> int:
    return sum(person.outcome == "dlt" for person in history.participants)


def treated(history: Any) -> int:
    return sum(person.infusion_day is not None for person in history.participants)


def names(levels: int) -> list[int | None]:
    return [None, *range(1, levels + 1)]


THREE_PLUS_THREE = [
    ((0.1, 0.2, 0.3), "level_below", (0.093853, 0.264044, 0.324735, 0.317368), 10.267134),
    ((0.16, 0.30, 0.44), "level_below", (0.206554, 0.401275, 0.294790, 0.097381), 9.109662),
    ((0.16, 0.30, 0.44), "six_at_mtd", (0.229384, 0.422633, 0.250602, 0.097381), 10.721664),
]


def check_three_plus_three(p: Any, mtd: str, shares: Any, mean: float, replications: int) -> None:
    exact = enumerate_trial(p, six_at_mtd=mtd == "six_at_mtd")
    assert [exact.recommended[level] for level in names(3)] == pytest.approx(list(shares), abs=1e-6)
    assert 3 * exact.mean_cohorts() == pytest.approx(mean, abs=1e-6)
    # with early ends, a third DLT of the last cohort would come after the trial's end, and not count
    rule = {"three_plus_three": {"mtd": mtd, "top_needs_six": False}}
    ended = at_once(rule, p, 18, replications, stop_cohort_early=False)
    shares_are((history.recommended_level for history in ended), exact.recommended)
    assert all((history.end_cause == "safety") == (history.recommended_level is None) for history in ended)
    mean_is((treated(history) for history in ended), mean, sd=3 * exact.var_cohorts() ** 0.5)
    shares_are((history.cohorts for history in ended), exact.cohorts)
    mean_is((dlts(history) for history in ended), exact.dlts)


@pytest.mark.parametrize(("p", "mtd", "shares", "mean"), THREE_PLUS_THREE[:1])
def test_three_plus_three(
    p: tuple[float, float, float], mtd: str, shares: tuple[float, float, float, float], mean: float
) -> None:
    check_three_plus_three(p, mtd, shares, mean, 800)


@pytest.mark.slow
@pytest.mark.parametrize(("p", "mtd", "shares", "mean"), THREE_PLUS_THREE)
def test_three_plus_three_many_times(
    p: tuple[float, float, float], mtd: str, shares: tuple[float, float, float, float], mean: float
) -> None:
    check_three_plus_three(p, mtd, shares, mean, 8_000)


def test_dlts_of_three_plus_three() -> None:
    exact = enumerate_trial((0.1, 0.2, 0.3))
    assert (exact.dlts, exact.mean_cohorts()) == pytest.approx((1.958108, 3.422378), abs=1e-6)


@pytest.mark.parametrize("mtd", ["level_below", "six_at_mtd"])
def test_early_ends_change_nothing_when_a_cohort_is_infused_at_once(mtd: str) -> None:
    p = (0.16, 0.30, 0.44)
    early, late = (
        at_once({"three_plus_three": {"mtd": mtd}}, p, 18, 200, stop_cohort_early=option) for option in (True, False)
    )
    assert [(h.recommended_level, treated(h)) for h in early] == [(h.recommended_level, treated(h)) for h in late]
    assert all(one.end_day <= other.end_day for one, other in zip(early, late, strict=True))
    assert any(one.end_day < other.end_day for one, other in zip(early, late, strict=True))


def test_top_needs_six() -> None:
    # one level: with no DLT among three, three more. Recommended unless two or more DLTs among the first three, or six
    p = 0.2
    ended = at_once({"three_plus_three": {"top_needs_six": True}}, [p], 6, 800)
    first = [comb(3, k) * p**k * (1 - p) ** (3 - k) for k in range(4)]
    cleared = first[0] * (first[0] + first[1]) + first[1] * first[0]
    shares_are((history.recommended_level for history in ended), {1: cleared, None: 1 - cleared})
    mean_is((treated(history) for history in ended), 3 + 3 * (first[0] + first[1]))


@pytest.mark.slow
def test_ladder() -> None:
    # three levels, cohorts of 4, at most one DLT: each level is cleared with the binomial probability
    p = (0.1, 0.25, 0.4)
    clear = [float(binom(4, each).cdf(1)) for each in p]
    ended = at_once({"ladder": {"max_dlts": 1}}, p, 12, 1000, cohort_size=4)
    shares_are(
        (history.recommended_level for history in ended),
        {
            None: 1 - clear[0],
            1: clear[0] * (1 - clear[1]),
            2: clear[0] * clear[1] * (1 - clear[2]),
            3: clear[0] * clear[1] * clear[2],
        },
    )
    mean_is((treated(history) for history in ended), 4 * (1 + clear[0] + clear[0] * clear[1]))


@pytest.mark.slow
def test_fixed_gives_binomial_dlts() -> None:
    ended = at_once("fixed", (0.1, 0.3), 12, 1000, cohort_size=6, start_level=2)
    counts = [dlts(history) for history in ended]
    mean_is(counts, 3.6, sd=(12 * 0.3 * 0.7) ** 0.5)
    sd_is(counts, (12 * 0.3 * 0.7) ** 0.5)
    share_is((n == 2 for n in counts), float(binom(12, 0.3).pmf(2)))
    assert {history.recommended_level for history in ended} == {2}


def boin_estimates(tallies: list[tuple[int, int]]) -> list[float]:
    """Isotonic DLT rates by the minimax formula, weights from the variance of Beta(y + .05, n - y + .05)."""
    rates = [(y + 0.05) / (n + 0.1) for n, y in tallies]
    weights = [(n + 0.1) ** 2 * (n + 1.1) / ((y + 0.05) * (n - y + 0.05)) for n, y in tallies]

    def mean(low: int, high: int) -> float:
        total = sum(weights[low : high + 1])
        return sum(r * w for r, w in zip(rates[low : high + 1], weights[low : high + 1], strict=True)) / total

    last = len(tallies) - 1
    return [max(min(mean(i, j) for j in range(k, last + 1)) for i in range(k + 1)) for k in range(last + 1)]


def reference_ladder(p: Sequence[float]) -> tuple[dict[int | None, float], float]:
    """BOIN with target .25, two cohorts of five from level 2 of three: recommendations and the mean number of DLTs.

    The boundaries are .197 and .298: of five, up with 0 DLTs, down from 2, eliminated from 4 (P(p > .25) > .95).
    """
    up, down = 0.196759, 0.298442
    eliminated = {n: next(y for y in range(n + 1) if beta(1 + y, 1 + n - y).sf(0.25) > 0.95) for n in (5, 10)}
    shares: dict[int | None, float] = {level: 0.0 for level in names(3)}
    mean = 0.0
    for first in range(6):
        rate = first / 5
        level = 3 if rate <= up else 1 if rate >= down else 2
        for second in range(6):
            probability = float(binom(5, p[1]).pmf(first) * binom(5, p[level - 1]).pmf(second))
            mean += probability * (first + second)
            tallies = {2: (5, first)}
            n, y = tallies.get(level, (0, 0))
            tallies[level] = (n + 5, y + second)
            bad = [each for each, (n, y) in tallies.items() if y >= eliminated[n]]
            tried = sorted(each for each in tallies if each < min(bad, default=4))
            if not tried:
                shares[None] += probability
                continue
            estimates = boin_estimates([tallies[each] for each in tried])
            nearest = min(range(len(tried)), key=lambda k: abs(estimates[k] + k * 1e-10 - 0.25))
            shares[tried[nearest]] += probability
    return shares, mean


def check_reference_ladder(replications: int) -> None:
    p = (0.02, 0.05, 0.10)
    shares, mean = reference_ladder(p)
    assert [shares[level] for level in names(3)] == pytest.approx([0.0000079, 0.003216, 0.229619, 0.767157], abs=1e-6)
    assert mean == pytest.approx(0.690056, abs=1e-6)
    ended = at_once({"boin": {"target": 0.25}}, p, 10, replications, cohort_size=5, start_level=2)
    shares_are((history.recommended_level for history in ended), shares)
    mean_is((dlts(history) for history in ended), mean)
    # level 3 with no DLT at level 2, level 1 with two or more
    share_is((history.participants[5].level == 3 for history in ended), 0.95**5)


def test_reference_ladder() -> None:
    check_reference_ladder(1000)


@pytest.mark.slow
def test_reference_ladder_many_times() -> None:
    check_reference_ladder(8_000)


def boin_trial(p: Sequence[float], cohorts: int, size: int) -> dict[int | None, float]:
    """BOIN with target .30 from level 1 by enumeration; boundaries and eliminations as in the published table."""
    up, down = 0.236490685236468, 0.358519464640930
    shares: dict[int | None, float] = {}

    def too_toxic(n: int, y: int) -> bool:
        return n >= 3 and float(beta(1 + y, 1 + n - y).sf(0.3)) > 0.95

    def end(level: int | None, probability: float) -> None:
        shares[level] = shares.get(level, 0.0) + probability

    def go(level: int, tallies: tuple[tuple[int, int], ...], left: int, probability: float) -> None:
        ceiling = next((k for k, (n, y) in enumerate(tallies) if too_toxic(n, y)), len(p))
        if ceiling == 0:
            return end(None, probability)
        if left == 0:
            tried = [k for k in range(ceiling) if tallies[k][0]]
            estimates = boin_estimates([tallies[k] for k in tried])
            nearest = min(range(len(tried)), key=lambda k: abs(estimates[k] + k * 1e-10 - 0.3))
            return end(tried[nearest] + 1, probability)
        if tallies[level][0]:
            n, y = tallies[level]
            step = 1 if y / n <= up else -1 if y / n >= down else 0
            level = max(0, min(level + step, len(p) - 1, ceiling - 1))
        for more in range(size + 1):
            weight = float(binom(size, p[level]).pmf(more))
            n, y = tallies[level]
            after = (*tallies[:level], (n + size, y + more), *tallies[level + 1 :])
            go(level, after, left - 1, probability * weight)
        return None

    go(0, ((0, 0),) * len(p), cohorts, 1.0)
    return shares


@pytest.mark.slow
def test_boin_climbing_from_the_bottom() -> None:
    p = (0.15, 0.3, 0.5)
    shares = boin_trial(p, cohorts=4, size=3)
    ended = at_once({"boin": {"target": 0.3}}, p, 12, 1000, cohort_size=3)
    shares_are((history.recommended_level for history in ended), shares)


def test_beta_binomial() -> None:
    """Cohorts of 3 with P(p > .3) > .95 as the limit: a level is stopped by 3 of 3, or 4 of 6."""
    stops = {3: 3, 6: 4}
    for n, limit in stops.items():
        assert limit == next(y for y in range(n + 1) if beta(1 + y, 1 + n - y).sf(0.3) > 0.95)
    p = (0.3, 0.6)
    shares: dict[int | None, float] = {None: 0.0, 1: 0.0, 2: 0.0}
    # three cohorts; up after each one unless the level is stopped, then down and never back
    for first, second, third in product(range(4), repeat=3):
        at_one, at_two = binom(3, p[0]), binom(3, p[1])
        if first == 3:
            shares[None] += float(at_one.pmf(first)) / 16  # second and third do not happen: 4 × 4 equal parts
        elif second == 3:
            weight = float(at_one.pmf(first) * at_two.pmf(second) * at_one.pmf(third))
            shares[None if first + third >= stops[6] else 1] += weight
        else:
            weight = float(at_one.pmf(first) * at_two.pmf(second) * at_two.pmf(third))
            shares[1 if second + third >= stops[6] else 2] += weight
    ended = at_once({"beta_binomial": {"target": 0.3, "cutoff": 0.95}}, p, 9, 1000, cohort_size=3)
    shares_are((history.recommended_level for history in ended), shares)


def test_certain_toxicity_and_none() -> None:
    toxic = at_once("three_plus_three", (1.0, 1.0), 12, 1)[0]
    assert (toxic.end_cause, toxic.recommended_level, treated(toxic)) == ("safety", None, 3)
    harmless = at_once("three_plus_three", (0.0, 0.0), 12, 1)[0]
    assert (harmless.end_cause, harmless.recommended_level, harmless.end_day) == ("completed", 2, 56)


def test_without_truth_nobody_has_a_dlt() -> None:
    dosing = {"levels": ["1 mg", "2 mg"], "rule": "three_plus_three"}
    assert dlts(once(build(12, [0.0] * 12, dosing=dosing))) == 0

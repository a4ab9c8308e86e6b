"""Dose rules against exact answers: published tables, closed forms, and textbook programs written here once more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from math import ceil, comb, floor, log

import pytest
from scipy.optimize import isotonic_regression
from scipy.stats import beta, binom

from tests.support.enumerate_rules import enumerate_rule, view_of
from trialsim.rules import Assign, Stop
from trialsim.rules.beta import upper_tail
from trialsim.rules.beta_binomial import BetaBinomial
from trialsim.rules.boin import Boin, boundaries
from trialsim.rules.fixed import Fixed
from trialsim.rules.isotonic import isotonic_rates
from trialsim.rules.ladder import Ladder
from trialsim.rules.three_plus_three import ThreePlusThree

FIVE = (0.05, 0.15, 0.30, 0.45, 0.60)
Shares = dict[int | None, float]


def approx(value: float, digits: int = 6) -> object:
    """Accept what prints alike."""
    return pytest.approx(value, abs=0.501 * 10.0**-digits)


def shares(*none_and_levels: float) -> Shares:
    return dict(zip([None, *range(1, len(none_and_levels))], none_and_levels, strict=True))


def assert_same(got: dict[int | None, float], expected: Shares) -> None:
    for level in got.keys() | expected.keys():
        assert got.get(level, 0.0) == pytest.approx(expected.get(level, 0.0), abs=1e-12), level


# 3+3


@pytest.mark.parametrize(
    ("rule", "p", "expected", "participants"),
    [
        (ThreePlusThree(), (0.1, 0.2, 0.3), shares(0.093853, 0.264044, 0.324735, 0.317368), 10.267134),
        (ThreePlusThree(), (0.16, 0.30, 0.44), shares(0.206554, 0.401275, 0.294790, 0.097381), 9.109662),
        (
            ThreePlusThree(mtd="six_at_mtd"),
            (0.16, 0.30, 0.44),
            shares(0.229384, 0.422633, 0.250602, 0.097381),
            10.721664,
        ),
    ],
)
def test_three_plus_three_known_answers(
    rule: ThreePlusThree, p: Sequence[float], expected: Shares, participants: float
) -> None:
    exact = enumerate_rule(rule, p)
    for level, share in expected.items():
        assert exact.recommended[level] == approx(share), level
    assert exact.participants == approx(participants)
    assert exact.cohorts == pytest.approx(exact.participants / 3, abs=1e-12)


def test_three_plus_three_dlts_and_cohorts() -> None:
    exact = enumerate_rule(ThreePlusThree(), (0.1, 0.2, 0.3))
    assert exact.dlts == approx(1.958108)
    assert exact.cohorts == approx(3.422378)


def test_the_two_readings_of_mtd_differ_in_cohorts() -> None:
    assert enumerate_rule(ThreePlusThree(), FIVE).cohorts == approx(4.24, 2)
    assert enumerate_rule(ThreePlusThree(mtd="six_at_mtd"), FIVE).cohorts == approx(5.04, 2)


def test_ending_a_cohort_early_saves_participants_and_changes_nothing_else() -> None:
    whole = enumerate_rule(ThreePlusThree(), FIVE, stepwise=True, stop_cohort_early=False)
    early = enumerate_rule(ThreePlusThree(), FIVE, stepwise=True, stop_cohort_early=True)
    assert whole.participants == approx(12.71, 2)
    # If each outcome is known before the next is assigned: a first cohort is spared its third member by two DLTs; a
    # second its last two by a DLT of the first, its last by one of the second.
    reached, saved = 1.0, 0.0
    for p in FIVE:
        q = 1 - p
        saved += reached * (p * p + 3 * p * q * q * (2 * p + q * p))
        reached *= q**3 + 3 * p * q**5
    assert whole.participants - early.participants == pytest.approx(saved, abs=1e-12)
    assert_same(early.recommended, dict(whole.recommended))
    assert early.cohorts == pytest.approx(whole.cohorts, abs=1e-12)


def textbook_three_plus_three(p: Sequence[float], start: int, six_at_mtd: bool, top_needs_six: bool) -> Shares:
    """The usual flow chart, with participants and DLTs per level as its state."""
    levels = len(p)
    result: dict[int | None, float] = {}

    def end(at: int | None, weight: float) -> None:
        result[at] = result.get(at, 0.0) + weight

    def treat(at: int, n: tuple[int, ...], y: tuple[int, ...], weight: float) -> None:
        for k in range(4):
            share = comb(3, k) * p[at] ** k * (1 - p[at]) ** (3 - k)
            n2 = (*n[:at], n[at] + 3, *n[at + 1 :])
            y2 = (*y[:at], y[at] + k, *y[at + 1 :])
            after(at, n2, y2, weight * share)

    def after(at: int, n: tuple[int, ...], y: tuple[int, ...], weight: float) -> None:
        if y[at] >= 2:
            if at == 0:
                end(None, weight)
            elif n[at - 1] == 0 or (six_at_mtd and n[at - 1] == 3):
                treat(at - 1, n, y, weight)
            else:
                end(at, weight)
        elif y[at] == 1 and n[at] == 3:
            treat(at, n, y, weight)
        elif at == levels - 1:
            if top_needs_six and n[at] == 3:
                treat(at, n, y, weight)
            else:
                end(at + 1, weight)
        elif y[at + 1] >= 2:
            if six_at_mtd and n[at] == 3:
                treat(at, n, y, weight)
            else:
                end(at + 1, weight)
        else:
            treat(at + 1, n, y, weight)

    treat(start - 1, (0,) * levels, (0,) * levels, 1.0)
    return result


@pytest.mark.parametrize("start", [1, 2, 4])
@pytest.mark.parametrize("mtd", ["level_below", "six_at_mtd"])
@pytest.mark.parametrize("top_needs_six", [False, True])
@pytest.mark.parametrize("stepwise", [False, True])
def test_three_plus_three_is_the_flow_chart(start: int, mtd: str, top_needs_six: bool, stepwise: bool) -> None:
    p = (0.12, 0.25, 0.3, 0.4)
    rule = ThreePlusThree.model_validate({"mtd": mtd, "top_needs_six": top_needs_six})
    exact = enumerate_rule(rule, p, start_level=start, stepwise=stepwise)
    assert_same(exact.recommended, textbook_three_plus_three(p, start, mtd == "six_at_mtd", top_needs_six))


# Ladder and fixed


@pytest.mark.parametrize("max_dlts", [0, 1])
@pytest.mark.parametrize("size", [1, 4])
@pytest.mark.parametrize("stepwise", [False, True])
def test_ladder(max_dlts: int, size: int, stepwise: bool) -> None:
    passes = [float(binom.cdf(max_dlts, size, p)) for p in FIVE]
    cleared = [1.0]
    for share in passes:
        cleared.append(cleared[-1] * share)
    expected: Shares = {k or None: cleared[k] * (1 - passes[k]) for k in range(len(FIVE))}
    expected[len(FIVE)] = cleared[-1]
    exact = enumerate_rule(Ladder(max_dlts=max_dlts), FIVE, cohort_size=size, stepwise=stepwise)
    assert_same(exact.recommended, expected)
    assert exact.cohorts == pytest.approx(sum(cleared[:-1]), abs=1e-12)
    if not stepwise:
        assert exact.participants == pytest.approx(size * exact.cohorts, abs=1e-12)


def test_ladder_recommends_nothing_that_was_not_tried() -> None:
    exact = enumerate_rule(Ladder(), FIVE, start_level=3)
    assert exact.recommended[None] == pytest.approx(1 - 0.7**3, abs=1e-12)
    assert 2 not in exact.recommended


@pytest.mark.parametrize("stepwise", [False, True])
def test_fixed(stepwise: bool) -> None:
    exact = enumerate_rule(Fixed(), FIVE, start_level=2, max_participants=10, cohort_size=4, stepwise=stepwise)
    assert_same(exact.recommended, {2: 1.0})
    assert exact.participants == pytest.approx(10)
    assert exact.cohorts == pytest.approx(3)
    assert exact.dlts == pytest.approx(1.5)


# BOIN


@pytest.mark.parametrize(
    ("target", "up", "down"),
    [(0.20, 0.157242286700307, 0.238462438817315), (0.30, 0.236490685236468, 0.358519464640930)],
)
def test_boin_boundaries(target: float, up: float, down: float) -> None:
    assert boundaries(target) == pytest.approx((up, down), abs=1e-15)


def boin_table(
    target: float, low: float = 0.6, high: float = 1.4, cutoff: float = 0.95
) -> Callable[[int], tuple[int, int, int | None]]:
    """The decision table, by n: up if DLTs <=, down if >=, eliminate if >= (None: cannot)."""
    p1, p2 = low * target, high * target
    up = log((1 - p1) / (1 - target)) / log(target * (1 - p1) / (p1 * (1 - target)))
    down = log((1 - target) / (1 - p2)) / log(p2 * (1 - target) / (target * (1 - p2)))

    def row(n: int) -> tuple[int, int, int | None]:
        toxic = [y for y in range(n + 1) if n >= 3 and beta.sf(target, 1 + y, 1 + n - y) > cutoff]
        return floor(up * n), ceil(down * n), min(toxic, default=None)

    return cache(row)


def after_one_cohort(rule: Boin | BetaBinomial, level: int, n: int, dlts: int) -> object:
    """Return the answer after a cohort of n at one of three levels."""
    return rule.decide(view_of(((level, n, dlts),), 3, cohort_size=n))


def observed_boin_table(rule: Boin, n: int) -> tuple[int, int, int | None]:
    at_two = [after_one_cohort(rule, 2, n, y) for y in range(n + 1)]
    at_one = [after_one_cohort(rule, 1, n, y) for y in range(n + 1)]
    up = [y for y, answer in enumerate(at_two) if answer == Assign(3, opens_cohort=True)]
    down = [y for y, answer in enumerate(at_two) if answer == Assign(1, opens_cohort=True)]
    gone = [y for y, answer in enumerate(at_one) if answer == Stop(None)]
    assert up == list(range(up[-1] + 1))
    assert down == list(range(down[0], n + 1))
    assert gone == list(range(gone[0], n + 1)) if gone else True
    return up[-1], down[0], min(gone, default=None)


def test_boin_table_for_thirty_percent() -> None:
    rows = [observed_boin_table(Boin(target=0.3), n) for n in range(1, 13)]
    assert [row[0] for row in rows] == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]
    assert [row[1] for row in rows] == [1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5]
    assert [row[2] for row in rows] == [None, None, 3, 3, 4, 4, 5, 5, 5, 6, 6, 7]


@pytest.mark.parametrize("target", [0.1, 0.17, 0.2, 0.25, 0.33, 0.4])
def test_boin_tables(target: float) -> None:
    table = boin_table(target)
    for n in range(1, 25):
        assert observed_boin_table(Boin(target=target), n) == table(n)


def test_boin_table_with_other_parameters() -> None:
    table = boin_table(0.3, 0.5, 1.5, 0.8)
    assert any(table(n) != boin_table(0.3)(n) for n in range(1, 25))
    for n in range(1, 25):
        assert observed_boin_table(Boin(target=0.3, p1=0.15, p2=0.45, elimination=0.8), n) == table(n)


def test_boin_mtd() -> None:
    tallies = [(3, 0), (3, 0), (15, 4), (9, 4)]
    assert isotonic_rates(tallies) == [approx(rate) for rate in (0.016129, 0.016129, 0.268212, 0.445055)]
    state = tuple((level, n, y) for level, (n, y) in enumerate(tallies, start=1))
    assert Boin(target=0.3).recommend(view_of(state, 5)) == 3


@cache
def beta_moments(a: float, b: float) -> tuple[float, float]:
    return float(beta.mean(a, b)), float(beta.var(a, b))


def boin_mtd(
    tallies: Sequence[tuple[int, int]], target: float, table: Callable[[int], tuple[int, int, int | None]]
) -> int | None:
    """The MTD as the authors' program selects it, with another isotonic regression."""
    candidates = []
    for level, (n, y) in enumerate(tallies, start=1):
        limit = table(n)[2]
        if limit is not None and y >= limit:
            break
        if n:
            candidates.append((level, n, y))
    if not candidates:
        return None
    moments = [beta_moments(y + 0.05, n - y + 0.05) for _, n, y in candidates]
    rates = isotonic_regression([mean for mean, _ in moments], weights=[1 / variance for _, variance in moments]).x
    nearest = min(range(len(candidates)), key=lambda k: (round(abs(rates[k] + k * 1e-10 - target), 13), k))
    return candidates[nearest][0]


@pytest.mark.parametrize("target", [0.2, 0.3])
def test_boin_mtd_of_many_histories(target: float) -> None:
    rule, table = Boin(target=target), cache(boin_table(target))
    seen = set()
    tallies = [(n, y) for n in (0, 1, 3, 6) for y in range(n + 1)]
    for first in tallies:
        for second in tallies:
            for third in tallies:
                state = tuple((level, n, y) for level, (n, y) in enumerate((first, second, third), start=1) if n)
                mtd = rule.recommend(view_of(state, 3))
                assert mtd == boin_mtd((first, second, third), target, table)
                seen.add(mtd)
    assert seen == {None, 1, 2, 3}


def test_boin_on_the_reference_ladder() -> None:
    """Two cohorts of five from the middle of three levels."""
    exact = enumerate_rule(Boin(target=0.25), (0.02, 0.05, 0.10), cohort_size=5, start_level=2, max_participants=10)
    assert exact.recommended[None] == approx(0.0000079, 7)
    assert exact.recommended[1] == approx(0.003216)
    assert exact.recommended[2] == approx(0.229619)
    assert exact.recommended[3] == approx(0.767157)
    assert exact.dlts == approx(0.690056)
    assert exact.participants == pytest.approx(10)
    assert exact.cohorts == pytest.approx(2)


def textbook(
    p: Sequence[float],
    cohorts: int,
    size: int,
    following: Callable[[int, Sequence[tuple[int, int]], int], tuple[int | None, int]],
    mtd: Callable[[Sequence[tuple[int, int]], int], int | None],
) -> Shares:
    """Whole cohorts one after another; the state is (DLTs, participants) per level and the highest level allowed."""
    result: dict[int | None, float] = {}

    def treat(left: int, at: int, tallies: tuple[tuple[int, int], ...], ceiling: int, weight: float) -> None:
        for k in range(size + 1):
            n, y = tallies[at - 1]
            new = (*tallies[: at - 1], (n + size, y + k), *tallies[at:])
            share = weight * float(binom.pmf(k, size, p[at - 1]))
            level, limit = following(at, new, ceiling)
            if level is None or left == 1:
                end = None if level is None else mtd(new, limit)
                result[end] = result.get(end, 0.0) + share
            else:
                treat(left - 1, level, new, limit, share)

    treat(cohorts, 1, ((0, 0),) * len(p), len(p), 1.0)
    return result


def test_boin_trial() -> None:
    p, target = (0.15, 0.3, 0.45), 0.3
    table = boin_table(target)

    def following(at: int, tallies: Sequence[tuple[int, int]], ceiling: int) -> tuple[int | None, int]:
        n, y = tallies[at - 1]
        up, down, limit = table(n)
        if limit is not None and y >= limit:
            ceiling = min(ceiling, at - 1)
        if ceiling == 0:
            return None, 0
        step = 1 if y <= up else -1 if y >= down else 0
        return max(1, min(at + step, ceiling)), ceiling

    exact = enumerate_rule(Boin(target=target), p, cohort_size=3, max_participants=15)
    assert_same(exact.recommended, textbook(p, 5, 3, following, lambda t, _: boin_mtd(t, target, table)))
    assert exact.stopped_for_safety > 0.01


# Beta-binomial


def test_beta_binomial_table() -> None:
    rule = BetaBinomial(target=0.3, cutoff=0.95)
    smallest = []
    for n in range(1, 13):
        stopped = [y for y in range(n + 1) if after_one_cohort(rule, 1, n, y) == Stop(None)]
        assert stopped == list(range(min(stopped, default=n + 1), n + 1))
        smallest.append(min(stopped, default=None))
    assert smallest == [None, 2, 3, 3, 4, 4, 5, 5, 5, 6, 6, 7]


@pytest.mark.parametrize(("a", "b"), [(1, 1), (2, 5), (0.5, 0.5), (0.3, 1.7)])
@pytest.mark.parametrize("cutoff", [0.8, 0.95])
def test_beta_binomial_priors(a: float, b: float, cutoff: float) -> None:
    rule = BetaBinomial(target=0.25, cutoff=cutoff, prior_a=a, prior_b=b, minimum_n=2)
    for n in range(1, 20):
        for y in range(n + 1):
            stopped = n >= 2 and beta.sf(0.25, a + y, b + n - y) > cutoff
            assert after_one_cohort(rule, 1, n, y) == (Stop(None) if stopped else Assign(2, opens_cohort=True))
            assert after_one_cohort(rule, 2, n, y) == Assign(1 if stopped else 3, opens_cohort=True)


def test_beta_binomial_trial() -> None:
    p = (0.1, 0.25, 0.45)

    def following(at: int, tallies: Sequence[tuple[int, int]], ceiling: int) -> tuple[int | None, int]:
        n, y = tallies[at - 1]
        if beta.sf(0.2, 1 + y, 1 + n - y) > 0.9:
            return (at - 1, at - 1) if at > 1 else (None, 0)
        return min(at + 1, ceiling), ceiling

    def highest(tallies: Sequence[tuple[int, int]], ceiling: int) -> int | None:
        return max((level for level, (n, _) in enumerate(tallies, start=1) if n and level <= ceiling), default=None)

    exact = enumerate_rule(BetaBinomial(target=0.2, cutoff=0.9), p, cohort_size=3, max_participants=15)
    assert_same(exact.recommended, textbook(p, 5, 3, following, highest))
    assert exact.stopped_for_safety > 0.01


@pytest.mark.parametrize("threshold", [0.05, 0.3, 0.8])
@pytest.mark.parametrize(("a", "b"), [(1, 1), (3, 10), (40, 2), (0.5, 7.5), (600, 700)])
def test_upper_tail(threshold: float, a: float, b: float) -> None:
    assert upper_tail(threshold, a, b) == pytest.approx(float(beta.sf(threshold, a, b)), rel=1e-9, abs=1e-14)

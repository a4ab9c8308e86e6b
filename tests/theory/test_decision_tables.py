"""Decision tables of interval designs, from their definitions: three hypotheses for BOIN, keys for the keyboard.

The tables are also read off `decide`, level by level, so that what a trial does is what the table says.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import log
from typing import Any

import pytest
from scipy.stats import beta

from tests.support.enumerate_rules import view_of
from trialsim.rules import Assign, Assigned, Stop, View, Wait
from trialsim.rules.boin import Boin
from trialsim.rules.interval import IntervalRule
from trialsim.rules.keyboard import Keyboard
from trialsim.rules.rolling_six import RollingSix
from trialsim.rules.tite_boin import TiteBoin

TARGETS = ("0.10", "0.12", "0.15", "0.17", "0.20", "0.22", "0.25", "0.27", "0.30", "0.33", "0.35", "0.38", "0.40")
UP_TO = 18


def boin_by_hypotheses(target: float, n: int, y: int, low: float = 0.6, high: float = 1.4) -> int:
    """Compare the likelihoods of p = 0.6, 1 and 1.4 times the target: up if the first beats the second, and so on."""

    def likelihood(p: float) -> float:
        return y * log(p) + (n - y) * log(1 - p)

    own = likelihood(target)
    return (likelihood(low * target) >= own) - (likelihood(high * target) >= own)


def keyboard_by_keys(target: Fraction, epsilon: Fraction, n: int, y: int) -> int:
    """Lay keys by hand and look where the strongest one is, per unit of width."""
    edges = {Fraction(0), Fraction(1)}
    for step in range(-60, 61):
        edge = target + (2 * step + 1) * epsilon
        if 0 < edge < 1:
            edges.add(edge)
    ordered = sorted(edges)
    reached = [float(beta.cdf(float(edge), 1 + y, 1 + n - y)) for edge in ordered]
    strength = {
        (low, high): (after - before) / float(high - low)
        for (low, before), (high, after) in pairwise(zip(ordered, reached, strict=True))
    }
    low, high = max(strength, key=lambda key: strength[key])
    return (high < target) - (low > target)


def too_toxic(target: float, n: int, y: int, cutoff: float = 0.95) -> bool:
    return n >= 3 and float(beta.sf(target, 1 + y, 1 + n - y)) > cutoff


def by_decide(rule: IntervalRule, n: int, y: int) -> tuple[object, object]:
    """The answer after n at the middle one of three levels, and after n at the lowest."""
    middle, lowest = (rule.decide(view_of(((level, n, y),), 3, cohort_size=n)) for level in (2, 1))
    return middle, lowest


def check_answers(rule: IntervalRule, target: float, n: int, y: int, step: int) -> None:
    middle, lowest = by_decide(rule, n, y)
    out = too_toxic(target, n, y)
    assert middle == Assign(min(2 + step, 1 if out else 3), opens_cohort=True)
    assert lowest == (Stop(None) if out else Assign(max(1, 1 + step), opens_cohort=True))


@pytest.mark.parametrize("target", TARGETS)
def test_boin(target: str) -> None:
    rule = Boin(target=float(target))
    for n in range(1, UP_TO + 1):
        for y in range(n + 1):
            step = boin_by_hypotheses(float(target), n, y)
            assert rule.direction(n, y) == step, (n, y)
            check_answers(rule, float(target), n, y, step)


@pytest.mark.parametrize("target", TARGETS)
def test_keyboard(target: str) -> None:
    rule = Keyboard(target=float(target))
    for n in range(1, UP_TO + 1):
        for y in range(n + 1):
            step = keyboard_by_keys(Fraction(target), Fraction("0.05"), n, y)
            assert rule.direction(n, y) == step, (n, y)
            check_answers(rule, float(target), n, y, step)


@pytest.mark.parametrize(("target", "epsilon"), [("0.3", "0.03"), ("0.25", "0.10"), ("0.5", "0.07"), ("0.2", "0.01")])
def test_keyboard_with_other_keys(target: str, epsilon: str) -> None:
    rule = Keyboard(target=float(target), epsilon=float(epsilon))
    for n in range(1, UP_TO + 1):
        for y in range(n + 1):
            assert rule.direction(n, y) == keyboard_by_keys(Fraction(target), Fraction(epsilon), n, y), (n, y)


def test_keyboard_row_for_thirty_percent() -> None:
    rule = Keyboard(target=0.3)
    down = [next(y for y in range(n + 1) if rule.direction(n, y) == -1) for n in range(1, 15)]
    assert down == [1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5]


# TITE-BOIN


def test_tite_boin_threshold() -> None:
    up, _ = TiteBoin(target=0.2).thresholds(9, 1, 4)
    assert up == pytest.approx(2.150559, abs=5.01e-7)


def imputed_direction(target: float, n: int, y: int, shares: list[float]) -> int:
    """Count somebody pending after the share w as p/(1 - p) (1 - w) of a DLT, and compare with BOIN's boundaries.

    Down only if the DLTs known, among all, are more than the target has it.
    """
    low, high = 0.6 * target, 1.4 * target
    up = log((1 - low) / (1 - target)) / log(target * (1 - low) / (low * (1 - target)))
    down = log((1 - target) / (1 - high)) / log(high * (1 - target) / (target * (1 - high)))
    known = n - len(shares)
    posterior = beta(target / 2 + y, 1 - target / 2 + known - y)
    odds = float(posterior.mean() / (1 - posterior.mean()))
    rate = (y + odds * sum(1 - w for w in shares)) / n
    assert min(abs(rate - up), abs(rate - down)) > 1e-9, "too near to tell"
    return (rate <= up) - (rate >= down and Fraction(y, n) > Fraction(str(target)))


def tite_view(n: int, y: int, shares: list[float], **settings: Any) -> View:
    """n infused at level 2 of three, y with a DLT, some pending after these shares of a window of 40 days."""
    known = n - len(shares)
    outcomes = ["dlt"] * y + ["no_dlt"] * (known - y)
    people = [Assigned(2, 0, 0.0, outcome, 40.0) for outcome in outcomes]
    people += [Assigned(2, 0, 1000.0 - 40.0 * w, None, None) for w in shares]
    usual = {"now": 1000.0, "window": 40.0, "cohort_size": 1, "participants": people, "stop_cohort_early": False}
    return view_of((), 3, **{**usual, **settings})


@pytest.mark.parametrize("target", [0.1, 0.2, 0.25, 0.3, 0.4])
def test_tite_boin_counts_pending_ones_in_part(target: float) -> None:
    rule = TiteBoin(target=target, max_pending_fraction=1.0)
    steps = set()
    for n in range(1, 10):
        for pending in range(1, n + 1):
            for y in range(n - pending + 1):
                if too_toxic(target, n, y):
                    continue
                for shares in ([0.0] * pending, [0.5] * pending, [0.25] * (pending - 1) + [1.0], [0.875] * pending):
                    step = imputed_direction(target, n, y, shares)
                    steps.add(step)
                    assert rule.decide(tite_view(n, y, shares)) == Assign(2 + step), (n, y, shares)
    assert steps == {-1, 0, 1}


def test_tite_boin_waits_while_more_than_half_are_pending() -> None:
    rule = TiteBoin(target=0.3)
    assert rule.decide(tite_view(6, 0, [0.9] * 4)) == Wait()
    assert rule.decide(tite_view(6, 0, [0.9] * 3)) == Assign(3)
    quarter = TiteBoin(target=0.3, max_pending_fraction=0.25)
    assert quarter.decide(tite_view(8, 0, [0.9] * 3)) == Wait()
    assert quarter.decide(tite_view(8, 0, [0.9] * 2)) == Assign(3)


# Rolling six


ESCALATE, STAY, DOWN, SUSPEND = "escalate", "stay", "down", "suspend"


def published_table(treated: int, dlts: int, pending: int) -> str:
    """The table of Skolnik et al. (2008), row by row: participants at the level, with a DLT, and without data yet."""
    if dlts >= 2:
        return DOWN
    if treated < 3:
        return STAY
    if treated < 6:
        return ESCALATE if dlts == 0 and pending == 0 else STAY
    if (dlts, pending) in ((0, 0), (0, 1), (1, 0)):
        return ESCALATE
    return SUSPEND


@pytest.mark.parametrize("strict", [False, True])
def test_rolling_six_is_the_table(strict: bool) -> None:
    rule = RollingSix(strict=strict)
    for treated in range(1, 7):
        for dlts in range(treated + 1):
            for pending in range(treated - dlts + 1):
                outcomes = ["dlt"] * dlts + [None] * pending + ["no_dlt"] * (treated - dlts - pending)
                people = [Assigned(2, 0, 0.0, outcome, 1.0 if outcome else None) for outcome in outcomes]
                expected = published_table(treated, dlts, pending)
                if strict and expected == ESCALATE and pending:
                    expected = SUSPEND
                answer = rule.decide(view_of((), 3, participants=people, cohort_size=None))
                meaning = {ESCALATE: Assign(3), STAY: Assign(2), DOWN: Assign(1), SUSPEND: Wait()}[expected]
                assert answer == meaning, (treated, dlts, pending)
                if expected == DOWN:  # with six below already, that level is the end; with level 1 exceeded, none is
                    below = [Assigned(1, 0, 0.0, "no_dlt", 1.0)] * 6
                    assert rule.decide(view_of((), 3, participants=[*below, *people])) == Stop(1)
                    lowest = [who._replace(level=1) for who in people]
                    assert rule.decide(view_of((), 3, participants=lowest)) == Stop(None)
                if expected == ESCALATE and not pending:  # at the top there must be six
                    top = [who._replace(level=3) for who in people]
                    answer = rule.decide(view_of((), 3, participants=top))
                    assert answer == (Stop(3) if treated == 6 else Assign(3))

"""The CRM and its time-weighted form: published examples, and an independent quadrature on data of every kind."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from math import exp, log, sqrt
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit, logit

from tests.support.crm_by_quadrature import INTERCEPT, Reference
from tests.support.enumerate_rules import view_of
from trialsim.rules import Assign, Assigned, View
from trialsim.rules.crm import Crm
from trialsim.rules.dose_toxicity import Model, Partial, skeleton
from trialsim.rules.tite_crm import TiteCrm

SIX = (0.05, 0.10, 0.20, 0.35, 0.50, 0.70)
SD = sqrt(1.34)
LEVELS_GIVEN = (3, 4, 4, 3, 3, 4, 3, 2, 2, 2)
DLTS = (0, 0, 1, 0, 0, 1, 1, 0, 0, 0)


def tallies_of(levels: Sequence[int], dlts: Sequence[int], many: int = 6) -> tuple[tuple[int, int], ...]:
    return tuple(
        (list(levels).count(level), sum(y for at, y in zip(levels, dlts, strict=True) if at == level))
        for level in range(1, many + 1)
    )


def history(levels: Sequence[int], outcomes: Sequence[str | None], follow_up: Sequence[float], window: float) -> View:
    """A view in which each has been followed for so long."""
    now = 1000.0
    people = tuple(
        Assigned(level, 0, now - days, outcome, now if outcome else None)
        for level, outcome, days in zip(levels, outcomes, follow_up, strict=True)
    )
    return View(now, 6, 1, 1, 100, window, True, True, people)


@pytest.mark.parametrize(
    ("model", "mean", "plug_in"),
    [
        ("empiric", -0.212171527, (0.088653, 0.155301, 0.272054, 0.427790, 0.570846, 0.749396)),
        ("logistic", -0.110111609, (0.089103, 0.160390, 0.283137, 0.439868, 0.577568, 0.744930)),
    ],
)
def test_ten_participants(model: Any, mean: float, plug_in: Sequence[float]) -> None:
    rule = Crm(target=0.2, skeleton=SIX, model=model)
    state = tuple((level, 1, y) for level, y in zip(LEVELS_GIVEN, DLTS, strict=True))
    posterior = rule.posterior(view_of(state, 6, cohort_size=1))
    assert posterior.mean == pytest.approx(mean, abs=5.01e-10)
    assert posterior.plug_in == pytest.approx(plug_in, abs=5.01e-7)
    assert rule.decide(view_of(state, 6, cohort_size=1)) == Assign(2, opens_cohort=True)
    assert rule.recommend(view_of(state, 6, cohort_size=1)) == 2


def test_ten_participants_with_partial_follow_up() -> None:
    levels, toxic = (3, 3, 3, 4, 4, 3, 2, 2, 2, 3), (3, 5)
    days = (178, 181, 168, 181, 24, 181, 179, 102, 42, 3)
    outcomes = ["dlt" if k in toxic else "no_dlt" if day > 180 else None for k, day in enumerate(days, start=1)]
    rule = TiteCrm(target=0.2, skeleton=SIX)
    view = history(levels, outcomes, days, 180.0)
    posterior = rule.posterior(view)
    assert posterior.mean == pytest.approx(-0.132786551, abs=5.01e-10)
    assert posterior.plug_in == pytest.approx((0.072569, 0.133152, 0.244312, 0.398807, 0.545008, 0.731745), abs=5.01e-7)
    assert rule.propose(view, 3) == 3
    assert rule.recommend(view) == 3


@pytest.mark.parametrize("model", ["empiric", "logistic"])
def test_of_two_levels_as_near_to_the_target_the_lower_one(model: Any) -> None:
    """Rounding does not decide; nor does it where DLT probabilities vanish beside the target."""
    skeleton, nothing = (0.1, 0.2, 0.3, 0.4), ((0, 0),) * 4
    for off, nearest in ((-3e-9, 2), (-5e-10, 2), (0.0, 2), (5e-10, 2), (3e-9, 3)):
        rule = TiteCrm(target=0.25 + off, skeleton=skeleton, model=model)
        assert rule.nearest(nothing) == rule.nearest(nothing, (Partial(2, 0.0),)) == nearest
    harmless = Crm(target=0.25, skeleton=skeleton, model=model, prior_sd=10.0)
    assert harmless.nearest(((400, 0), *nothing[1:])) == 4


SKELETONS = {
    "usual": SIX,
    "extreme": (0.001, 0.01, 0.10, 0.30, 0.60, 0.99),
    "flat": (0.20, 0.25, 0.30, 0.35, 0.40, 0.90),
    "empiric, derived": skeleton("empiric", 0.25, 0.05, 3, 6),
    "logistic, derived": skeleton("logistic", 0.25, 0.05, 3, 6),
}
KINDS = ("ordinary", "ordinary", "all toxic below", "harmless", "one", "many", "torn", "small")


def data_sets(many: int, seed: int) -> Iterator[tuple[str, Any, str, float, list[tuple[int, int]], list[Partial]]]:
    luck = np.random.default_rng(seed)
    for number in range(many):
        name, kind = list(SKELETONS)[number % len(SKELETONS)], KINDS[number % len(KINDS)]
        p = SKELETONS[name]
        n, y = np.zeros(6, int), np.zeros(6, int)
        where = int(luck.integers(6))
        if kind == "all toxic below":
            n[0] = y[0] = luck.integers(30, 300)
        elif kind == "harmless":
            n[where] = luck.integers(100, 500)
        elif kind == "one":
            n[where], y[where] = 1, luck.integers(2)
        elif kind == "many":
            n = luck.integers(0, 84, 6)
            y = luck.binomial(n, p)
        elif kind == "torn":  # toxic at the bottom, harmless at the top
            n[0] = y[0] = n[5] = luck.integers(20, 250)
        else:
            n = luck.integers(0, 12 if kind == "ordinary" else 4, 6)
            y = luck.binomial(n, luck.random(6))
        shares = luck.choice([0.0, 0.1, 0.5, 0.9, 1.0], 4)
        partial = [Partial(int(luck.integers(1, 7)), float(share)) for share in shares[: luck.integers(5)]]
        tallies = [(int(a), int(b)) for a, b in zip(n, y, strict=True)]
        sd = float(luck.choice([0.1, 0.3, SD, 3.0, 10.0]))
        yield kind, ("empiric", "logistic")[int(luck.integers(2))], name, sd, tallies, partial


def check_posteriors(many: int, seed: int) -> None:
    met = set()
    for kind, model, name, sd, tallies, partial in data_sets(many, seed):
        exact = Reference(model, SKELETONS[name], sd, tallies, partial)
        with warnings.catch_warnings(), np.errstate(divide="raise", invalid="raise"):
            warnings.simplefilter("error")
            posterior = Model(model, SKELETONS[name], sd).posterior(tuple(tallies), tuple(partial))
        about = f"{model}, {name}, sd {sd}, {tallies}, {partial}"
        assert posterior.mean == pytest.approx(exact.mean, abs=1e-9), about
        assert posterior.plug_in == pytest.approx(exact.plug_in(), abs=1e-9), about
        assert posterior.means() == pytest.approx(exact.means(), abs=1e-9), about
        if model == "logistic" and name == "extreme":
            continue  # a posterior there is, but no rule: above its intercept the curve turns round
        for estimate, values in (("plug_in", exact.plug_in()), ("posterior_mean", exact.means())):
            design = Crm(target=0.25, skeleton=SKELETONS[name], prior_sd=sd, model=model, estimate=estimate)  # type: ignore[arg-type]
            off = [abs(value - 0.25) for value in values]
            best = design.nearest(tallies, tuple(partial))
            assert off[best - 1] == pytest.approx(min(off), abs=1e-9), about
            if sorted(off)[1] - min(off) > 1e-9:
                assert best == off.index(min(off)) + 1, about
        if abs(exact.mean) > 8 * sd:
            met.add("beyond eight prior standard deviations")
        met.add(kind)
    assert met >= {*KINDS, "beyond eight prior standard deviations"}


@pytest.mark.slow
def test_posterior_means_on_data_of_every_kind() -> None:
    check_posteriors(200, seed=1)


@pytest.mark.slow
def test_posterior_means_on_many_more_data() -> None:
    check_posteriors(4_000, seed=2)


@pytest.mark.slow
def test_tails_and_quantiles() -> None:
    tried = 0
    for _, model, name, sd, tallies, partial in data_sets(48, seed=3):
        exact = Reference(model, SKELETONS[name], sd, tallies, partial)
        posterior = Model(model, SKELETONS[name], sd).posterior(tuple(tallies), tuple(partial))
        for level in (1, 3, 5, 6):
            for limit in (0.1, 0.25, 0.33, 0.96):
                assert posterior.above(level, limit) == pytest.approx(exact.above(level, limit), abs=5e-5)
            low, high = posterior.quantiles(level, 0.05, 0.95)
            if low > 1e-200 and high < 1 - 1e-12:  # else p is nothing or one to the last digit
                tried += 1
                assert exact.above(level, low) == pytest.approx(0.95, abs=5e-5)
                assert exact.above(level, high) == pytest.approx(0.05, abs=5e-5)
    assert tried > 90


@pytest.mark.parametrize("model", ["empiric", "logistic"])
@pytest.mark.parametrize(("target", "half_width", "prior_mtd"), [(0.25, 0.05, 3), (0.3, 0.1, 1), (0.1, 0.02, 6)])
def test_a_derived_skeleton_cannot_tell_the_interval_apart(
    model: Any, target: float, half_width: float, prior_mtd: int
) -> None:
    values = skeleton(model, target, half_width, prior_mtd, 6)
    assert values[prior_mtd - 1] == pytest.approx(target, abs=1e-12)

    def p(level: int, b: float) -> float:
        s = values[level - 1]
        if model == "empiric":
            return float(s ** exp(b))
        return float(expit(INTERCEPT + exp(b) * (logit(s) - INTERCEPT)))

    for level in range(1, 6):
        # Where two neighbours are equally far from the target the recommendation passes from one to the other.
        change = brentq(lambda b, k=level: p(k, b) + p(k + 1, b) - 2 * target, -8, 8, xtol=1e-14)
        assert p(level, change) == pytest.approx(target - half_width, abs=1e-9)
        assert p(level + 1, change) == pytest.approx(target + half_width, abs=1e-9)


def test_known_skeletons() -> None:
    # by hand: log s rises by the factor log(.30)/log(.20) downwards from the prior MTD, and its inverse upwards
    ratio = log(0.30) / log(0.20)
    by_hand = [0.25 ** (ratio ** (level - 2)) for level in range(1, 5)]
    assert skeleton("empiric", 0.25, 0.05, 2, 4) == pytest.approx(by_hand, abs=1e-12)


def test_nobody_evaluable_is_no_news() -> None:
    rule = Crm(target=0.2, skeleton=SIX)
    lost = [Assigned(1, 1, 0.0, "lost", 1.0)]
    assert rule.decide(view_of((), 6, participants=lost, replace_non_evaluable=False, cohort_size=1)) == Assign(1, True)
    assert rule.recommend(view_of((), 6, participants=lost)) is None


def test_guards_of_the_method() -> None:
    # one harmless participant at level 1: the nearest is far up; one level at a time unless levels may be skipped
    one = view_of(((1, 1, 0),), 6, cohort_size=1)
    nearest = Crm(target=0.5, skeleton=SIX).nearest(one.tallies())
    assert nearest >= 4
    assert Crm(target=0.5, skeleton=SIX).decide(one) == Assign(2, opens_cohort=True)
    assert Crm(target=0.5, skeleton=SIX, skip=True).decide(one) == Assign(nearest, opens_cohort=True)
    # a DLT at level 1 in a trial with a high target: still upwards, unless coherent
    toxic = view_of(((1, 20, 1),), 6, cohort_size=20)
    assert Crm(target=0.5, skeleton=SIX).decide(toxic) == Assign(1, opens_cohort=True)
    assert Crm(target=0.5, skeleton=SIX, coherent=False).decide(toxic) == Assign(2, opens_cohort=True)

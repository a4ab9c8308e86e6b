"""Operating characteristics: `decide` walked through every way of a trial, against the whole model and other programs.

In the model everybody is there from day 0 and a cohort is infused at once, so the calendar plays no part.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
from scipy.stats import beta, binom

from tests.support.crm_by_quadrature import Reference
from tests.support.enumerate_rules import enumerate_rule
from tests.support.exact import build, histories, infused, mean_is, share_is, shares_are
from trialsim.rules import RULES
from trialsim.rules.crm import Crm
from trialsim.rules.keyboard import Keyboard

P = (0.10, 0.25, 0.45)
SKELETON = (0.12, 0.25, 0.40)
CASES: list[tuple[str, dict[str, Any], int, int]] = [
    ("three_plus_three", {"mtd": "six_at_mtd", "top_needs_six": True}, 3, 18),
    ("ladder", {"max_dlts": 1}, 4, 12),
    ("boin", {"target": 0.25}, 3, 12),
    ("boin", {"target": 0.25, "elimination": 0.8}, 1, 8),
    ("keyboard", {"target": 0.25}, 3, 12),
    ("keyboard", {"target": 0.30}, 2, 8),
    ("beta_binomial", {"target": 0.25, "cutoff": 0.8}, 3, 12),
    ("crm", {"target": 0.25, "skeleton": SKELETON}, 1, 8),
    ("crm", {"target": 0.25, "skeleton": SKELETON, "model": "logistic", "estimate": "posterior_mean"}, 3, 12),
    ("crm", {"target": 0.25, "half_width": 0.05, "prior_mtd": 2, "coherent": False, "skip": True}, 3, 12),
]


def check_case(name: str, parameters: dict[str, Any], size: int, most: int, replications: int) -> None:
    rule: Any = RULES[name].model_validate(parameters)
    exact = enumerate_rule(rule, P, cohort_size=size, max_participants=most, stop_cohort_early=False)
    section = {
        "levels": ["1 mg", "2 mg", "3 mg"],
        "cohort_size": size,
        "observation": "28 days",
        "stop_cohort_early": False,
        "rule": {name: parameters},
    }
    scenario = build(most, [0.0] * most, dosing=section, truth={"dlt_probability": list(P)})
    ended = histories(scenario, replications)
    shares_are((history.recommended_level for history in ended), exact.recommended)
    share_is((history.end_cause == "safety" for history in ended), exact.stopped_for_safety)
    bounded_mean_is([len(infused(history)) for history in ended], exact.participants, most)
    mean_is((sum(person.outcome == "dlt" for person in infused(history)) for history in ended), exact.dlts)
    bounded_mean_is([history.cohorts for history in ended], exact.cohorts, -(-most // size))
    for level, mean in exact.participants_at.items():
        mean_is((sum(person.level == level for person in infused(history)) for history in ended), mean)


def bounded_mean_is(samples: Sequence[float], exact: float, most: float) -> None:
    """Assert the mean of what is at most `most`, and nearly always is: its variance is at most mean × (most - mean)."""
    mean_is(samples, exact, sd=None if len(set(samples)) > 1 else max(exact * (most - exact), 0.0) ** 0.5)


def label(value: Any) -> str:
    return str(value).replace(" ", "")


@pytest.mark.parametrize(("name", "parameters", "size", "most"), CASES, ids=label)
def test_the_model_does_what_the_rule_says(name: str, parameters: dict[str, Any], size: int, most: int) -> None:
    check_case(name, parameters, size, most, 150)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "parameters", "size", "most"), CASES, ids=label)
def test_the_model_does_what_the_rule_says_many_times(
    name: str, parameters: dict[str, Any], size: int, most: int
) -> None:
    check_case(name, parameters, size, most, 5_000)


@pytest.mark.parametrize("name", ["boin", "keyboard", "crm"])
def test_duration_of_a_trial_that_turns_away(name: str) -> None:
    # each cohort takes m gaps and a window, whichever the rule: E D = E C (m/rate + W)
    p, size, rate, window = (0.5, 0.6, 0.7), 2, 0.1, 28.0
    parameters: dict[str, Any] = {"target": 0.25} | ({"skeleton": SKELETON} if name == "crm" else {})
    rule: Any = RULES[name].model_validate(parameters)
    exact = enumerate_rule(rule, p, cohort_size=size, max_participants=8, stop_cohort_early=False)
    assert (exact.cohorts < 3.9) == (name != "crm")
    section = {
        "levels": ["1 mg", "2 mg", "3 mg"],
        "cohort_size": size,
        "observation": f"{window} days",
        "stop_cohort_early": False,
        "dlt_resolves": False,
        "rule": {name: parameters},
    }
    recruitment = {"sites": [{"name": "A", "rate": f"{rate} per day"}], "while_closed": "turn_away"}
    ended = histories(build(8, recruitment, dosing=section, truth={"dlt_probability": list(p)}), 200)
    mean_is((history.end_day for history in ended), exact.cohorts * (size / rate + window))


# Textbook programs, cohort after cohort, sharing nothing with the program


Tallies = tuple[tuple[int, int], ...]


def walk(p: Sequence[float], cohorts: int, size: int, following: Any, final: Any) -> dict[int | None, float]:
    """All ways of so many cohorts; `following` gives the next level (None: stop), `final` the recommended one."""
    shares: dict[int | None, float] = {}

    def go(left: int, at: int, tallies: Tallies, weight: float) -> None:
        for k in range(size + 1):
            share = weight * float(binom.pmf(k, size, p[at - 1]))
            n, y = tallies[at - 1]
            new = (*tallies[: at - 1], (n + size, y + k), *tallies[at:])
            level = following(at, new, k)
            if level is None or left == 1:
                end = None if level is None else final(new)
                shares[end] = shares.get(end, 0.0) + share
            else:
                go(left - 1, level, new, share)

    go(cohorts, 1, ((0, 0),) * len(p), 1.0)
    return shares


def assert_same(got: dict[int | None, float], expected: dict[int | None, float]) -> None:
    for level in got.keys() | expected.keys():
        assert got.get(level, 0.0) == pytest.approx(expected.get(level, 0.0), abs=1e-12), level


@pytest.mark.parametrize("estimate", ["plug_in", "posterior_mean"])
@pytest.mark.parametrize("model", ["empiric", "logistic"])
@pytest.mark.parametrize(("size", "cohorts"), [(1, 6), (3, 3)])
@pytest.mark.parametrize("coherent", [True, False])
def test_crm_trial(model: str, estimate: str, size: int, cohorts: int, coherent: bool) -> None:
    target, sd = 0.25, 1.0

    def estimates(tallies: Tallies) -> list[float]:
        posterior = reference(model, tallies)
        return posterior.plug_in() if estimate == "plug_in" else posterior.means()

    def nearest(tallies: Tallies, among: Sequence[int]) -> int:
        values = estimates(tallies)
        return min(among, key=lambda level: (abs(values[level - 1] - target), level))

    def following(at: int, tallies: Tallies, dlts: int) -> int:
        tried = max(level for level, (n, _) in enumerate(tallies, start=1) if n)
        level = min(nearest(tallies, (1, 2, 3)), tried + 1)
        return min(level, at) if coherent and dlts else level

    def final(tallies: Tallies) -> int:
        return nearest(tallies, [level for level, (n, _) in enumerate(tallies, start=1) if n])

    parameters = {"target": target, "skeleton": SKELETON, "prior_sd": sd, "model": model, "estimate": estimate}
    rule = Crm.model_validate(parameters | {"coherent": coherent})
    exact = enumerate_rule(rule, P, cohort_size=size, max_participants=size * cohorts, stop_cohort_early=False)
    assert_same(exact.recommended, walk(P, cohorts, size, following, final))


@cache
def reference(model: str, tallies: Tallies) -> Reference:
    return Reference(model, SKELETON, 1.0, tallies)


def test_keyboard_trial() -> None:
    # .25: keys 0-.10 (cut, but as wide), .10-.20, the target key .20-.30, .30-.40 and so on
    target, edges = 0.25, [0.0, *(0.1 * k for k in range(1, 11))]

    def too_toxic(n: int, y: int) -> bool:
        return n >= 3 and float(beta.sf(target, 1 + y, 1 + n - y)) > 0.95

    def following(at: int, tallies: Tallies, _: int) -> int | None:
        ceiling = next((k for k, data in enumerate(tallies) if too_toxic(*data)), len(tallies))
        if ceiling == 0:
            return None
        n, y = tallies[at - 1]
        reached = [float(beta.cdf(edge, 1 + y, 1 + n - y)) for edge in edges]
        strongest = max(range(10), key=lambda k: reached[k + 1] - reached[k])
        return max(1, min(at + (strongest < 2) - (strongest > 2), ceiling, 3))

    def final(tallies: Tallies) -> int | None:
        from tests.theory.test_rules_exact import boin_mtd

        return boin_mtd(tallies, target, lambda n: (0, 0, next((y for y in range(n + 1) if too_toxic(n, y)), None)))

    rule = Keyboard.model_validate({"target": target})
    exact = enumerate_rule(rule, P, cohort_size=3, max_participants=12, stop_cohort_early=False)
    assert_same(exact.recommended, walk(P, 4, 3, following, final))

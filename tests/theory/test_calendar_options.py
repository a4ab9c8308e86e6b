"""The options that move the calendar of a 3+3 trial: p = .05 .15 .30 .45 .60, windows of 28 d, a candidate every 10 d.

Arrivals are Poisson. When candidates are turned away each cohort starts afresh, so that the mean duration is a sum over
cohorts of (mean visits) × (mean time). Durations are counted to the primary completion: a trial that stops early may
end before the windows of those just infused are over.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

from tests.support.exact import build, histories, infused, mean_is, within
from tests.support.three_plus_three import enumerate_trial

P = (0.05, 0.15, 0.30, 0.45, 0.60)
WINDOW, GAP = 28.0, 10.0
ROUNDING = 0.5


def simulate(replications: int, while_closed: str, mtd: str = "level_below", **dosing: Any) -> list[Any]:
    section = {
        "levels": [f"{level} mg" for level in range(1, 6)],
        "observation": "28 days",
        "rule": {"three_plus_three": {"mtd": mtd}},
        **dosing,
    }
    recruitment = {"sites": [{"name": "A", "rate": "0.1 per day"}], "while_closed": while_closed}
    return histories(build(30, recruitment, dosing=section, truth={"dlt_probability": list(P)}), replications)


def completions(ended: list[Any]) -> list[float]:
    """Days of primary completion."""
    return [max(person.outcome_known_day or 0.0 for person in infused(history)) for history in ended]


def participants(ended: list[Any]) -> list[int]:
    return [sum(person.infusion_day is not None for person in history.participants) for history in ended]


def time_to_resolve(p: float) -> float:
    """E max(R1 - G2 - G3, R2 - G3, R3): from the third infusion until all three of a cohort are resolved.

    R is the window, or a uniform part of it in case of a DLT; G are the exponential gaps. Integrated as the tail of the
    maximum, P(max > y) = 1 - F(y) E F(y + G) E F(y + G + G').
    """

    def resolved(y: float) -> float:
        return 1.0 if y >= WINDOW else p * y / WINDOW

    def after_gap(y: float) -> float:
        # E F(y + G): F is 1 from the window on and linear below, so the integral is elementary
        room = WINDOW - y
        beyond = np.exp(-room / GAP)
        return float(beyond + p / WINDOW * ((y + GAP) * (1 - beyond) - room * beyond))

    def after_two_gaps(y: float) -> float:
        inside = quad(lambda g: np.exp(-g / GAP) / GAP * after_gap(y + g), 0, WINDOW - y)[0]
        return float(inside + np.exp(-(WINDOW - y) / GAP))

    return quad(lambda y: 1 - resolved(y) * after_gap(y) * after_two_gaps(y), 0, WINDOW, epsabs=1e-9)[0]


def check_full_cohorts(replications: int) -> None:
    exact = enumerate_trial(P)
    assert (exact.mean_cohorts(), 3 * exact.mean_cohorts()) == pytest.approx((4.24, 12.71), abs=0.005)
    ended = simulate(replications, "turn_away", stop_cohort_early=False)
    mean_is(participants(ended), 3 * exact.mean_cohorts(), sd=3 * exact.var_cohorts() ** 0.5)
    # a DLT resolves at once: 239 days
    times = {level: 3 * GAP + time_to_resolve(p) for level, p in enumerate(P, start=1)}
    mean = sum(visits * times[level] for (level, _), visits in exact.visits.items())
    assert mean == pytest.approx(239, abs=ROUNDING)
    mean_is(completions(ended), mean)
    # full windows: 246 days
    ended = simulate(replications, "turn_away", stop_cohort_early=False, dlt_resolves=False)
    each = 3 * GAP + WINDOW
    assert exact.mean_cohorts() * each == pytest.approx(246, abs=ROUNDING)
    variance = exact.mean_cohorts() * 3 * GAP**2 + exact.var_cohorts() * each**2
    mean_is(completions(ended), exact.mean_cohorts() * each, sd=variance**0.5)


@pytest.mark.slow
def test_full_cohorts() -> None:
    check_full_cohorts(400)


@pytest.mark.slow
def test_full_cohorts_many_times() -> None:
    check_full_cohorts(6000)


def test_both_readings_of_the_mtd() -> None:
    exact = enumerate_trial(P, six_at_mtd=True)
    assert exact.mean_cohorts() == pytest.approx(5.04, abs=0.005)
    ended = simulate(400, "turn_away", mtd="six_at_mtd", stop_cohort_early=False)
    mean_is((history.cohorts for history in ended), exact.mean_cohorts(), sd=exact.var_cohorts() ** 0.5)


def early_cohorts() -> tuple[float, float, float]:
    """Mean participants, end and primary completion if a cohort ends once its DLTs exceed the level; turning away.

    Cohorts of each kind are drawn (independently of the program): gaps, DLTs and their days. The cohort
    ends with the DLT that makes two at the level, if there is one, and whoever has not come by then is not in it. It is
    then the last one.
    """
    luck = np.random.default_rng(20240101)
    size = 200_000
    people = end = completion = 0.0
    for (level, before), visits in enumerate_trial(P).visits.items():
        comes = np.cumsum(luck.exponential(GAP, (size, 3)), axis=1)
        toxic = luck.random((size, 3)) < P[level - 1]
        known = comes + np.where(toxic, WINDOW * luck.random((size, 3)), WINDOW)
        dlt_days = np.sort(np.where(toxic, known, np.inf), axis=1)
        ends = np.minimum(known.max(axis=1), dlt_days[:, 1 - before])
        member = comes <= ends[:, None]
        people += visits * float(member.sum(axis=1).mean())
        end += visits * float(ends.mean())
        completion += visits * float(np.where(member, known, 0).max(axis=1).mean())
    return people, end, completion


def check_early_ends(replications: int) -> None:
    people, end, completion = early_cohorts()
    assert people == pytest.approx(12.36, abs=0.02)
    assert completion == pytest.approx(230.5, abs=ROUNDING)
    ended = simulate(replications, "turn_away")
    mean_is(participants(ended), people)
    mean_is((history.end_day for history in ended), end)
    mean_is(completions(ended), completion)


@pytest.mark.slow
def test_early_ends() -> None:
    check_early_ends(400)


@pytest.mark.slow
def test_early_ends_many_times() -> None:
    check_early_ends(6000)


def test_queueing_takes_163_days() -> None:
    days = completions(simulate(500, "queue"))
    within(float(np.mean(days)), 163, float(np.std(days)) / len(days) ** 0.5 + ROUNDING / 4)


def queueing_trial(luck: np.random.Generator) -> tuple[int, float, float]:
    """One trial with a queue, simulated cohort by cohort without events: participants, end, primary completion."""
    comes = luck.exponential(GAP)
    opens = completion = 0.0
    level = people = before = treated = 0
    while True:
        known: list[float] = []
        dlt_days: list[float] = []
        while len(known) < 3:
            infusion = max(comes, opens)
            if len(dlt_days) + before >= 2 and sorted(dlt_days)[1 - before] <= infusion:
                break
            comes += luck.exponential(GAP)
            toxic = luck.random() < P[level]
            known.append(infusion + WINDOW * (luck.random() if toxic else 1.0))
            dlt_days += known[-1:] if toxic else []
        people, treated = people + len(known), treated + len(known)
        completion = max(completion, *known)
        if len(dlt_days) + before >= 2:
            return people, sorted(dlt_days)[1 - before], completion
        opens = max(known)
        if len(dlt_days) == 1 and treated == 3:
            before = 1
        elif level + 1 == len(P):
            return people, opens, completion
        else:
            level, before, treated = level + 1, 0, 0


@pytest.mark.slow
def test_queueing_many_times() -> None:
    luck = np.random.default_rng(20240101)
    other = np.array([queueing_trial(luck) for _ in range(30_000)])
    assert float(other[:, 2].mean()) == pytest.approx(163, abs=ROUNDING + 1)
    ended = simulate(6000, "queue")
    own = np.array([participants(ended), [history.end_day for history in ended], completions(ended)]).T
    for column in range(3):
        mine, theirs = own[:, column], other[:, column]
        within(
            float(mine.mean()),
            float(theirs.mean()),
            float((mine.var() / len(mine) + theirs.var() / len(theirs)) ** 0.5),
        )

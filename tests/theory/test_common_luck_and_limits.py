"""Common random numbers, limits and orderings: what must hold path by path, and on average."""

from __future__ import annotations

import statistics
from typing import Any

import pytest

from tests.support.exact import MANY, build, group, histories, infused, infusion_days, mean_is

SITES = [
    {"name": "A", "rate": "0.05 per day", "rate_cv": 0.5},
    {"name": "B", "rate": "0.1 per day", "activation": {"exponential": {"mean": "30 days"}}, "ramp_up": "20 days"},
    {"name": "C", "rate": "0.02 per day", "never_active_probability": 0.5},
]
RICH: dict[str, Any] = {
    "screening": {
        "duration": {"gamma": {"mean": "20 days", "sd": "10 days"}},
        "criteria": [{"name": "age", "pass_probability": 0.8}, {"name": "activity", "pass_probability": 0.6}],
    },
    "waiting": {"withdrawal": "0.005 per day"},
    "participants": {"weight_kg": {"lognormal": {"mean": 65, "sd": 12}}},
    "product": {
        "policy": "to_stock",
        "target_doses": 3,
        "suites": 1,
        "expansion": {"triangular": {"min": "3 weeks", "mode": "5 weeks", "max": "7 weeks"}},
        "release_probability": 0.8,
        "cells_per_lot": {"uniform": {"min": 1e8, "max": 4e8}},
    },
    "infusion": {"weekdays": ["Tuesday", "Thursday"], "per_day": 1},
    "dosing": {
        "levels": ["1e6 cells per kg", "2e6 cells per kg", "4e6 cells per kg"],
        "observation": "10 days",
        "review": {"uniform": {"min": "5 days", "max": "20 days"}},
        "rule": "three_plus_three",
    },
    "truth": {"dlt_probability": [0.1, 0.2, 0.3], "loss_in_window_probability": 0.1},
    "stopping": {"time_limit": "2 years"},
}


def people_of(history: Any, *sites: str) -> dict[tuple[str, int], Any]:
    return {(p.site, p.site_candidate): p for p in history.participants if not sites or p.site in sites}


def shared(one: Any, other: Any, attribute: str, *sites: str) -> int:
    """Assert that people whom both histories know agree in what both know of them; return how many were compared."""
    first, second = people_of(one, *sites), people_of(other, *sites)
    pairs = [(getattr(first[who], attribute), getattr(second[who], attribute)) for who in first.keys() & second.keys()]
    known = [(a, b) for a, b in pairs if a is not None and b is not None]
    assert all(a == b for a, b in known), attribute
    return len(known)


CHANGES: dict[str, dict[str, Any]] = {
    "doses": {"dosing.rule": {"boin": {"target": 0.3}}, "dosing.cohort_size": 4},
    "truth": {"truth.dlt_probability": [0.5, 0.6, 0.7]},
    "product": {"product.release_probability": 0.5, "product.suites": 3},
    "no product": {"product": None},
    "slots": {"infusion.weekdays": ["Monday"], "infusion.closures": [{"from": "2024-03-01", "until": "2024-04-01"}]},
    "waiting": {"waiting": None},
    "places": {"trial.max_participants": 30},
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_downstream_leaves_candidates_and_their_screening_alone(change: str) -> None:
    base = build(18, SITES, **RICH)
    other = base.changed(CHANGES[change])
    compared = 0
    for one, two in zip(histories(base, 20), histories(other, 20), strict=True):
        for attribute in ("arrival_day", "screening_end_day", "failure_reason", "weight_kg"):
            compared += shared(one, two, attribute)
        both = min(one.end_day, two.end_day)
        came, also = ({(p.site, p.site_candidate) for p in h.participants if p.arrival_day < both} for h in (one, two))
        assert came == also
    assert compared > 500


def expansion(lot: Any) -> float:
    return float(lot.expansion_end_day - lot.expansion_start_day)


def test_a_change_in_screening_leaves_lots_alone() -> None:
    base = build(18, SITES, **RICH)
    other = base.changed({"screening.duration": "50 days"})
    compared = 0
    for one, two in zip(histories(base, 20), histories(other, 20), strict=True):
        for a, b in zip(one.lots, two.lots, strict=False):
            if a.cells is not None and b.cells is not None:
                assert a.cells == b.cells
                assert expansion(a) == expansion(b)
                compared += 1
    assert compared > 50


def test_other_sites_do_not_matter() -> None:
    plain = build(MANY, SITES, screening=RICH["screening"], stopping={"time_limit": "1 year"})
    more = [{"name": "New", "rate": "1 per day"}, SITES[2], SITES[1], SITES[0]]
    changed = build(MANY, more, screening=RICH["screening"], stopping={"time_limit": "1 year"})
    for one, two in zip(histories(plain, 30), histories(changed, 30), strict=True):
        assert people_of(one).keys() == people_of(two, "A", "B", "C").keys()
        for attribute in ("arrival_day", "screening_end_day", "outcome", "failure_reason"):
            shared(one, two, attribute, "A", "B", "C")


def test_a_criterion_more_leaves_the_others_alone() -> None:
    base = build(MANY, SITES, screening=RICH["screening"], stopping={"time_limit": "1 year"})
    more = base.changed(
        {"screening.criteria": [{"name": "consent", "pass_probability": 0.5}, *RICH["screening"]["criteria"]]}
    )
    for one, two in zip(histories(base, 30), histories(more, 30), strict=True):
        first, second = people_of(one), people_of(two)
        for who, person in second.items():
            if person.failure_reason != "consent" and person.outcome != "in_screening":
                assert person.failure_reason == first[who].failure_reason


def test_a_participant_keeps_the_window_whatever_the_calendar() -> None:
    base = build(18, SITES, **RICH)
    other = base.changed({"infusion": None, "product": None, "dosing.review": "0 days"})
    compared = 0
    for one, two in zip(histories(base, 60), histories(other, 60), strict=True):
        first, second = people_of(one), people_of(two)
        for who in first.keys() & second.keys():
            a, b = first[who], second[who]
            if a.infusion_day is not None and b.infusion_day is not None and a.level == b.level:
                compared += 1
                assert a.outcome_known_day - a.infusion_day == b.outcome_known_day - b.infusion_day
    assert compared > 100


def test_replications_and_seeds_differ_and_repeat() -> None:
    scenario = build(5, SITES, screening=RICH["screening"])
    ends = [history.end_day for history in histories(scenario, 20, seed=7)]
    assert ends == [history.end_day for history in histories(scenario, 20, seed=7)]
    assert len(set(ends)) == 20
    assert not set(ends) & {history.end_day for history in histories(scenario, 20, seed=8)}


# Orderings, path by path


def path_by_path(slow: Any, fast: Any, replications: int = 60) -> None:
    """Assert that no infusion is later, whatever its number, and that some are earlier."""
    gained = 0.0
    for one, two in zip(histories(slow, replications), histories(fast, replications), strict=True):
        late, early = infusion_days(one), infusion_days(two)
        assert all(b <= a for a, b in zip(late, early, strict=True))
        assert two.end_day <= one.end_day
        gained += one.end_day - two.end_day
    assert gained > 0


LADDER: dict[str, Any] = {"levels": ["1 mg", "2 mg", "3 mg"], "observation": "20 days", "rule": "three_plus_three"}


def cohorts(while_closed: str = "queue", **changes: Any) -> Any:
    recruitment = {"sites": [{"name": "A", "rate": "0.1 per day"}], "while_closed": while_closed}
    return build(18, recruitment, dosing=LADDER | changes)


def test_queueing_is_never_later_than_turning_away() -> None:
    path_by_path(cohorts("turn_away"), cohorts("queue"))
    path_by_path(cohorts("turn_away", cohort_size=6, rule="ladder"), cohorts("queue", cohort_size=6, rule="ladder"))


def test_a_longer_window_never_shortens() -> None:
    for while_closed in ("queue", "turn_away"):
        path_by_path(cohorts(while_closed, observation="40 days"), cohorts(while_closed))


# With DLTs, or where windows are not waited for, others are treated, with other luck: only the means are in order.

CURVE = {"target": 0.25, "skeleton": [0.1, 0.25, 0.4]}
OTHERS: dict[str, Any] = {
    "three_plus_three": {"rule": "three_plus_three"},
    "boin": {"rule": {"boin": {"target": 0.25}}, "cohort_size": 3},
    "crm": {"rule": {"crm": CURVE}, "cohort_size": 1},
    "rolling_six": {"rule": "rolling_six"},
    "tite_boin": {"rule": {"tite_boin": {"target": 0.25}}, "cohort_size": 3},
    "tite_crm": {"rule": {"tite_crm": CURVE | {"minimum_follow_up": 0.25}}},
}


@pytest.mark.parametrize("name", OTHERS)
def test_on_average_queueing_and_short_windows_take_no_longer(name: str) -> None:
    def ends(while_closed: str, window: str) -> list[float]:
        scenario = cohorts(while_closed, observation=window, **OTHERS[name])
        truth = scenario.changed({"truth": {"dlt_probability": [0.1, 0.25, 0.45]}})
        return [history.end_day for history in histories(truth, 60)]

    base = ends("queue", "20 days")
    for slower in (ends("turn_away", "20 days"), ends("queue", "40 days")):
        gains = [late - early for late, early in zip(slower, base, strict=True)]
        mean, se = statistics.mean(gains), statistics.stdev(gains) / len(gains) ** 0.5
        assert mean > -4 * se
        assert mean > 4 * se or name not in ("crm", "boin")  # those who wait for every window gain for certain


@pytest.mark.parametrize(
    ("slow", "fast"),
    [
        (
            {"screening": {"pass_probability": 1.0, "capacity": 1, "duration": {"exponential": {"mean": "9 days"}}}},
            None,
        ),
        ({"infusion": {"weekdays": ["Monday"], "per_day": 1}}, {"infusion": {"weekdays": ["Monday"], "per_day": 2}}),
        ({"infusion": {"weekdays": ["Monday"]}}, {"infusion": {"weekdays": ["Monday", "Thursday"]}}),
        ({"infusion": {"notice": "10 days"}}, {"infusion": {"notice": "3 days"}}),
    ],
    ids=["screening places", "slots", "weekdays", "notice"],
)
def test_more_of_a_resource_never_delays(slow: dict[str, Any], fast: dict[str, Any] | None) -> None:
    if fast is None:
        fast = {"screening": slow["screening"] | {"capacity": 2}}
    path_by_path(build(20, "0.1 per day", **slow), build(20, "0.1 per day", **fast))


def test_more_suites_never_delay() -> None:
    product = {"policy": "to_order", "expansion": {"exponential": {"mean": "9 days"}}, "cells_per_lot": 1}
    one, two = (build(20, "0.1 per day", dosing=group(), product=product | {"suites": n}) for n in (1, 2))
    path_by_path(one, two)


def test_a_higher_rate_is_never_later() -> None:
    path_by_path(build(10, "0.1 per day"), build(10, "0.11 per day"))


def test_longer_screenings_are_longer_for_everybody() -> None:
    fast, slow = (
        build(10, "0.1 per day", screening={"pass_probability": 0.5, "duration": {"exponential": {"mean": mean}}})
        for mean in ("10 days", "20 days")
    )
    path_by_path(slow, fast)


# Limits


def test_layers_that_constrain_nothing_change_nothing() -> None:
    bare = build(10, "0.1 per day")
    full = build(
        10,
        "0.1 per day",
        screening={"pass_probability": 1.0, "capacity": MANY},
        waiting={},
        participants={"weight_kg": 70},
        product={"policy": "to_stock", "target_doses": 10, "lots_in_stock_at_start": 10, "cells_per_lot": 70e6},
        dosing=group(levels=["1e6 cells per kg"]),
        truth={"dlt_probability": [0.0]},
        follow_up={},
        stopping={},
    )
    for one, two in zip(histories(bare, 20), histories(full, 20), strict=True):
        assert infusion_days(one) == infusion_days(two)
        assert (one.end_day, one.end_cause) == (two.end_day, two.end_cause)


def test_a_window_of_zero_is_no_wait() -> None:
    no_wait = build(12, "0.1 per day", dosing={"levels": ["1 mg", "2 mg"], "rule": "ladder", "cohort_size": 6})
    for history in histories(no_wait, 20):
        assert infusion_days(history) == [p.arrival_day for p in infused(history)]


def test_littles_law_in_the_waiting_room() -> None:
    # number waiting for a weekly slot, sampled at the end = arrival rate × mean wait (7 days at load one half)
    scenario = build(
        MANY, "0.5 per week", infusion={"weekdays": ["Monday"], "per_day": 1}, stopping={"time_limit": "703.5 days"}
    )
    waiting = [sum(p.infusion_day is None for p in history.participants) for history in histories(scenario, 400)]
    # mid-week: the queue left by the slots, plus half a week of arrivals. L over the week is .5; its slope is .5 a week
    mean_is(waiting, 0.5)


def test_offered_load_is_warned_of() -> None:
    screening = {"pass_probability": 1.0, "capacity": 1, "duration": "20 days"}
    busy = build(10, "0.05 per day", screening=screening)
    assert any("screening" in warning for warning in busy.warnings())
    assert not any("screening" in warning for warning in build(10, "0.049 per day", screening=screening).warnings())


def test_a_dose_rule_ends_on_the_last_outcome() -> None:
    for history in histories(cohorts(), 10):
        assert history.end_day == max(p.outcome_known_day or 0.0 for p in infused(history))

"""Path by path, on the same luck: more of a resource, or a shorter wait, never delays anyone in a single queue."""

from __future__ import annotations

from copy import deepcopy
from math import inf
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.random_rules import COHORT_RULES
from tests.support.random_values import Document, constant_durations, days_text, durations
from tests.support.strategies import WEEK
from trialsim.model import History, run
from trialsim.scenario import Scenario

SEEDS = st.integers(0, 1000)
several = settings(max_examples=40)


@st.composite
def crowds(draw: st.DrawFn, sites: int = 2, most: int = 14) -> Document:
    """A trial with room for everybody who comes, and people who come at random or on fixed days."""
    names = ["A", "B"][: draw(st.integers(1, sites))]
    entries: list[Document] = []
    for name in names:
        if draw(st.booleans()):
            entries.append(
                {"name": name, "arrival_days": draw(st.lists(st.integers(0, 20), min_size=1, max_size=most))}
            )
        else:
            rate = draw(st.sampled_from(["0.1 per day", "3 per week", "1 per day"]))
            entries.append({"name": name, "rate": rate, "max_candidates": draw(st.integers(1, most))})
    trial = {"name": "crowd", "start_date": "2024-01-01", "max_participants": 100}
    # Nothing ends before everybody has been through: the crowd is smaller than the trial.
    return {"trial": trial, "recruitment": {"sites": entries}, "stopping": {"time_limit": "9000 days"}}


def simulate(document: Document, seed: int) -> History:
    return run(Scenario.from_document(document), seed, 1)


def with_(document: Document, section: str, **keys: Any) -> Document:
    """The document with some keys of a section set, or removed by ``None``."""
    other = deepcopy(document)
    layer = other.setdefault(section, {})
    for key, value in keys.items():
        if value is None:
            layer.pop(key, None)
        else:
            layer[key] = value
    return other


def days(history: History, name: str) -> list[float]:
    """A day of each participant, by site and number; infinite if it never came."""
    people = sorted(history.participants, key=lambda person: (person.site, person.site_candidate))
    return [inf if getattr(person, name) is None else getattr(person, name) for person in people]


def in_order(history: History, name: str) -> list[float]:
    """That day of those who have it, sorted."""
    return sorted(day for day in days(history, name) if day < inf)


def nobody_later(more: History, less: History, *names: str) -> None:
    """Each of these days comes for everyone in ``more`` no later than in ``less``."""
    assert len(more.participants) == len(less.participants)
    for name in names:
        assert all(one <= other for one, other in zip(days(more, name), days(less, name), strict=True)), name


@several
@given(crowds(), st.integers(1, 3), st.integers(1, 3), durations(0, 15), SEEDS)
def test_more_screening_places_delay_nobody(
    document: Document, places: int, added: int, duration: Any, seed: int
) -> None:
    document["screening"] = {"duration": duration, "pass_probability": 0.7}
    less, more, all_of_them = (
        simulate(with_(document, "screening", capacity=capacity), seed) for capacity in (places, places + added, None)
    )
    for fewer, larger in ((less, more), (more, all_of_them)):
        nobody_later(larger, fewer, "screening_start_day", "screening_end_day")


@several
@given(crowds(), st.integers(1, 3), st.lists(st.sampled_from(WEEK), min_size=1, unique=True), st.integers(0, 9), SEEDS)
def test_more_slots_more_weekdays_and_less_notice_delay_nobody(
    document: Document, per_day: int, weekdays: list[str], notice: int, seed: int
) -> None:
    document["infusion"] = {"per_day": per_day, "weekdays": weekdays, "notice": days_text(notice)}
    document["infusion"]["closures"] = [{"from": "2024-01-05", "until": "2024-01-12"}]
    base = simulate(document, seed)
    easier: list[dict[str, Any]] = [
        {"per_day": per_day + 1},
        {"per_day": None},
        {"weekdays": list(WEEK)},
        {"weekdays": sorted({*weekdays, "Wednesday"}, key=WEEK.index)},
        {"notice": days_text(notice // 2)},
        {"closures": []},
    ]
    for keys in easier:
        nobody_later(simulate(with_(document, "infusion", **keys), seed), base, "infusion_day")


@several
@given(crowds(), st.integers(1, 3), durations(1, 20), durations(0, 10), st.integers(0, 2), SEEDS)
def test_more_suites_and_more_stock_delay_nobody(
    document: Document, suites: int, expansion: Any, testing: Any, stock: int, seed: int
) -> None:
    document["dosing"] = {"levels": ["1 cells"], "rule": "fixed", "cohort_size": 100}
    # One dose a lot, none fails: the lots are the customers of a single queue for the suites.
    lots = {"policy": "to_order", "cells_per_lot": 1, "suites": suites, "expansion": expansion}
    document["product"] = {**lots, "release_testing": testing, "lots_in_stock_at_start": stock}
    base = simulate(document, seed)
    assert all(day < inf for day in days(base, "infusion_day"))
    for number in (suites + 1, None):
        more = simulate(with_(document, "product", suites=number), seed)
        for stage in ("start_day", "available_day"):
            assert all(
                getattr(one, stage) <= getattr(other, stage)
                for one, other in zip(more.lots[stock:], base.lots[stock:], strict=True)
            )
        for name in ("ready_day", "infusion_day"):
            pairs = zip(in_order(more, name), in_order(base, name), strict=True)
            assert all(one <= other for one, other in pairs)


@several
@given(crowds(sites=1), st.integers(1, 6), st.integers(1, 2), durations(0, 15), SEEDS)
def test_more_candidates_delay_nobody_who_was_there_before(
    document: Document, fewer: int, capacity: int, duration: Any, seed: int
) -> None:
    document["screening"] = {"duration": duration, "capacity": capacity, "pass_probability": 0.7}
    document["infusion"] = {"per_day": 1}
    base = simulate(document, seed)
    fewer = min(fewer, len(base.participants))
    document["recruitment"]["sites"][0]["max_candidates"] = fewer
    small = simulate(document, seed)
    for name in ("arrival_day", "screening_end_day", "enrolment_day", "infusion_day"):
        assert days(small, name)[:fewer] == days(base, name)[:fewer]


@several
@given(crowds(sites=1), st.sampled_from([1.5, 2.0, 4.0]), SEEDS)
def test_a_higher_rate_delays_nobody(document: Document, factor: float, seed: int) -> None:
    document["screening"] = {"duration": "9 days", "capacity": 2, "pass_probability": 0.7}
    base = simulate(document, seed)
    quicker = simulate(with_(document, "recruitment", rate_multiplier=factor), seed)
    nobody_later(quicker, base, "arrival_day", "screening_end_day", "infusion_day")


@st.composite
def cohort_trials(draw: st.DrawFn) -> Document:
    """Trials under a cohort rule in which nothing goes wrong but waiting: no DLTs, no losses, enough candidates."""
    rule = draw(st.sampled_from(COHORT_RULES))
    levels = draw(st.integers(1, 3))
    parameters: dict[str, Document] = {
        "boin": {"target": 0.25},
        "keyboard": {"target": 0.25},
        "beta_binomial": {"target": 0.25, "cutoff": 0.9},
        "crm": {"target": 0.25, "half_width": 0.05, "prior_mtd": draw(st.integers(1, levels))},
    }
    rates = st.sampled_from(["1 per week", "1 per day"])
    sites: list[Document] = [{"name": name, "rate": draw(rates)} for name in ("A", "B")]
    if draw(st.booleans()):
        sites.append({"name": "C", "arrival_days": draw(st.lists(st.integers(0, 60), max_size=30))})
    dosing: Document = {
        "levels": ["1 mg", "2 mg", "4 mg"][:levels],
        "rule": {rule: parameters[rule]} if rule in parameters else rule,
        "cohort_size": 3 if rule == "three_plus_three" else draw(st.integers(1, 5)),
        "observation": draw(constant_durations(1, 28)),
    }
    for key, strategy in (
        ("sentinel", constant_durations(0, 14)),
        ("stagger", constant_durations(0, 14)),
        ("review", durations(0, 20)),
        ("committee_every", constant_durations(1, 31)),
    ):
        if draw(st.booleans()):
            dosing[key] = draw(strategy)
    trial = {"name": "cohorts", "start_date": "2024-01-01", "max_participants": draw(st.integers(1, 12))}
    document: Document = {"trial": trial, "recruitment": {"sites": sites}, "dosing": dosing}
    if draw(st.booleans()):
        document["screening"] = {"duration": draw(durations(0, 15)), "pass_probability": 0.6}
    if draw(st.booleans()):
        document["infusion"] = {"weekdays": ["Monday", "Thursday"], "per_day": draw(st.integers(1, 2))}
    return document


@several
@given(cohort_trials(), SEEDS)
def test_queueing_is_never_later_than_turning_away(document: Document, seed: int) -> None:
    queueing = simulate(with_(document, "recruitment", while_closed="queue"), seed)
    turning_away = simulate(with_(document, "recruitment", while_closed="turn_away"), seed)
    assert queueing.end_cause == turning_away.end_cause == "completed"
    assert queueing.end_day <= turning_away.end_day
    for name in ("enrolment_day", "infusion_day"):
        pairs = zip(in_order(queueing, name), in_order(turning_away, name), strict=True)
        assert all(one <= other for one, other in pairs)


@several
@given(cohort_trials(), st.sampled_from(["queue", "turn_away"]), SEEDS)
def test_doubling_the_window_never_shortens_a_trial(document: Document, while_closed: str, seed: int) -> None:
    document["recruitment"]["while_closed"] = while_closed
    base = simulate(document, seed)
    observation = Scenario.from_document(document).dosing.observation  # type: ignore[union-attr]
    longer = simulate(with_(document, "dosing", observation=f"{2 * observation} days"), seed)
    assert base.end_cause == longer.end_cause == "completed"
    assert base.end_day + observation <= longer.end_day
    for name in ("enrolment_day", "infusion_day"):
        assert all(one <= other for one, other in zip(in_order(base, name), in_order(longer, name), strict=True))


@several
@given(cohort_trials(), SEEDS)
def test_longer_gaps_and_reviews_never_shorten_a_trial(document: Document, seed: int) -> None:
    base = simulate(document, seed)
    dosing = Scenario.from_document(document).dosing
    assert dosing is not None
    for key in ("sentinel", "stagger"):
        longer = simulate(with_(document, "dosing", **{key: f"{getattr(dosing, key) + 3} days"}), seed)
        assert base.end_day <= longer.end_day
    for review in (dosing.review.upper() + 1, None):
        if review is None or review < inf:
            other = simulate(with_(document, "dosing", review=None if review is None else f"{review} days"), seed)
            assert base.end_day >= other.end_day if review is None else base.end_day <= other.end_day


PARENTS: dict[str, tuple[str, Document]] = {
    "tite_boin": ("boin", {"target": 0.25, "elimination": 0.9}),
    "tite_crm": ("crm", {"target": 0.25, "half_width": 0.05, "prior_mtd": 2}),
}


@several
@given(
    st.sampled_from(sorted(PARENTS)),
    cohort_trials(),
    st.integers(1, 4),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0.0, 0.5, 1.0]),
    SEEDS,
)
def test_with_a_window_of_no_length_time_weighted_rules_are_their_parents(
    name: str, document: Document, size: int, early: bool, replaced: bool, pending: float, seed: int
) -> None:
    parent, parameters = PARENTS[name]
    document.pop("infusion", None)  # each is infused, and the outcome known, at enrolment
    dosing: Document = {
        "levels": ["1 mg", "2 mg", "4 mg"],
        "cohort_size": size,
        "observation": "0 days",
        "stop_cohort_early": early,
        "replace_non_evaluable": replaced,
    }
    document["truth"] = {"dlt_probability": [0.1, 0.25, 0.5], "loss_in_window_probability": 0.15}
    waits = {"max_pending_fraction": pending, "minimum_follow_up": pending}
    rules = {parent: parameters}, {name: parameters | waits}
    plain, timed = (simulate(document | {"dosing": {**dosing, "rule": rule}}, seed) for rule in rules)
    assert (plain.end_day, plain.end_cause) == (timed.end_day, timed.end_cause)
    assert plain.recommended_level == timed.recommended_level
    for one, other in zip(plain.participants, timed.participants, strict=True):
        assert (one.infusion_day, one.level, one.outcome) == (other.infusion_day, other.level, other.outcome)


@several
@given(cohort_trials(), st.sampled_from(["queue", "turn_away"]), SEEDS)
def test_without_toxicity_rolling_six_treats_as_many_as_three_plus_three(
    document: Document, while_closed: str, seed: int
) -> None:
    document["trial"]["max_participants"] = 100
    document["recruitment"]["while_closed"] = while_closed
    document["dosing"].pop("cohort_size")
    rolling, three = (
        simulate(with_(document, "dosing", rule=rule), seed) for rule in ("rolling_six", "three_plus_three")
    )
    treated = [len(in_order(history, "infusion_day")) for history in (rolling, three)]
    assert three.end_cause == rolling.end_cause == "completed"
    assert treated[0] >= treated[1] == 3 * len(document["dosing"]["levels"])

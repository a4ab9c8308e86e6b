"""Plans that cannot work: an error where it is certain, a warning with the numbers else, and nothing just beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from trialsim.model import run
from trialsim.scenario import Scenario, ScenarioError, load

Document = dict[str, Any]
BASE: Document = {
    "trial": {"name": "w", "start_date": "2024-01-01", "max_participants": 10},
    "recruitment": {"sites": [{"name": "A", "rate": "1 per week"}]},
    "dosing": {"levels": ["1e8 cells"], "rule": "fixed", "cohort_size": 3},
    "stopping": {"time_limit": "5 years"},
}
STOCK: Document = {"policy": "to_stock", "target_doses": 2, "cells_per_lot": 1e8, "expansion": "10 days"}
OWN: Document = {"kind": "autologous", "policy": "to_order", "cells_per_lot": 1e8, "expansion": "30 days"}
SHUT: Document = {"from": "2020-01-01", "until": "2199-01-01", "factor": 0}
SITES = [{"name": "A", "rate": "1 per week"}, {"name": "B", "rate": "1 per week"}]


def plan(**sections: Any) -> Scenario:
    return Scenario.from_document({**BASE, **sections})


CERTAIN: dict[str, tuple[Document, str, Document]] = {
    "eligibility ends before a slot": (
        {"waiting": {"eligibility_valid": "4 days"}, "infusion": {"notice": "7 days"}},
        "waiting.eligibility_valid: 4 days, but a slot is booked 7 days ahead",
        {"waiting": {"eligibility_valid": "8 days"}, "infusion": {"notice": "7 days"}},
    ),
    "eligibility ends at the moment of a slot": (
        {"waiting": {"eligibility_valid": "7 days"}, "infusion": {"notice": "7 days"}},
        "waiting.eligibility_valid: 7 days, which booking a slot takes up (infusion.notice)",
        {"waiting": {"eligibility_valid": "8 days"}, "infusion": {"notice": "7 days"}},
    ),
    "lots expire before a slot": (
        {"product": {**STOCK, "shelf_life": "3 days"}, "infusion": {"notice": "7 days"}},
        "product.shelf_life: 3 days",
        {"product": {**STOCK, "shelf_life": "14 days"}, "infusion": {"notice": "7 days"}},
    ),
    "lots expire on their way": (
        {"product": {**OWN, "shelf_life": "3 days", "shipping": {"uniform": {"min": "4 days", "max": "5 days"}}}},
        "take at least 4, so no lot can ever be infused",
        {"product": {**OWN, "shelf_life": "6 days", "shipping": {"uniform": {"min": "4 days", "max": "5 days"}}}},
    ),
    "eligibility ends before one's product is made": (
        {"product": OWN, "waiting": {"eligibility_valid": "33 days"}, "infusion": {"notice": "7 days"}},
        "take at least 37 days",
        {"product": OWN, "waiting": {"eligibility_valid": "38 days"}, "infusion": {"notice": "7 days"}},
    ),
    "every site is closed for ever": (
        {"recruitment": {"sites": SITES, "periods": [SHUT | {"sites": ["A"]}, SHUT | {"sites": ["B"]}]}},
        "recruitment.periods: with a factor of 0 they close every site",
        {"recruitment": {"sites": SITES, "periods": [SHUT | {"sites": ["A"]}]}},
    ),
    "every site is closed until the time limit": (
        {"recruitment": {"sites": SITES, "periods": [SHUT | {"until": "2029-01-01"}]}},
        "so nobody ever comes",
        {"recruitment": {"sites": SITES, "periods": [SHUT | {"until": "2028-11-01"}]}},
    ),
}


@pytest.mark.parametrize("name", CERTAIN)
def test_what_certainly_cannot_work_is_an_error_in_a_file(name: str, tmp_path: Path) -> None:
    refused, words, taken = CERTAIN[name]
    path = tmp_path / "plan.yaml"
    path.write_text(json.dumps(BASE | refused))
    with pytest.raises(ScenarioError) as caught:
        load(path)
    (problem,) = caught.value.problems
    assert problem.line == 1 and words in str(problem)
    path.write_text(json.dumps(BASE | taken))
    assert any(run(load(path), seed=1, replication=number).participants for number in range(1, 6))


def test_who_comes_at_the_beginning_of_a_day_is_eligible_still_at_that_of_another() -> None:
    sites = {"recruitment": {"sites": [{"name": "A", "arrival_days": [1, 2, 3]}]}}
    s = plan(
        **sites, trial=BASE["trial"] | {"max_participants": 3}, **CERTAIN["eligibility ends at the moment of a slot"][0]
    )
    assert s.warnings() == []
    assert [who.infusion_day for who in run(s, seed=1, replication=1).participants] == [8, 9, 10]


@pytest.mark.parametrize("name", CERTAIN)
def test_it_is_a_warning_from_python_and_true(name: str) -> None:
    refused, words, _ = CERTAIN[name]
    (warning,) = plan(**refused).warnings()
    assert words in warning
    infused = (
        who.infusion_day for n in range(1, 6) for who in run(plan(**refused), seed=1, replication=n).participants
    )
    assert all(day is None for day in infused)


@pytest.mark.parametrize(
    ("sections", "words", "beside"),
    [
        (
            {"product": OWN, "waiting": {"eligibility_valid": "20 days", "rescreen_probability": 0.5}},
            "waiting.eligibility_valid: 20 days, but making a lot to order and booking a slot take 30 days on average",
            {"product": OWN, "waiting": {"eligibility_valid": "31 days", "rescreen_probability": 0.5}},
        ),
        (
            {"waiting": {"eligibility_valid": "8 days"}, "infusion": {"notice": "7 days", "weekdays": ["Monday"]}},
            "waiting.eligibility_valid: 8 days, but after a notice of 7 days only 14 % of those found eligible",
            {"waiting": {"eligibility_valid": "11 days"}, "infusion": {"notice": "7 days", "weekdays": ["Monday"]}},
        ),
        (
            {"dosing": {"levels": ["1 mg", "2 mg"], "rule": "three_plus_three"}, "truth": {"dlt_probability": [0, 0]}}
            | {"trial": BASE["trial"] | {"max_participants": 40}},
            "trial.max_participants: 40 wanted, but three_plus_three treats at most 12 on 2 levels",
            {"dosing": {"levels": ["1 mg", "2 mg"], "rule": "three_plus_three"}, "truth": {"dlt_probability": [0, 0]}}
            | {"trial": BASE["trial"] | {"max_participants": 12}},
        ),
        (
            {"recruitment": {"rate_multiplier": 0, "sites": [{"name": "A", "arrival_days": [1] * 10}]}},
            "recruitment.rate_multiplier: has no effect",
            {"recruitment": {"sites": [{"name": "A", "arrival_days": [1] * 10}]}},
        ),
        (
            {
                "recruitment": {
                    "sites": [{"name": "A", "arrival_days": [1] * 10}, {"name": "B", "rate": "1 per week"}],
                    "periods": [{"from": "2024-02-01", "until": "2024-03-01", "factor": 0.5, "sites": ["A"]}],
                }
            },
            "recruitment.periods.1: has no effect, because the sites it concerns have fixed days of arrival",
            {
                "recruitment": {
                    "sites": [{"name": "A", "arrival_days": [1] * 10}, {"name": "B", "rate": "1 per week"}],
                    "periods": [{"from": "2024-02-01", "until": "2024-03-01", "factor": 0.5}],
                }
            },
        ),
        (
            {"infusion": {"closures": [{"name": "August", "from": "2023-08-01", "until": "2024-01-01"}]}},
            "infusion.closures.August: ends by 2024-01-01, before the trial starts (2024-01-01)",
            {"infusion": {"closures": [{"name": "August", "from": "2023-08-01", "until": "2024-01-02"}]}},
        ),
        (
            {"recruitment": {"sites": SITES, "periods": [{"from": "2023-01-01", "until": "2023-12-01", "factor": 2}]}},
            "recruitment.periods.1: ends by 2023-12-01, before the trial starts (2024-01-01)",
            {"recruitment": {"sites": SITES, "periods": [{"from": "2023-01-01", "until": "2024-02-01", "factor": 2}]}},
        ),
        (
            {"recruitment": {"sites": SITES, "periods": [{"from": "2030-01-01", "until": "2031-01-01", "factor": 2}]}},
            "recruitment.periods.1: begins on 2030-01-01, after the trial is over",
            {"recruitment": {"sites": SITES, "periods": [{"from": "2028-01-01", "until": "2031-01-01", "factor": 2}]}},
        ),
    ],
)
def test_what_is_hopeless_or_idle_is_warned_of(sections: Document, words: str, beside: Document) -> None:
    (warning,) = plan(**sections).warnings()
    assert warning.startswith(words)
    assert plan(**beside).warnings() == []

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from trialsim.analysis.facts import Facts, Observation, Target
from trialsim.analysis.summary import summary_of
from trialsim.columns import Kind
from trialsim.frames import typed
from trialsim.tables import COURSES, replication_columns
from trialsim.vocabulary import MONTH, Milestone

FACTS = Facts(
    name="small",
    start_date=datetime.date(2024, 2, 1),
    max_participants=3,
    targets=(Target(Milestone.SETTLED, datetime.date(2024, 3, 12)),),  # day 40
    levels=("1 mg", "2 mg"),
    observed=(
        Observation(datetime.date(2024, 3, 2), {"screened": 9, "infused": 2, "infused_level_1": 2, "unheard_of": 1}),
        Observation(datetime.date(2024, 2, 1), {"screened": 1}),
    ),
)


def replications(*rows: dict[str, Any]) -> pd.DataFrame:
    columns = replication_columns(2)
    usual = {
        name: 0 if column.kind is Kind.COUNT or name.startswith("days_") else None for name, column in columns.items()
    }
    filled = [{**usual, "scenario": "small", "replication": n, **row} for n, row in enumerate(rows, start=1)]
    return typed(columns, {name: [row[name] for row in filled] for name in columns})


FOUR = replications(
    {"end_cause": "completed", "end_day": 30.5, "screened": 8, "infused": 3, "last_infusion_day": 20,
     "infused_level_1": 1, "infused_level_2": 2, "recommended_level": 2, "days_review": 30.5},
    # still on the planned day
    {"end_cause": "completed", "end_day": 40.75, "screened": 10, "infused": 3, "last_infusion_day": 30,
     "infused_level_1": 3, "recommended_level": 1, "days_review": 20.75, "days_slot": 20, "dlts_level_1": 1,
     "lots_started": 4, "lots_failed": 1},
    {"end_cause": "completed", "end_day": 41, "screened": 12, "infused": 4, "last_infusion_day": 40,
     "infused_level_1": 4, "recommended_level": 1, "days_slot": 41},
    {"end_cause": "safety", "end_day": 10, "screened": 9, "infused": 2, "last_infusion_day": 9, "infused_level_1": 2,
     "days_observation": 10},
)  # fmt: skip


def summary() -> dict[str, Any]:
    return summary_of(FACTS, FOUR)


def test_is_plain_json_without_nan() -> None:
    assert json.loads(json.dumps(summary(), allow_nan=False)) == summary()
    assert list(summary()) == [
        "replications", "duration", "early_termination", "end_causes", "targets", "milestones", "funnel", "levels",
        "attribution", "waste", "observed",
    ]  # fmt: skip


def test_every_figure_says_how_many_are_behind_it() -> None:
    def figures(value: Any, path: str) -> list[str]:
        if isinstance(value, list):
            return [name for n, entry in enumerate(value) for name in figures(entry, f"{path}[{n}]")]
        if not isinstance(value, dict):
            return []
        bare = {"mean", "probability", "place"} & set(value) and "replications" not in value
        inner = [name for key, entry in value.items() if key != "over_time" for name in figures(entry, f"{path}.{key}")]
        return ([path] if bare else []) + inner

    assert figures(summary(), "") == []


def test_duration() -> None:
    duration = summary()["duration"]
    assert duration["p50"]["value"] == 35.625  # halfway between 30.5 and 40.75
    assert duration["p50"]["date"] == "2024-03-07"  # day 35 after 1 February 2024, a leap year
    assert duration["p50"]["low"] is None  # four replications cannot bound a median
    assert duration["mean"] == 30.5625
    assert duration["replications"] == 4


def test_risks() -> None:
    early = summary()["early_termination"]
    assert (early["count"], early["replications"], early["probability"]) == (1, 4, 0.25)
    assert (early["low"], early["high"]) == (pytest.approx(0.0456, abs=1e-4), pytest.approx(0.6994, abs=1e-4))
    assert summary()["end_causes"]["external"]["probability"] == 0.0


def test_end_causes_over_time() -> None:
    causes = summary()["end_causes"]
    assert causes["completed"]["over_time"] == {"day": [0, MONTH, 2 * MONTH], "probability": [0, 0, 0.75]}
    assert causes["safety"]["over_time"]["probability"] == [0, 0.25, 0.25]
    assert sum(cause["over_time"]["probability"][-1] for cause in causes.values()) == 1


def test_a_century_does_not_make_a_thousand_moments() -> None:
    century = summary_of(FACTS, replications({"end_cause": "time_limit", "end_day": 36525.0}))
    moments = century["end_causes"]["time_limit"]["over_time"]
    assert len(moments["day"]) <= 122
    assert moments["day"][-1] >= 36525
    assert moments["probability"][-1] == 1


def test_a_target_is_met_by_completing_up_to_its_last_hour() -> None:
    (planned,) = summary()["targets"]
    assert (planned["milestone"], planned["date"]) == ("settled", "2024-03-12")
    assert planned["probability"] == 0.5
    assert planned["milestones"]["settled"]["probability"] == 0.75  # the fourth had ended early
    assert planned["milestones"]["last_infusion"]["probability"] == 1
    assert planned["milestones"]["last_visit"]["probability"] == 0  # it is not known when
    assert summary_of(Facts("small", FACTS.start_date, 3), FOUR)["targets"] == []


def test_milestones_count_those_who_never_reach_them() -> None:
    milestones = summary_of(FACTS, FOUR.assign(last_infusion_day=[20.0, 30.0, 40.0, np.nan]))["milestones"]
    assert milestones["last_infusion"]["reached"]["probability"] == 0.75
    assert milestones["last_infusion"]["p50"]["value"] == 30
    assert milestones["last_infusion"]["replications"] == 3
    assert milestones["database_lock"]["reached"]["probability"] == 0
    assert milestones["database_lock"]["p50"] == {"value": None, "low": None, "high": None, "date": None}


def test_all_milestones_are_there_in_order_the_settled_day_among_them() -> None:
    milestones = summary()["milestones"]
    assert list(milestones) == [*Milestone]
    assert milestones["settled"]["p50"] == summary()["duration"]["p50"]


def test_funnel_and_waste() -> None:
    screened = summary()["funnel"]["screened"]
    assert screened["mean"] == 9.75
    assert screened["sd"] == pytest.approx(1.7078, abs=1e-4)
    assert screened["standard_error"] == pytest.approx(0.8539, abs=1e-4)
    assert summary()["waste"]["lots_failed"]["mean"] == 0.25


def test_levels() -> None:
    levels = summary()["levels"]
    assert [dose["dose"] for dose in levels["doses"]] == ["1 mg", "2 mg"]
    assert [dose["infused"]["mean"] for dose in levels["doses"]] == [2.5, 0.5]
    assert [dose["dlts"]["mean"] for dose in levels["doses"]] == [0.25, 0]
    assert [dose["recommended"]["probability"] for dose in levels["doses"]] == [0.5, 0.25]
    assert levels["none_recommended"]["probability"] == 0.25
    assert summary_of(Facts("small", FACTS.start_date, 3), FOUR)["levels"] is None


def test_attribution_shares_make_the_whole() -> None:
    attribution = summary()["attribution"]
    assert attribution["review"]["mean"] == 12.8125
    assert attribution["review"]["share"] == 12.8125 / 30.5625
    assert sum(piece["share"] for piece in attribution.values()) == pytest.approx(1, abs=1e-12)
    at_once = summary_of(FACTS, replications({"end_cause": "safety", "end_day": 0.0}))
    assert at_once["attribution"]["review"]["share"] is None


def test_the_last_observation_against_the_totals() -> None:
    observed = {entry["quantity"]: entry for entry in summary()["observed"]}
    assert list(observed) == ["duration", "screened", "infused", "infused_level_1"]
    assert observed["duration"]["value"] == 30
    assert observed["duration"]["place"] == 0.25
    assert observed["screened"]["place"] == 0.375  # one below 9, one equal, of four
    assert (observed["screened"]["at_most"], observed["screened"]["at_least"]) == (0.5, 0.75)
    assert observed["infused_level_1"]["place"] == (1 + 0.5) / 4
    assert observed["screened"]["p50"] == 9.5


def test_earlier_observations_against_the_same_day() -> None:
    values = {"day": [0, 0, 30], "quantity": ["screened", "screened", "screened"], "value": [0, 1, 9]}
    courses = typed(COURSES, {**values, "replications": [3, 1, 4]})
    *_, early = summary_of(FACTS, FOUR, courses)["observed"]
    assert (early["quantity"], early["date"], early["compared_with"]) == ("screened", "2024-02-01", "that_day")
    assert early["place"] == (3 + 0.5) / 4
    assert early["p80"] == pytest.approx(0.4)
    assert early["replications"] == 4
    assert len(summary_of(FACTS, FOUR, courses)["observed"]) == len(summary()["observed"]) + 1


def test_a_trial_that_still_runs_is_compared_on_that_day_alone() -> None:
    values = {"day": [30, 30, 40], "quantity": ["screened"] * 3, "value": [7, 9, 12], "replications": [3, 1, 4]}
    running = replace(FACTS, observed=(Observation(datetime.date(2024, 3, 2), {"screened": 9}, ended=False),))
    (entry,) = summary_of(running, FOUR, typed(COURSES, values))["observed"]  # no duration, no counts of whole trials
    assert (entry["quantity"], entry["compared_with"]) == ("screened", "that_day")
    assert entry["place"] == (3 + 0.5) / 4


def test_an_entry_with_one_person_infused_dates_the_first_infusion() -> None:
    first = Observation(datetime.date(2024, 2, 13), {"infused": 1})  # day 12
    facts = replace(FACTS, observed=(first, *FACTS.observed))
    days = [10.0, 20.0, None, 12.0]
    *_, entry = summary_of(facts, FOUR.assign(first_infusion_day=np.array(days, dtype=float)))["observed"]
    assert (entry["quantity"], entry["value"], entry["replications"]) == ("first_infusion", 12, 3)
    assert entry["place"] == (1 + 0.5) / 3
    two = replace(facts, observed=(replace(first, counts={"infused": 2}), *FACTS.observed))
    assert all(entry["quantity"] != "first_infusion" for entry in summary_of(two, FOUR)["observed"])


def test_no_replications() -> None:
    with pytest.raises(ValueError, match="no replications"):
        summary_of(FACTS, replications().iloc[:0])

"""Results depend on scenario, seed and number of the replication, and on nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import trialsim
from trialsim import Scenario
from trialsim.experiment import running
from trialsim.experiment.engines import simpy
from trialsim.frames import typed
from trialsim.inventory import Findings, look_at
from trialsim.tables import LOTS, PARTICIPANTS, replication_columns

DOCUMENT: dict[str, Any] = {
    "trial": {"name": "small", "start_date": "2027-01-11", "max_participants": 6, "close_out": "1 month"},
    "recruitment": {"sites": [{"name": "Leiden", "rate": "2 per month"}]},
    "screening": {"duration": {"exponential": {"mean": "2 weeks"}}, "pass_probability": 0.6},
    "waiting": {"withdrawal": "0.1 per month"},
    "product": {
        "policy": "to_stock",
        "target_doses": 1,
        "expansion": "5 weeks",
        "release_probability": 0.8,
        "cells_per_lot": 2e8,
    },
    "dosing": {
        "levels": ["1e8 cells", "2e8 cells"],
        "cohort_size": 3,
        "observation": "2 weeks",
        "rule": {"ladder": {"max_dlts": 1}},
    },
    "truth": {"dlt_probability": [0.1, 0.3]},
    "stopping": {"time_limit": "2 years"},
}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return Scenario.from_document(DOCUMENT)


@pytest.fixture(scope="module")
def forty(scenario: Scenario) -> trialsim.Results:
    return trialsim.simulate(scenario, 40, seed=7, jobs=1, detail=True, engine="simpy")


def assert_same(one: trialsim.Results, other: trialsim.Results) -> None:
    assert_frame_equal(one.replications, other.replications)
    assert_frame_equal(one.courses, other.courses)
    assert one.participants is not None and other.participants is not None
    assert one.lots is not None and other.lots is not None
    assert_frame_equal(one.participants, other.participants)
    assert_frame_equal(one.lots, other.lots)


def test_the_trials_differ_and_every_layer_is_at_work(forty: trialsim.Results) -> None:
    """Else the comparisons below would compare nothing."""
    table = forty.replications
    assert list(table["replication"]) == list(range(1, 41))
    assert table["end_day"].nunique() == 40
    for column in ("screen_failures", "withdrawn", "dlts", "lots_failed", "days_product", "infused_level_2"):
        assert table[column].sum() > 0, column
    assert forty.participants is not None
    assert "under_dosed" not in forty.participants


def test_processes_do_not_matter(scenario: Scenario, forty: trialsim.Results) -> None:
    assert_same(forty, trialsim.simulate(scenario, 40, seed=7, jobs=2, detail=True, engine="simpy"))


def test_chunks_do_not_matter(scenario: Scenario, forty: trialsim.Results, monkeypatch: pytest.MonkeyPatch) -> None:
    for size in (1, 7):
        monkeypatch.setattr(simpy, "_LARGEST_CHUNK", size)
        assert_same(forty, trialsim.simulate(scenario, 40, seed=7, jobs=1, detail=True, engine="simpy"))


def test_a_replication_does_not_depend_on_how_many_there_are(scenario: Scenario, forty: trialsim.Results) -> None:
    few = trialsim.simulate(scenario, 17, seed=7, jobs=1)
    assert_frame_equal(few.replications, forty.replications.head(17))
    assert few.participants is None
    assert few.lots is None


def test_a_trace_is_that_replication(scenario: Scenario, forty: trialsim.Results) -> None:
    alone = trialsim.trace(scenario, seed=7, replication=17)
    row = forty.replications.iloc[16]
    assert alone.ends["end_day"].item() == row["end_day"]
    assert alone.ends["end_cause"].item() == row["end_cause"]
    assert forty.participants is not None
    of_seventeen = forty.participants[forty.participants["replication"] == 17].reset_index(drop=True)
    assert_frame_equal(alone.participants, of_seventeen)
    json.dumps(alone.to_document(), allow_nan=False)


def test_another_seed_is_other_luck(scenario: Scenario, forty: trialsim.Results) -> None:
    other = trialsim.simulate(scenario, 40, seed=8, jobs=1)
    assert not set(other.replications["end_day"]) & set(forty.replications["end_day"])


def test_work_that_takes_long_is_shared(
    scenario: Scenario, forty: trialsim.Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Started here, finished in other processes: the seam does not show."""
    monkeypatch.setattr(running, "available_cores", lambda: 2)
    monkeypatch.setattr(running, "_PROBE_SECONDS", 0.0)
    monkeypatch.setattr(running, "_WORTH_PROCESSES_SECONDS", 0.0)
    seen: list[tuple[int, int]] = []
    shared = trialsim.simulate(
        scenario, 40, seed=7, jobs=None, detail=True, engine="simpy", progress=lambda *done: seen.append(done)
    )
    assert_same(forty, shared)
    assert seen[:2] == [(0, 40), (1, 40)]
    assert seen[-1] == (40, 40)
    assert seen == sorted(set(seen))


class StopAtOnce:
    """A rule of one's own."""

    cohorts = True

    def decide(self, view: Any) -> Any:
        from trialsim.rules.base import Stop

        return Stop(None)

    def recommend(self, view: Any) -> int | None:
        return None


def test_a_rule_of_ones_own(scenario: Scenario) -> None:
    results = trialsim.simulate(scenario, 5, rule=StopAtOnce(), jobs=1)
    assert set(results.replications["end_cause"]) == {"safety"}
    assert repr(results) == f"Results({scenario.name}: 5 replications, seed 1)"
    assert_frame_equal(results.replications, trialsim.simulate(scenario, 5, rule=StopAtOnce(), jobs=2).replications)


class Undecided:
    def decide(self, view: Any) -> Any: ...


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("boin", r"'boin' is how a scenario names a rule, .*scenario\.changed\(\{\"dosing\.rule\": 'boin'\}\)"),
        ({"boin": {"target": 0.3}}, r"is how a scenario names a rule"),
        (StopAtOnce, r"StopAtOnce is a class; .* give StopAtOnce\(…\)"),
        (Undecided(), r"has no method recommend; a dose rule is an object"),
        (3, r"3 has no method decide and no method recommend"),
    ],
)
def test_what_is_no_rule_is_refused(scenario: Scenario, rule: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        trialsim.simulate(scenario, 5, rule=rule)
    with pytest.raises(TypeError, match=words):
        trialsim.trace(scenario, rule=rule)


def test_a_rule_that_cannot_travel_is_explained_or_stays(scenario: Scenario) -> None:
    class Local(StopAtOnce):
        pass

    with pytest.raises(ValueError, match=r"cannot be sent to other processes .* or use jobs=1"):
        trialsim.simulate(scenario, 5, rule=Local(), jobs=2)
    assert len(trialsim.simulate(scenario, 5, rule=Local()).replications) == 5


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"replications": 0}, "replications must be 1 or more, not 0"),
        ({"seed": -1}, "seed must be from 0"),
        ({"seed": 2**64}, "seed must be from 0"),
        ({"jobs": 0}, "jobs must be 1 or more"),
        ({"engine": "steam"}, "engine must be one of auto, simpy, compiled, not steam"),
    ],
)
def test_numbers_out_of_range_are_refused(scenario: Scenario, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        trialsim.simulate(scenario, **wrong)


@pytest.mark.parametrize("wrong", [{"replications": 2.5}, {"seed": "1"}, {"jobs": True}])
def test_what_is_no_whole_number_is_refused_by_name(scenario: Scenario, wrong: dict[str, Any]) -> None:
    ((name, value),) = wrong.items()
    with pytest.raises(TypeError, match=f"{name} must be a whole number, not {value!r}"):
        trialsim.simulate(scenario, **wrong)


def test_figures_show_the_replication_that_a_rule_of_ones_own_made(scenario: Scenario, forty: trialsim.Results) -> None:
    """The people in them are simulated once more where there is no table of them, and by the same rule."""
    bare = trialsim.simulate(scenario, 5, rule=StopAtOnce(), jobs=1)
    people = bare._with_typical_people.participants
    assert people is not None
    assert people.empty  # stopped before anybody came
    usual = trialsim.simulate(scenario, 5, jobs=1)._with_typical_people.participants
    assert usual is not None
    assert usual["replication"].nunique() == 1
    assert forty._with_typical_people is forty
    assert forty.figure("duration").axes


def test_a_folder_of_results_holds_everything(scenario: Scenario, forty: trialsim.Results, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    forty.save(folder, figures=False)
    assert look_at(folder) == Findings()
    for name, table, columns in (
        ("replications", forty.replications, replication_columns(scenario.levels)),
        ("participants", forty.participants, PARTICIPANTS),
        ("lots", forty.lots, LOTS),
    ):
        assert table is not None
        read = pd.read_parquet(folder / f"{name}.parquet")
        assert list(read) == list(table)
        assert_frame_equal(typed(columns, read), table)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["digest"] == scenario.digest()
    assert Scenario.from_document(manifest["scenario"]) == scenario
    assert (manifest["seed"], manifest["replications"], manifest["engine"]) == (7, 40, "simpy")
    assert json.loads((folder / "summary.json").read_text())["replications"] == 40

"""What the author wrote is kept beside the numbers that are used."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import trialsim
from trialsim.scenario import Scenario, load
from trialsim.scenario.sweep import load_sweep

TEXT = """\
trial: {name: written, start_date: 2027-01-11, max_participants: 4, close_out: 2 months}
recruitment:
  sites:
    - {name: Lyon, rate: 0.653 per month, activation: {uniform: {min: 2 weeks, max: 1 month}}}
    - {name: "Paris ", rate: 1 per day}
follow_up: {duration: 1 year}
stopping: {time_limit: 4 years}
"""


def scenario(tmp_path: Path, *options: str) -> Scenario:
    (tmp_path / "written.yaml").write_text(TEXT)
    return load(tmp_path / "written.yaml", set=options)


def test_the_manifest_has_what_was_written_beside_the_number_used(tmp_path: Path) -> None:
    results = trialsim.simulate(scenario(tmp_path), 2)
    manifest = json.loads(json.dumps(results.manifest()))
    assert manifest["scenario"]["recruitment"]["sites"][0]["rate"].endswith(" per day")
    assert manifest["written"] == {
        "trial.close_out": "2 months",
        "recruitment.sites.Lyon.rate": "0.653 per month",
        "recruitment.sites.Lyon.activation": {"uniform": {"min": "2 weeks", "max": "1 month"}},
        "follow_up.duration": "1 year",
        "stopping.time_limit": "4 years",
    }


def test_what_an_option_brought_was_written_too(tmp_path: Path) -> None:
    written = scenario(tmp_path, "recruitment.sites.Lyon.rate=2 per year", "stopping=null").written
    assert written["recruitment.sites.Lyon.rate"] == "2 per year"
    assert "stopping.time_limit" not in written


def test_a_what_if_keeps_what_it_leaves_alone(tmp_path: Path) -> None:
    changed = scenario(tmp_path).changed({"recruitment.sites.Lyon.rate": "1 per year"})
    assert "recruitment.sites.Lyon.rate" not in changed.written
    assert changed.written["follow_up.duration"] == "1 year"


def test_scenarios_that_mean_the_same_are_equal_however_they_are_written(tmp_path: Path) -> None:
    one = scenario(tmp_path)
    (tmp_path / "other.yaml").write_text(TEXT.replace("1 year", "12 months"))
    other = load(tmp_path / "other.yaml")
    assert one == other and one.digest() == other.digest() and one.written != other.written
    assert one != one.changed({"follow_up.duration": "2 years"})
    assert pickle.loads(pickle.dumps(one)).written == one.written


def test_a_sweep_shows_its_base_as_it_was_written(tmp_path: Path) -> None:
    scenario(tmp_path)
    sweep = load_sweep(str(tmp_path / "written.yaml"), vary=["recruitment.sites.Lyon.rate=1 per month"])
    assert [point.values["recruitment.sites.Lyon.rate"] for point in sweep.points] == ["0.653 per month", "1 per month"]

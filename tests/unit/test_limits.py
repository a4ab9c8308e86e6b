"""What docs/limits.md says: each limit is taken at n and refused at n + 1, quickly and in few words."""

from __future__ import annotations

import time
from pathlib import Path

import click
import pytest

from tests.support.limits import HEAD, SITE, TOO_MUCH
from trialsim.cli import options
from trialsim.cli.run import run_command
from trialsim.cli.sweep import compare_command, sweep_command
from trialsim.experiment.arguments import MOST_JOBS, MOST_REPLICATIONS
from trialsim.experiment.running import check
from trialsim.model import clock, run
from trialsim.scenario import Scenario, ScenarioError, load
from trialsim.scenario.messages.errors import MOST_SHOWN
from trialsim.scenario.reading.yaml_nodes import MOST_VALUES
from trialsim.scenario.reading.yaml_text import LARGEST_FILE
from trialsim.scenario.sweep import MOST_POINTS, load_sweep
from trialsim.scenario.values.units import duration


def sites(*entries: str, more: str = "") -> str:
    return HEAD + "recruitment:\n  sites:\n" + "".join(f"    - {{{entry}}}\n" for entry in entries) + more


def file_of(size: int) -> str:
    text = HEAD + SITE
    return text + "#" * (size - len(text))


def values(number: int) -> str:
    """A file with so many keys and values: 18 of the least scenario, 10 around the list, and its entries."""
    return (
        HEAD
        + SITE
        + "screening: {pass_probability: 1, duration: {empirical: {values: ["
        + ", ".join(["1 day"] * (number - 28))
        + "]}}}\n"
    )


def ladder(levels: int) -> str:
    doses = ", ".join(f"{number} mg" for number in range(1, levels + 1))
    return HEAD + SITE + f"dosing: {{rule: fixed, cohort_size: 3, levels: [{doses}]}}\n"


def nested(levels: int) -> str:
    return "a: " + "[" * (levels - 1) + "]" * (levels - 1)


LIMITS = {
    "bytes": (file_of(LARGEST_FILE), file_of(LARGEST_FILE + 1), "at most 400,000 bytes"),
    "values": (values(MOST_VALUES), values(MOST_VALUES + 1), "more than 12,000 keys and values"),
    "sites": (
        sites("name: A, rate: 1 per year, count: 9999", "name: B, rate: 1 per year"),
        sites("name: A, rate: 1 per year, count: 10000", "name: B, rate: 1 per year"),
        "more than 10,000 sites in all",
    ),
    "people": (
        sites("name: A, count: 10, people: [{arrival: 1 day, count: 10000}]"),
        sites("name: A, count: 10, people: [{arrival: 1 day, count: 10000}]", "name: B, people: [{arrival: 1 day}]"),
        "more than 100,000 people",
    ),
    "candidates a day": (
        sites("name: A, rate: 10000 per day"),
        sites("name: A, rate: 10001 per day"),
        "up to 10001 candidates a day; at most 10,000",
    ),
    "candidates a day in a busy period": (
        sites("name: A, rate: 5000 per day", more="  periods: [{from: 2024-01-08, until: 2024-02-01, factor: 2}]\n"),
        sites("name: A, rate: 5001 per day", more="  periods: [{from: 2024-01-08, until: 2024-02-01, factor: 2}]\n"),
        "up to 10002 candidates a day",
    ),
    "lowest rate": (
        sites("name: A, rate: 1e-12 per day"),
        sites("name: A, rate: 0.99e-12 per day"),
        "a rate is 0, or at least 1e-12 per day",
    ),
    "highest rate": (
        sites("name: A, rate: 1 per day", more="waiting: {withdrawal: 1000000 per day}\n"),
        sites("name: A, rate: 1 per day", more="waiting: {withdrawal: 1000001 per day}\n"),
        "at most 1,000,000 per day",
    ),
    "dose levels": (ladder(100), ladder(101), "at most 100 entries"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_holds_at_n_and_n_plus_1(name: str, tmp_path: Path) -> None:
    taken, refused, words = LIMITS[name]
    assert isinstance(loaded(taken, tmp_path), Scenario)
    assert words in str(loaded(refused, tmp_path))


def test_levels_of_nesting(tmp_path: Path) -> None:
    assert "nested too deeply" not in str(loaded(nested(40), tmp_path))
    assert "nested too deeply; at most 40 levels" in str(loaded(nested(41), tmp_path))


def test_processes() -> None:
    check(1, 1, MOST_JOBS)
    assert options.MOST_JOBS == MOST_JOBS
    with pytest.raises(ValueError, match="jobs must be at most 61, not 62"):
        check(1, 1, MOST_JOBS + 1)


def test_points_of_a_sweep() -> None:
    def points(number: int) -> str:
        return "trial.max_participants=" + ",".join(map(str, range(1, number + 1)))

    assert len(load_sweep("teaching-minimal", [points(MOST_POINTS)]).points) == MOST_POINTS
    with pytest.raises(ScenarioError, match="1,001 points; a sweep has at most 1,000"):
        load_sweep("teaching-minimal", [points(MOST_POINTS + 1)])


def test_points_of_a_large_sweep(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_text(sites(*(f"name: A{number}, rate: 1 per year" for number in range(2000))))
    with pytest.raises(ScenarioError, match="a sweep has at most 500,000"):
        load_sweep(path, ["trial.max_participants=" + ",".join(map(str, range(1, 100)))])


SWEEPS = {
    "points": ([f"name: A{number}, rate: 1 per year" for number in range(77)], "recruitment.rate_multiplier", 1000),
    "sites": (["name: A, rate: 1 per year, count: 450"], "trial.max_participants", 1000),
    "keys": ([f"name: A{number}, rate: 1 per year" for number in range(1000)], "trial.max_participants", 80),
    "one site of many": (["name: A, rate: 1 per year, count: 1000"], "recruitment.sites.A-7.max_candidates", 80),
}


@pytest.mark.undisturbed
@pytest.mark.parametrize("name", SWEEPS)
def test_a_sweep_near_its_limits_is_checked_within_two_seconds(name: str, tmp_path: Path) -> None:
    entries, key, points = SWEEPS[name]
    path = tmp_path / "large.yaml"
    path.write_text(sites(*entries))
    began = time.process_time()
    assert len(load_sweep(path, [f"{key}=" + ",".join(map(str, range(1, points + 1)))]).points) >= points
    assert time.process_time() - began < 2
    with pytest.raises(ScenarioError, match="a sweep has at most"):
        load_sweep(path, [f"{key}=" + ",".join(map(str, range(1, points * 2)))])


ALL_SOURCED = "sources:\n" + "".join(
    f"  recruitment.sites.A{number}.rate: {{kind: observed, note: log {number}}}\n" for number in range(900)
)
"""Of as many sites as fit into a file beside it."""


@pytest.mark.undisturbed
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("recruitment.rate_multiplier", "{}"),
        ("recruitment.sites.A7.rate", "{} per year"),
        ("recruitment.sites.B", "{{rate: {} per year}}"),
        ("recruitment.sites.A7.rate", "-{} per year"),
    ],
)
def test_a_sweep_of_a_scenario_with_many_sources_is_checked_within_four_seconds(
    key: str, value: str, tmp_path: Path
) -> None:
    """Also where every point is wrong: what is wrong with a few of them is told."""
    path = tmp_path / "large.yaml"
    path.write_text(sites(*(f"name: A{number}, rate: 1 per year" for number in range(900))) + ALL_SOURCED)
    values = ",".join(value.format(number) for number in range(1, 46))
    began = time.process_time()
    try:
        assert len(load_sweep(path, [f"{key}={values}"]).points) >= 45
    except ScenarioError as error:
        assert value.startswith("-") and 5 <= len(error.problems) < 45
    assert time.process_time() - began < 4


def test_a_sweep_that_is_wrong_at_every_point_is_told_soon(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_text(sites(*SWEEPS["points"][0]))
    began = time.process_time()
    with pytest.raises(ScenarioError) as caught:
        load_sweep(path, ["trial.max_participants=" + ",".join(map(str, range(-1000, 0)))])
    assert time.process_time() - began < 2
    assert len(str(caught.value).splitlines()) == MOST_SHOWN


def test_a_duration() -> None:
    assert duration("1000000 days") == 1e6
    with pytest.raises(ValueError, match="a duration is at most 1,000,000 days"):
        duration("1000001 days")


def test_replications() -> None:
    assert options.MOST_REPLICATIONS == MOST_REPLICATIONS == 10_000_000
    check(MOST_REPLICATIONS, 1, 1)
    with pytest.raises(ValueError, match=r"replications must be at most 10,000,000, not 10000001"):
        check(MOST_REPLICATIONS + 1, 1, 1)
    for command in (run_command, sweep_command, compare_command):
        option = next(each for each in command.params if each.name == "replications")
        assert isinstance(option.type, click.IntRange) and option.type.max == MOST_REPLICATIONS


def test_events_in_a_replication(monkeypatch: pytest.MonkeyPatch) -> None:
    s = load("teaching-minimal")
    events = run(s, seed=1, replication=1).events
    monkeypatch.setattr(clock, "MOST_EVENTS", events)
    assert run(s, seed=1, replication=1).events == events
    monkeypatch.setattr(clock, "MOST_EVENTS", events - 1)
    with pytest.raises(clock.TooManyEvents):
        run(s, seed=1, replication=1)


def test_a_thousand_sites_with_long_names_are_taken(tmp_path: Path) -> None:
    name = "University hospital of a town, department of haematology, building"
    entries = [f'name: "{name} {number:4} {"of many " * 13}", rate: 0.1 per month' for number in range(1000)]
    text = sites(*entries)
    assert len(text) > 201_000
    found = loaded(text, tmp_path)
    assert isinstance(found, Scenario) and len(found.sites) == 1000


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_is_too_much_is_told_soon_and_in_few_words(name: str, tmp_path: Path) -> None:
    began = time.process_time()
    found = loaded(TOO_MUCH[name], tmp_path)
    spent = time.process_time() - began
    assert isinstance(found, ScenarioError)
    lines = str(found).splitlines()
    assert len(lines) <= MOST_SHOWN + 1
    assert all(len(line) < 600 for line in lines)
    assert spent < 2


def test_how_many_more_problems_there_are(tmp_path: Path) -> None:
    text = HEAD + SITE + "".join(f"k{number}: 1\n" for number in range(60))
    lines = str(loaded(text, tmp_path)).splitlines()
    assert len(lines) == 51 and lines[-1] == "and 10 more"


def test_a_rate_next_to_nothing_means_that_nobody_comes(tmp_path: Path) -> None:
    """Its inverse is beyond what numbers hold, which is no reason for a library's warning."""
    text = sites("name: A, rate: 1e-12 per day", more="  rate_multiplier: 1e-300\n")
    found = loaded(text, tmp_path)
    assert isinstance(found, Scenario)
    assert run(found, seed=1, replication=1).participants == []


def loaded(text: str, folder: Path) -> Scenario | ScenarioError:
    path = folder / "file.yaml"
    path.write_text(text)
    try:
        return load(path)
    except ScenarioError as error:
        return error

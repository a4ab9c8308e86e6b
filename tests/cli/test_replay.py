"""``trialsim replay`` as users meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command_line import Command

PEOPLE = """\
trial: {name: three, start_date: 2024-01-01, max_participants: 6}
recruitment:
  sites:
    - name: Replay
      people:
        - {arrival: 1 day, count: 3, every: 1 day}
        - {arrival: 4 days, count: 2, dlt: [null, 3 days]}
        - {arrival: 5 days, count: 9}
dosing: {levels: [1 mg, 2 mg], observation: 10 days, rule: three_plus_three}
"""
BOTH = ("--rule", "three_plus_three", "--rule", "rolling_six")


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "three.yaml"
    path.write_text(PEOPLE)
    return path


def squeezed(line: str) -> str:
    """A line with one space between its words."""
    return " ".join(line.split())


def test_the_scenario_s_own_rule(trialsim: Command, people: Path, tmp_path: Path) -> None:
    done = trialsim("replay", people)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    # the second three have waited until day 13; two of them have a DLT on day 16
    assert "three_plus_three: completed on day 16; recommended: level 1, 1 mg" in lines
    assert "4 4 13 13 2 2 16 16 DLT" in map(squeezed, lines)
    assert "Compared" not in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["three.yaml"]


def test_two_rules_side_by_side(trialsim: Command) -> None:
    done = trialsim("replay", "replay-two-levels", *BOTH, "--set", "recruitment.while_closed=turn_away")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert "three_plus_three: completed on day 25; recommended: level 2, 2 mg" in lines
    assert "rolling_six: completed on day 30; recommended: level 2, 2 mg" in lines
    told = [squeezed(line) for line in lines]
    assert "three_plus_three 25 25 2 6 0 19 0" in told
    assert "rolling_six 30 30 2 12 0 18 0" in told
    assert "4 4 turned away 4 (1)" in told
    assert "15 15 15 (2) 15 (2)" in told
    assert "16 16 turned away 16 (2)" in told


def test_json(trialsim: Command, people: Path) -> None:
    done = trialsim("replay", people, *BOTH, "--rule", "{boin: {target: 0.3}}", "--json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["scenario"], document["start_date"]) == (0, "three", "2024-01-01")
    classic, rolling, boin = document["rules"]
    assert [one["rule"] for one in document["rules"]] == ["three_plus_three", "rolling_six", "boin"]
    assert (classic["end_day"], classic["recommended_level"], classic["dlts"]) == (16, 1, 2)
    assert [each["infusion_day"] for each in rolling["participants"][:6]] == [1, 2, 3, 4, 4, 5]
    assert boin["participants"][3]["level"] == 2
    assert set(classic) == set(rolling)


def test_the_diary(trialsim: Command, people: Path) -> None:
    done = trialsim("replay", people, *BOTH, "--diary")
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert done.stdout.index("Replay: three_plus_three") < done.stdout.index("Replay: rolling_six")
    assert done.stdout.count("Trial      ends: completed") == 2
    assert "Replication" not in done.stdout


@pytest.mark.parametrize(("name", "begins"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.pdf", b"%PDF")])
def test_a_figure_of_each_kind(trialsim: Command, people: Path, tmp_path: Path, name: str, begins: bytes) -> None:
    (tmp_path / name).write_text("earlier")
    done = trialsim("replay", people, *BOTH, "--figure", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / name).read_bytes().startswith(begins)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "three.yaml"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--rule", "bion"], '--rule bion: dosing.rule: "bion" is not a dose rule; did you mean "boin"?'),
        (["--rule", "{boin: {target: 3}}"], "--rule boin: dosing.rule.boin.target: 3 is not allowed"),
        (["--rule", "{boin"], "--rule {boin: this is not valid YAML"),
        (["--rule", "fixed", "--rule", "fixed"], "the rule fixed is given twice"),
        (["--figure", "a.jpg"], "a.jpg must end in .png, .svg or .pdf"),
        (["--figure", "nowhere/a.png"], "there is no folder"),
        (["--diary", "--json"], "give one of them"),
        (["--set", "truth={dlt_probability: [0.1, 1], dlt_onset: 1}"], "truth.dlt_probability.1: 0.1 is a probability"),
        (
            ["--set", "dosing.levels=[1 mg]"],
            "three.yaml:7:39: recruitment.sites.Replay.people.2.dlt: 2 values for 1 dose level;",
        ),
        (["--set", "dosing=null"], "needs a dosing section"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(
    trialsim: Command, people: Path, tmp_path: Path, arguments: list[str], words: str
) -> None:
    done = trialsim("replay", people.name, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["three.yaml"]


def test_a_scenario_with_randomness_is_refused_key_by_key(trialsim: Command, small: Path) -> None:
    done = trialsim("replay", small.name)
    assert (done.returncode, done.stdout) == (2, "")
    first, second = done.stderr.splitlines()
    assert first.startswith("small.yaml:8:22: recruitment.sites.Leiden.rate: this is a rate of random arrivals;")
    assert "0.065" not in first  # the author wrote 2 per month
    assert second.startswith("small.yaml:10:3: screening.pass_probability: 0.6 is a probability; a replay has no")


def test_a_plan_that_cannot_work_is_warned_of(trialsim: Command, people: Path) -> None:
    done = trialsim("replay", people, "--set", "trial.max_participants=60")
    assert done.returncode == 0
    assert done.stderr.startswith("warning: recruitment: the sites send at most 14 candidates")


UNUSED = "warning: dosing.cohort_size: has no effect, because rolling_six does not work in cohorts\n"


@pytest.mark.parametrize(
    ("rules", "warnings"),
    [
        ([], UNUSED),
        (["rolling_six", "{rolling_six: {strict: true}}"], UNUSED),
        (["three_plus_three"], ""),
        (["rolling_six", "{boin: {target: 0.3}}"], ""),
    ],
)
def test_a_warning_is_given_once_if_it_holds_under_every_rule(
    trialsim: Command, rules: list[str], warnings: str
) -> None:
    own = ("--set", "dosing.rule=rolling_six", "--set", "dosing.cohort_size=3")
    done = trialsim("replay", "replay-two-levels", *own, *(part for rule in rules for part in ("--rule", rule)))
    assert (done.returncode, done.stderr) == (0, warnings)

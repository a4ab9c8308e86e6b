"""``trialsim sensitivity``, as users meet it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.command_line import Command

BASE = """
trial: {name: small, start_date: 2024-01-01, max_participants: 2}
recruitment: {sites: [{name: A, rate: 1 per week}]}
stopping: {time_limit: 100 days}
"""
RATE = "recruitment.sites.A.rate=0.5:2 per week"
FEW = ("-n", "20", "--points", "100", "--seed", "2")


def test_what_drives_a_trial(trialsim: Command, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(BASE)
    done = trialsim("sensitivity", "small", "--vary", RATE, *FEW, "--measure", "settled", "--measure", "settled_p80")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "What drives small: 1 value that is not known"
    assert "came out inert" in done.stdout and "0.65 to 1.85 per week" in done.stdout
    assert "Fate settled, P80: " in done.stdout and max(map(len, lines)) <= 80
    (folder,) = (tmp_path / "outputs").iterdir()
    assert folder.name.startswith("small-sensitivity--recruitment.sites.A.rate=0.5")
    names = {"tornado", "indices", "rank_correlations"}
    files = {f"{name}.{ending}" for name in names for ending in ("parquet", "png")}
    assert {each.name for each in folder.iterdir()} == files | {"summary.json", "manifest.json"}
    found = json.loads((folder / "summary.json").read_text())
    assert found["dummy_moves"] == [] and found["answers"] == ["settled", "settled_p80"]
    assert found["measures"] == ["settled"] and [len(found[name]) for name in sorted(names)] == [2, 2, 4]


def test_one_kind_only_and_again(trialsim: Command, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(BASE)
    done = trialsim("sensitivity", "small", "--vary", RATE, *FEW, "--only", "ranks", "--out", "r", "--no-figures")
    assert done.returncode == 0, done.stderr
    assert {each.name for each in (tmp_path / "r").iterdir()} == {
        *("rank_correlations.parquet", "summary.json", "manifest.json"),
    }
    other = trialsim("levers", "small", "-n", "20", "--out", "r")
    assert other.returncode == 2 and "a sensitivity analysis" in other.stderr


def test_what_cannot_be_asked(trialsim: Command, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(BASE)
    asked = {
        (): "small: uncertain: nothing is unknown here; name keys under uncertain, or give ranges",
        ("--vary", "recruitment.sites.A.rate=1:2"): "--vary recruitment.sites.A.rate=1:2: 1 has no unit",
        ("--vary", RATE, "--measure", "nonsense"): "--measure",
        ("--vary", RATE, "--points", "7"): "--points",
        ("--vary", RATE, "--only", "magic"): "--only",
    }
    for options, message in asked.items():
        done = trialsim("sensitivity", "small", *options)
        assert done.returncode == 2 and message in done.stderr and "Traceback" not in done.stderr, options
    (tmp_path / "never.yaml").write_text(BASE.replace("100 days", "1 hour").replace("1 hour", "0.01 days"))
    done = trialsim("sensitivity", "never", "--vary", RATE, *FEW, "--measure", "first_enrolment")
    assert done.returncode == 2
    assert "--measure: no trial reached first_enrolment, so that nothing can drive it" in done.stderr
    assert not (tmp_path / "outputs").exists()

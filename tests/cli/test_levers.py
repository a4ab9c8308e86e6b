"""``trialsim levers``, and what a run says of levers."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.command_line import Command

BASE = """
trial: {name: small, start_date: 2024-01-01, max_participants: 3}
recruitment: {sites: [{name: A, rate: 1 per week}]}
stopping: {time_limit: 100 days}
"""


def test_levers_with_a_step_of_ones_own(trialsim: Command, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(BASE)
    done = trialsim("levers", "small", "-n", "40", "--step", "trial.max_participants=2")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "What would help small: 3 levers, 40 simulated trials of each"
    assert any(line.startswith("trial.max_participants=2") for line in lines) and max(map(len, lines)) <= 80
    (folder,) = (tmp_path / "outputs").iterdir()
    assert folder.name == "small-levers--trial.max_participants=2"
    names = {each.name for each in folder.iterdir()}
    assert names == {"levers.parquet", "levers.png", "summary.json", "manifest.json"}
    found = json.loads((folder / "summary.json").read_text())["levers"]
    assert {"trial.max_participants": 2} in [lever["set"] for lever in found]


def test_a_step_that_cannot_be(trialsim: Command, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(BASE)
    done = trialsim("levers", "small", "--step", "trial.max_participants=-2")
    assert done.returncode == 2
    assert "--step trial.max_participants=-2" in done.stderr
    assert not (tmp_path / "outputs").exists()


def test_a_run_says_what_would_help(trialsim: Command, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(BASE)
    done = trialsim("run", "small", "-n", "40", "--no-figures")
    assert "Would help most: one site more: " in done.stdout
    assert (tmp_path / "outputs" / "small" / "levers.parquet").exists()
    done = trialsim("run", "small", "-n", "40", "--no-figures", "--no-levers")
    assert "help" not in done.stdout
    assert not (tmp_path / "outputs" / "small" / "levers.parquet").exists()

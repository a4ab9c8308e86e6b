"""``trialsim trace`` as users meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from tests.support.command_line import Command


def test_the_diary_is_that_of_the_replication_asked_for(trialsim: Command, small: Path, tmp_path: Path) -> None:
    assert trialsim("run", small, "-n", "9", "--seed", "3", "--json", "--no-figures").returncode == 0
    table = pd.read_parquet(tmp_path / "outputs" / "small" / "replications.parquet").set_index("replication")
    done = trialsim("trace", small, "--replication", "9", "--seed", "3", "--json")
    assert json.loads(done.stdout)["end_day"] == table["end_day"][9]
    diary = trialsim("trace", small, "--replication", "9", "--seed", "3")
    assert diary.returncode == 0, diary.stderr
    assert max(map(len, diary.stdout.splitlines())) <= 80
    assert diary.stdout != trialsim("trace", small, "--replication", "8", "--seed", "3").stdout


def test_the_event_log_in_either_form_is_the_same(trialsim: Command, small: Path, tmp_path: Path) -> None:
    for name in ("log.csv", "log.parquet"):
        (tmp_path / name).write_text("earlier")
        done = trialsim("trace", small, "--events", name)
        assert done.returncode == 0, done.stderr
    csv = pd.read_csv(tmp_path / "log.csv", dtype=str)  # some versions read numbers in a hurry
    parquet = pd.read_parquet(tmp_path / "log.parquet")
    assert list(csv) == list(parquet)
    assert len(csv) == len(parquet) > 0
    assert csv["time"].map(float).tolist() == parquet["time"].tolist()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log.csv", "log.parquet", "small.yaml"]

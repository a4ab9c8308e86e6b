"""``trialsim select``: the best of several plans."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.support.command_line import Command

VARIED = ("--vary", "recruitment.rate_multiplier=0.5,1,2", "--fresh", "20", "--no-figures", "--engine", "simpy")


def test_the_best_of_what_is_varied(trialsim: Command, small: Path, tmp_path: Path) -> None:
    done = trialsim("select", "small", *VARIED, "--indifference", "1 month", "--export", "csv")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "The best of 3 plans: recruitment.rate_multiplier=2"
    assert lines[1] == "By the mean of: last visit, the smaller the better"
    assert max(map(len, lines)) <= 80
    assert "with a probability of at least 95 %, if it is better than each other plan by 1 month" in " ".join(lines)
    (folder,) = (tmp_path / "outputs").iterdir()
    assert folder.name.startswith("small-best-last_visit--recruitment.rate_multiplier")
    assert {each.name for each in folder.iterdir()} == {"plans.parquet", "plans.csv", "summary.json", "manifest.json"}
    plans = pd.read_parquet(folder / "plans.parquet")
    assert plans["outcome"].tolist() == ["out", "out", "selected"]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["selection"]["indifference"] == 30.4375 and manifest["fresh_seed"] == 2
    assert [plan["scenario"]["recruitment"]["rate_multiplier"] for plan in manifest["plans"]] == [0.5, 1, 2]


def test_scenarios_by_a_probability_and_the_figure(trialsim: Command, small: Path, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(small.read_text().replace("2 per month", "0.5 per month"))
    asked = ("--measure", "early_termination", "--indifference", "0.1", "--fresh", "20", "--json", "--out", "here")
    done = trialsim("select", "small", "other", *asked)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["selected"], found["procedure"], found["promised"]) == ("small", "kim_nelson", True)
    assert {"selection.png", "plans.parquet"} < {each.name for each in (tmp_path / "here").iterdir()}
    done = trialsim("select", "other", *VARIED, "--budget", "400", "--out", "here")
    assert done.returncode == 2
    assert "here holds the results of a selection of other scenarios" in done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "give --indifference, a difference that does not matter, or a --budget"),
        (("--indifference", "2"), '"2" has no unit; write a duration such as "28 days"'),
        (("--indifference", "0 days"), '"0 days" is out of range: above 0; write a duration such as "2 weeks"'),
        (("--indifference", "0.1", "--measure", "infused", "--confidence", "0.3"), "above 1/3 and below 1, not 0.3"),
        (("--indifference", "2", "--measure", "completed"), '"2" is out of range: above 0 and below 1; write a share'),
        (("--indifference", "few", "--measure", "infused"), '"few" is not a number; write a number such as 0.5'),
        (("--budget", "100"), "a budget of 100 is too little for the first stage: 100 of each of 3 plans are 300"),
        (("--indifference", "1 day", "--max-replications", "50"), "fewer than the 100 of the first stage"),
        (("--budget", "400", "--vary", "recruitment.sites=1"), "recruitment.sites"),
    ],
)
def test_what_cannot_be_selected(
    trialsim: Command, small: Path, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    done = trialsim("select", "small", *VARIED, *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in " ".join(done.stderr.split())
    assert not (tmp_path / "outputs").exists()


def test_one_plan_is_no_choice(trialsim: Command, small: Path) -> None:
    done = trialsim("select", "small", "--budget", "400")
    assert "a selection needs two or more plans" in done.stderr
    done = trialsim("select", "small", "small", "--budget", "400")
    assert "the same plan is given twice" in done.stderr

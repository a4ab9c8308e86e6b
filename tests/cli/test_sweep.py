"""``trialsim sweep`` and ``trialsim compare``, as people use them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from tests.support.command_line import Command

BASE = """
trial: {name: small, start_date: 2024-01-01, max_participants: 3}
recruitment: {sites: [{name: A, rate: 1 per week}]}
stopping: {time_limit: 100 days}
"""
SWEEP = """
sweep: {name: rates, base: small.yaml, replications: 20}
axes:
  - {key: recruitment.rate_multiplier, values: [1, 2]}
cases:
  - {name: one more, set: {trial.max_participants: 4}}
"""


def test_a_sweep_file(trialsim: Command, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(BASE)
    (tmp_path / "rates.yaml").write_text(SWEEP)
    done = trialsim("sweep", "rates.yaml")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "rates: 3 scenarios, 20 simulated trials of each"
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("1 *") for line in lines)
    assert sum(line.startswith("one more") for line in lines) == 2  # outcomes and differences
    table = pd.read_parquet(tmp_path / "outputs" / "rates" / "points.parquet")
    assert table["name"].tolist() == ["recruitment.rate_multiplier=1", "recruitment.rate_multiplier=2", "one more"]
    assert table["settled_difference"][1] < 0 < table["settled_difference"][2]


def test_options_and_json(trialsim: Command, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(BASE)
    vary = ("--vary", "recruitment.rate_multiplier=2,3", "--set", "trial.max_participants=2", "-n", "10", "--seed", "5")
    done = trialsim("sweep", "small.yaml", *vary, "--json", "--no-figures")
    points = json.loads(done.stdout)["points"]
    assert [point["recruitment.rate_multiplier"] for point in points] == [1.0, 2, 3]
    assert [point["is_base"] for point in points] == [True, False, False]
    assert {point["replications"] for point in points} == {10}
    folder = tmp_path / "outputs" / "small-sweep--recruitment.rate_multiplier=2,3--trial.max_participants=2"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["seed"] == 5
    scenarios = pd.read_parquet(folder / "scenarios.parquet")
    assert list(scenarios["digest"]) == [point["digest"] for point in manifest["points"]]
    assert {json.loads(text)["trial"]["max_participants"] for text in scenarios["scenario"]} == {2}


def test_lists_as_values_are_drawn(trialsim: Command, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(BASE + "infusion: {per_day: 1}\n")
    days = ("--vary", "infusion.weekdays=[Tuesday],[Tuesday, Friday]", "--vary", "infusion.per_day=1,2", "-n", "5")
    done = trialsim("sweep", "small.yaml", *days)
    assert done.returncode == 0, done.stderr
    (folder,) = (tmp_path / "outputs").iterdir()
    assert folder.name.startswith("small-sweep--infusion.weekdays=_Tuesday_,_Tuesday,_Friday_--infusion.per_day=1,2-")
    assert (folder / "sweep_heatmap.png").is_file()


def test_measures_choose_what_is_shown(trialsim: Command, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(BASE)
    both = ("small.yaml", "--vary", "recruitment.rate_multiplier=1,2", "-n", "5")
    done = trialsim("sweep", *both, "--measure", "infused", "--measure", "first_candidate", "--out", "some")
    assert done.returncode == 0, done.stderr
    heads = [line for line in done.stdout.splitlines() if line.startswith("Axis 1 ")]
    assert all("treated" in line and "first candidate" in line and "last visit" not in line for line in heads)
    pictures = {path.name for path in (tmp_path / "some").glob("*.png")}
    assert pictures == {"sweep_infused.png", "sweep_first_candidate.png", "sweep_differences.png"}
    done = trialsim("sweep", *both, "--measure", "lpv")
    assert done.returncode == 2
    assert '"lpv" is not a measure' in done.stderr and "last_visit" in done.stderr


def test_nothing_to_vary(trialsim: Command, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(BASE)
    done = trialsim("sweep", "small.yaml")
    assert done.returncode == 2
    assert "--vary" in done.stderr
    done = trialsim("sweep", "small.yaml", "--vary", "recruitment.rate_multiplier=-1")
    assert done.returncode == 2
    assert done.stderr.startswith("--vary recruitment.rate_multiplier=-1: recruitment.rate_multiplier: ")
    assert not (tmp_path / "outputs").exists()


def test_compare(trialsim: Command, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(BASE)
    (tmp_path / "larger.yaml").write_text(BASE.replace("max_participants: 3", "max_participants: 6"))
    done = trialsim("compare", "small.yaml", "larger.yaml", "-n", "20", "--out", "both")
    assert done.returncode == 0, done.stderr
    assert any(line.startswith("small *") for line in done.stdout.splitlines())
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert pd.read_parquet(tmp_path / "both" / "points.parquet")["last_visit_difference"].tolist()[1] > 0
    assert trialsim("compare", "small.yaml").returncode == 2
    assert "twice" in trialsim("compare", "small.yaml", "small.yaml").stderr


def test_a_comparison_is_drawn_in_the_formats_asked_for(trialsim: Command, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(BASE)
    (tmp_path / "larger.yaml").write_text(BASE.replace("max_participants: 3", "max_participants: 6"))
    both = ("compare", "small.yaml", "larger.yaml", "-n", "5", "--measure", "settled")
    for folder, (asked, formats) in enumerate({"svg, pdf": {"svg", "pdf"}, "png": {"png"}}.items()):
        done = trialsim(*both, "--figures", asked, "--out", folder)
        assert done.returncode == 0, done.stderr
        files = {path.name for path in (tmp_path / str(folder)).glob("sweep_*")}
        assert files == {f"sweep_{name}.{each}" for name in ("settled", "differences") for each in formats}
        assert trialsim("check", str(folder)).returncode == 0
    assert trialsim(*both, "--no-figures", "--out", "none").returncode == 0
    assert not list((tmp_path / "none").glob("sweep_*"))
    done = trialsim(*both, "--figures", "gif", "--out", "gif")
    assert done.returncode == 2 and not (tmp_path / "gif").exists()
    assert '"gif" is not a format of figures; allowed: png, svg and pdf' in done.stderr


def test_tables_sort_and_cut_and_the_files_have_all(trialsim: Command, small: Path, tmp_path: Path) -> None:
    vary = ("--vary", "recruitment.rate_multiplier=0.5:3:0.5", "-n", "200", "--no-figures", "--out", "out")
    done = trialsim("sweep", small, *vary, "--sort", "last_visit", "--top", "2")
    assert done.returncode == 0, done.stderr
    assert "small-sweep: 6 scenarios" in done.stdout
    assert "and 3 more (--top shows more" in done.stdout
    first = done.stdout.split("mostly by")[1].splitlines()[1:4]
    assert [line.split()[0] for line in first] == ["3", "2.5", "1"]
    assert len(pd.read_parquet(tmp_path / "out" / "points.parquet")) == 6
    done = trialsim("sweep", small, *vary, "--sort", "infused", "--top", "1", "--measure", "candidates")
    assert "and 4 more" in done.stdout
    done = trialsim("sweep", small, *vary, "--sort", "fastest")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)

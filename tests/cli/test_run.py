"""``trialsim run`` as users meet it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.support.command_line import Command
from trialsim.figures import OF_RUNS


def test_a_report_and_a_folder(trialsim: Command, small: Path, tmp_path: Path) -> None:
    done = trialsim("run", small, "-n", "30", "--seed", "4", "--engine", "simpy")
    assert done.returncode == 0, done.stderr
    assert "small" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert done.stderr == "Results are in outputs/small (engine: simpy; with --detail also the figure waiting)\n"
    folder = tmp_path / "outputs" / "small"
    figures = {f"{name}.png" for name in (*OF_RUNS, "levers")}
    files = {path.name for path in folder.iterdir()}
    assert files == figures | {
        "courses.parquet",
        "levers.parquet",
        "manifest.json",
        "replications.parquet",
        "summary.json",
    }
    assert len(pd.read_parquet(folder / "replications.parquet")) == 30
    assert json.loads((folder / "manifest.json").read_text())["seed"] == 4


def test_json_on_stdout_is_the_summary_in_the_folder(trialsim: Command, small: Path, tmp_path: Path) -> None:
    done = trialsim("run", small, "--no-figures", "-n", "10", "--json", "--detail", "--out", "deep/down")
    assert done.returncode == 0
    folder = tmp_path / "deep" / "down"
    assert json.loads(done.stdout) == json.loads((folder / "summary.json").read_text())
    assert {path.name for path in folder.iterdir()} >= {"participants.parquet", "lots.parquet"}
    assert not (tmp_path / "outputs").exists()


def test_a_what_if_is_simulated_and_recorded(trialsim: Command, small: Path, tmp_path: Path) -> None:
    options = ["--set", "recruitment.sites.Leiden.rate=0 per month", "--set", "stopping.time_limit=100 days"]
    done = trialsim("run", small, "--no-figures", "-n", "10", "--json", *options)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["end_causes"]["time_limit"]["probability"] == 1.0
    (folder,) = (tmp_path / "outputs").iterdir()
    assert folder.name == ("small--recruitment.sites.Leiden.rate=0_per_month--stopping.time_limit=100_days")
    assert f"Results are in outputs/{folder.name} " in done.stderr
    assert set(pd.read_parquet(folder / "replications.parquet")["end_day"]) == {100.0}


def test_a_what_if_leaves_the_base_case_and_other_what_ifs_alone(
    trialsim: Command, small: Path, tmp_path: Path
) -> None:
    changes = [[], ["trial.max_participants=4"], ["trial.max_participants=3"], ["screening={pass_probability: 0.5}"]]
    for change in changes:
        done = trialsim("run", small, "--no-figures", "-n", "2", *(word for key in change for word in ("--set", key)))
        assert done.returncode == 0, done.stderr
    folders = {path.name: path for path in (tmp_path / "outputs").iterdir()}
    assert len(folders) == len(changes)
    assert {"small", "small--trial.max_participants=4", "small--trial.max_participants=3"} < set(folders)
    for name, most in (("small", 5), ("small--trial.max_participants=4", 4)):
        manifest = json.loads((folders[name] / "manifest.json").read_text())
        assert manifest["scenario"]["trial"]["max_participants"] == most


def test_a_place_that_cannot_be_used_is_found_before_simulating(
    trialsim: Command, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trialsim.results.run.simulate", None)
    for place in ("x" * 250, "/proc/x", os.fsdecode(b"\xff"), "/dev/full"):
        done = trialsim("run", small, "--out", place)
        assert (done.returncode, done.stdout) == (2, ""), place
        assert len(done.stderr.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["small.yaml"]


def test_a_figure_that_fails_costs_itself_and_nothing_else(
    trialsim: Command, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All else is in place already when the first figure is drawn."""
    from trialsim.figures import draw_run

    folder = tmp_path / "outputs" / "small"
    seen: list[list[str]] = []

    def broken(results: Any, name: str) -> Any:
        seen.append(sorted(path.name for path in folder.iterdir()))
        if name in ("duration", "funnel"):
            raise ArithmeticError(f"no {name} today")
        return draw_run(results, name)

    monkeypatch.setattr("trialsim.figures.draw_run", broken)
    done = trialsim("run", small, "-n", "5", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["replications"] == 5
    assert done.stderr == (
        "trialsim: results are in outputs/small, but these figures could not be drawn: "
        "duration (ArithmeticError: no duration today), funnel (ArithmeticError: no funnel today)\n"
    )
    assert seen == [["courses.parquet", "manifest.json", "replications.parquet", "summary.json"]] * len(OF_RUNS)
    assert {path.stem for path in folder.glob("*.png")} == OF_RUNS.keys() - {"duration", "funnel"}
    assert trialsim("check", folder).returncode == 0


def test_figures_that_cannot_even_be_begun_cost_nothing_else(
    trialsim: Command, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "trialsim.figures", None)  # as if matplotlib were broken
    done = trialsim("run", small, "-n", "5")
    assert done.returncode == 1
    assert "these figures could not be drawn: all of them (ModuleNotFoundError: " in done.stderr
    assert "small" in done.stdout
    assert trialsim("check", "outputs/small").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "nowhere.yaml"], "nowhere.yaml: there is no such file"),
        (["run"], "SCENARIO is missing"),
        (["run", "small.yaml", "-n", "0"], '"0" is not allowed; write a whole number, 1 to '),
        (["run", "small.yaml", "--seed", "-1"], '"-1" is not allowed; write a whole number, 0 to '),
        (["run", "small.yaml", "--jobs", "none"], '"none" is not allowed; write a whole number'),
        (["run", "small.yaml", "--engine", "steam"], '"steam" is not a kind of engine'),
        (["run", "small.yaml", "--set", "recruitment.rat_multiplier=2"], "rate_multiplier"),
        (["run", "small.yaml", "--set", "recruitment"], "--set recruitment"),
        (["run", "small.yaml", "--out", "small.yaml"], "small.yaml is an existing file"),
        (["run", "small.yaml", "--out", "small.yaml/out"], "cannot be made: Not a directory"),
        (["run", "small.yaml", "--out", "long" * 100], "cannot be made: File name too long"),
        (["run", "small.yaml", "--out", "."], "existing folder without results"),
        (["walk", "small.yaml"], '"walk" is not a command'),
        (["trace", "small.yaml", "--replication", "0"], '"0" is not allowed; write a whole number, 1 to '),
        (["trace", "small.yaml", "--events", "log.xlsx"], "must end in .csv or .parquet"),
        (["trace", "small.yaml", "--events", "nowhere/log.csv"], "nowhere"),
    ],
)
def test_wrong_input_is_explained_and_nothing_is_made(
    trialsim: Command, small: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    done = trialsim(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["small.yaml"]


def test_each_problem_of_a_file_has_its_line(trialsim: Command, small: Path) -> None:
    small.write_text(small.read_text().replace("0.6", "1.6").replace("2 per month", "2"))
    done = trialsim("run", small)
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert [line.split(": ")[0] for line in lines] == [f"{small}:8:22", f"{small}:10:3"]


def test_a_plan_that_cannot_work_is_warned_about(trialsim: Command, small: Path) -> None:
    small.write_text(small.read_text().replace("screening:", "screening:\n  capacity: 1\n  duration: 3 months"))
    done = trialsim("run", small, "--no-figures", "-n", "2")
    assert done.returncode == 0
    assert done.stderr.startswith("warning: ")
    assert "screening" in done.stderr


def test_somebody_elses_folder_is_left_alone(trialsim: Command, small: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("mine")
    done = trialsim("run", small, "--no-figures", "-n", "2", "--out", "thesis")
    assert (done.returncode, done.stdout) == (2, "")
    assert "left alone" in done.stderr
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["chapter.tex"]


def test_the_same_seed_and_any_number_of_jobs_give_the_same(trialsim: Command, small: Path) -> None:
    one, two = (trialsim("run", small, "--no-figures", "-n", "20", "--json", "--jobs", jobs).stdout for jobs in "12")
    assert one == two != trialsim("run", small, "--no-figures", "-n", "20", "--json", "--seed", "2").stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_stdout_that_takes_nothing(trialsim: Command, small: Path) -> None:
    with open("/dev/full", "w") as full:
        done = trialsim(
            "run", small, "--no-figures", "-n", "2", capture_output=False, stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == 1
    assert done.stderr.splitlines()[1:] == ["trialsim: cannot write the output: No space left on device"]


def test_a_reader_that_leaves_early_is_no_error(small: Path, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "trialsim", "run", str(small), "-n", "2", "--json", "--no-figures"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "Results are in outputs/small (engine: simpy)\n")
    assert (tmp_path / "outputs" / "small" / "manifest.json").exists()


FULL_DISK = """
import resource, sys
from trialsim.cli import run_command_line
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))
sys.exit(run_command_line(["run", "small.yaml", "-n", "2", "--json", "--no-figures"]))
"""


@pytest.mark.undisturbed
def test_a_full_disk_costs_the_tables_but_not_the_summary(small: Path, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FULL_DISK], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert json.loads(done.stdout)["replications"] == 2
    assert done.stderr == "trialsim: outputs/small cannot be written: File too large\n"
    assert [path.name for path in tmp_path.iterdir()] == ["small.yaml"]


BROKEN = """
import sys
from trialsim.cli import run_command_line
import trialsim.experiment.collection as collection
def broken(*_): raise KeyError("a bug")
collection.put_together = broken
sys.exit(run_command_line(["run", "small.yaml", "-n", "2"]))
"""


def test_a_bug_is_one_line_unless_asked_for_more(small: Path, tmp_path: Path) -> None:
    def run(debug: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", BROKEN],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=os.environ | {"TRIALSIM_DEBUG": debug},
            check=False,
        )

    short, long = run(""), run("1")
    assert short.returncode == long.returncode == 1
    assert short.stderr == "trialsim: internal error: KeyError: 'a bug' (TRIALSIM_DEBUG=1 shows where)\n"
    assert "Traceback" in long.stderr
    assert long.stderr.endswith(short.stderr)

"""Long work on the command line: interrupted, gone on with, shared out, joined, looked at."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from shutil import rmtree

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from tests.support.command_line import Command
from tests.support.processes import started, wait_for_end_of_group
from trialsim.experiment.store import Store

QUIET = ("--no-figures", "--engine", "simpy", "--jobs", "1")
SWEEP = ("sweep", "small.yaml", "--vary", "screening.pass_probability=0.4,0.6,0.8", *QUIET)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Store, "seconds", 0.0)


def tables(folder: Path) -> dict[str, pd.DataFrame]:
    return {path.stem: pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}


def assert_same(one: Path, other: Path) -> None:
    here, there = tables(one), tables(other)
    assert set(here) == set(there) >= {"replications"}
    for name, table in here.items():
        assert_frame_equal(table, there[name], check_exact=True)
    assert json.loads((one / "summary.json").read_text()) == json.loads((other / "summary.json").read_text())


@pytest.mark.parametrize("command", [("run", "small.yaml", *QUIET), SWEEP])
def test_parts_then_the_whole(trialsim: Command, small: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    assert trialsim(*command, "-n", 30, "--out", "whole").returncode == 0
    for number in (3, 1):
        done = trialsim(*command, "-n", 30, "--out", "out", "--part", f"{number}/3")
        assert done.returncode == 0, done.stderr
        assert f"Part {number} of 3: {10 if command[0] == 'run' else 30} trials are in out.parts." in done.stderr
        assert not done.stdout
    status = trialsim("status", "out")
    assert f"out.parts: small{'' if command[0] == 'run' else '-sweep'}, seed 1, version" in status.stdout
    assert "of 30 trials are done (66 %)" in status.stdout or "60 of 90 trials are done (66 %)" in status.stdout
    done = trialsim(*command, "-n", 30, "--out", "out")
    assert ("20 of 30" if command[0] == "run" else "60 of 90") + " trials are there from before" in done.stderr
    assert_same(tmp_path / "out", tmp_path / "whole")
    assert not (tmp_path / "out.parts").exists()
    assert trialsim("status", "out").stdout == "out: finished results of 30 trials\n"


def test_parts_in_folders_of_their_own_are_merged(trialsim: Command, small: Path, tmp_path: Path) -> None:
    assert trialsim(*SWEEP, "-n", 20, "--out", "whole").returncode == 0
    for number in range(1, 5):
        assert trialsim(*SWEEP, "-n", 20, "--out", f"task{number}", "--part", f"{number}/4").returncode == 0
    done = trialsim("merge", "task1", "task2.parts", "task3", "--out", "out")
    assert (done.returncode, "45 of 60 trials are done (75 %)" in done.stdout) == (0, True), done
    assert "missing of screening.pass_probability=0.8: 6 to 20" in done.stdout
    done = trialsim("merge", "task4", "--out", "out")
    assert "all is there: the command without --part makes the results" in done.stdout
    done = trialsim(*SWEEP, "-n", 20, "--out", "out")
    assert "60 of 60 trials are there from before: nothing is simulated again" in done.stderr
    assert_same(tmp_path / "out", tmp_path / "whole")


def test_status_names_what_is_damaged_and_what_is_missing(trialsim: Command, small: Path, tmp_path: Path) -> None:
    assert trialsim(*SWEEP, "-n", 20, "--out", "out", "--part", "1/1").returncode == 0
    chunks = sorted((tmp_path / "out.parts" / "replications").glob("*/*"))
    chunks[-1].write_bytes(b"")
    (found,) = json.loads(trialsim("status", "out.parts", "--json").stdout)
    assert found["finished"] is None
    points = found["unfinished"]["points"]
    assert [point["name"] for point in points if point["missing"]] == [
        next(point["name"] for point in points if point["damaged"])
    ]
    (damaged,) = [name for point in points for name in point["damaged"]]
    assert damaged == str(chunks[-1].relative_to(tmp_path / "out.parts"))
    assert f"damaged: {damaged}" in trialsim("status", "out").stdout


@pytest.mark.parametrize("part", ["0/3", "4/3", "1", "1/0", "a/b", "1/1000001", "-1/2", "1/3/4"])
def test_no_part(trialsim: Command, small: Path, tmp_path: Path, part: str) -> None:
    done = trialsim("run", "small.yaml", "--part", part)
    assert done.returncode == 2
    assert f'"{part}" is not allowed; write K/N, say 3/40' in done.stderr
    assert not (tmp_path / "outputs").exists()


def test_nothing_there(trialsim: Command, tmp_path: Path) -> None:
    done = trialsim("status", "nowhere")
    assert (done.returncode, done.stdout) == (2, "nowhere: there are no results of trialsim, finished or not\n")
    done = trialsim("merge", "nowhere", "--out", "out")
    assert (done.returncode, done.stderr) == (2, "trialsim: nowhere.parts holds no unfinished work of trialsim\n")


def test_unfinished_work_is_replaced_only_if_that_is_asked_for(trialsim: Command, small: Path, tmp_path: Path) -> None:
    assert trialsim("run", "small.yaml", *QUIET, "-n", 30, "--out", "out", "--part", "1/2").returncode == 0
    done = trialsim("run", "small.yaml", *QUIET, "-n", 30, "--out", "out", "--seed", 2)
    assert done.returncode == 2
    assert "out.parts holds unfinished work on something else (small, seed 1, or as it was before" in done.stderr
    assert trialsim("run", "small.yaml", *QUIET, "-n", 30, "--out", "out", "--seed", 2, "--replace").returncode == 0
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["out", "small.yaml"]


KILLED = """
import sys
from trialsim.cli import run_command_line
from trialsim.experiment.store import Store
Store.seconds = 0.0
if __name__ == "__main__":
    sys.exit(run_command_line(sys.argv[1:]))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="SIGKILL, /proc")
def test_killed_at_random_moments_of_a_sweep(trialsim: Command, small: Path, tmp_path: Path) -> None:
    (tmp_path / "killed.py").write_text(KILLED)
    sweep = ("sweep", "small.yaml", "--vary", "screening.pass_probability=0.4,0.6,0.8", "--no-figures", "-n", "1500")
    command = [sys.executable, "killed.py", *sweep, "--engine", "simpy", "--jobs", "2", "--out"]
    began = time.monotonic()
    subprocess.run([*command, "whole"], cwd=tmp_path, check=True, capture_output=True)
    full = time.monotonic() - began
    luck = random.Random(5)
    went_on = 0
    for _ in range(10):
        with started([*command, "out"], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as run:
            time.sleep(luck.uniform(0.3, 1.1) * full)
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGKILL)
            _, said = run.communicate(timeout=20)
            wait_for_end_of_group(run, 8)
        went_on += "from before" in said
        if run.returncode == 0:
            assert_same(tmp_path / "out", tmp_path / "whole")
            assert sorted(path.name for path in tmp_path.iterdir()) == ["killed.py", "out", "small.yaml", "whole"]
            rmtree(tmp_path / "out")
    assert trialsim(*sweep, "--out", "out").returncode == 0
    assert_same(tmp_path / "out", tmp_path / "whole")
    assert went_on, "nothing was there from before: it was never killed at work"

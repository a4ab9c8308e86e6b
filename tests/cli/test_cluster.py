"""A Dask cluster for real: a scheduler and workers as processes, which are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.conftest import SMALL
from tests.cli.test_parts import KILLED, assert_same
from tests.support.clusters import Running, cluster
from tests.support.command_line import Command
from tests.support.processes import started, wait_for_end_of_group

pytest.importorskip("distributed")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="signals, /proc")]

SWEEP = ("sweep", "small.yaml", "--vary", "screening.pass_probability=0.4,0.6,0.8", "--no-figures", "--engine", "simpy")
NUMBER = 1500


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sweep as one core does it."""
    folder = tmp_path_factory.mktemp("serial")
    (folder / "small.yaml").write_text(SMALL)
    command = [sys.executable, "-m", "trialsim", *SWEEP, "-n", str(NUMBER), "--executor", "here", "--out", "out"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "out"


def run(folder: Path, address: str) -> subprocess.Popen[str]:
    """The sweep, shared out, which keeps what is done at once."""
    (folder / "killed.py").write_text(KILLED)
    command = [sys.executable, "killed.py", *SWEEP, "-n", str(NUMBER), "--scheduler", address, "--out", "out"]
    return started(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # type: ignore[return-value]


def wait_until_it_is_half_done(running: subprocess.Popen[str], folder: Path) -> None:
    deadline = time.monotonic() + 120
    while sum(rows(path) for path in (folder / "out.parts").glob("replications/*/*.parquet")) < NUMBER:
        assert running.poll() is None, running.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.05)


def rows(path: Path) -> int:
    first, last, _ = path.stem.split("-")
    return int(last) - int(first) + 1


def test_a_worker_is_killed_half_way(trialsim: Command, small: Path, tmp_path: Path, serial: Path) -> None:
    with cluster(tmp_path / "dask") as dask, run(tmp_path, dask.address) as running:
        wait_until_it_is_half_done(running, tmp_path)
        os.killpg(dask.workers[0].pid, signal.SIGKILL)
        _, said = running.communicate(timeout=120)
        assert (running.returncode, "Traceback" in said) == (0, False), said
        assert dask.workers[0].poll() == -signal.SIGKILL
    assert_same(tmp_path / "out", serial)
    assert not (tmp_path / "out.parts").exists()


def test_the_scheduler_is_killed_and_the_same_command_goes_on(
    trialsim: Command, small: Path, tmp_path: Path, serial: Path
) -> None:
    with cluster(tmp_path / "dask") as dask, run(tmp_path, dask.address) as running:
        wait_until_it_is_half_done(running, tmp_path)
        os.killpg(dask.scheduler.pid, signal.SIGKILL)
        killed = time.monotonic()
        _, said = running.communicate(timeout=60)
        assert time.monotonic() - killed < 15
        wait_for_end_of_group(running, 5)
    assert running.returncode == 1
    assert said.splitlines()[-2:] == [
        "What is done is kept in out.parts: the same command goes on from there",
        f"trialsim: the Dask scheduler at {dask.address} is gone, or cannot be reached any more",
    ]
    done = trialsim(*SWEEP, "-n", NUMBER, "--scheduler", dask.address, "--out", "out")
    assert done.returncode == 1
    assert f"trialsim: there is no Dask scheduler at {dask.address} that answers: Timed out" in done.stderr
    with cluster(tmp_path / "another", threads=2) as dask:
        done = trialsim(*SWEEP, "-n", NUMBER, "--scheduler", dask.address, "--out", "out")
    assert (done.returncode, "trials are there from before" in done.stderr) == (0, True), done.stderr
    assert_same(tmp_path / "out", serial)


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A cluster that nobody kills."""
    with cluster(tmp_path_factory.mktemp("dask")) as running:
        yield running


def test_an_interrupt_ends_it_within_seconds_and_loses_nothing(
    trialsim: Command, small: Path, tmp_path: Path, serial: Path, dask: Running
) -> None:
    with run(tmp_path, dask.address) as running:
        wait_until_it_is_half_done(running, tmp_path)
        os.killpg(running.pid, signal.SIGINT)
        asked = time.monotonic()
        _, said = running.communicate(timeout=30)
        assert time.monotonic() - asked < 8
    assert (running.returncode, said.endswith("trialsim: interrupted\n"), "Traceback" in said) == (130, True, False), (
        said
    )
    kept = {path.name for path in (tmp_path / "out.parts").glob("replications/*/*")}
    assert sum(rows(Path(name)) for name in kept) >= NUMBER
    done = trialsim(*SWEEP, "-n", NUMBER, "--out", "out")
    assert (done.returncode, "trials are there from before" in done.stderr) == (0, True), done.stderr
    assert_same(tmp_path / "out", serial)


def test_parts_and_comparisons(trialsim: Command, small: Path, tmp_path: Path, dask: Running) -> None:
    shared = ("--engine", "simpy", "--no-figures", "-n", 40, "--scheduler", dask.address)
    for part in ("1/2", "2/2"):
        assert trialsim("run", "small.yaml", *shared, "--part", part, "--out", "out").returncode == 0
    done = trialsim("run", "small.yaml", *shared, "--out", "out")
    assert "40 of 40 trials are there from before" in done.stderr
    assert trialsim("run", "small.yaml", *shared[:-2], "--out", "whole").returncode == 0
    assert_same(tmp_path / "out", tmp_path / "whole")
    compared = trialsim("compare", "small.yaml", "teaching-minimal", *shared, "--json")
    assert (compared.returncode, compared.stdout) == (
        0,
        trialsim("compare", "small.yaml", "teaching-minimal", *shared[:-2], "--json").stdout,
    )


def test_a_worker_of_another_version_is_named_before_anything_is_done(
    trialsim: Command, small: Path, tmp_path: Path
) -> None:
    package = Path(__file__).parents[2] / "trialsim"
    other = tmp_path / "other" / "trialsim"
    other.mkdir(parents=True)
    for path in package.iterdir():
        if path.name not in ("_version.py", "__pycache__"):
            (other / path.name).symlink_to(path)
    (other / "_version.py").write_text('__version__ = "0.0.1"\n')
    with cluster(tmp_path / "dask", workers=1, PYTHONPATH=str(other.parent)) as dask:
        done = trialsim("run", "small.yaml", "-n", 10, "--scheduler", dask.address, "--out", "out")
    assert done.returncode == 1
    assert "trialsim: 1 of 1 workers are not as we are, so nothing was begun: tcp://127.0.0.1:" in done.stderr
    assert " has trialsim 0.0.1, not " in done.stderr
    assert not (tmp_path / "out").exists()


RULE = """
import os, signal, sys
import trialsim
from trialsim.rules.base import Stop

class Own:
    cohorts = True
    def __init__(self, kills):
        self.kills, self.made_by = kills, os.getpid()
    def decide(self, view):
        if self.kills and os.getpid() != self.made_by:
            os.kill(os.getpid(), signal.SIGKILL)
        return Stop(None)
    def recommend(self, view):
        return None

if __name__ == "__main__":
    address, replications, kills = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "kills"
    try:
        found = trialsim.simulate("msc-sle", replications, rule=Own(kills), executor=address)
        found.replications.to_parquet("found.parquet")
    except Exception as problem:
        print(type(problem).__name__, problem)
"""


def test_a_rule_of_a_script(tmp_path: Path, dask: Running) -> None:
    """It has no module that workers could import, so the code of its class goes to them."""
    (tmp_path / "script.py").write_text(RULE)
    for executor in (dask.address, "here"):
        command = [sys.executable, "script.py", executor, "12", "lives"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
        assert (done.stdout, done.stderr) == ("", "")
        (tmp_path / "found.parquet").rename(tmp_path / f"{executor[:4]}.parquet")
    one, other = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("tcp:", "here"))
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_a_chunk_that_kills_all_its_workers_is_named(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(RULE)
    with cluster(tmp_path / "dask", workers=4, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0") as dask:
        command = [sys.executable, "script.py", dask.address, "2", "kills"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.startswith("WorkersLost all workers that did replications "), done
    assert done.stderr == ""

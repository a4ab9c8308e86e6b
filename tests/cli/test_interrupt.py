"""However a run ends, its folder holds the old results or the new, complete."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path
from shutil import rmtree

import pandas as pd
import pytest

from tests.support.command_line import Command
from tests.support.processes import living, started, wait_for_end_of_group

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals, /proc")

OLD, NEW = 1, 2
ARGUMENTS = ["run", "msc-sle", "--out", "out", "--jobs", "2", "--no-figures", "--no-levers", "--replace"]


def seed_of_complete_results(folder: Path) -> int:
    """Which run the results are of, after looking at all of them; the old run has detail, the new one has not."""
    manifest = json.loads((folder / "manifest.json").read_text())
    seed = int(manifest["seed"])
    json.loads((folder / "summary.json").read_text())
    tables = {path.stem: pd.read_parquet(path) for path in folder.glob("*.parquet")}
    assert set(tables) == {"replications", "courses"} | ({"participants", "lots"} if seed == OLD else set())
    assert len(tables["replications"]) == manifest["replications"]
    return seed


def new_run(folder: Path, engine: str, interrupts: signal.Handlers) -> AbstractContextManager[subprocess.Popen[str]]:
    """The run that is to be stopped: it starts two workers with SimPy, and none with compiled code."""
    command = [sys.executable, "-m", "trialsim", *ARGUMENTS, "-n", "60", "--seed", str(NEW), "--engine", engine]
    return started(command, interrupts, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def stop(number: signal.Signals, delay: float, folder: Path, to_all: bool, engine: str) -> tuple[int, str]:
    """Run, send the signal after a while, and give the exit status and what was said on stderr."""
    with new_run(folder, engine, signal.SIG_DFL) as run:
        time.sleep(delay)
        if run.poll() is None:
            (os.killpg if to_all else os.kill)(run.pid, number)
        asked = time.monotonic()
        _, said = run.communicate(timeout=20)
        assert time.monotonic() - asked < 8
        wait_for_end_of_group(run, 8)
    return run.returncode, said


def old_results(trialsim: Command, replications: int, engine: str) -> None:
    done = trialsim(*ARGUMENTS, "-n", replications, "--seed", OLD, "--engine", engine, "--detail")
    assert done.returncode == 0, done.stderr


def check(trialsim: Command, tmp_path: Path, times: int, luck: random.Random, engine: str) -> None:
    begin = time.monotonic()
    old_results(trialsim, 60, engine)
    full = time.monotonic() - begin
    for _ in range(times):
        number = luck.choice([signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
        delay, to_all = luck.uniform(0.3, 1.2 * full), number == signal.SIGINT and luck.random() < 0.5
        status, said = stop(number, delay, tmp_path, to_all, engine)
        seed = seed_of_complete_results(tmp_path / "out")
        case = f"{number.name} after {delay:.3f} of {full:.3f} s: {status}, {said!r}"
        assert "Traceback" not in said, case
        rmtree(tmp_path / "out.parts", ignore_errors=True)  # kept of a run that had taken more than some seconds
        left = sorted(path.name for path in tmp_path.iterdir())
        if number == signal.SIGKILL:
            assert status in (0, -signal.SIGKILL), case
            assert all(name == "out" or name.endswith(".partial") for name in left), case
        else:
            assert status in (0, 130), case
            assert left == ["out"], case
            assert (status == 130) == said.endswith("trialsim: interrupted\n"), case
        if status == 0:
            assert seed == NEW, case
        if seed == NEW or left != ["out"]:  # back to the old results, sweeping up
            old_results(trialsim, 60, engine)
            assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_stopped_at_random_moments(trialsim: Command, tmp_path: Path) -> None:
    check(trialsim, tmp_path, 1, random.Random(20), "simpy")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, 130)])
def test_in_the_background_an_interrupt_is_ignored_and_a_request_to_terminate_is_not(
    trialsim: Command, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    old_results(trialsim, 6, "simpy")
    with new_run(tmp_path, "simpy", signal.SIG_IGN) as run:
        while living(run) < 2:  # until the workers start
            assert run.poll() is None
            time.sleep(0.02)
        os.killpg(run.pid, number)
        _, said = run.communicate(timeout=100)
        wait_for_end_of_group(run, 8)
    assert (run.returncode, "interrupted" in said) == (status, status == 130), said
    assert seed_of_complete_results(tmp_path / "out") == (NEW if status == 0 else OLD)
    assert {path.name for path in tmp_path.iterdir()} <= {"out", "out.parts"}


INTERRUPTED_WHERE_NOTHING_CAN_BE_RAISED = """
import os, signal, time
from trialsim.cli import outcome

class Last:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)

def work(arguments):
    Last()
    time.sleep(60)

outcome._run = work
raise SystemExit(outcome.run_command_line([]))
"""


@pytest.mark.parametrize("interrupts", [signal.SIG_DFL, signal.SIG_IGN])
def test_a_request_to_terminate_is_never_lost(interrupts: signal.Handlers) -> None:
    """In a finaliser Python drops exceptions; the program then sends the same signal to itself again."""
    command = [sys.executable, "-c", INTERRUPTED_WHERE_NOTHING_CAN_BE_RAISED]
    with started(command, interrupts, stderr=subprocess.PIPE) as run:
        _, said = run.communicate(timeout=20)
    assert (run.returncode, said) == (130, "trialsim: interrupted\n")


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "engine"), [(1, "simpy"), (2, "auto")])
def test_stopped_at_many_random_moments(trialsim: Command, tmp_path: Path, seed: int, engine: str) -> None:
    check(trialsim, tmp_path, 12, random.Random(seed), engine)

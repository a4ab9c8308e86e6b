"""However a run ends, its folder holds the old results or the new, complete."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from tests.support.command_line import Command

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals, /proc")

OLD, NEW = 1, 2
COMMAND = [sys.executable, "-m", "trialsim", "run", "msc-sle", "--out", "out", "--jobs", "2", "--no-figures"]


def seed_of_complete_results(folder: Path) -> int:
    """Which run the results are of, after looking at all of them; the old run has detail, the new one has not."""
    manifest = json.loads((folder / "manifest.json").read_text())
    seed = int(manifest["seed"])
    json.loads((folder / "summary.json").read_text())
    tables = {path.stem: pd.read_parquet(path) for path in folder.glob("*.parquet")}
    assert set(tables) == ({"replications", "participants", "lots"} if seed == OLD else {"replications"})
    assert len(tables["replications"]) == manifest["replications"]
    return seed


def group_is_gone(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def stop(number: signal.Signals, delay: float, folder: Path, to_all: bool) -> tuple[int, str]:
    """Run, send the signal after a while, and give the exit status and what was said on stderr."""
    run = subprocess.Popen(
        [*COMMAND, "-n", "60", "--seed", str(NEW)],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    time.sleep(delay)
    if run.poll() is None:
        (os.killpg if to_all else os.kill)(run.pid, number)
    asked = time.monotonic()
    _, said = run.communicate(timeout=20)
    assert time.monotonic() - asked < 8
    deadline = time.monotonic() + 8
    while not group_is_gone(run.pid):
        assert time.monotonic() < deadline, "workers were left behind"
        time.sleep(0.02)
    return run.returncode, said


def check(trialsim: Command, tmp_path: Path, times: int, luck: random.Random) -> None:
    begin = time.monotonic()
    assert trialsim(*COMMAND[3:], "-n", "60", "--seed", str(OLD), "--detail").returncode == 0
    full = time.monotonic() - begin
    for _ in range(times):
        number = luck.choice([signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
        delay, to_all = luck.uniform(0.3, 1.2 * full), number == signal.SIGINT and luck.random() < 0.5
        status, said = stop(number, delay, tmp_path, to_all)
        seed = seed_of_complete_results(tmp_path / "out")
        case = f"{number.name} after {delay:.3f} of {full:.3f} s: {status}, {said!r}"
        assert "Traceback" not in said, case
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
            assert trialsim(*COMMAND[3:], "-n", "60", "--seed", str(OLD), "--detail").returncode == 0
            assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_stopped_at_random_moments(trialsim: Command, tmp_path: Path) -> None:
    check(trialsim, tmp_path, 3, random.Random(20))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_stopped_at_many_random_moments(trialsim: Command, tmp_path: Path, seed: int) -> None:
    check(trialsim, tmp_path, 12, random.Random(seed))

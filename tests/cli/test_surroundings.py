"""Started as services, schedulers and containers do: without streams, a terminal, or a home folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import Command

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell")

RUN = ["run", "small.yaml", "-n", "4", "--engine", "simpy"]


def start(folder: Path, arguments: list[str], redirections: str = "", **environment: str) -> tuple[int, str, str]:
    """Status, stdout and stderr of the command in a session without a terminal."""
    command = f'exec "$0" -m trialsim "$@" {redirections}'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        start_new_session=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(("closed", "jobs"), [(">&-", "1"), ("2>&-", "1"), ("<&- >&- 2>&-", "2")])
def test_a_run_with_closed_streams_is_done_in_full(
    closed: str, jobs: str, trialsim: Command, small: Path, tmp_path: Path
) -> None:
    status, said, told = start(tmp_path, [*RUN, "--no-figures", "--jobs", jobs], closed)
    assert status == 0, told
    assert ("small" in said) == (" >&-" not in f" {closed}")
    assert told == ("" if "2>&-" in closed else "Results are in outputs/small (engine: simpy)\n")
    assert trialsim("check", "outputs/small").returncode == 0


def test_wrong_input_with_closed_streams(tmp_path: Path) -> None:
    assert start(tmp_path, ["run", "nowhere.yaml"], "2>&-") == (2, "", "")
    status, said, told = start(tmp_path, ["run", "nowhere.yaml"], ">&-")
    assert (status, said) == (2, "")
    assert "nowhere.yaml: there is no such file" in told


@pytest.mark.slow  # matplotlib looks for all fonts of the machine
@pytest.mark.usefixtures("small")
def test_without_a_home_folder(tmp_path: Path) -> None:
    """With figures, for which matplotlib would like to keep something."""
    status, said, told = start(tmp_path, RUN, HOME="/proc/nobody", XDG_CACHE_HOME="relative")
    assert (status, told) == (
        0,
        "Results are in outputs/small (engine: simpy; with --detail also the figure waiting)\n",
    )
    assert "small" in said
    assert {path.name for path in tmp_path.iterdir()} == {"outputs", "small.yaml"}

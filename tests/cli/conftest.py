"""The real command line, in a folder of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import Command
from trialsim.cli import run_command_line

SMALL = """\
format: 1
trial:
  name: small
  start_date: 2027-01-11
  max_participants: 5
recruitment:
  sites:
    - {name: Leiden, rate: 2 per month}
screening:
  pass_probability: 0.6
stopping:
  time_limit: 18 months
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A scenario that is quick to simulate."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return path


@pytest.fixture
def trialsim(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run ``trialsim`` with some arguments in ``tmp_path``; the result has its exit status and what it said.

    It runs in this process, which has the libraries already; with options of ``subprocess.run`` in one of its own.
    """

    def run(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "trialsim", *map(str, arguments)]
        done = _elsewhere(command, tmp_path, options) if options else _here(command)
        assert "Traceback" not in (done.stderr or ""), done.stderr
        return done

    def _here(command: list[str]) -> subprocess.CompletedProcess[str]:
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        with monkeypatch.context() as patch:
            patch.chdir(tmp_path)
            patch.setenv("COLUMNS", "80")
            patch.delenv("TRIALSIM_DEBUG", raising=False)
            patch.setattr(sys, "unraisablehook", sys.unraisablehook)
            if compiling := sys.modules.get("trialsim.kernel.building.compiling"):
                patch.setattr(compiling, "is_loaded", lambda: False)  # as in a process of its own
            capfd.readouterr()
            status = run_command_line(command[3:])
            said = capfd.readouterr()
        for number, handler in handlers.items():
            signal.signal(number, handler)
        return subprocess.CompletedProcess(command, status, said.out, said.err)

    return run


def _elsewhere(command: list[str], folder: Path, options: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    environment: dict[str, str] = os.environ | {"COLUMNS": "80"} | options.pop("env", {})
    environment.pop("TRIALSIM_DEBUG", None)
    defaults: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 120, "cwd": folder}
    done: subprocess.CompletedProcess[str] = subprocess.run(
        command, check=False, env=environment, **(defaults | options)
    )
    return done

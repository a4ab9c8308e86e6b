"""What somebody at a terminal sees while a simulation runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.support.command_line import Command
from trialsim.cli import screen

pexpect = pytest.importorskip("pexpect")


def test_a_bar_on_a_terminal(small: Path, tmp_path: Path) -> None:
    arguments = ["-m", "trialsim", "run", str(small), "-n", "40", "--no-figures", "--no-levers"]
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "CI")}
    terminal = pexpect.spawn(
        sys.executable,
        arguments,
        cwd=str(tmp_path),
        dimensions=(24, 80),
        encoding="utf-8",
        timeout=60,
        env=environment | {"TERM": "xterm"},
    )
    seen = terminal.read()
    terminal.close()
    assert terminal.exitstatus == 0
    assert "Simulating" in seen
    assert "40 of 40 trials (100 %)" in seen
    assert "\x1b[?25h" in seen  # the cursor is back


def test_a_line_a_minute_in_a_log(small: Path, trialsim: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "trials (" not in trialsim("run", small, "-n", "40", "--no-figures", "--no-levers").stderr
    monkeypatch.setattr(screen, "_SECONDS_BETWEEN_LINES", 0.0)
    said = trialsim("run", small, "-n", "41", "--no-figures", "--no-levers", "--engine", "simpy").stderr
    assert "41 of 41 trials (100 %), " in said
    assert " a second" in said

"""What somebody at a terminal sees while a simulation runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

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
    assert "40/40" in seen
    assert "\x1b[?25h" in seen  # the cursor is back

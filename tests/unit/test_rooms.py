"""Rooms stand in one direction, and it is noticed if one does not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("importlinter")

ROOT = Path(__file__).parents[2]
CHECK = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"


def checked(folder: Path) -> tuple[int, str]:
    """What import-linter says of the package in a folder."""
    done = subprocess.run(
        [sys.executable, "-c", CHECK, "--no-cache"],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_rooms_stand_in_one_direction() -> None:
    status, words = checked(ROOT)
    assert status == 0, words


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("rules/fixed.py", "import trialsim.report.words", "the rooms stand in one direction"),
        ("figures/style.py", "from trialsim.results.run import Results", "the rooms stand in one direction"),
        ("scenario/values/units.py", "import trialsim.scenario.loading", "within scenario/"),
        ("kernel/machine/lists.py", "import trialsim.kernel.layers.trial", "within kernel/"),
        ("model/slots.py", "import pandas", "what simulates knows numbers"),
    ],
)
def test_an_import_upwards_is_noticed(file: str, line: str, broken: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "trialsim", tmp_path / "trialsim", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "setup.cfg", tmp_path)
    with (tmp_path / "trialsim" / file).open("a", encoding="utf-8") as source:
        source.write(f"\n\n{line}\n")
    status, words = checked(tmp_path)
    assert status == 1
    assert any(each.startswith(broken) and "BROKEN" in each for each in words.splitlines()), words

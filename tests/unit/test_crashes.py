"""Killed at any step of saving, a run leaves the old results or the new, whole; or nothing where there was nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.crashing import NEW

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="fork, SIGKILL")


@pytest.mark.parametrize(
    ("before", "swapping"),
    [
        ("nothing", "can_swap"),
        ("old", "can_swap"),
        pytest.param("old", "cannot_swap", marks=pytest.mark.slow),
        pytest.param("nothing", "cannot_swap", marks=pytest.mark.slow),
    ],
)
def test_killed_at_every_step_of_saving(before: str, swapping: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.support.crashing", str(tmp_path / "out"), before, swapping],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    found = done.stdout.split()
    turn = found.index(NEW)
    assert turn > 15, "steps are no longer seen"
    assert len(found) - turn > 10, "figures are drawn after the tables are in place"
    assert set(found[:turn]) == {before}
    assert set(found[turn:]) == {NEW}

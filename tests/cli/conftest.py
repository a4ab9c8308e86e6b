"""The real command line, in a process and a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import Command

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
def trialsim(tmp_path: Path) -> Command:
    """Run ``trialsim`` with some arguments in ``tmp_path``; the result has its exit status and what it said."""

    def run(*arguments: object, **more: Any) -> subprocess.CompletedProcess[str]:
        options: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 120, "cwd": tmp_path} | more
        options["env"] = os.environ | {"COLUMNS": "80"} | options.get("env", {})
        options["env"].pop("TRIALSIM_DEBUG", None)
        done = subprocess.run([sys.executable, "-m", "trialsim", *map(str, arguments)], check=False, **options)
        assert "Traceback" not in (done.stderr or ""), done.stderr
        return done

    return run

"""Whatever a newcomer types, in the order of the README, works to the letter."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
COMMANDS = [
    line.split("  #")[0].strip()
    for language, text in BLOCKS
    if language == "sh"
    for line in text.splitlines()
    if line.startswith("trialsim ")
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("newcomer")


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_the_commands_one_after_the_other(home: Path) -> None:
    assert len(COMMANDS) >= 7
    for command in COMMANDS:
        done = shell(command, home)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
    assert (home / "outputs" / "my-trial" / "summary.json").is_file()


def test_the_scenario_is_valid(home: Path) -> None:
    (text,) = (text for language, text in BLOCKS if language == "yaml")
    (home / "two-sites.yaml").write_text(text)
    done = shell("trialsim validate two-sites.yaml", home)
    assert (done.returncode, done.stdout, done.stderr) == (0, "two-sites.yaml: ok\n", "")


def test_the_python_runs(home: Path) -> None:
    (text,) = (text for language, text in BLOCKS if language == "python")
    (home / "readme.py").write_text(text)
    done = shell("python readme.py", home)
    assert done.returncode == 0, done.stderr
    assert "Replication 17" in done.stdout


def test_the_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z]+)", README)) <= targets


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target

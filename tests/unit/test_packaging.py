"""What setup.cfg says agrees with what is there."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

from ruamel.yaml import YAML

from trialsim import __version__

ROOT = Path(__file__).parents[2]


def test_every_room_is_in_the_wheel() -> None:
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    named = set(settings["options"]["packages"].split())
    rooms = {".".join(init.parent.relative_to(ROOT).parts) for init in (ROOT / "trialsim").rglob("__init__.py")}
    assert named == rooms | {"trialsim.shipped"}


def test_hooks_run_before_a_commit_what_lint_runs() -> None:
    recipe = re.search(r"(?m)^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert recipe is not None
    hooks = YAML(typ="safe").load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    assert [f"\t$(BIN)/{hook['entry']}" for hook in hooks] == recipe[1].splitlines()


def test_the_citation_names_this_version() -> None:
    cited = re.search(r"(?m)^version: (.*)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited is not None
    assert cited[1] == __version__

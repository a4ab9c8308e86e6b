"""What setup.cfg says agrees with what is there."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

from trialsim import __version__

ROOT = Path(__file__).parents[2]


def test_every_room_is_in_the_wheel() -> None:
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    named = set(settings["options"]["packages"].split())
    rooms = {".".join(init.parent.relative_to(ROOT).parts) for init in (ROOT / "trialsim").rglob("__init__.py")}
    assert named == rooms | {"trialsim.shipped"}


def test_the_citation_names_this_version() -> None:
    cited = re.search(r"(?m)^version: (.*)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited is not None
    assert cited[1] == __version__

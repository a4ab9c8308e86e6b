"""Print the lowest versions that setup.cfg promises, as constraints for pip: `lowest.py [extra ...]`."""

from __future__ import annotations

import configparser
import re
import sys
from pathlib import Path


def lowest(extras: list[str]) -> list[str]:
    """Each requirement of the program and of these extras, pinned to the version from which on it is allowed."""
    settings = configparser.ConfigParser()
    settings.read(Path(__file__).parents[1] / "setup.cfg")
    lists = [settings["options"]["install_requires"], *(settings["options.extras_require"][extra] for extra in extras)]
    pinned = []
    for line in "\n".join(lists).split("\n"):
        if line and not line.startswith("#"):
            found = re.match(r"([\w.-]+)>=([\d.]+)[^;]*(;.*)?", line)
            if found is None:
                raise SystemExit(f"setup.cfg: {line!r} does not say its lowest version first (name>=version)")
            pinned.append(f"{found[1]}=={found[2]}{found[3] or ''}")
    return pinned


if __name__ == "__main__":
    print(*lowest(sys.argv[1:]), sep="\n")

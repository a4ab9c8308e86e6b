"""Where the results of a command go, if nobody says so."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

_LONGEST = 120
_DIGEST = 8


def usual_folder(name: str, changes: Sequence[str] = ()) -> Path:
    """The folder of a trial's results; with what-ifs, one of its own, which is named by them.

    ``msc-sle`` with ``recruitment.rate_multiplier=2`` goes to ``outputs/msc-sle--recruitment.rate_multiplier=2``.
    """
    wanted = "--".join([name, *changes]).replace(" ", "_")
    plain = re.sub(r"[^A-Za-z0-9._=,+-]+", "_", wanted)[:_LONGEST]
    if plain != wanted:  # two changes may look the same now
        plain += f"-{hashlib.sha256(wanted.encode(errors='surrogateescape')).hexdigest()[:_DIGEST]}"
    return Path("outputs") / plain

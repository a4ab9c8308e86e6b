"""The type of the fixture ``trialsim``, which runs the real command line."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

Command = Callable[..., "subprocess.CompletedProcess[str]"]
"""``trialsim(*arguments, **options of subprocess.run)``: the finished process."""

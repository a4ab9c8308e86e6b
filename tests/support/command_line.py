"""The type of the fixture ``trialsim``, which runs the command line."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

Command = Callable[..., "subprocess.CompletedProcess[str]"]
"""``trialsim(*arguments)``, with options of ``subprocess.run`` in a process of its own: what came of it."""

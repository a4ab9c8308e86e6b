"""The command line: one module a topic, each a few lines over the Python API.

Nothing heavy is imported here: ``trialsim --help`` should answer at once.
"""

from __future__ import annotations

from trialsim.cli.outcome import run_command_line

__all__ = ["run_command_line"]

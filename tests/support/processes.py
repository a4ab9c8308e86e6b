"""Processes that a test starts, sends signals to, and never leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any


@contextmanager
def started(
    command: Sequence[str], interrupts: signal.Handlers = signal.SIG_DFL, **options: Any
) -> Iterator[subprocess.Popen[str]]:
    """Start a command in a process group of its own; at the end whatever is left of the group is killed.

    A process inherits whether interrupts (SIGINT) are ignored, and shells ignore them in what they run in the
    background. So that the tests do not depend on how they were started, each command is told: ``SIG_DFL`` as in the
    foreground, ``SIG_IGN`` as in the background.
    """
    process = subprocess.Popen(
        command,
        start_new_session=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, interrupts),
        text=True,
        **options,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def living(process: subprocess.Popen[str]) -> int:
    """How many processes of the group are alive. Linux only, as a killed one that nobody waits for does not count."""
    stats = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            stats.append(path.read_text().rsplit(")", 1)[1].split())
    return sum(int(group) == process.pid and state != "Z" for state, _, group, *_ in stats)


def wait_for_end_of_group(process: subprocess.Popen[str], seconds: float) -> None:
    """Wait until no process of the group is alive; fail if some are after a while."""
    deadline = time.monotonic() + seconds
    while living(process):
        assert time.monotonic() < deadline, "processes were left behind"
        time.sleep(0.02)

"""Simulations whose chunks are kept at once, and a process that is killed while it does that.

As a program: ``python -m tests.support.keeping FOLDER FIRST EVERY`` has a simulation killed at the step FIRST by which
its chunks are written, and at each EVERY-th from there, and prints the last, at which all was done.
"""

from __future__ import annotations

import os
import signal
import sys
from itertools import count
from pathlib import Path
from shutil import rmtree

from pandas.testing import assert_frame_equal

from tests.support.crashing import Killing
from trialsim.experiment.chunks import beside
from trialsim.experiment.store import Store
from trialsim.results.run import Results, simulate
from trialsim.scenario import Scenario

REPLICATIONS = 20
SMALL = Scenario.from_document(
    {
        "trial": {"name": "small", "start_date": "2024-01-01", "max_participants": 4},
        "recruitment": {"sites": [{"name": "A", "rate": "1 per week"}]},
        "screening": {"duration": "3 days", "pass_probability": 0.7},
        "dosing": {"levels": ["1 cells", "2 cells"], "rule": "fixed", "cohort_size": 2, "observation": "28 days"},
        "truth": {"dlt_probability": [0.1, 0.3]},
        "product": {"policy": "to_stock", "target_doses": 2, "cells_per_lot": 4, "expansion": "10 days"},
        "stopping": {"time_limit": "300 days"},
    }
)


def simulated(folder: Path, replications: int = REPLICATIONS, detail: bool = True) -> Results:
    """Simulate with SimPy, in chunks of 1, 2, 4, … replications, each of which is written at once."""
    Store.seconds = 0.0
    return simulate(SMALL, replications, seed=3, detail=detail, engine="simpy", keep=folder)


def killed_at_steps(folder: Path, first: int, every: int) -> int:
    """Kill a simulation at some of the steps by which chunks are written, and go on after each; return the last step.

    AssertionError if anything is lost or left behind.
    """
    whole = simulate(SMALL, REPLICATIONS, seed=3, detail=True, engine="simpy")
    for step in count(first, every):
        child = os.fork()
        if not child:
            try:
                kill = Killing(step)
                for name in ("fsync", "mkdir", "replace", "unlink"):
                    kill.before(os, name)
                simulated(folder)
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        results = simulated(folder)
        for name in ("replications", "courses", "participants", "lots"):
            assert_frame_equal(getattr(results, name), getattr(whole, name), check_exact=True)
        assert not list(beside(folder).rglob(".*")), "something half-written is left"
        if not status:
            return step
        assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        rmtree(beside(folder))
    raise AssertionError


if __name__ == "__main__":
    print(killed_at_steps(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))

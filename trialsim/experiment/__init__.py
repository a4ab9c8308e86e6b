"""Running replications and keeping their results."""

from __future__ import annotations

from trialsim.experiment.executor import WorkersLost
from trialsim.experiment.replay import Trace, trace
from trialsim.experiment.results import Results
from trialsim.experiment.runs import ENGINES, simulate
from trialsim.experiment.store import StoreError
from trialsim.experiment.sweeps import SweepResults, compare, sweep

__all__ = [
    "ENGINES",
    "Results",
    "StoreError",
    "SweepResults",
    "Trace",
    "WorkersLost",
    "compare",
    "simulate",
    "sweep",
    "trace",
]

"""Running replications and keeping their results."""

from __future__ import annotations

from trialsim.experiment.engines import ENGINES, EngineError
from trialsim.experiment.executor import WorkersLost
from trialsim.experiment.replays import Replay, replay
from trialsim.experiment.results import Results
from trialsim.experiment.runs import simulate
from trialsim.experiment.store import StoreError
from trialsim.experiment.sweeps import SweepResults, compare, sweep
from trialsim.experiment.traces import Trace, trace

__all__ = [
    "ENGINES",
    "EngineError",
    "Replay",
    "Results",
    "StoreError",
    "SweepResults",
    "Trace",
    "WorkersLost",
    "compare",
    "replay",
    "simulate",
    "sweep",
    "trace",
]

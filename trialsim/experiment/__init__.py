"""Running replications and keeping their results."""

from __future__ import annotations

from trialsim.experiment.executor import WorkersLost
from trialsim.experiment.replay import Trace, trace
from trialsim.experiment.results import Results
from trialsim.experiment.runs import ENGINES, simulate
from trialsim.experiment.store import StoreError

__all__ = ["ENGINES", "Results", "StoreError", "Trace", "WorkersLost", "simulate", "trace"]

"""Running replications: jobs, chunks of them, the engines that run them, and the processes that share the work."""

from __future__ import annotations

from trialsim.experiment.chunks import Job, Tables
from trialsim.experiment.engines import ENGINES, EngineError
from trialsim.experiment.executor import WorkersLost
from trialsim.experiment.running import Progress, run_jobs

__all__ = ["ENGINES", "EngineError", "Job", "Progress", "Tables", "WorkersLost", "run_jobs"]

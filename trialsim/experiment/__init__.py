"""Running replications: jobs, the engines that run them, and the processes that share the work."""

from __future__ import annotations

from trialsim.experiment.cluster import ClusterError
from trialsim.experiment.engines.choice import ENGINES, EngineError
from trialsim.experiment.jobs import Job, Tables
from trialsim.experiment.processes import WorkersLost
from trialsim.experiment.running import run_jobs

__all__ = ["ENGINES", "ClusterError", "EngineError", "Job", "Tables", "WorkersLost", "run_jobs"]

"""What it costs the engines that something is not known, in one run.

Usage: python benchmarks/uncertain.py [SCENARIO ...]        (`msc-sle-uncertain` by default)

Times of a replication with and without the section `uncertain`, the best of several rounds taken in turns; only their
ratio means anything.
"""

from __future__ import annotations

import sys
import time

from trialsim import load
from trialsim.experiment.engines import Engine
from trialsim.experiment.engines.compiled import Compiled
from trialsim.experiment.engines.simpy import SimPy
from trialsim.experiment.jobs import Job
from trialsim.kernel.entry import entry

ROUNDS = 8
KNOWN = {"uncertain": None, "correlations": None}


def seconds(engine: Engine, job: Job, replications: int) -> float:
    begin = time.perf_counter()
    engine.run(job, 1, replications)
    return (time.perf_counter() - begin) / replications


def main(scenarios: list[str]) -> None:
    kernel = entry()
    engines: dict[str, tuple[Engine, int]] = {
        "compiled": (Compiled(kernel), 2000),
        "compiled, two threads": (Compiled(kernel, 2), 4000),
        "SimPy": (SimPy(), 100),
    }
    for scenario in map(load, scenarios):
        jobs = [Job(scenario.changed(KNOWN), 1), Job(scenario, 1)]
        print(f"{scenario.name}: {len(scenario.uncertain)} keys are not known; microseconds a replication")
        for name, (engine, number) in engines.items():
            rounds = [[seconds(engine, job, number) for job in jobs] for _ in range(ROUNDS)]
            known, unknown = (1e6 * min(times) for times in zip(*rounds, strict=True))
            print(f"  {name:22} known {known:8.1f}   unknown {unknown:8.1f}   speed kept {known / unknown:5.0%}")


if __name__ == "__main__":
    main(sys.argv[1:] or ["msc-sle-uncertain"])

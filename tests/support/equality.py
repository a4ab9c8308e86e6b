"""What it means that two engines are equal: the same tables, every value of every row, to the last bit."""

from __future__ import annotations

from pandas.testing import assert_frame_equal

from trialsim.experiment.engines.compiled import Compiled
from trialsim.experiment.engines.simpy import raw_tables, tables
from trialsim.experiment.jobs import Job
from trialsim.kernel.calling import Entry
from trialsim.kernel.engine import Engine
from trialsim.kernel.state.plan import Plan
from trialsim.kernel.tables.frames import raw_frames
from trialsim.model import run
from trialsim.scenario import Scenario


def assert_engines_equal(scenario: Scenario, kernel: Entry, seed: int, first: int, last: int, threads: int = 1) -> None:
    """How the replications ended, participants and lots as the engines leave them, and all tables as users see them.

    Where they differ, the message calls the SimPy model left and the kernel right.
    """
    engine = Compiled(kernel, threads)
    by_simpy = raw_tables(scenario, [run(scenario, seed, number) for number in range(first, last + 1)])
    by_kernel = raw_frames(scenario, Engine(Plan(scenario), kernel).run(seed, first, last))
    for one, other in zip(by_simpy, by_kernel, strict=True):
        assert_frame_equal(one, other, check_exact=True)
    seen_by_simpy = tables(scenario, by_simpy, detail=True)
    seen_by_kernel = engine.run(Job(scenario, seed, detail=True), first, last)
    for by_one, by_other in zip(seen_by_simpy, seen_by_kernel, strict=True):
        assert by_one is not None and by_other is not None
        assert_frame_equal(by_one, by_other, check_exact=True)
    alone = engine.run(Job(scenario, seed), first, last)
    assert_frame_equal(seen_by_simpy.replications, alone.replications, check_exact=True)
    assert seen_by_simpy.courses is not None and alone.courses is not None
    assert_frame_equal(seen_by_simpy.courses, alone.courses, check_exact=True)

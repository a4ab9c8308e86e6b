"""A worker process that is killed costs no replication, unless it is killed again."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal

import trialsim
from trialsim.experiment.processes import WorkersLost
from trialsim.rules.base import Answer, Stop, View

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")


class KillsWorkers:
    """A dose rule that kills the process which asks it, unless that is the one which made it; the first times only."""

    cohorts = False

    def __init__(self, folder: Path, times: int) -> None:
        self.folder, self.times, self.made_by = folder, times, os.getpid()

    def decide(self, view: View) -> Answer:
        if os.getpid() != self.made_by and len(list(self.folder.iterdir())) < self.times:
            (self.folder / str(os.getpid())).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return Stop(None)

    def recommend(self, view: View) -> int | None:
        return None


def test_a_killed_worker_costs_no_replication(tmp_path: Path) -> None:
    rule = KillsWorkers(tmp_path, times=1)
    shared = trialsim.simulate("teaching-minimal", 5, jobs=2, rule=rule, engine="simpy")
    assert list(tmp_path.iterdir())
    alone = trialsim.simulate("teaching-minimal", 5, jobs=1, rule=rule, engine="simpy")
    assert_frame_equal(shared.replications, alone.replications, check_exact=True)


def test_a_worker_that_is_killed_again_is_reported_by_its_replications(tmp_path: Path) -> None:
    with pytest.raises(WorkersLost, match=r"for replications \d+ to \d+ of teaching-minimal .*killed, twice"):
        trialsim.simulate("teaching-minimal", 32, jobs=2, rule=KillsWorkers(tmp_path, 99), engine="simpy")

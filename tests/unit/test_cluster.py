"""A real scheduler and workers of Dask, here in threads of this process; in processes: `tests.cli.test_cluster`."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pandas.testing import assert_frame_equal

import trialsim
from trialsim.experiment import cluster as dask
from trialsim.experiment.cluster import ClusterError, connected
from trialsim.experiment.executors import ExecutorError
from trialsim.rules.base import Answer, Stop, View

distributed = pytest.importorskip("distributed")

NAME = "teaching-minimal"


@pytest.fixture
def cluster() -> Iterator[Any]:
    """Two workers, at an address of their own."""
    options = {"processes": False, "protocol": "tcp://", "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, silence_logs=logging.CRITICAL, **options) as made:
        yield made


class StopsAtOnce:
    """A dose rule of one's own."""

    cohorts = True

    def decide(self, view: View) -> Answer:
        return Stop(None)

    def recommend(self, view: View) -> int | None:
        return None


def test_workers_give_the_same_and_leave_nothing_behind(cluster: Any) -> None:
    there = trialsim.simulate(NAME, 40, detail=True, engine="simpy", executor=cluster.scheduler_address)
    here = trialsim.simulate(NAME, 40, detail=True, engine="simpy")
    assert there.engine == "simpy"
    for name in ("replications", "courses", "participants", "lots"):
        assert_frame_equal(getattr(there, name), getattr(here, name), check_exact=True)
    there = trialsim.simulate("msc-sle", 3, rule=StopsAtOnce(), executor=cluster.scheduler_address)
    here = trialsim.simulate("msc-sle", 3, rule=StopsAtOnce())
    assert_frame_equal(there.replications, here.replications, check_exact=True)
    deadline = time.monotonic() + 10
    while cluster.scheduler.tasks or len(cluster.scheduler.clients) > 1:  # its own
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_scheduler_that_ends(cluster: Any, tmp_path: Path) -> None:
    ended: list[int] = []

    def end(done: int, _: int) -> None:
        if done >= 5 and not ended:
            ended.append(done)
            cluster.close()

    with pytest.raises(
        ClusterError, match=r"^the Dask scheduler at tcp://127\.0\.0\.1:\d+ is gone, or cannot be reach"
    ):
        trialsim.simulate(NAME, 1000, engine="simpy", executor=cluster.scheduler_address, progress=end)
    assert ended


def test_a_scheduler_without_workers(cluster: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    caplog.set_level(logging.INFO, "trialsim")
    monkeypatch.setattr(dask, "_LOOK_SECONDS", 0.1)
    monkeypatch.setattr(dask, "_WITHOUT_WORKERS_SECONDS", 1.0)
    address = cluster.scheduler_address
    cluster.scale(0)
    words = rf"^the scheduler at {address} has had no workers for a minute: start some$"
    with pytest.raises(ClusterError, match=words), connected(address) as found:
        while True:
            found.wait_for_workers()
            time.sleep(0.02)
    told = [record.getMessage() for record in caplog.records if record.name == "trialsim"]
    assert told == [f"The scheduler at {address} has no workers: waiting for some"]


def test_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "_CONNECTING_SECONDS", 0.5)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ClusterError, match=rf"^there is no Dask scheduler at {address} that answers: Timed out"):
            trialsim.simulate(NAME, 10, executor=address)


def test_something_else_at_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "_CONNECTING_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(ClusterError, match=rf"^there is no Dask scheduler at {address} that answers: "):
            trialsim.simulate(NAME, 10, executor=address)


def test_without_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "find_spec", lambda name: None)
    with pytest.raises(ExecutorError, match=r"^Dask is not installed \(pip install 'trialsim\[cluster\]'\)$"):
        trialsim.simulate(NAME, 10, executor="tcp://127.0.0.1:8786")

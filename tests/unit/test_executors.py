"""Executors by their names, and which goes with which engine."""

from __future__ import annotations

from typing import Any

import pytest
from pandas.testing import assert_frame_equal

import trialsim
from trialsim.experiment import running
from trialsim.experiment.executors import ExecutorError, check_executor, is_address


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:8786", "tls://node-3.example.org:1", "tcp://[::1]:8786"])
def test_addresses(address: str) -> None:
    assert is_address(address)
    check_executor(address, "simpy", 4)
    check_executor(address, "compiled")


NO_ADDRESSES = """
dask host:8786 tcp://127.0.0.1 tcp://:8786 http://host:8786 tcp://host:0 tcp://host:99999 tcp://host:x tcp://[::1
tcp://host:1/path tcp://host:1?query
"""


@pytest.mark.parametrize("address", ["", *NO_ADDRESSES.split()])
def test_no_addresses(address: str) -> None:
    assert not is_address(address)
    with pytest.raises(ExecutorError, match=r"one of auto, here, processes, threads, or the address of a Dask sched"):
        check_executor(address)


@pytest.mark.parametrize(
    ("executor", "engine", "jobs", "words"),
    [
        ("here", "auto", 2, "the executor here has one core, not 2"),
        ("processes", "compiled", None, "processes are for the engine simpy"),
        ("threads", "simpy", 4, "threads are for the compiled engine"),
    ],
)
def test_what_does_not_go_together(executor: str, engine: str, jobs: int | None, words: str) -> None:
    with pytest.raises(ExecutorError, match=words):
        trialsim.simulate("teaching-minimal", 5, executor=executor, engine=engine, jobs=jobs)


def test_here_uses_one_core_and_processes_are_used_although_it_is_little(monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[int] = []

    def as_done(work: Any, tasks: list[Any], workers: int, name: Any) -> Any:
        used.append(workers)
        for position, task in enumerate(tasks):
            yield position, work(*task)

    monkeypatch.setattr(running, "as_done", as_done)
    monkeypatch.setattr(running, "available_cores", lambda: 3)
    monkeypatch.setattr(running, "_WORTH_PROCESSES_SECONDS", 0.0)
    monkeypatch.setattr(running, "_PROBE_SECONDS", 0.0)
    serial = trialsim.simulate("teaching-minimal", 30, engine="simpy")
    cases: list[tuple[str, str, int | None, list[int]]] = [
        ("here", "simpy", None, []),
        ("auto", "simpy", None, [3]),
        ("processes", "auto", 1, [1]),
        ("processes", "auto", None, [3]),
    ]
    for executor, engine, jobs, expected in cases:
        used.clear()
        done = trialsim.simulate("teaching-minimal", 30, engine=engine, executor=executor, jobs=jobs)
        assert used == expected
        assert_frame_equal(done.replications, serial.replications, check_exact=True)


def test_threads_are_for_what_the_compiled_engine_knows() -> None:
    from tests.unit.test_experiment import StopAtOnce

    with pytest.raises(ValueError, match=r"compiled engine cannot run this: it does not know the dose rule StopAtOnce"):
        trialsim.simulate("msc-sle", 5, executor="threads", rule=StopAtOnce(), jobs=2)

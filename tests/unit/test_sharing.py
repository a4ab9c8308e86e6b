"""Work shared out among others: a few tasks under way, all of it done, what was killed done again and then named."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import trialsim
from tests.support.clusters import Pretended
from trialsim.experiment import bundles, remote, sharing
from trialsim.experiment.cluster import ClusterError, WorkersKilled
from trialsim.experiment.engines.choice import EngineError
from trialsim.experiment.engines.simpy import SimPy
from trialsim.experiment.processes import WorkersLost
from trialsim.experiment.remote import About, versions
from trialsim.experiment.store import Store

Fails = Callable[..., object]


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Pretended]:
    """Have a pretended cluster at any address."""

    def made(threads: int = 2, fails: Fails = lambda *_: None) -> Pretended:
        found = Pretended(threads, fails)

        @contextmanager
        def connected(address: str) -> Iterator[Pretended]:
            assert address == Pretended.address
            yield found

        monkeypatch.setattr(sharing, "connected", connected)
        return found

    return made


def simulate(name: str = "teaching-minimal", replications: int = 60, **options: Any) -> trialsim.Results:
    return trialsim.simulate(name, replications, **({"executor": Pretended.address, "engine": "simpy"} | options))


@pytest.fixture(scope="module")
def sixty() -> trialsim.Results:
    return trialsim.simulate("teaching-minimal", 60, engine="simpy", detail=True)


def assert_same(one: trialsim.Results, other: trialsim.Results) -> None:
    for name in ("replications", "courses", "participants", "lots"):
        here, there = getattr(one, name), getattr(other, name)
        assert isinstance(here, pd.DataFrame) and isinstance(there, pd.DataFrame)
        assert_frame_equal(here, there, check_exact=True)


@pytest.mark.parametrize("threads", [1, 3])
def test_others_give_the_same(pretend: Callable[..., Pretended], sixty: trialsim.Results, threads: int) -> None:
    cluster = pretend(threads)
    seen: list[tuple[int, int]] = []
    assert_same(simulate(detail=True, progress=lambda *done: seen.append(done)), sixty)
    assert cluster.most_under_way <= 2 * threads
    assert len(cluster.calls) > 3
    assert seen[0] == (0, 60) and seen[-1] == (60, 60) and seen == sorted(set(seen))


def test_points_share_tasks(pretend: Callable[..., Pretended], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "_LAST_SECONDS", 2.0)
    cluster = pretend(1)
    vary = ["screening.pass_probability=0.2:0.9:0.1"]
    found = trialsim.sweep("teaching-minimal", 5, vary=vary, executor=cluster.address, engine="simpy")
    serial = trialsim.sweep("teaching-minimal", 5, vary=vary, engine="simpy")
    assert_frame_equal(found.replications, serial.replications, check_exact=True)
    assert max(len(pieces) for _, _, pieces in cluster.calls) > 1
    chosen = trialsim.levers("teaching-minimal", 20, executor=cluster.address)
    assert_frame_equal(chosen.levers, trialsim.levers("teaching-minimal", 20).levers, check_exact=True)


def test_a_task_that_kills_is_done_once_more_alone_at_the_end(
    pretend: Callable[..., Pretended], sixty: trialsim.Results
) -> None:
    killing: list[Any] = []

    def fails(number: int, engine: str, _: object, pieces: Any) -> None:
        if number == 3:
            killing.extend(pieces)
            raise WorkersKilled("4 times")

    cluster = pretend(2, fails)
    assert_same(simulate(detail=True), sixty)
    ((_, first, last),) = killing
    spans = [[span for _, *span in pieces] for _, _, pieces in cluster.calls]
    assert spans.count([[first, last]]) == 2
    assert spans[-1] == [[first, last]]


def test_a_chunk_that_always_kills_is_named_when_all_others_are_done_and_kept(
    pretend: Callable[..., Pretended], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sixty: trialsim.Results
) -> None:
    monkeypatch.setattr(Store, "seconds", 0.0)

    def fails(_: int, engine: str, __: object, pieces: Any) -> None:
        if any(first <= 17 <= last for _, first, last in pieces):
            raise WorkersKilled("4 times")

    pretend(2, fails)
    with pytest.raises(WorkersLost, match=r"^all workers that did replications (\d+) to \d+ of .*, also when it was"):
        simulate(keep=tmp_path / "out", detail=True)
    cluster = pretend()
    assert_same(simulate(keep=tmp_path / "out", detail=True), sixty)
    done_again = {
        number for _, _, pieces in cluster.calls for _, first, last in pieces for number in range(first, last + 1)
    }
    assert 17 in done_again and len(done_again) < 60


def test_what_is_finished_is_kept_when_the_scheduler_is_lost_or_somebody_interrupts(
    pretend: Callable[..., Pretended], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sixty: trialsim.Results
) -> None:
    monkeypatch.setattr(Store, "seconds", 0.0)
    for problem in (ClusterError("gone"), KeyboardInterrupt()):
        folder = tmp_path / type(problem).__name__

        def fails(number: int, *_: object, problem: BaseException = problem) -> None:
            if number == 7:
                raise problem

        cluster = pretend(1, fails)
        with pytest.raises(type(problem)):
            simulate(keep=folder, detail=True)
        begun = cluster.calls[:6]
        cluster = pretend()
        assert_same(simulate(keep=folder, detail=True), sixty)
        done_again = {first for _, _, pieces in cluster.calls for _, first, _ in pieces}
        assert not done_again & {first for _, _, pieces in begun for _, first, _ in pieces}


def test_interrupted_while_something_is_kept(
    pretend: Callable[..., Pretended], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sixty: trialsim.Results
) -> None:
    """What lies ready is kept too, and what was being kept is kept whole."""
    monkeypatch.setattr(Store, "seconds", 0.0)
    pretend(1)
    add, added = Store.add, [0]

    def interrupted(self: Store, *chunk: Any) -> None:
        added[0] += 1
        if added[0] == 4:
            raise KeyboardInterrupt
        add(self, *chunk)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "add", interrupted)
        with pytest.raises(KeyboardInterrupt):
            simulate(keep=tmp_path / "out", detail=True)
    assert added[0] > 4
    cluster = pretend()
    assert_same(simulate(keep=tmp_path / "out", detail=True), sixty)
    assert min(first for _, _, pieces in cluster.calls for _, first, _ in pieces) > added[0] - 1


def other_version(said: Any) -> Any:
    return (
        said._replace(versions=versions() | {"trialsim": "0.0.1", "numpy": "1.0"}) if isinstance(said, About) else said
    )


def other_code(said: Any) -> Any:
    return said._replace(versions=versions() | {remote.CODE: "0" * 64})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            other_version,
            r"1 of 2 workers are not as we are, so nothing was begun: tcp://two:2 has trialsim 0.0.1, not .*"
            r", and numpy 1.0, not ",
        ),
        (other_code, r"tcp://two:2 has other files of trialsim"),
        (lambda _: ModuleNotFoundError("No module named 'trialsim'"), r"cannot begin: No module named 'trialsim'"),
    ],
)
def test_workers_that_are_not_as_we_are(pretend: Callable[..., Pretended], change: Any, words: str) -> None:
    cluster = pretend()
    cluster.says["tcp://two:2"] = change
    with pytest.raises(ClusterError, match=words):
        simulate()
    assert not cluster.calls


def test_a_scheduler_without_the_program(pretend: Callable[..., Pretended]) -> None:
    cluster = pretend()
    cluster.scheduler_says = ModuleNotFoundError("No module named 'trialsim'")
    words = r"^the scheduler at tcp://nowhere:1 needs the same packages as the workers: No module named 'trialsim'$"
    with pytest.raises(ClusterError, match=words):
        simulate()
    assert not cluster.calls


def test_of_many_workers_a_few_are_named(pretend: Callable[..., Pretended]) -> None:
    cluster = pretend()
    cluster.says = {f"tcp://worker:{number}": other_code for number in range(1000)}
    with pytest.raises(ClusterError, match=r"^1000 of 1000 workers .*; and 997 more$") as problem:
        simulate()
    assert len(str(problem.value)) < 400


def test_a_worker_that_comes_later_looks_for_itself() -> None:
    with pytest.raises(remote.OtherVersions, match=r"^has trialsim .*, not 9\.9$"):
        remote.run_bundle("simpy", versions() | {"trialsim": "9.9"}, b"")


class Compiled:
    name = "compiled"
    largest_chunk = staticmethod(lambda job: 100)
    run = staticmethod(lambda *arguments: SimPy().run(*arguments))


@pytest.mark.parametrize(
    ("engine", "seconds", "speed", "expected"),
    [
        ("auto", 0.0, 10.0, {"simpy", "auto"}),
        ("auto", 1e9, 10.0, {"simpy"}),
        ("compiled", 1e9, 10.0, {"compiled"}),
        ("simpy", 0.0, 10.0, {"simpy"}),
    ],
)
def test_the_compiled_engine_where_it_is_worth_it(
    pretend: Callable[..., Pretended],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    sixty: trialsim.Results,
    engine: str,
    seconds: float,
    speed: float,
    expected: set[str],
) -> None:
    caplog.set_level(logging.INFO, "trialsim")
    monkeypatch.setattr(remote, "_started", lambda name: SimPy() if name == "simpy" else Compiled())
    monkeypatch.setattr(bundles, "_CERTAIN", 0.0)
    cluster = pretend(1)
    cluster.says["tcp://one:1"] = lambda said: said._replace(seconds_to_start=seconds, can_compile=True)
    results = simulate(engine=engine, detail=True)
    assert_same(results, sixty)
    assert {name for name, _, _ in cluster.calls} == expected
    assert results.engine == ("simpy" if expected == {"simpy"} else "compiled")
    assert not caplog.messages


def test_an_engine_that_cannot_be_had(pretend: Callable[..., Pretended]) -> None:
    cluster = pretend()
    cluster.says["tcp://one:1"] = lambda said: said._replace(can_compile=False) if isinstance(said, About) else None
    with pytest.raises(ClusterError, match=r"^not all workers of tcp://nowhere:1 have numba"):
        simulate(engine="compiled")
    with pytest.raises(EngineError, match=r"does not know the dose rule Counts"):
        simulate("msc-sle", engine="compiled", rule=Counts())
    assert not cluster.calls


class Counts:
    """A dose rule of one's own."""

    cohorts = True

    def decide(self, view: Any) -> Any:
        from trialsim.rules.base import Stop

        return Stop(None)

    def recommend(self, view: Any) -> int | None:
        return None


def test_a_rule_of_ones_own(pretend: Callable[..., Pretended]) -> None:
    """By reference to its module where workers have the same, else with the code of its class."""
    serial = trialsim.simulate("msc-sle", 5, rule=Counts(), engine="simpy")
    sizes = {}
    for name, change in (
        ("there", lambda said: said),
        ("not there", lambda said: said if isinstance(said, About) else None),
        ("another", lambda said: "0" * 64 if isinstance(said, str) else said),
    ):
        cluster = pretend()
        cluster.says["tcp://one:1"] = change
        found = simulate("msc-sle", 5, rule=Counts())
        assert_frame_equal(found.replications, serial.replications, check_exact=True)
        rule = cluster.calls[0][2][0][0].rule
        assert isinstance(rule, bytes)
        sizes[name] = len(rule)
    assert sizes["there"] < 200 < 500 < min(sizes["not there"], sizes["another"])


def test_a_rule_that_cannot_go_there(pretend: Callable[..., Pretended]) -> None:
    cluster = pretend()
    bound = Counts()
    bound.lock = Lock()  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match=r"^the rule cannot be sent to the workers \("):
        simulate("msc-sle", 5, rule=bound)

    def change(said: Any) -> Any:
        return ModuleNotFoundError("No module named 'mine'") if said is None else said

    cluster.says["tcp://one:1"] = change
    with pytest.raises(ValueError, match=r"the worker tcp://one:1 cannot take the rule \(No module named 'mine'\)"):
        simulate("msc-sle", 5, rule=Counts())
    assert not cluster.calls

"""Chunks in bundles: all replications once, of all scenarios, as many seconds as they should take."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

import trialsim
from trialsim.experiment import bundles
from trialsim.experiment.bundles import Bundle, Bundles, size
from trialsim.experiment.collection import Chunk, Collection
from trialsim.experiment.jobs import Job, Tables

SCENARIO = trialsim.load("teaching-minimal")


def collection(points: int, replications: int, detail: bool = False) -> Collection:
    job = Job(SCENARIO, 1, detail)
    return Collection([job] * points, replications)


def finish(every: Bundles, of: Collection, bundle: Bundle, seconds: float | None) -> None:
    every.took(bundle, seconds)
    of.count(size(bundle))


@given(
    points=st.integers(1, 30),
    replications=st.integers(1, 50),
    workers=st.integers(1, 5),
    speeds=st.lists(st.floats(0.1, 1e4), min_size=1, max_size=20),
    window=st.integers(1, 6),
)
def test_each_replication_is_handed_out_once(
    points: int, replications: int, workers: int, speeds: list[float], window: int
) -> None:
    of = collection(points, replications)
    every = Bundles(of)
    under: list[Bundle] = []
    found: list[tuple[int, int]] = []
    step = 0
    while True:
        bundle = every.next(workers) if len(under) < window else None
        if bundle is not None:
            under.append(bundle)
            found += [(chunk.position, number) for chunk in bundle for number in range(chunk.first, chunk.last + 1)]
        elif under:
            done = under.pop()
            finish(every, of, done, size(done) / speeds[step % len(speeds)])
            step += 1
        else:
            break
        assert every.waiting == of.left - sum(map(size, under)) >= 0
    assert found == [(point, number) for point in range(points) for number in range(1, replications + 1)]


@pytest.mark.parametrize(("workers", "seconds"), [(2, 2.0), (100, 2.0), (500, 5.0), (1000, 10.0), (4000, 10.0)])
@pytest.mark.parametrize("speed", [0.05, 3.0, 90.0])
def test_bundles_take_some_seconds_whatever_the_speed(workers: int, seconds: float, speed: float) -> None:
    """Two seconds each; more with so many workers that a scheduler would have no time for bundles so small."""
    of = collection(1, 10_000_000)
    every = Bundles(of)
    for _ in range(20):
        bundle = every.next(workers)
        assert bundle is not None
        finish(every, of, bundle, size(bundle) / speed)
    bundle = every.next(workers)
    assert bundle is not None
    assert size(bundle) == max(1, int(speed * seconds))


def test_points_share_bundles_and_the_last_ones_are_smaller() -> None:
    of = collection(1000, 20)
    every = Bundles(of)
    sizes = []
    while bundle := every.next(4):
        sizes.append(size(bundle))
        finish(every, of, bundle, size(bundle) / 400)
    assert max(sizes) == 800
    assert sum(sizes) == 20_000
    at_most = max(range(len(sizes)), key=sizes.__getitem__)
    assert sizes[at_most:] == sorted(sizes[at_most:], reverse=True)
    assert sizes[-2] == 200  # half a second
    assert len(sizes) < 50


def test_the_first_is_a_replication_and_what_is_done_at_once_makes_them_grow() -> None:
    of = collection(1, 1000)
    every = Bundles(of)
    sizes = []
    for _ in range(5):
        bundle = every.next(1)
        assert bundle is not None
        sizes.append(size(bundle))
        finish(every, of, bundle, 0.001)
    assert sizes == [1, 4, 16, 64, 256]
    assert every.speed is None


def test_time_that_says_nothing_changes_nothing() -> None:
    of = collection(1, 1000)
    every = Bundles(of)
    bundle = every.next(1)
    assert bundle == (Chunk(0, 1, 1),)
    finish(every, of, bundle, None)
    bundle = every.next(1)
    assert bundle == (Chunk(0, 2, 2),)


def test_memory_limits_bundles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "_MOST_PEOPLE", 500)
    people = SCENARIO.trial.max_participants
    for of, most in ((collection(1, 10_000_000), 20_000), (collection(1, 10_000_000, detail=True), 500 // people)):
        every = Bundles(of)
        for _ in range(12):
            bundle = every.next(1)
            assert bundle is not None
            finish(every, of, bundle, 0.001)
        bundle = every.next(1)
        assert bundle is not None
        assert size(bundle) == most
    of = collection(1000, 1)
    every = Bundles(of)
    biggest = 0
    while bundle := every.next(1):
        biggest = max(biggest, len(bundle))
        finish(every, of, bundle, 0.001)
    assert biggest == 200


def test_the_collection_has_it_all_in_order() -> None:
    tables = trialsim.simulate("teaching-minimal", 4)
    of = collection(1, 4)
    every = Bundles(of)
    while bundle := every.next(1):
        for chunk in bundle:
            part = tables.replications[chunk.first - 1 : chunk.last].reset_index(drop=True)
            of.add(chunk, Tables(part, None, None, None))
        finish(every, of, bundle, 0.001)
    assert list(of.tables()[0].replications["replication"]) == [1, 2, 3, 4]

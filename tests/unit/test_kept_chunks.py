"""What is simulated is kept while work goes on: nothing is lost, nothing is done twice, nothing changes by it."""

from __future__ import annotations

import errno
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from pyarrow import dataset, parquet

from tests.support.keeping import REPLICATIONS, SMALL, simulated
from trialsim.experiment import chunks as files
from trialsim.experiment.chunks import beside, join, missing
from trialsim.experiment.collection import Collection
from trialsim.experiment.jobs import Job
from trialsim.experiment.running import EARLIER
from trialsim.experiment.store import Store, key
from trialsim.frames import typed
from trialsim.results.earlier import earlier
from trialsim.results.run import Results, simulate, simulate_part
from trialsim.results.sweep import sweep, sweep_part
from trialsim.results.sweep_results import SweepResults
from trialsim.scenario.sweep import Sweep, load_sweep
from trialsim.storage import Refused, StoreError
from trialsim.tables import replication_columns

TABLES = ("replications", "courses", "participants", "lots")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Chunks are written as soon as they are done; whatever a test changes is put back."""
    monkeypatch.setattr(Store, "seconds", 0.0)
    yield


@pytest.fixture(scope="module")
def undisturbed() -> Results:
    return simulate(SMALL, REPLICATIONS, seed=3, detail=True, engine="simpy")


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """Three points on one axis."""
    file = tmp_path_factory.mktemp("sweep") / "small.yaml"
    file.write_text(json.dumps(SMALL.to_document()))
    return load_sweep(file, ["screening.pass_probability=0.5,0.7,0.9"])


def assert_same(one: Results, other: Results) -> None:
    for name in TABLES:
        assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    assert one.summary() == other.summary()


def chunks(folder: Path, table: str = "replications") -> list[Path]:
    return sorted(beside(folder).glob(f"{table}/*/*.parquet"))


def simulated_again(folder: Path, caplog: pytest.LogCaptureFixture, replications: int = REPLICATIONS) -> int:
    """How many trials are simulated when the same is asked for, by what is said of those that are there."""
    caplog.clear()
    with caplog.at_level(logging.INFO, "trialsim"):
        simulated(folder, replications)
    said = [message for message in caplog.messages if "from before" in message]
    return replications - int(said[0].split(" of ")[0].replace(",", "")) if said else replications


def test_gaps_between_spans() -> None:
    assert missing([], (1, 9)) == [(1, 9)]
    assert missing([(1, 9)], (1, 9)) == []
    assert missing([(2, 3), (4, 5), (8, 8)], (1, 9)) == [(1, 1), (6, 7), (9, 9)]
    assert missing([(2, 3), (8, 20)], (3, 9)) == [(4, 7)]
    assert missing([(1, 2), (10, 12)], (4, 6)) == [(4, 6)]


@pytest.mark.parametrize("parts", [1, 2, 3, 7, 40])
def test_equal_parts_are_disjoint_and_all(parts: int) -> None:
    jobs = [Job(SMALL, 1)] * 3
    wanted = []
    for number in range(1, parts + 1):
        collection = Collection(jobs, 7, part=(number, parts))
        assert collection.asked in (21 // parts, -(-21 // parts))
        for position, first, last in collection.rest(1000):
            wanted += [(position, replication) for replication in range(first, last + 1)]
    assert wanted == [(position, replication) for position in range(3) for replication in range(1, 8)]


def test_keeping_changes_nothing(undisturbed: Results, tmp_path: Path) -> None:
    assert_same(simulated(tmp_path / "out"), undisturbed)
    assert len(chunks(tmp_path / "out")) > 3


def test_any_chunks_that_are_there_are_used_and_the_others_made(
    undisturbed: Results, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "out"
    simulated(folder)
    chunks(folder)[1].unlink()  # replications 2 and 3
    chunks(folder, "lots")[3].unlink()  # 8 to 15
    assert simulated_again(folder, caplog) == 10
    assert simulated_again(folder, caplog) == 0
    assert_same(simulated(folder), undisturbed)


def test_damaged_chunks_are_found_and_made_anew(
    undisturbed: Results, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "out"
    simulated(folder)
    cut, flipped, emptied = chunks(folder)[1], chunks(folder, "lots")[2], chunks(folder, "courses")[4]
    cut.write_bytes(cut.read_bytes()[:-100])
    content = bytearray(flipped.read_bytes())
    content[len(content) // 2] ^= 1
    flipped.write_bytes(content)
    emptied.write_bytes(b"")
    assert simulated_again(folder, caplog) == 2 + 4 + 5
    assert [message for message in caplog.messages if "damaged" in message] == [
        f"{path} is damaged: its replications are simulated once more" for path in (cut, flipped, emptied)
    ]
    assert_same(simulated(folder), undisturbed)


def test_more_replications_add_only_what_is_missing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "out"
    simulated(folder)
    assert simulated_again(folder, caplog, 30) == 10
    assert_same(simulated(folder, 30), simulate(SMALL, 30, seed=3, detail=True, engine="simpy"))


@pytest.mark.parametrize("detail", [False, True])
def test_finished_results_are_added_to_as_well(tmp_path: Path, detail: bool, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "out"
    simulate(SMALL, REPLICATIONS, seed=3, detail=True, engine="simpy").save(folder, figures=False)
    with caplog.at_level(logging.INFO, "trialsim"):
        more = simulate(SMALL, 30, seed=3, detail=detail, engine="simpy", keep=folder)
    assert caplog.messages == ["20 of 30 trials are there from before: the others are simulated"]
    whole = simulate(SMALL, 30, seed=3, detail=detail, engine="simpy")
    assert_frame_equal(more.replications, whole.replications, check_exact=True)
    assert_frame_equal(more.courses, whole.courses, check_exact=True)
    if detail:
        assert_same(more, whole)


def test_results_that_were_changed_or_are_of_something_else_are_not_added_to(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    simulate(SMALL, REPLICATIONS, seed=3, engine="simpy").save(folder, figures=False)
    jobs = [Job(SMALL, 3)]
    assert list(earlier(folder, jobs, 30)) == [0]
    assert not earlier(folder, [Job(SMALL, 4)], 30), "another seed"
    assert not earlier(folder, [Job(SMALL.changed({"screening.pass_probability": 0.6}), 3)], 30), "another scenario"
    assert not earlier(folder, [Job(SMALL, 3, detail=True)], 30), "without people and lots"
    assert not earlier(folder, jobs, REPLICATIONS - 1), "more than is wanted"
    with (folder / "replications.parquet").open("ab") as file:
        file.write(b"x")
    assert not earlier(folder, jobs, 30), "changed"


def assert_same_sweeps(one: SweepResults, other: SweepResults) -> None:
    assert_frame_equal(one.points, other.points, check_exact=True)
    assert_frame_equal(one.replications, other.replications, check_exact=True)


def test_a_sweep_goes_on_where_it_stopped_and_is_added_to(plan: Sweep, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    whole = sweep(plan, 30, engine="simpy")
    first = sweep(plan, 20, engine="simpy", keep=folder)
    for path in chunks(folder)[::2]:
        path.unlink()
    assert_same_sweeps(sweep(plan, 20, engine="simpy", keep=folder), first)
    first.save(folder, figures=False)
    Store(beside(folder)).remove()
    assert_same_sweeps(sweep(plan, 30, engine="simpy", keep=folder), whole)
    assert len({path.parent for path in chunks(folder)}) == 3
    assert all(path.name >= "00000021" for path in chunks(folder)), "those of the finished results are not made again"


@pytest.mark.parametrize("shared", [True, False])
def test_parts_make_the_whole(plan: Sweep, tmp_path: Path, shared: bool) -> None:
    whole = sweep(plan, 20, engine="simpy")
    folders = [tmp_path / ("out" if shared else f"out{number}") for number in range(4)]
    made = [sweep_part(plan, (number + 1, 4), folder, 20, engine="simpy") for number, folder in enumerate(folders)]
    assert sum(made) == 60
    if not shared:
        join([beside(folder) for folder in folders], beside(tmp_path / "out"))
        assert join([beside(folder) for folder in folders], beside(tmp_path / "out")) == 0, "nothing twice"
    done: list[int] = []
    together = sweep(plan, 20, engine="simpy", keep=tmp_path / "out", progress=lambda now, _: done.append(now))
    assert not done, "nothing is simulated again"
    assert together.engine == EARLIER
    assert_same_sweeps(together, whole)


def test_parts_of_something_else_are_not_joined(tmp_path: Path) -> None:
    simulate_part(SMALL, (1, 2), tmp_path / "one", 20, seed=1)
    simulate_part(SMALL, (2, 2), tmp_path / "two", 20, seed=2)
    with pytest.raises(Refused, match="of different experiments: nothing was joined"):
        join([beside(tmp_path / "one"), beside(tmp_path / "two")], beside(tmp_path / "out"))
    with pytest.raises(Refused, match="holds no unfinished work"):
        join([tmp_path / "nowhere"], beside(tmp_path / "out"))
    assert not beside(tmp_path / "out").exists()


def test_unfinished_work_on_something_else_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    simulated(folder, 30)
    there = chunks(folder)
    with pytest.raises(Refused, match=r"something else \(small, seed 3, or as it was before an edit\)"):
        simulate(SMALL, 30, seed=4, detail=True, keep=folder)
    with pytest.raises(Refused, match="30 trials of this, more than the 20 asked for now"):
        simulated(folder, 20)
    assert chunks(folder) == there
    simulate(SMALL, 30, seed=4, detail=True, keep=folder, fresh=True, engine="simpy")
    assert not set(there) & set(chunks(folder))


def test_a_folder_of_that_name_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    other = beside(tmp_path / "out")
    other.mkdir()
    (other / "notes.txt").write_text("mine")
    for fresh in (False, True):
        with pytest.raises(Refused, match="is in the way"):
            simulate(SMALL, 20, keep=tmp_path / "out", fresh=fresh)
    assert (other / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    "content", ["[" * 200_000, "{}", '{"program": "trialsim"}', '{"program": "trialsim", "points": 7}']
)
def test_a_plan_that_anybody_wrote_is_looked_at_within_limits(tmp_path: Path, content: str) -> None:
    folder = beside(tmp_path / "out")
    folder.mkdir()
    (folder / files.PLAN).write_text(content)
    with pytest.raises(Refused, match="is in the way"):
        simulate(SMALL, 20, keep=tmp_path / "out")


def test_names_in_a_plan_lead_nowhere_else(tmp_path: Path) -> None:
    """A plan is not trusted: a key is no path."""
    simulated(tmp_path / "out")
    plan = json.loads((beside(tmp_path / "out") / files.PLAN).read_text())
    plan["points"][0]["key"] = "../../../elsewhere"
    (beside(tmp_path / "out") / files.PLAN).write_text(json.dumps(plan))
    assert files.plan_of(beside(tmp_path / "out")) is None


def test_it_reads_as_one_dataset(tmp_path: Path) -> None:
    results = simulated(tmp_path / "out")
    table = pd.read_parquet(beside(tmp_path / "out") / "replications").sort_values("replication")
    assert list(table["replication"]) == list(range(1, REPLICATIONS + 1))
    assert set(table["key"]) == {key(Job(SMALL, 3))}
    assert list(table["end_day"]) == list(results.replications["end_day"])


@pytest.mark.parametrize("how", ["pyarrow", "duckdb"])
def test_other_programs_read_it_as_one_dataset(how: str, tmp_path: Path) -> None:
    results = simulated(tmp_path / "out")
    folder = beside(tmp_path / "out") / "replications"
    if how == "pyarrow":
        table = dataset.dataset(folder, partitioning="hive").to_table().to_pandas()
    else:
        duckdb = pytest.importorskip("duckdb")
        table = duckdb.sql(f"FROM read_parquet('{folder}/*/*.parquet', hive_partitioning = true)").df()
    table = table.sort_values("replication", ignore_index=True)
    assert set(table.pop("key")) == {key(Job(SMALL, 3))}
    columns = replication_columns(SMALL.levels)
    assert_frame_equal(typed(columns, table), results.replications, check_exact=True)


@pytest.fixture
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if memory held the replications of a point and a half."""
    monkeypatch.setattr(Store, "most_rows", 30)
    monkeypatch.setattr("trialsim.frames._ROWS_OF_A_PART", 30)


@pytest.mark.usefixtures("little_memory")
def test_what_memory_does_not_hold_is_read_from_the_disk(plan: Sweep, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    whole, large = sweep(plan, 20, engine="simpy"), sweep(plan, 20, engine="simpy", keep=folder)
    assert_same_sweeps(large, whole)
    large.save(folder, export=["csv"])
    whole.save(tmp_path / "whole", export=["csv"])
    assert parquet.ParquetFile(folder / "replications.parquet").num_row_groups == 2
    for name, table in whole.tables().items():
        read, of_whole = (pd.read_parquet(place / f"{name}.parquet") for place in (folder, tmp_path / "whole"))
        assert_frame_equal(read, of_whole, check_exact=True)
        assert (folder / f"{name}.csv").read_bytes() == (tmp_path / "whole" / f"{name}.csv").read_bytes()
        assert_frame_equal(typed(table.columns, read), table.frame, check_exact=True)
    Store(beside(folder)).remove()
    assert_same_sweeps(sweep(plan, 30, engine="simpy", keep=folder), sweep(plan, 30, engine="simpy"))


@pytest.mark.usefixtures("little_memory")
def test_what_is_gone_when_it_is_needed_is_said(plan: Sweep, tmp_path: Path) -> None:
    large = sweep(plan, 20, engine="simpy", keep=tmp_path / "out")
    Store(beside(tmp_path / "out")).remove()
    with pytest.raises(StoreError, match=r"out\.parts.* was removed or changed while it was needed"):
        large.save(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_rule_of_ones_own_is_not_kept(tmp_path: Path) -> None:
    from trialsim.rules.fixed import Fixed

    with pytest.raises(ValueError, match="cannot be kept"):
        simulate(SMALL, 20, rule=Fixed(), keep=tmp_path / "out")


def test_a_full_disk_loses_nothing_that_was_written(
    undisturbed: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, left = tmp_path / "out", [8]
    flush = os.fsync

    def full(handle: int) -> None:
        left[0] -= 1
        if left[0] <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        flush(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StoreError, match=r"out\.parts cannot be written: No space left on device"):
            simulated(folder)
    assert not list(beside(folder).rglob(".*"))
    assert_same(simulated(folder), undisturbed)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="cannot be written: Permission denied"):
        simulated(tmp_path / "out")


@pytest.mark.skipif(sys.platform == "win32", reason="fork, SIGKILL")
@pytest.mark.parametrize(("first", "every"), [(5, 17), pytest.param(1, 1, marks=pytest.mark.slow)])
def test_killed_while_chunks_are_written(tmp_path: Path, first: int, every: int) -> None:
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "tests.support.keeping",
        str(tmp_path / "out"),
        f"{first}",
        f"{every}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 80, "steps are no longer seen"

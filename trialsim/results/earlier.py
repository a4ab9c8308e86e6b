"""What earlier results of the same hold already, so that it need not be simulated again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trialsim._version import __version__
from trialsim.columns import Columns
from trialsim.experiment.chunks import Span, beside
from trialsim.experiment.jobs import Fetch, Job, Tables
from trialsim.experiment.store import Store
from trialsim.frames import typed
from trialsim.inventory import look_at
from trialsim.replacing import scenarios_in
from trialsim.tables import COURSES, LOTS, PARTICIPANTS, replication_columns

if TYPE_CHECKING:
    import pandas as pd


def store_for(
    folder: str | os.PathLike[str],
    jobs: Sequence[Job],
    names: Sequence[str],
    replications: int,
    name: str,
    fresh: bool = False,
    grows: bool = False,
) -> Store:
    """The store of what is to become the results in a folder, with what these and the store hold already.

    Parameters
    ----------
    folder : str or path
        Where the results are to be; the store is beside it.
    jobs, names, replications, name
        What is to be simulated, and what it is called, in its parts and as a whole.
    fresh : bool
        Whether all is to be simulated anew: then nothing that is there is used, and the store begins empty.
    grows : bool
        Whether there may come to be more replications, as many as a precision takes; finished results are not used.

    Raises
    ------
    Refused
        If the store holds unfinished work on something else, unless all is to be simulated anew.
    """
    target = Path(folder)
    store = Store(beside(target), {} if fresh or grows else earlier(target, jobs, replications))
    if fresh:
        store.remove()
    store.open(jobs, names, replications, name, grows)
    return store


def earlier(folder: Path, jobs: Sequence[Job], replications: int) -> dict[int, dict[Span, Fetch]]:
    """What gives the tables of jobs in the results in a folder, by the position of the job; none of changed results.

    Results of another version of the program, and those with more replications than are wanted, are not used.
    """
    try:
        found = look_at(folder) if folder.is_dir() else None
    except OSError:
        return {}
    if found is None or found.changed or found.missing:
        return {}
    manifest = found.manifest
    number = manifest.get("replications")
    if (
        not isinstance(number, int)
        or not 1 <= number <= replications
        or manifest.get("version") != __version__
        or manifest.get("seed") != jobs[0].seed
        or manifest.get("rule") is not None
    ):
        return {}
    by_digest = {each.get("digest"): point for point, each in enumerate(scenarios_in(manifest), start=1)}
    wanted = {
        position: by_digest.get(job.scenario.digest()) for position, job in enumerate(jobs) if job.draw_seed is None
    }
    try:
        held = Held(folder, number, len(scenarios_in(manifest)) if "points" in manifest else None)
        usable = {position: point for position, point in wanted.items() if point and held.has(jobs[position])}
    except (OSError, ValueError, KeyError):
        return {}
    return {position: {(1, number): partial(held.tables, jobs[position], point)} for position, point in usable.items()}


class Held:
    """The tables of results, read when they are asked for, and of the many of a sweep no more than are needed.

    Raises ValueError unless each of so many points (None: it is a run) has all replications, in order.
    """

    def __init__(self, folder: Path, replications: int, points: int | None) -> None:
        from pyarrow import parquet

        self._folder = folder
        self._replications = replications
        self._file = parquet.ParquetFile(folder / "replications.parquet")
        sizes = [self._file.metadata.row_group(group).num_rows for group in range(self._file.num_row_groups)]
        self._begins = [0, *accumulate(sizes)]
        self._group: tuple[list[int], pd.DataFrame] | None = None
        there = self._file.read(["replication"])["replication"].to_numpy()
        if not np.array_equal(there, np.tile(np.arange(1, replications + 1), 1 if points is None else points)):
            raise ValueError("not all replications, or not in order")

    def has(self, job: Job) -> bool:
        """Whether the tables that a job makes are there."""
        wanted = ["courses"] * job.courses + ["participants", "lots"] * job.detail
        return all((self._folder / f"{name}.parquet").is_file() for name in wanted) and set(
            replication_columns(job.scenario.levels)
        ) <= set(self._file.schema_arrow.names)

    def tables(self, job: Job, point: int) -> Tables:
        """Those of a job, which is the scenario of a point (1 in a run)."""
        replications = typed(replication_columns(job.scenario.levels), self._of(point))
        courses = self._table("courses", COURSES) if job.courses else None
        people = self._table("participants", PARTICIPANTS) if job.detail else None
        return Tables(replications, courses, people, self._table("lots", LOTS) if job.detail else None)

    def _of(self, point: int) -> pd.DataFrame:
        """The rows of a point; the parts of the file that hold them stay in memory, for those of the next."""
        begin, end = (point - 1) * self._replications, point * self._replications
        groups = [n for n, (a, b) in enumerate(pairwise(self._begins)) if a < end and b > begin]
        if self._group is None or self._group[0] != groups:
            self._group = None
            self._group = groups, self._file.read_row_groups(groups).to_pandas()
        offset = self._begins[groups[0]]
        return self._group[1].iloc[begin - offset : end - offset].reset_index(drop=True)

    def _table(self, name: str, columns: Columns) -> pd.DataFrame:
        import pandas as pd

        return typed(columns, pd.read_parquet(self._folder / f"{name}.parquet"))

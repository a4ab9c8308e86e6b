"""What earlier results of the same hold already, so that it need not be simulated again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from trialsim._version import __version__
from trialsim.experiment.chunks import Span, beside
from trialsim.experiment.jobs import Job, Tables
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

    Raises
    ------
    Refused
        If the store holds unfinished work on something else, unless all is to be simulated anew.
    """
    target = Path(folder)
    store = Store(beside(target), {} if fresh else earlier(target, jobs, replications))
    if fresh:
        store.remove()
    store.open(jobs, names, replications, name)
    return store


def earlier(folder: Path, jobs: Sequence[Job], replications: int) -> dict[int, dict[Span, Tables]]:
    """The tables of jobs in the results in a folder, by the position of the job; none of results that were changed.

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
        held = _Held(folder, number, "points" in manifest)
        tables = {position: held.tables(jobs[position], point) for position, point in wanted.items() if point}
    except (OSError, ValueError, KeyError):
        return {}  # a table without what is wanted: no detail, say
    return {position: {(1, number): each} for position, each in tables.items()}


class _Held:
    """Tables that are read when they are asked for."""

    def __init__(self, folder: Path, replications: int, has_points: bool) -> None:
        self._folder = folder
        self._replications = replications
        self._has_points = has_points
        self._read: dict[str, pd.DataFrame] = {}

    def tables(self, job: Job, point: int) -> Tables:
        """Those of a job, which is the scenario of a point."""
        replications = self._table("replications")
        if self._has_points:
            replications = replications[replications["point"] == point].reset_index(drop=True)
        replications = typed(replication_columns(job.scenario.levels), replications)
        if list(replications["replication"]) != list(range(1, self._replications + 1)):
            raise ValueError("not all replications, or not in order")
        courses = typed(COURSES, self._table("courses")) if job.courses else None
        people = typed(PARTICIPANTS, self._table("participants")) if job.detail else None
        return Tables(replications, courses, people, typed(LOTS, self._table("lots")) if job.detail else None)

    def _table(self, name: str) -> pd.DataFrame:
        import pandas as pd

        if name not in self._read:
            self._read[name] = pd.read_parquet(self._folder / f"{name}.parquet")
        return self._read[name]

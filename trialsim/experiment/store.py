"""Finished chunks of replications on the disk, so that work which was interrupted goes on where it stopped.

A store is a folder with a folder for each table and, in it, one for each scenario; a chunk is a file in each table::

    TABLE/key=KEY/FIRST-LAST-DIGEST.parquet

The key is made of everything that decides what a replication is (the scenario, the seed, the version of the program),
and of nothing else: not of the engine, nor of how many processes or machines shared the work. The digest is that of the
file's content. So the files are the record: several programs may write into one folder, files may be copied from one
store into another, and a file that was cut short or changed is known by its name.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialsim._version import __version__
from trialsim.columns import Columns
from trialsim.experiment.chunks import (
    PLAN,
    Point,
    Span,
    chunks_in,
    is_whole,
    named,
    plan_of,
    put,
    read_plan,
    refuse_foreign,
    remove_drafts,
)
from trialsim.experiment.jobs import Job, Tables, put_together
from trialsim.frames import to_arrow, typed
from trialsim.inventory import PROGRAM
from trialsim.storage import Refused, StoreError, reason
from trialsim.tables import COURSES, LOTS, PARTICIPANTS, replication_columns

if TYPE_CHECKING:
    import pandas as pd

_log = logging.getLogger("trialsim")


def key(job: Job) -> str:
    """What a store calls the replications of a job: the same for jobs of which every replication is the same."""
    draws = [] if job.draw_seed is None else [job.draw_seed]
    made_from = json.dumps([job.scenario.digest(), job.seed, __version__, *draws])
    return hashlib.sha256(made_from.encode()).hexdigest()[:32]


class Store:
    """A folder of finished chunks.

    Parameters
    ----------
    folder : str or path
        Where; it is made when there is something to write.
    known : mapping, optional
        Chunks that are had from elsewhere, by the position of their job.
    """

    seconds = 5.0
    """How often what was simulated is written: so much work, and a chunk, is lost at most when the program is killed.

    Less than that is not kept when it is interrupted.
    """

    def __init__(self, folder: str | Path, known: Mapping[int, Mapping[Span, Tables]] | None = None) -> None:
        self.folder = Path(folder)
        self._known = known or {}
        self._opened = self._written = time.monotonic()
        self._waiting: dict[int, list[tuple[Span, Tables]]] = {}
        self._jobs: Sequence[Job] = ()
        self._keys: Sequence[str] = ()
        """Of the jobs: worked out once, because it takes the digest of a whole scenario."""
        self._plan: dict[str, Any] = {}

    def open(self, jobs: Sequence[Job], names: Sequence[str], replications: int, name: str) -> None:
        """Say what is to be simulated, and remove what programs that are no more have left half-written.

        ``names`` are those of the jobs, ``name`` is that of the whole.

        Raises
        ------
        Refused
            If the folder holds chunks of another experiment, or of more replications.
        StoreError
            If it cannot be read.
        """
        self._jobs, self._keys = jobs, [key(job) for job in jobs]
        try:
            self._refuse_others(replications)
            remove_drafts(self.folder)
        except OSError as problem:
            raise StoreError(f"{self.folder} cannot be read: {reason(problem)}") from problem
        self._plan = {
            "program": PROGRAM,
            "version": __version__,
            "name": name,
            "seed": jobs[0].seed,
            "replications": replications,
            "tables": list(_columns(jobs[0])),
            "points": [Point(*each)._asdict() for each in zip(names, self._keys, strict=True)],
        }

    def _refuse_others(self, replications: int) -> None:
        there = plan_of(self.folder)
        if there is None:
            refuse_foreign(self.folder)
            return
        if {point.key for point in there.points}.isdisjoint(self._keys):
            made = "" if there.version == __version__ else f", made by version {there.version}"
            holds = f"something else ({there.name}, seed {there.seed}{made}, or as it was before an edit)"
        elif there.replications > replications:
            holds = f"{there.replications:,} trials of this, more than the {replications:,} asked for now"
        else:
            return
        raise Refused(
            f"{self.folder} holds unfinished work on {holds}: it is left alone; give another place for the results "
            "(--out), or have it replaced (--replace)"
        )

    def found(self) -> dict[int, dict[Span, Tables]]:
        """The tables of the chunks that are there and whole, by the position of their job; what is damaged is removed.

        Of chunks that have replications in common, those that were there with the lower numbers are taken.
        """
        return {position: self._of(position) for position in range(len(self._jobs))}

    def _of(self, position: int) -> dict[Span, Tables]:
        columns = _columns(self._jobs[position])
        files = {table: chunks_in(self._home(table, position)) for table in columns}
        found = dict(self._known.get(position, {}))
        last = max((span[1] for span in found), default=0)
        for span in sorted(set.intersection(*(set(each) for each in files.values()))):
            if span[0] <= last or span[1] > self._plan["replications"]:
                continue
            tables = {table: self._read(files[table][span], columns[table]) for table in columns}
            if any(table is None for table in tables.values()):
                continue
            found[span] = Tables(*(tables.get(table) for table in Tables._fields))  # type: ignore[arg-type]
            last = span[1]
        return found

    def _read(self, path: Path, columns: Columns) -> pd.DataFrame | None:
        """The table in a file; None if it is not as it was written, and then it is removed."""
        from pyarrow import ArrowException, parquet

        try:
            if not is_whole(path):
                raise ValueError
            table = parquet.ParquetFile(path).read().to_pandas()
            return typed(columns, table)
        except (OSError, ValueError, KeyError, ArrowException):
            _log.info(f"{path} is damaged: its replications are simulated once more")
            with suppress(OSError):
                path.unlink()
            return None

    def add(self, position: int, span: Span, tables: Tables) -> None:
        """Take a finished chunk of the job at a position; it is written now or a little later."""
        self._waiting.setdefault(position, []).append((span, tables))
        if time.monotonic() - self._written >= self.seconds:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting; neighbours as one chunk. Raises StoreError if that is not possible."""
        waiting, self._waiting = self._waiting, {}
        try:
            if waiting:
                self._write_plan()
            for position, parts in waiting.items():
                for several in _neighbours(parts):
                    self._write(position, several)
        except OSError as problem:
            raise StoreError(f"{self.folder} cannot be written: {reason(problem)}") from problem
        self._written = time.monotonic()

    def _write_plan(self) -> None:
        if plan_of(self.folder) != read_plan(self._plan):
            self.folder.mkdir(parents=True, exist_ok=True)
            put(self.folder / PLAN, json.dumps(self._plan).encode())

    def _write(self, position: int, parts: Sequence[tuple[Span, Tables]]) -> None:
        from pyarrow import parquet

        first, last = parts[0][0][0], parts[-1][0][1]
        tables = put_together([tables for _, tables in parts])
        for name, columns in reversed(
            _columns(self._jobs[position]).items()
        ):  # the replications last: then the chunk is there
            content = io.BytesIO()
            parquet.write_table(to_arrow(columns, getattr(tables, name)), content)
            folder = self._home(name, position)
            folder.mkdir(parents=True, exist_ok=True)
            put(folder / named((first, last), content.getvalue()), content.getvalue())

    def _home(self, table: str, position: int) -> Path:
        """The folder of a table's chunks of a job."""
        return self.folder / table / f"key={self._keys[position]}"

    def rescue(self) -> None:
        """Write what is waiting although the work was interrupted, if there was much of it, and say so."""
        if time.monotonic() - self._opened >= self.seconds:
            self.flush()
            _log.info(f"What is done is kept in {self.folder}: the same command goes on from there")

    def remove(self) -> None:
        """Remove the folder, when what was in it is part of finished results."""
        if plan_of(self.folder) is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def _columns(job: Job) -> dict[str, Columns]:
    """The columns of the tables of a job."""
    columns: dict[str, Columns] = {"replications": replication_columns(job.scenario.levels)}
    columns |= {"courses": COURSES} if job.courses else {}
    return columns | ({"participants": PARTICIPANTS, "lots": LOTS} if job.detail else {})


def _neighbours(parts: Iterable[tuple[Span, Tables]]) -> list[list[tuple[Span, Tables]]]:
    """Chunks of one job in groups that follow one another without a gap."""
    groups: list[list[tuple[Span, Tables]]] = []
    for span, tables in sorted(parts, key=lambda part: part[0]):
        if groups and groups[-1][-1][0][1] + 1 == span[0]:
            groups[-1].append((span, tables))
        else:
            groups.append([(span, tables)])
    return groups

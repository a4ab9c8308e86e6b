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
from functools import partial
from math import inf
from pathlib import Path
from typing import Any

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
from trialsim.experiment.jobs import Fetch, Job, Tables, at_hand, put_together
from trialsim.frames import to_arrow, typed
from trialsim.inventory import PROGRAM
from trialsim.storage import Refused, StoreError, reason
from trialsim.tables import COURSES, LOTS, PARTICIPANTS, replication_columns

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

    most_rows = 100_000
    """How many rows are in memory at most, and are written even if that was done lately."""

    def __init__(self, folder: str | Path, known: Mapping[int, Mapping[Span, Fetch]] | None = None) -> None:
        self.folder = Path(folder)
        self._there = {position: dict(chunks) for position, chunks in (known or {}).items()}
        """What gives the tables of chunks that are not in memory, by the position of their job."""
        self._rows = 0
        """Of all that is waiting."""
        self._opened = self._written = time.monotonic()
        self._waiting: dict[int, list[tuple[Span, Tables]]] = {}
        self._jobs: Sequence[Job] = ()
        self._keys: Sequence[str] = ()
        """Of the jobs: worked out once, because it takes the digest of a whole scenario."""
        self._plan: dict[str, Any] = {}
        self._upto = 0
        """How many replications of each are wanted."""
        self.is_told = False
        """Whether it was said what was there from before."""

    def open(
        self, jobs: Sequence[Job], names: Sequence[str], replications: int, name: str, grows: bool = False
    ) -> None:
        """Say what is to be simulated, and remove what programs that are no more have left half-written.

        ``names`` are those of the jobs, ``name`` is that of the whole; what ``grows`` begins with so many replications
        and may come to have more (see `grow_to`).

        Raises
        ------
        Refused
            If the folder holds chunks of another experiment, or of more replications.
        StoreError
            If it cannot be read.
        """
        self._jobs, self._keys = jobs, [key(job) for job in jobs]
        try:
            there = self._refuse_others(inf if grows else replications)
            remove_drafts(self.folder)
        except OSError as problem:
            raise StoreError(f"{self.folder} cannot be read: {reason(problem)}") from problem
        self._upto = replications
        self._plan = {
            "program": PROGRAM,
            "version": __version__,
            "name": name,
            "seed": jobs[0].seed,
            "replications": max(replications, there),
            "tables": list(_columns(jobs[0])),
            "points": [Point(*each)._asdict() for each in zip(names, self._keys, strict=True)],
        }

    def grow_to(self, replications: int) -> None:
        """So many replications of each are wanted now, and no fewer than before."""
        self._upto = replications
        self._plan["replications"] = max(replications, self._plan["replications"])

    def _refuse_others(self, most: float) -> int:
        """Raise Refused for a folder of something else, or with more than so many replications; return how many."""
        there = plan_of(self.folder)
        if there is None:
            refuse_foreign(self.folder)
            return 0
        if {point.key for point in there.points}.isdisjoint(self._keys):
            made = "" if there.version == __version__ else f", made by version {there.version}"
            holds = f"something else ({there.name}, seed {there.seed}{made}, or as it was before an edit)"
        elif there.replications > most:
            holds = f"{there.replications:,} trials of this, more than the {most:,} asked for now"
        else:
            return there.replications
        raise Refused(
            f"{self.folder} holds unfinished work on {holds}: it is left alone; give another place for the results "
            "(--out), or have it replaced (--replace)"
        )

    def found(self) -> dict[int, list[Span]]:
        """The chunks that are there and whole, by the position of their job and in order; what is damaged is removed.

        Of chunks that have replications in common, those that were there with the lower numbers are taken.
        """
        for position in range(len(self._jobs)):
            self._find(position)
        waiting = {position: [span for span, _ in parts] for position, parts in self._waiting.items()}
        return {position: sorted([*chunks, *waiting.get(position, ())]) for position, chunks in self._there.items()}

    def _find(self, position: int) -> None:
        columns = _columns(self._jobs[position])
        files = {table: chunks_in(self._home(table, position)) for table in columns}
        there = self._there.setdefault(position, {})
        last = max((span[1] for span in there), default=0)
        for span in sorted(set.intersection(*(set(each) for each in files.values()))):
            if span[0] <= last or span[1] > self._upto:
                continue
            of_span = {table: files[table][span] for table in columns}
            if all([_is_sound(path, columns[table]) for table, path in of_span.items()]):
                there[span] = partial(_read, of_span, columns)
                last = span[1]

    def chunks(self, position: int) -> list[Fetch]:
        """What gives the tables of the chunks of the job at a position, in order: from the disk, or still waiting."""
        chunks = dict(self._there.get(position, {}))
        chunks |= {span: at_hand(tables) for span, tables in self._waiting.get(position, ())}
        return [chunks[span] for span in sorted(chunks)]

    def add(self, position: int, span: Span, tables: Tables) -> None:
        """Take a finished chunk of the job at a position; it is written now or a little later."""
        self._waiting.setdefault(position, []).append((span, tables))
        self._rows += sum(len(table) for table in tables if table is not None)
        if time.monotonic() - self._written >= self.seconds or self._rows > self.most_rows:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting; neighbours as one chunk. Raises StoreError if that is not possible.

        Whatever interrupts it, what is not written goes on waiting.
        """
        try:
            if self._waiting:
                self._write_plan()
            for position in list(self._waiting):
                for several in _neighbours(self._waiting[position]):
                    self._write(position, several)
                del self._waiting[position]
        except OSError as problem:
            raise StoreError(f"{self.folder} cannot be written: {reason(problem)}") from problem
        self._written, self._rows = time.monotonic(), 0

    def _write_plan(self) -> None:
        if plan_of(self.folder) != read_plan(self._plan):
            self.folder.mkdir(parents=True, exist_ok=True)
            put(self.folder / PLAN, json.dumps(self._plan).encode())

    def _write(self, position: int, parts: Sequence[tuple[Span, Tables]]) -> None:
        from pyarrow import parquet

        first, last = parts[0][0][0], parts[-1][0][1]
        tables = put_together([tables for _, tables in parts])
        columns = _columns(self._jobs[position])
        files = {}
        for name in reversed(columns):  # the replications last: then the chunk is there
            content = io.BytesIO()
            parquet.write_table(to_arrow(columns[name], getattr(tables, name)), content)
            folder = self._home(name, position)
            folder.mkdir(parents=True, exist_ok=True)
            files[name] = folder / named((first, last), content.getvalue())
            put(files[name], content.getvalue())
        self._there.setdefault(position, {})[first, last] = partial(_read, files, columns)

    def _home(self, table: str, position: int) -> Path:
        """The folder of a table's chunks of a job."""
        return self.folder / table / f"key={self._keys[position]}"

    def rescue(self) -> None:
        """Write what is waiting although the work was interrupted, if there was much of it, and say so."""
        if time.monotonic() - self._opened >= self.seconds:
            self.flush()
            if not self.folder.exists():
                return
            _log.info(f"What is done is kept in {self.folder}: the same command goes on from there")

    def remove(self) -> None:
        """Remove the folder, when what was in it is part of finished results."""
        if plan_of(self.folder) is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def _is_sound(path: Path, columns: Columns) -> bool:
    """Whether the file of a chunk is as it was written; if not, it is removed."""
    from pyarrow import ArrowException, parquet

    with suppress(OSError, ValueError, ArrowException):
        if is_whole(path) and set(columns) <= set(parquet.read_schema(path).names):
            return True
    _log.info(f"{path} is damaged: its replications are simulated once more")
    with suppress(OSError):
        path.unlink()
    return False


def _read(files: Mapping[str, Path], columns: Mapping[str, Columns]) -> Tables:
    """The tables in the files of a chunk. Raises StoreError if one is no longer there, or not as it was written."""
    from pyarrow import ArrowException, parquet

    tables = {}
    for name, path in files.items():
        try:
            tables[name] = typed(columns[name], parquet.ParquetFile(path).read().to_pandas())
        except (OSError, ValueError, KeyError, ArrowException):
            raise StoreError(f"{path} was removed or changed while it was needed") from None
    return Tables(*(tables.get(name) for name in Tables._fields))  # type: ignore[arg-type]


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

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
import os
import re
import shutil
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from trialsim._version import __version__
from trialsim.columns import Columns
from trialsim.experiment.jobs import Job, Tables, put_together
from trialsim.frames import to_arrow, typed
from trialsim.inventory import PROGRAM
from trialsim.storage import Refused, StoreError, reason
from trialsim.tables import COURSES, LOTS, PARTICIPANTS, replication_columns

if TYPE_CHECKING:
    import pandas as pd

if sys.platform != "win32":
    import fcntl

PLAN = "experiment.json"
"""What is being simulated; see `Store.plan`."""
_DRAFT = ".trialsim.draft"
_FILE = re.compile(r"(\d{8})-(\d{8})-([0-9a-f]{32})\.parquet")
_KEY = re.compile(r"[0-9a-f]{32}")
_LARGEST_PLAN = 2**28

_log = logging.getLogger("trialsim")

Span = tuple[int, int]
"""The first and the last of some replications."""


class Point(NamedTuple):
    """One scenario of an experiment, as a store names it."""

    name: str
    key: str


def beside(folder: str | Path) -> Path:
    """The store of what is to become the results in a folder."""
    folder = Path(folder)
    return folder.with_name(f"{folder.name}.parts")


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
        points = [Point(each, key(job)) for each, job in zip(names, jobs, strict=True)]
        try:
            self._refuse_others(points, replications)
            for draft in self.folder.rglob(f"*{_DRAFT}"):
                _remove_if_dead(draft)
        except OSError as problem:
            raise StoreError(f"{self.folder} cannot be read: {reason(problem)}") from problem
        self._jobs = jobs
        self._plan = {
            "program": PROGRAM,
            "version": __version__,
            "name": name,
            "seed": jobs[0].seed,
            "replications": replications,
            "tables": list(_columns(jobs[0])),
            "points": [point._asdict() for point in points],
        }

    def _refuse_others(self, points: Sequence[Point], replications: int) -> None:
        there = plan_of(self.folder)
        if there is None:
            _refuse_foreign(self.folder)
            return
        if {point.key for point in there.points}.isdisjoint(point.key for point in points):
            made = "" if there.version == __version__ else f", made by version {there.version}"
            holds = f"something else ({there.name}, seed {there.seed}{made})"
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
        return {position: self._of(job, self._known.get(position, {})) for position, job in enumerate(self._jobs)}

    def _of(self, job: Job, known: Mapping[Span, Tables]) -> dict[Span, Tables]:
        columns = _columns(job)
        files = {table: _files(self.folder / table / f"key={key(job)}") for table in columns}
        found = dict(known)
        last = max((span[1] for span in known), default=0)
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
            for position, parts in waiting.items():
                for several in _neighbours(parts):
                    self._write(position, several)
        except OSError as problem:
            raise StoreError(f"{self.folder} cannot be written: {reason(problem)}") from problem
        self._written = time.monotonic()

    def _write(self, position: int, parts: Sequence[tuple[Span, Tables]]) -> None:
        from pyarrow import parquet

        job = self._jobs[position]
        first, last = parts[0][0][0], parts[-1][0][1]
        tables = put_together([tables for _, tables in parts])
        if not (self.folder / PLAN).exists() or plan_of(self.folder) != _read_plan(self._plan):
            self.folder.mkdir(parents=True, exist_ok=True)
            _put(self.folder / PLAN, json.dumps(self._plan).encode())
        for name, columns in reversed(_columns(job).items()):  # the replications last: then the chunk is there
            content = io.BytesIO()
            parquet.write_table(to_arrow(columns, getattr(tables, name)), content)
            folder = self.folder / name / f"key={key(job)}"
            folder.mkdir(parents=True, exist_ok=True)
            _put(folder / f"{first:08}-{last:08}-{_digest(content.getvalue())}.parquet", content.getvalue())

    def rescue(self) -> None:
        """Write what is waiting although the work was interrupted, if there was much of it, and say so."""
        if time.monotonic() - self._opened >= self.seconds:
            self.flush()
            _log.info(f"What is done is kept in {self.folder}: the same command goes on from there")

    def remove(self) -> None:
        """Remove the folder, when what was in it is part of finished results."""
        if plan_of(self.folder) is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


class Plan(NamedTuple):
    """What a store says of itself: what was asked for."""

    name: str
    version: str
    seed: int
    replications: int
    tables: tuple[str, ...]
    points: tuple[Point, ...]


def plan_of(folder: Path) -> Plan | None:
    """What is being simulated in a store; None if the folder is none."""
    path = folder / PLAN
    with suppress(OSError, ValueError, RecursionError):
        if path.is_file() and path.stat().st_size <= _LARGEST_PLAN:
            return _read_plan(json.loads(path.read_bytes()))
    return None


def _read_plan(plan: Any) -> Plan | None:
    """A plan from plain values, which may have been written by anybody; None if it is none."""
    if not isinstance(plan, Mapping) or plan.get("program") != PROGRAM:
        return None
    try:
        return Plan(
            str(plan["name"]),
            str(plan["version"]),
            int(plan["seed"]),
            int(plan["replications"]),
            tuple(name for name in Tables._fields if name in plan["tables"]),
            tuple(Point(str(point["name"]), _checked(point["key"])) for point in plan["points"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _checked(name: Any) -> str:
    """A key, which becomes part of a path; ValueError if it is none."""
    if not isinstance(name, str) or not _KEY.fullmatch(name):
        raise ValueError
    return name


def spans(folder: Path, plan: Plan, point: Point) -> tuple[list[Span], list[Path]]:
    """Which replications of a scenario are there and whole, without overlaps and in order; and which files are not."""
    found, damaged = [], []
    files = {table: _files(folder / table / f"key={point.key}") for table in plan.tables}
    whole: dict[str, set[Span]] = {}
    for table, each in files.items():
        whole[table] = {span for span, path in each.items() if is_whole(path)}
        damaged += [path for span, path in each.items() if span not in whole[table]]
    last = 0
    for span in sorted(set.intersection(*whole.values())) if whole else ():
        if span[0] > last and span[1] <= plan.replications:
            found.append(span)
            last = span[1]
    return found, damaged


def missing(there: Iterable[Span], wanted: Span) -> list[Span]:
    """What of a span is missing between others, which are in order and have nothing in common."""
    gaps, (begin, end) = [], wanted
    for first, last in there:
        if begin < first:
            gaps.append((begin, min(first - 1, end)))
        begin = max(begin, last + 1)
        if begin > end:
            return gaps
    return [*gaps, (begin, end)] if begin <= end else gaps


def is_whole(path: Path) -> bool:
    """Whether a chunk's file has the content that its name says."""
    match = _FILE.fullmatch(path.name)
    return match is not None and not path.is_symlink() and _digest(path.read_bytes()) == match[3]


def join(sources: Sequence[Path], target: Path) -> int:
    """Copy what is whole in stores of one experiment into another store; return how many files that were not there.

    Raises
    ------
    Refused
        If a folder is no store, or they are of different experiments.
    StoreError
        If it cannot be written.
    """
    plans = {source: plan_of(source) for source in sources}
    for source, plan in plans.items():
        if plan is None:
            raise Refused(f"{source} holds no unfinished work of {PROGRAM}")
    first = plans[sources[0]]
    into = plan_of(target)
    if into is None:
        _refuse_foreign(target)
    for place, plan in {**plans, **({target: into} if into else {})}.items():
        if plan != first:
            raise Refused(f"{place} and {sources[0]} are of different experiments: nothing was joined")
    assert first is not None
    copied = 0
    try:
        target.mkdir(parents=True, exist_ok=True)
        if into is None:
            _put(target / PLAN, (sources[0] / PLAN).read_bytes())
        for source in sources:
            for table in reversed(first.tables):  # the replications last: then the chunk is there
                for point in first.points:
                    home = Path(table, f"key={point.key}")
                    for path in _files(source / home).values():
                        if not (target / home / path.name).exists() and is_whole(path):
                            (target / home).mkdir(parents=True, exist_ok=True)
                            _put(target / home / path.name, path.read_bytes())
                            copied += 1
    except OSError as problem:
        raise StoreError(f"{target} cannot be written: {reason(problem)}") from problem
    return copied


def _refuse_foreign(folder: Path) -> None:
    """Raise Refused if something is there that is no store, nor the beginning of one whose maker was killed."""
    if os.path.lexists(folder) and not (
        folder.is_dir() and all(path.name.endswith(_DRAFT) for path in folder.iterdir())
    ):
        raise Refused(f"{folder} is in the way, and was not made by {PROGRAM}: give another place (--out)")


def _columns(job: Job) -> dict[str, Columns]:
    """The columns of the tables of a job."""
    columns: dict[str, Columns] = {"replications": replication_columns(job.scenario.levels)}
    columns |= {"courses": COURSES} if job.courses else {}
    return columns | ({"participants": PARTICIPANTS, "lots": LOTS} if job.detail else {})


def _files(folder: Path) -> dict[Span, Path]:
    """The chunks in a folder, by their replications; of two of the same, the one whose name comes last."""
    with suppress(OSError):
        matches = [(path, _FILE.fullmatch(path.name)) for path in sorted(folder.iterdir())]
        return {(int(match[1]), int(match[2])): path for path, match in matches if match}
    return {}


def _neighbours(parts: Iterable[tuple[Span, Tables]]) -> list[list[tuple[Span, Tables]]]:
    """Chunks of one job in groups that follow one another without a gap."""
    groups: list[list[tuple[Span, Tables]]] = []
    for span, tables in sorted(parts, key=lambda part: part[0]):
        if groups and groups[-1][-1][0][1] + 1 == span[0]:
            groups[-1].append((span, tables))
        else:
            groups.append([(span, tables)])
    return groups


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def _put(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, on the disk and not only in its cache."""
    draft = path.with_name(f".{path.name}.{os.urandom(4).hex()}{_DRAFT}")
    try:
        with draft.open("xb") as file:
            if sys.platform != "win32":
                with suppress(OSError):  # a file system without locks: what a killed program leaves is not removed
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            if sys.platform != "win32":
                os.replace(draft, path)  # while we hold it: nobody takes it for a dead program's
        if sys.platform == "win32":
            os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    if sys.platform != "win32":
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _remove_if_dead(draft: Path) -> None:
    """Remove a half-written file unless a living program holds it."""
    if sys.platform == "win32":
        return
    with suppress(OSError), draft.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        draft.unlink()

"""The folder of a store: its plan, and its chunks, which are files named by their content.

It may have been written by anybody: it is looked at within limits, and no name in it leads elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from trialsim.experiment.jobs import Tables
from trialsim.inventory import PROGRAM
from trialsim.storage import Refused, StoreError, flush_file, lock_of, reason

PLAN = "experiment.json"
"""What is being simulated; see `Plan`."""
_DRAFT = ".trialsim.draft"
_FILE = re.compile(r"(\d{8})-(\d{8})-([0-9a-f]{32})\.parquet")
_KEY = re.compile(r"[0-9a-f]{32}")
_LARGEST_PLAN = 2**28

Span = tuple[int, int]
"""The first and the last of some replications."""


def beside(folder: str | Path) -> Path:
    """The store of what is to become the results in a folder."""
    folder = Path(folder)
    return folder.with_name(f"{folder.name}.parts")


class Point(NamedTuple):
    """One scenario of an experiment, as a store names it."""

    name: str
    key: str


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
            return read_plan(json.loads(path.read_bytes()))
    return None


def read_plan(plan: Any) -> Plan | None:
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
    files = {table: chunks_in(folder / table / f"key={point.key}") for table in plan.tables}
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
        refuse_foreign(target)
    for place, plan in {**plans, **({target: into} if into else {})}.items():
        if plan != first:
            raise Refused(f"{place} and {sources[0]} are of different experiments: nothing was joined")
    assert first is not None
    copied = 0
    try:
        target.mkdir(parents=True, exist_ok=True)
        if into is None:
            put(target / PLAN, (sources[0] / PLAN).read_bytes())
        for source in sources:
            for table in reversed(first.tables):  # the replications last: then the chunk is there
                for point in first.points:
                    home = Path(table, f"key={point.key}")
                    for path in chunks_in(source / home).values():
                        if not (target / home / path.name).exists() and is_whole(path):
                            (target / home).mkdir(parents=True, exist_ok=True)
                            put(target / home / path.name, path.read_bytes())
                            copied += 1
    except OSError as problem:
        raise StoreError(f"{target} cannot be written: {reason(problem)}") from problem
    return copied


def refuse_foreign(folder: Path) -> None:
    """Raise Refused if something is there that is no store, nor the beginning of one whose maker was killed."""
    if os.path.lexists(folder) and not (
        folder.is_dir() and all(path.name.endswith(_DRAFT) for path in folder.iterdir())
    ):
        raise Refused(f"{folder} is in the way, and was not made by {PROGRAM}: give another place (--out)")


def chunks_in(folder: Path) -> dict[Span, Path]:
    """The files of chunks in a folder, by their replications; of two of the same, the one whose name comes last."""
    with suppress(OSError):
        matches = [(path, _FILE.fullmatch(path.name)) for path in sorted(folder.iterdir())]
        return {(int(match[1]), int(match[2])): path for path, match in matches if match}
    return {}


def named(span: Span, content: bytes) -> str:
    """The name of the file of a chunk."""
    return f"{span[0]:08}-{span[1]:08}-{_digest(content)}.parquet"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def put(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, on the disk and not only in its cache."""
    draft = path.with_name(f".{path.name}.{os.urandom(4).hex()}{_DRAFT}")
    try:
        draft.touch(exist_ok=False)
        lock = lock_of(draft, wait=False)  # held until it has its name: nobody takes it for a dead program's
        try:
            draft.write_bytes(content)
            flush_file(draft)
            os.replace(draft, path)
        finally:
            if lock is not None:
                os.close(lock)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    flush_file(path.parent)


def remove_drafts(folder: Path) -> None:
    """Remove half-written files, unless a living program holds them."""
    for draft in folder.rglob(f"*{_DRAFT}"):
        lock = lock_of(draft, wait=False)
        if lock is not None:
            draft.unlink(missing_ok=True)
            os.close(lock)

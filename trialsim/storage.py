"""Folders of results that are there whole or not at all.

A folder is written beside its destination under a hidden name, flushed to the disk, and then put in place in one step.
A run that is killed leaves the destination as it was, and the next run to the same place sweeps its hidden folder away.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from trialsim.inventory import MANIFEST, look_at, read_manifest
from trialsim.replacing import loss

if sys.platform != "win32":
    import fcntl

_MOST_NAMES = 10


class StoreError(Exception):
    """Results could not be written; the message is meant for the user."""


class Refused(StoreError):
    """The place that was asked for is not one to write results to."""


def check(folder: str | Path, new: Mapping[str, Any] | None = None) -> Path:
    """Refuse early, before hours of simulation, a destination that `new_folder` would refuse; return its real path.

    The folder in which results are prepared is made there, and taken away again. ``new`` is what is known of the
    manifest to be; with it, earlier results of something else, or of more replications, are refused as well.
    """
    try:
        with _prepared(folder) as (target, _):
            if new is not None and os.path.lexists(target):
                _refuse_what_would_be_lost(folder, target, new)
            return target
    except OSError as problem:
        raise Refused(f"{folder} cannot be made: {reason(problem)}") from None


def _destination(folder: str | Path) -> Path:
    """The real path of a destination, which is new or holds earlier results and nothing else. Raises Refused."""
    target = _real_path(folder)
    _restore(target)
    if os.path.lexists(target):
        _refuse_what_is_not_ours(folder, target)
    return target


def _real_path(path: str | Path) -> Path:
    """Where a path leads. Raises Refused for a name that is no text, and for a link that leads nowhere."""
    target = Path(os.path.realpath(path))
    try:
        os.fspath(target).encode()
    except UnicodeEncodeError:
        raise Refused(f"{path} cannot be made: its name is not in UTF-8") from None
    if os.path.islink(target):  # what is left after following links
        raise Refused(f"{path} cannot be made: it is a link that leads back to itself")
    return target


def _refuse_what_is_not_ours(shown: str | Path, target: Path) -> None:
    if not target.is_dir():
        raise Refused(f"{shown} is an existing file: it is left alone; give another place for the results")
    found = look_at(target)
    if found is None:
        raise Refused(
            f"{shown} is an existing folder without results of trialsim in it: it is left alone; give another place "
            "for the results"
        )
    if found.foreign or found.changed:
        facts = (("what is not in its manifest", found.foreign), ("what was changed", found.changed))
        words = " and ".join(f"{fact} ({_listed(names)})" for fact, names in facts if names)
        raise Refused(f"{shown} holds {words}: it is left alone; give another place for the results")


def _refuse_what_would_be_lost(shown: str | Path, target: Path, new: Mapping[str, Any]) -> None:
    found = look_at(target)
    lost = loss(found.manifest, new) if found else None
    if lost:
        raise Refused(
            f"{shown} holds {lost}: it is left alone; give another place for the results (--out), or have them "
            "replaced (--replace)"
        )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMES])
    return shown if len(names) <= _MOST_NAMES else f"{shown} and {len(names) - _MOST_NAMES} more"


@contextmanager
def new_folder(folder: str | Path, replace: bool = True) -> Iterator[Path]:
    """Give an empty folder to fill; put it in the place of ``folder`` if all goes well, else remove it.

    An existing folder of results is replaced whole, and stays complete until it is; unless ``replace``, only if it
    holds no more replications, of the same. Anything else that exists is refused.

    Raises
    ------
    StoreError
        When the destination is somebody else's, cannot be written, or the disk is full.
    """
    try:
        with _prepared(folder) as (target, draft):
            yield draft
            _flush(draft)
            _put_in_place(draft, target, replace)
    except OSError as problem:
        raise StoreError(f"{folder} cannot be written: {reason(problem)}") from problem


@contextmanager
def _prepared(folder: str | Path) -> Iterator[tuple[Path, Path]]:
    """Give the real destination and a hidden folder beside it; of what was made, what is not used is removed."""
    target = _destination(folder)
    made: list[Path] = []
    try:
        made = _make_parents(target.parent)
        _sweep(target)
        draft, lock = _make_draft(target)
        try:
            yield target, draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)
            if lock is not None:
                os.close(lock)
    finally:
        for parent in made:
            with suppress(OSError):  # not empty: it is in use
                parent.rmdir()


def check_file(path: str | Path) -> None:
    """Refuse early a place at which `new_file` could not write."""
    try:
        with _prepared_file(path):
            pass
    except OSError as problem:
        raise Refused(f"{path} cannot be made: {reason(problem)}") from None


@contextmanager
def new_file(path: str | Path) -> Iterator[Path]:
    """Give a path to write a file at; put it in the place of ``path`` if all goes well, else remove it.

    Raises
    ------
    StoreError
        When the destination is something else than a file, cannot be written, or the disk is full.
    """
    try:
        with _prepared_file(path) as (target, draft):
            yield draft
            flush_file(draft)
            os.replace(draft, target)
    except OSError as problem:
        raise StoreError(f"{path} cannot be written: {reason(problem)}") from problem


@contextmanager
def _prepared_file(path: str | Path) -> Iterator[tuple[Path, Path]]:
    """Give the real destination and an empty hidden file beside it, which is removed unless it is used."""
    target = _real_path(path)
    if target.is_dir():
        raise Refused(f"{path} is a folder")
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(os.stat(target).st_mode):
            raise Refused(f"{path} is not a file: it is left alone")
    if not target.parent.is_dir():
        raise Refused(f"{path} cannot be made: there is no folder {target.parent}")
    handle, name = tempfile.mkstemp(prefix=f".{target.stem[:80]}.", suffix=target.suffix, dir=target.parent)
    os.close(handle)
    draft = Path(name)
    try:
        draft.chmod(0o666 & ~_umask())
        yield target, draft
    finally:
        draft.unlink(missing_ok=True)


# How it is done. What is being written, or was just moved out of the way, has a name `.NAME.XXXX.` and one of these;
# nobody else gives such names, so it may be removed.

_PARTIAL, _OLD = "trialsim.partial", "trialsim.old"


def _make_parents(parent: Path) -> list[Path]:
    """Make the missing folders above the destination; return those made, the deepest first."""
    missing = []
    while not parent.exists():
        missing.append(parent)
        parent = parent.parent
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
    return missing


def _make_draft(target: Path) -> tuple[Path, int | None]:
    """Make the hidden folder, held by a lock for as long as this process lives, which tells it from a dead run's."""
    while True:
        draft = target.parent / f".{target.name}.{os.urandom(4).hex()}.{_PARTIAL}"
        draft.mkdir()
        lock = lock_of(draft, wait=True)
        if sys.platform == "win32" or (lock is not None and draft.exists()):
            return draft, lock
        if lock is not None:  # another run swept the folder between the two steps above
            os.close(lock)


def lock_of(path: Path, *, wait: bool) -> int | None:
    """Lock a folder or a file; None if it is gone, or, unless waiting, held by a living process."""
    if sys.platform == "win32":
        return None
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        if wait and problem.errno not in (errno.EWOULDBLOCK, errno.EACCES):
            return handle  # a file system without locks: all that is lost is the sweeping
        os.close(handle)
        return None
    return handle


def _siblings(target: Path, kind: str) -> list[Path]:
    return [
        path
        for path in target.parent.glob(".*." + kind)
        if path.name.startswith(f".{target.name}.") and len(path.name) == len(f".{target.name}.12345678.{kind}")
    ]


def _sweep(target: Path) -> None:
    """Remove what dead runs to the same destination left behind."""
    for leftover in _siblings(target, _PARTIAL):
        lock = lock_of(leftover, wait=False)
        if lock is not None:
            shutil.rmtree(leftover, ignore_errors=True)
            os.close(lock)
    if target.exists():
        for leftover in _siblings(target, _OLD):
            shutil.rmtree(leftover, ignore_errors=True)


def _restore(target: Path) -> None:
    """Put back results that a run, killed between two renames, left under a hidden name."""
    if not target.exists() and target.parent.is_dir():
        for leftover in _siblings(target, _OLD):
            if look_at(leftover) is not None:
                with suppress(OSError):
                    leftover.rename(target)
                    return


def _flush(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        flush_file(path)
    flush_file(folder)


def flush_file(path: Path) -> None:
    """Have the disk hold what was written, before a rename says that it does."""
    if sys.platform == "win32" and path.is_dir():
        return
    handle = os.open(path, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _put_in_place(draft: Path, target: Path, replace: bool) -> None:
    """Make ``draft`` the destination; where results are there already, the two swap names in one step if they can."""
    while True:
        try:
            if not target.exists():
                draft.rename(target)
                break
            _refuse_what_is_not_ours(target, target)  # somebody made or changed it while we were simulating
            if not replace:
                _refuse_what_would_be_lost(target, target, read_manifest(draft))
            if not _swap(draft, target):
                old = draft.with_name(draft.name.removesuffix(_PARTIAL) + _OLD)
                target.rename(old)
                draft.rename(target)
                (old / MANIFEST).unlink()  # first, so that a half-deleted folder never passes for results
                shutil.rmtree(old, ignore_errors=True)
        except OSError as problem:
            if problem.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT) and draft.exists():
                continue  # another run was faster: look again
            raise
        break
    flush_file(target.parent)


def _swap(one: Path, other: Path) -> bool:
    """Exchange two names atomically; False where the system does not know how."""
    try:
        exchange = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):
        return False
    here, rename_exchange = -100, 2
    return bool(exchange(here, os.fsencode(one), here, os.fsencode(other), rename_exchange) == 0)


def reason(problem: OSError) -> str:
    """The system's words for it; pyarrow puts its own around them."""
    return os.strerror(problem.errno) if problem.errno else str(problem)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

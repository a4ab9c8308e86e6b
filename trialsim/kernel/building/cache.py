"""Where compiled code is kept from run to run, and under which name. Nothing here imports numba.

The name is a digest of all sources of the kernel and of the names that it knows by number, of the versions of what
compiled it and of the processor: code that was compiled from anything else has another name, so it is never mistaken
for the code that is wanted. A folder that cannot be written means that the code is compiled anew in each run, and
nothing worse.

Whoever can write here has his code run by us. So the folder is the user's own and nobody else may enter it, a file in
it is the user's own and nobody else may write it, and both are looked at through the handle by which they are read.
"""

from __future__ import annotations

import hashlib
import os
import platform
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_LIBRARIES = ("numba", "llvmlite", "numpy", "scipy")
_CHECKSUM_BYTES = 32
_TRIED, _RESERVED = ".tried", ".reserved"
_ALL_FOR_THE_USER, _FOR_OTHERS = 0o700, 0o077
_NUMBERED = ("columns.py", "tables/parts.py", "tables/histories.py", "vocabulary.py")
"""The files outside the kernel whose names compiled code knows by their positions."""


class Untrusted(OSError):
    """Others could have written what is kept; the message is meant for the user."""


def folder() -> Path:
    """The folder for compiled code, below numba's own, if that is set, else below the user's folder for such things.

    Raises
    ------
    OSError
        If the user has no home folder.
    """
    own = os.environ.get("NUMBA_CACHE_DIR")
    if own:
        return Path(own) / "trialsim"
    base = None
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
    elif sys.platform != "darwin":
        base = os.environ.get("XDG_CACHE_HOME")
    usual = {"win32": "AppData/Local", "darwin": "Library/Caches"}.get(sys.platform, ".cache")
    try:
        place = Path(base) if base and os.path.isabs(base) else Path.home() / usual
    except RuntimeError:
        place = Path(usual)
    if not place.is_absolute():
        raise OSError("there is no home folder")
    return place / "trialsim"


@lru_cache(maxsize=1)
def digest() -> str:
    """What the code was compiled from, with and for."""
    hashed = hashlib.sha256()
    package = Path(__file__).parents[2]
    for source in (*(package / name for name in _NUMBERED), *sorted((package / "kernel").rglob("*.py"))):
        hashed.update(source.relative_to(package).as_posix().encode() + b"\0" + source.read_bytes() + b"\0")
    hashed.update(repr([platform.python_implementation(), platform.python_version(), sys.platform]).encode())
    for library in _LIBRARIES:
        try:
            hashed.update(f"{library} {version(library)}\n".encode())
        except PackageNotFoundError:
            hashed.update(f"no {library}\n".encode())
    hashed.update(_processor())
    return hashed.hexdigest()


def _processor() -> bytes:
    """What compiled code depends on besides: the processor's abilities."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    told = [line for line in lines if line.startswith(("model name", "flags", "Features", "CPU part"))]
    settings = [f"{name}={os.environ.get(name)}" for name in ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES", "NUMBA_OPT")]
    return repr([platform.machine(), platform.processor(), *sorted(set(told)), *settings]).encode()


def name() -> str:
    """The name of the file of the code that is wanted here and now."""
    return f"kernel-{digest()[:32]}.bin"


def is_there() -> bool:
    """Whether the code has been compiled and kept, where nobody else could have put it."""
    try:
        with _opened_folder() as place:
            os.close(_opened(name(), place))
    except OSError:
        return False
    return True


def read() -> bytes | None:
    """The code as it was kept, or None: it is not there, or not whole.

    Raises
    ------
    Untrusted
        If somebody else could have put it there.
    """
    try:
        kept = _content(name())
    except Untrusted:
        raise
    except OSError:
        return None
    checksum, code = kept[:_CHECKSUM_BYTES], kept[_CHECKSUM_BYTES:]
    return code if hashlib.sha256(code).digest() == checksum else None


def was_tried(code: bytes) -> bool:
    """Whether this very code was kept as one that works on this machine."""
    try:
        return _content(name() + _TRIED) == hashlib.sha256(code).digest()
    except OSError:
        return False


def write(code: bytes) -> None:
    """Keep code that has been tried; the code of other versions that lies there is left for those who use it.

    Raises
    ------
    OSError
        If it cannot be kept.
    """
    _make_folder()
    checksum = hashlib.sha256(code).digest()
    with _opened_folder() as place:
        _put(name(), checksum + code, place)
        _put(name() + _TRIED, checksum, place)


@contextmanager
def reserved() -> Iterator[bool]:
    """Whether nobody else is about to compile the code that is wanted; as long as the context lasts, it is us.

    Raises
    ------
    OSError
        If it could not be kept.
    """
    import fcntl

    _make_folder()
    with _opened_folder() as place:
        handle = os.open(name() + _RESERVED, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600, dir_fd=place)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
        finally:
            os.close(handle)


def _make_folder() -> None:
    folder().mkdir(mode=_ALL_FOR_THE_USER, parents=True, exist_ok=True)


# How it is done. A `place` is the handle of the folder, which Windows does not have: there, a user's folders are closed
# to others, and names are joined to the folder's.


@contextmanager
def _opened_folder() -> Iterator[int | None]:
    if sys.platform == "win32":
        yield None
        return
    here = folder()
    place = os.open(here, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        _check(place, here)
        if os.fstat(place).st_mode & _FOR_OTHERS:
            os.fchmod(place, _ALL_FOR_THE_USER)
        yield place
    finally:
        os.close(place)


def _opened(file: str, place: int | None) -> int:
    """A file to read."""
    if sys.platform == "win32":
        return os.open(folder() / file, os.O_RDONLY | os.O_BINARY)
    handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=place)
    try:
        _check(handle, folder() / file)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise Untrusted(f"{folder() / file} is not a file")
    except OSError:
        os.close(handle)
        raise
    return handle


def _check(handle: int, path: Path) -> None:
    """Raise Untrusted if others could have written what the handle is of."""
    if sys.platform == "win32":
        return
    status = os.fstat(handle)
    if status.st_uid != os.geteuid():
        raise Untrusted(f"{path} belongs to another user")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise Untrusted(f"other users may write to {path}")


def _content(file: str) -> bytes:
    with _opened_folder() as place, os.fdopen(_opened(file, place), "rb") as opened:
        return opened.read()


def _put(file: str, content: bytes, place: int | None) -> None:
    """Write a file that is there whole or not at all."""
    draft, target = f".{os.urandom(4).hex()}.{file}", file
    if sys.platform == "win32":
        draft, target = str(folder() / draft), str(folder() / target)
    binary = getattr(os, "O_BINARY", 0)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | binary, 0o600, dir_fd=place)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(content)
        os.replace(draft, target, src_dir_fd=place, dst_dir_fd=place)
    except OSError:
        with suppress(OSError):
            os.unlink(draft, dir_fd=place)
        raise

"""Where compiled code is kept from run to run, and under which name. Nothing here imports numba.

The name is a digest of all sources of the kernel and of the names that it knows by number, of the versions of what
compiled it and of the processor: code that was compiled from anything else has another name, so it is never mistaken
for the code that is wanted. A folder that cannot be written means that the code is compiled anew in each run, and
nothing worse.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import tempfile
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_LIBRARIES = ("numba", "llvmlite", "numpy", "scipy")
_CHECKSUM_BYTES = 32
_NUMBERED = ("columns.py", "tables.py", "vocabulary.py")
"""The files outside the kernel whose names compiled code knows by their positions."""


def folder() -> Path:
    """The folder for compiled code: numba's own, if it is set, else the user's folder for such things."""
    own = os.environ.get("NUMBA_CACHE_DIR")
    if own:
        return Path(own)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "trialsim"


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


def path() -> Path:
    """The file of the code that is wanted here and now."""
    return folder() / f"kernel-{digest()[:32]}.bin"


def is_there() -> bool:
    """Whether the code has been compiled and kept."""
    try:
        return path().is_file()
    except OSError:
        return False


def read() -> bytes | None:
    """The code as it was kept, or None: it is not there, or not whole."""
    try:
        kept = path().read_bytes()
    except OSError:
        return None
    checksum, code = kept[:_CHECKSUM_BYTES], kept[_CHECKSUM_BYTES:]
    return code if hashlib.sha256(code).digest() == checksum else None


def write(code: bytes) -> None:
    """Keep the code, if that can be done; the code of other versions that lies there is left for those who use it."""
    draft = None
    try:
        target = path()
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(prefix=".kernel-", dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(code).digest() + code)
        os.replace(draft, target)
    except OSError:
        if draft is not None:
            Path(draft).unlink(missing_ok=True)

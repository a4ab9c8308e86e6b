"""What a folder of results must hold: the files that its manifest lists, each with its size and digest.

A manifest may have been written by anybody: it is looked at within limits, and believed only as far as the files of the
folder are what it says.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
PROGRAM = "trialsim"
_LARGEST_MANIFEST = 2**28
"""In bytes; the manifest of a sweep holds the scenario of each of its points, of which there may be thousands."""
PICTURES = ("png", "svg", "pdf")
"""The formats of figures."""
_WRITTEN = re.compile(rf"[a-z0-9_]+\.(csv|json|parquet|xlsx|ics|xml|mmd|{'|'.join(PICTURES)})")
"""The names of files that this program writes."""


@dataclass(frozen=True)
class Findings:
    """Names in a folder of results that do not agree with its manifest."""

    foreign: tuple[str, ...] = ()
    """What is there and is not listed."""
    changed: tuple[str, ...] = ()
    """What is not as it was written."""
    missing: tuple[str, ...] = ()
    """What is listed and not there."""
    manifest: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """The manifest itself, whoever wrote it."""


def inventory(folder: Path) -> dict[str, dict[str, Any]]:
    """Size in bytes and SHA-256 digest of each file in ``folder`` but the manifest, which is to list them.

    Raises
    ------
    ValueError
        For a file with a name that would not be taken for one of this program's.
    """
    paths = [path for path in sorted(folder.iterdir()) if path.name != MANIFEST]
    for path in paths:
        if not _may_be_ours(path.name):
            raise ValueError(f"{path.name} is not among the names of files in {__name__}")
    return {path.name: {"size": path.stat().st_size, "sha256": _digest(path)} for path in paths}


def look_at(folder: Path) -> Findings | None:
    """Compare a folder with its manifest; None if it has no manifest of this program.

    Raises
    ------
    OSError
        If the folder or a file in it cannot be read.
    """
    manifest = read_manifest(folder)
    if not isinstance(manifest, dict) or manifest.get("program") != PROGRAM:
        return None
    files = manifest.get("files")
    listed = {name: entry for name, entry in files.items() if _may_be_ours(name)} if isinstance(files, dict) else {}
    found = {path.name for path in folder.iterdir()} - {MANIFEST}
    return Findings(
        foreign=tuple(sorted(found - set(listed))),
        changed=tuple(sorted(name for name in found & set(listed) if not _is_as_listed(folder / name, listed[name]))),
        missing=tuple(sorted(set(listed) - found)),
        manifest=manifest,
    )


def _may_be_ours(name: str) -> bool:
    return name != MANIFEST and _WRITTEN.fullmatch(name) is not None


def _is_as_listed(path: Path, entry: Any) -> bool:
    if not isinstance(entry, dict):
        return False
    try:
        with _opened(path) as file:
            if os.fstat(file.fileno()).st_size != entry.get("size"):
                return False
            return hashlib.file_digest(file, "sha256").hexdigest() == entry.get("sha256")
    except ValueError:
        return False


def read_manifest(folder: Path) -> Any:
    """The manifest as plain values; None if there is none, or one that this program would not write."""
    try:
        with _opened(folder / MANIFEST) as file:
            if os.fstat(file.fileno()).st_size <= _LARGEST_MANIFEST:
                return json.loads(file.read(_LARGEST_MANIFEST))
    except (OSError, ValueError, RecursionError):
        pass
    return None


def _digest(path: Path) -> str:
    with _opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _opened(path: Path) -> BufferedReader:
    """A file to read, which is neither a link nor anything that keeps its reader waiting; ValueError if it is."""
    flags = [getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY")]
    if path.is_symlink():
        raise ValueError(f"{path} is a link")
    handle = os.open(path, os.O_RDONLY | sum(flags))
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise ValueError(f"{path} is not a file")
    return os.fdopen(handle, "rb")

"""The scenarios that come with the program."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path


def folder() -> Traversable:
    """Where they are: the package `trialsim.shipped` when installed, ``scenarios/`` beside it in a checkout."""
    try:
        found = resources.files("trialsim.shipped")
    except ModuleNotFoundError:
        found = None
    if found is not None and any(entry.name.endswith(".yaml") for entry in found.iterdir()):
        return found
    return Path(__file__).resolve().parents[2] / "scenarios"


def names() -> list[str]:
    """Names of the scenarios that ship, without ``.yaml``."""
    return [name for name in files() if not _is_sweep(name)]


def sweeps() -> list[str]:
    """Names of the sweeps that ship, without ``.yaml``."""
    return [name for name in files() if _is_sweep(name)]


def files() -> list[str]:
    """Names of all files that ship, without ``.yaml``."""
    return sorted(entry.name.removesuffix(".yaml") for entry in folder().iterdir() if entry.name.endswith(".yaml"))


def _is_sweep(name: str) -> bool:
    return "\nsweep:" in text(name)


def text(name: str) -> str:
    """The text of a shipped scenario; `name` with or without ``.yaml``."""
    return (folder() / f"{name.removesuffix('.yaml')}.yaml").read_text(encoding="utf-8")

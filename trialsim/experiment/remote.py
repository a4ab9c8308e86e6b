"""What happens in a worker elsewhere: it says what it runs, and simulates bundles of chunks."""

from __future__ import annotations

import hashlib
import pickle
import sys
import time
from functools import lru_cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from trialsim._version import __version__
from trialsim.experiment.engines import Engine
from trialsim.experiment.engines.choice import is_installed, seconds_to_start, start
from trialsim.experiment.engines.simpy import SimPy
from trialsim.experiment.jobs import Job, Tables, put_together
from trialsim.experiment.pickled_rules import unpickled

CODE = "the program's files"
_LIBRARIES = ("numpy", "scipy", "pandas", "simpy", "distributed")
"""Those in which numbers may differ from version to version, and the one by which all this travels."""

Versions = dict[str, str]
"""Of all that decides what comes of a replication, by their names."""
Piece = tuple[Job, int, int]
"""A job, and the first and the last of its replications."""


class OtherVersions(RuntimeError):
    """The worker is not the same as the one who asks; the message says in what, for the user."""


class About(NamedTuple):
    """What a worker says of itself."""

    versions: Versions
    can_compile: bool
    seconds_to_start: float
    """The compiled engine; infinite if that is of no use."""


class Done(NamedTuple):
    """What comes of a bundle: the tables of its pieces, the seconds that it took, and the engine that did it."""

    tables: list[Tables]
    seconds: float
    engine: str


@lru_cache(maxsize=1)
def versions() -> Versions:
    """The versions of the program, of Python and of the libraries here."""
    hashed = hashlib.sha256()
    package = Path(__file__).parents[1]
    for source in sorted(package.rglob("*.py")):
        hashed.update(source.relative_to(package).as_posix().encode() + b"\0" + source.read_bytes() + b"\0")
    libraries = {name: version(name) for name in _LIBRARIES}
    python = ".".join(map(str, sys.version_info[:2]))
    return {"trialsim": __version__, "Python": python, **libraries, CODE: hashed.hexdigest()}


def about() -> About:
    """What this process says of itself. It then has what it needs, so that its first bundle takes no longer."""
    import pandas  # noqa: F401

    return About(versions(), is_installed(), seconds_to_start())


def difference(here: Versions, there: Versions) -> str | None:
    """In what a worker differs from us, in words; None if results are the same."""
    told = [f"{name} {there[name]}, not {mine}" for name, mine in here.items() if name != CODE and there[name] != mine]
    if told:
        return f"has {', and '.join(told)}"
    return None if here == there else f"has other files of trialsim {here['trialsim']}"


def digest_of_module(name: str) -> str | None:
    """The digest of the file of a module; None if there is no such module here."""
    try:
        file = import_module(name).__file__
        return None if file is None else hashlib.sha256(Path(file).read_bytes()).hexdigest()
    except Exception:  # whatever a user's module does while it is imported
        return None


def takes(rule: bytes | None) -> None:
    """Raise whatever goes wrong when a dose rule arrives here."""
    unpickled(rule)


def packed(pieces: list[Piece]) -> bytes:
    """Pieces for `run_bundle`, as bytes: what only passes them on, a scheduler, need not look into them."""
    return pickle.dumps(pieces)


def run_bundle(engine: str, wanted: Versions, bundle: bytes) -> Done:
    """Simulate some pieces, with the engine that is asked for: ``simpy``, ``compiled`` or, if it works, ``auto``.

    Raises
    ------
    OtherVersions
        If this worker came after the others had been looked at, and is another one.
    EngineError
        If the compiled engine is asked for and does not work.
    """
    if differs := difference(wanted, versions()):
        raise OtherVersions(differs)
    pieces: list[Piece] = pickle.loads(bundle)
    runs = _started(engine)
    began = time.perf_counter()
    tables = [_run(runs, *piece) for piece in pieces]
    return Done(tables, time.perf_counter() - began, runs.name)


def _started(engine: str) -> Engine:
    kernel = None if engine == SimPy.name else start(engine)
    if kernel is None:
        return SimPy()
    from trialsim.experiment.engines.compiled import Compiled

    return Compiled(kernel)


def _run(engine: Engine, job: Job, first: int, last: int) -> Tables:
    """The tables of a piece, which may have to be simulated bit by bit for the memory that it needs."""
    most = engine.largest_chunk(job)
    return put_together([engine.run(job, begin, min(begin + most - 1, last)) for begin in range(first, last + 1, most)])

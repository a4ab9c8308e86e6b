"""The compiled engine against the SimPy model. Without numba there is only one engine, and nothing to compare."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest

pytest.importorskip("numba")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process for all of them, if processes can have groups: the others need not wait for the compilation."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.xdist_group("engines"))


@pytest.fixture(scope="session", autouse=True)
def compiled() -> None:
    """Compile once: other processes of the same test run wait, and find the code in the cache."""
    from trialsim.kernel.building import compiling

    if sys.platform == "win32":
        compiling.entry()
        return
    import fcntl

    with (Path(tempfile.gettempdir()) / "trialsim-tests-compile.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        compiling.entry()

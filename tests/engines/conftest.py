"""The kernel against the SimPy model: as plain Python always, and compiled where numba is installed.

As plain Python it takes longer, so there it is compared in fewer scenarios and replications. What the two could do
differently, in spite of one source, is what numba's language has of its own: the generator, SciPy's functions, records
in memory. All that is met in every scenario, so the compiled kernel's equality is a check of it too.
"""

from __future__ import annotations

import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

from trialsim.kernel.calling import VARIABLE, Entry
from trialsim.kernel.entry import plain


class Kernel(NamedTuple):
    """The kernel's function, in one of its two languages."""

    run: Entry
    is_plain: bool

    def number(self, *, compiled: int, plain: int) -> int:
        """How many scenarios or replications are compared with it."""
        return plain if self.is_plain else compiled


@pytest.fixture(autouse=True)
def nothing_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have chosen plain Python for the engine called compiled."""
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture(scope="session")
def compiled() -> Entry:
    """The compiled kernel. Other processes of the same test run wait for the one that compiles, and find it kept."""
    if find_spec("numba") is None:
        pytest.skip("numba is not installed")
    from trialsim.kernel.building import compiling

    if sys.platform == "win32":
        return compiling.entry()
    import fcntl

    with (Path(tempfile.gettempdir()) / "trialsim-tests-compile.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return compiling.entry()


@pytest.fixture(params=["plain", "compiled"])
def kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Kernel:
    """One and then the other; it is also what the engine called compiled uses."""
    if request.param == "plain":
        monkeypatch.setenv(VARIABLE, "python")
        return Kernel(plain(), is_plain=True)
    return Kernel(request.getfixturevalue("compiled"), is_plain=False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the compiled kernel: one process for all of it, so that the others need not wait for it."""
    for item in items:
        if isinstance(item, pytest.Function) and item.path.is_relative_to(Path(__file__).parent):
            parameters = item.callspec.params if hasattr(item, "callspec") else {}
            if "compiled" in item.fixturenames or parameters.get("kernel") == "compiled":
                item.add_marker(pytest.mark.compiled)
                item.add_marker(pytest.mark.xdist_group("compiled"))

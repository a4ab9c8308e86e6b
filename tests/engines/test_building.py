"""Compiling: in a process of its own, once, and kept from run to run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import trialsim
from tests.support.processes import living, started, wait_for_end_of_group
from trialsim.experiment import EngineError
from trialsim.kernel.building import cache

with_numba = pytest.mark.skipif(find_spec("numba") is None, reason="numba is not installed")


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """As if nothing were compiled so far: the folder where it would be kept."""
    from trialsim.kernel.building import compiling

    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kept"))
    monkeypatch.setattr(compiling, "_program", compiling._program.__wrapped__)
    monkeypatch.setattr("trialsim.experiment.engines.choice._seconds_to_start", lambda: 0.0)
    return tmp_path / "kept"


def assert_left_alone(reason: str) -> None:
    """The engine is not used unless it is asked for, and then the reason is told."""
    assert trialsim.simulate("teaching-minimal", 3, jobs=1).engine == "simpy"
    with pytest.raises(EngineError, match=f"the compiled engine cannot start: .*{reason}"):
        trialsim.simulate("teaching-minimal", 3, engine="compiled")


@with_numba
def test_a_numba_that_does_not_work_is_left_alone(kept: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The process that compiles finds the same packages as this one: here, a numba that cannot be imported."""
    (tmp_path / "numba.py").write_text("print('out of the way')\nraise ImportError('it needs another NumPy')\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert_left_alone("ImportError: it needs another NumPy")
    assert not kept.exists()


@pytest.mark.parametrize(
    ("python", "reason"), [("/nowhere/python", "no process to compile it"), ("/bin/false", "ended with status 1")]
)
@pytest.mark.skipif(sys.platform == "win32", reason="the names of programs")
@with_numba
def test_a_process_that_does_not_work_is_left_alone(
    python: str, reason: str, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", python)
    assert_left_alone(reason)
    assert not kept.exists()


@with_numba
def test_an_llvmlite_that_does_not_work_is_left_alone(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("trialsim.kernel.building.compiling")
    monkeypatch.setitem(sys.modules, "trialsim.kernel.building.compiling", None)  # what an import error leaves
    assert_left_alone("compiling")


@pytest.mark.skipif(sys.platform != "linux", reason="signals, /proc")
@with_numba
@pytest.mark.parametrize(
    ("number", "to_all"),
    [(signal.SIGINT, False), (signal.SIGINT, True), (signal.SIGTERM, False), (signal.SIGKILL, False)],
)
def test_an_interrupt_ends_the_process_that_compiles(number: signal.Signals, to_all: bool, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "trialsim", "run", "teaching-minimal", "-n", "5", "--engine", "compiled"]
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kept"), "TMPDIR": str(tmp_path)}
    with started(command, stderr=subprocess.PIPE, cwd=tmp_path, env=environment) as run:
        assert run.stderr is not None
        assert "Compiling the engine" in run.stderr.readline()
        while living(run) < 2:
            assert run.poll() is None
        (os.killpg if to_all else os.kill)(run.pid, number)
        _, said = run.communicate(timeout=20)
        wait_for_end_of_group(run, 8)
    assert run.returncode == (-number if number == signal.SIGKILL else 130)
    assert said == ("" if number == signal.SIGKILL else "trialsim: interrupted\n")
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("compiled")
def test_code_that_is_there_takes_no_numba() -> None:
    """Nor the kernel's functions; both are slow to import."""
    work = "import sys, trialsim; trialsim.simulate('teaching-minimal', 5, engine='compiled')"
    script = f"{work}; print('numba' in sys.modules, 'trialsim.kernel.program' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300)
    assert done.stdout.split() == ["False", "False"], done.stderr


@pytest.mark.parametrize("edited", ["kernel/machine/lists.py", "vocabulary.py", "columns.py", "tables/histories.py"])
def test_another_source_has_another_name(edited: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An edit in any file of the kernel, though the file of the entry is the same: the trap in numba's own cache.

    The names and columns that the kernel knows by number stand outside of it.
    """
    here = Path(cache.__file__).parents[2]
    copy = tmp_path / "trialsim"
    shutil.copytree(here, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(cache, "__file__", str(copy / "kernel" / "building" / "cache.py"))
    before = cache.digest.__wrapped__()
    assert before == cache.digest()
    with (copy / edited).open("a") as file:
        file.write("\n# something else\n")
    assert cache.digest.__wrapped__() != before

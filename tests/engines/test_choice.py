"""Which engine runs the model, and what becomes of compiled code between runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import lru_cache
from math import inf
from pathlib import Path
from typing import Any

import pytest
from pandas.testing import assert_frame_equal

import trialsim
from trialsim.experiment import EngineError, engines
from trialsim.experiment import running as runs
from trialsim.experiment.chunks import Job
from trialsim.kernel.building import cache, compiling
from trialsim.scenario import Scenario, load


@pytest.fixture
def scenario() -> Scenario:
    return load("teaching-minimal")


class OneLevel:
    """A rule of one's own."""

    cohorts = True

    def decide(self, view: Any) -> Any:
        from trialsim.rules.base import Stop

        return Stop(None)

    def recommend(self, view: Any) -> int | None:
        return None


def test_the_engine_does_not_change_the_results(scenario: Scenario) -> None:
    by_simpy = trialsim.simulate(scenario, 30, seed=5, engine="simpy", detail=True)
    by_kernel = trialsim.simulate(scenario, 30, seed=5, engine="compiled", detail=True)
    assert (by_simpy.engine, by_kernel.engine) == ("simpy", "compiled")
    for name in ("replications", "courses", "participants", "lots"):
        assert_frame_equal(getattr(by_simpy, name), getattr(by_kernel, name), check_exact=True)
    assert by_kernel.summary() == by_simpy.summary()


def test_threads_and_chunks_do_not_matter(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = trialsim.simulate(scenario, 300, engine="compiled", jobs=1, detail=True)
    monkeypatch.setattr("trialsim.experiment.compiled._LARGEST_CHUNK", 7)
    seen: list[tuple[int, int]] = []
    shared = trialsim.simulate(
        scenario, 300, engine="compiled", jobs=3, detail=True, progress=lambda *done: seen.append(done)
    )
    for name in ("replications", "courses", "participants", "lots"):
        assert_frame_equal(getattr(alone, name), getattr(shared, name), check_exact=True)
    assert seen[-1] == (300, 300)
    assert len(seen) == len(set(seen)) == 43


def test_what_simpy_has_begun_the_compiled_engine_finishes(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_seconds_to_start", lambda: 1e-6)
    monkeypatch.setattr(runs, "_PROBE_SECONDS", 0.0)
    begun = trialsim.simulate(scenario, 40, seed=3, detail=True)
    assert begun.engine == "compiled"
    whole = trialsim.simulate(scenario, 40, seed=3, detail=True, engine="simpy")
    for name in ("replications", "courses", "participants", "lots"):
        assert_frame_equal(getattr(begun, name), getattr(whole, name), check_exact=True)


def test_a_small_job_is_not_worth_compiling(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_seconds_to_start", lambda: 40.0)
    assert trialsim.simulate(scenario, 20).engine == "simpy"


def test_what_it_takes_to_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scenario: Scenario) -> None:
    work = [Job(scenario, 1, detail=False)]
    assert engines.worth("auto", work) == 0.0  # it is there already
    assert engines.worth("simpy", work) == inf
    monkeypatch.setattr(compiling, "is_loaded", lambda: False)
    assert engines.worth("auto", work) < 5
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert engines.worth("auto", work) > 20


def test_what_the_compiled_engine_cannot_run_is_left_to_simpy_or_explained(scenario: Scenario) -> None:
    amounts = [f"{amount}e6 cells per kg" for amount in range(1, 64)]
    tall = scenario.changed({"dosing.levels": amounts, "dosing.guards": {"enough_at_level": 9}, "truth": None})
    assert trialsim.simulate(tall, 3).engine == "simpy"
    with pytest.raises(EngineError, match="cannot run this: it does not know guards for more than 62"):
        trialsim.simulate(tall, 3, engine="compiled")
    assert trialsim.simulate(scenario, 3, rule=OneLevel()).engine == "simpy"
    with pytest.raises(EngineError, match="it does not know the dose rule OneLevel, which is not a TallyRule"):
        trialsim.simulate(scenario, 3, rule=OneLevel(), engine="compiled")


@pytest.mark.parametrize("broken", ["compiling", "program"])
def test_a_numba_that_does_not_work_is_left_alone(
    broken: str, scenario: Scenario, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(compiling, "_program", lru_cache(compiling._program.__wrapped__))
    monkeypatch.setitem(sys.modules, f"trialsim.kernel.building.{broken}", None)  # what an import error leaves
    monkeypatch.setattr(engines, "_seconds_to_start", lambda: 0.0)
    assert trialsim.simulate(scenario, 3, jobs=1).engine == "simpy"
    with pytest.raises(EngineError, match="cannot start"):
        trialsim.simulate(scenario, 3, engine="compiled")


def test_a_sweep_and_a_comparison_choose_too(scenario: Scenario) -> None:
    faster = scenario.changed({"recruitment.rate_multiplier": 2.0})
    results = [trialsim.compare([scenario, faster], 10, names=["a", "b"], engine=one) for one in ("simpy", "compiled")]
    assert [each.engine for each in results] == ["simpy", "compiled"]
    assert_frame_equal(results[0].replications, results[1].replications, check_exact=True)
    assert_frame_equal(results[0].points, results[1].points, check_exact=True)


def test_another_source_has_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An edit in any file of the kernel, though the file of the entry is the same: the trap in numba's own cache."""
    here = Path(cache.__file__).parents[1]
    copy = tmp_path / "kernel"
    shutil.copytree(here, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(cache, "__file__", str(copy / "building" / "cache.py"))
    before = cache.digest.__wrapped__()
    assert before == cache.digest()
    with (copy / "machine" / "lists.py").open("a") as file:
        file.write("\n# something else\n")
    assert cache.digest.__wrapped__() != before


def test_code_that_is_not_whole_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kept"))
    assert cache.read() is None
    assert not cache.is_there()
    cache.write(b"code")
    assert cache.is_there()
    assert cache.read() == b"code"
    cache.path().write_bytes(cache.path().read_bytes()[:-1])
    assert cache.read() is None


def test_code_that_is_there_takes_no_numba() -> None:
    """It is slow to import."""
    work = "import sys, trialsim; trialsim.simulate('teaching-minimal', 5, engine='compiled')"
    script = f"{work}; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300)
    assert done.stdout.split() == ["False"], done.stderr


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("not a folder")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(occupied))
    cache.write(b"code")
    assert cache.read() is None
    assert not cache.is_there()


WITHOUT_NUMBA = """
import sys
sys.modules["numba"] = sys.modules["llvmlite"] = None  # as if they were not installed
from trialsim.cli import run_command_line
sys.exit(run_command_line(sys.argv[1:]))
"""


@pytest.mark.parametrize(("engine", "status"), [("auto", 0), ("simpy", 0), ("compiled", 2)])
def test_without_numba_everything_else_works(engine: str, status: int, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_NUMBA, "run", "teaching-minimal", "-n", "5", "--engine", engine, "--no-figures"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "COLUMNS": "80"},
        timeout=60,
    )
    assert done.returncode == status, done.stderr
    if status:
        assert "numba is not installed (pip install 'trialsim[fast]')" in done.stderr
    else:
        manifest = json.loads((tmp_path / "outputs/teaching-minimal/manifest.json").read_text())
        assert manifest["engine"] == "simpy"
        assert "(engine: simpy)" in done.stderr


def test_it_is_said_that_compiling_takes_a_while(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("trialsim.kernel.building.cache.is_there", "trialsim.kernel.building.compiling.is_loaded"):
        monkeypatch.setattr(name, lambda: False)
    monkeypatch.setattr(compiling, "entry", lambda: None)
    caplog.set_level("INFO", "trialsim")
    assert engines.starts("auto")
    first, second = caplog.messages
    assert "Compiling the engine" in first
    assert f"cannot be kept in {cache.folder()}" in second
    caplog.clear()
    monkeypatch.setattr(cache, "is_there", lambda: True)
    assert engines.starts("auto")
    assert not caplog.messages

"""Which engine runs the model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from math import inf
from pathlib import Path
from typing import Any

import pytest
from pandas.testing import assert_frame_equal

import trialsim
from trialsim.experiment import EngineError, running
from trialsim.experiment.engines import choice, compiled
from trialsim.experiment.jobs import Job
from trialsim.kernel.calling import VARIABLE
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


@pytest.mark.usefixtures("compiled")
def test_the_engine_does_not_change_the_results(scenario: Scenario) -> None:
    by_simpy = trialsim.simulate(scenario, 30, seed=5, engine="simpy", detail=True)
    by_kernel = trialsim.simulate(scenario, 30, seed=5, engine="compiled", detail=True)
    assert (by_simpy.engine, by_kernel.engine) == ("simpy", "compiled")
    for name in ("replications", "courses", "participants", "lots"):
        assert_frame_equal(getattr(by_simpy, name), getattr(by_kernel, name), check_exact=True)
    assert by_kernel.summary() == by_simpy.summary()


@pytest.mark.usefixtures("compiled")
def test_threads_and_chunks_do_not_matter(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = trialsim.simulate(scenario, 300, engine="compiled", jobs=1, detail=True)
    monkeypatch.setattr(compiled, "_LARGEST_BLOCK", 7)
    seen: list[tuple[int, int]] = []
    shared = trialsim.simulate(
        scenario, 300, engine="compiled", jobs=3, detail=True, progress=lambda *done: seen.append(done)
    )
    for name in ("replications", "courses", "participants", "lots"):
        assert_frame_equal(getattr(alone, name), getattr(shared, name), check_exact=True)
    assert seen[-1] == (300, 300)
    assert seen[0] == (0, 300)
    assert len(seen) == len(set(seen)) == 44


@pytest.mark.usefixtures("compiled")
def test_what_simpy_has_begun_the_compiled_engine_finishes(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "_seconds_to_start", lambda: 1e-6)
    monkeypatch.setattr(running, "_PROBE_SECONDS", 0.0)
    begun = trialsim.simulate(scenario, 40, seed=3, detail=True)
    assert begun.engine == "compiled"
    whole = trialsim.simulate(scenario, 40, seed=3, detail=True, engine="simpy")
    for name in ("replications", "courses", "participants", "lots"):
        assert_frame_equal(getattr(begun, name), getattr(whole, name), check_exact=True)


def test_a_small_job_is_not_worth_compiling(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "_seconds_to_start", lambda: 40.0)
    assert trialsim.simulate(scenario, 20).engine == "simpy"


@pytest.mark.usefixtures("compiled")
def test_what_it_takes_to_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scenario: Scenario) -> None:
    work = [Job(scenario, 1, detail=False)]
    assert choice.worth("auto", work) == 0.0  # it is there already
    assert choice.worth("simpy", work) == inf
    monkeypatch.setattr("trialsim.kernel.building.compiling.is_loaded", lambda: False)
    assert choice.worth("auto", work) < 5
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert choice.worth("auto", work) > 20


@pytest.mark.usefixtures("compiled")
def test_what_the_compiled_engine_cannot_run_is_left_to_simpy_or_refused(scenario: Scenario) -> None:
    amounts = [f"{amount}e6 cells per kg" for amount in range(1, 64)]
    tall = scenario.changed({"dosing.levels": amounts, "dosing.guards": {"enough_at_level": 9}, "truth": None})
    assert trialsim.simulate(tall, 3).engine == "simpy"
    with pytest.raises(EngineError, match="cannot run this: it does not know guards for more than 62"):
        trialsim.simulate(tall, 3, engine="compiled")
    assert trialsim.simulate(scenario, 3, rule=OneLevel()).engine == "simpy"
    with pytest.raises(EngineError, match="it does not know the dose rule OneLevel, which is not a TallyRule"):
        trialsim.simulate(scenario, 3, rule=OneLevel(), engine="compiled")


@pytest.mark.usefixtures("compiled")
def test_a_sweep_and_a_comparison_choose_too(scenario: Scenario) -> None:
    faster = scenario.changed({"recruitment.rate_multiplier": 2.0})
    results = [trialsim.compare([scenario, faster], 10, names=["a", "b"], engine=one) for one in ("simpy", "compiled")]
    assert [each.engine for each in results] == ["simpy", "compiled"]
    assert_frame_equal(results[0].replications, results[1].replications, check_exact=True)
    assert_frame_equal(results[0].points, results[1].points, check_exact=True)


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


def test_plain_python_in_place_of_compiled_code(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a debugger: by name only, as it is slower than SimPy."""
    monkeypatch.setenv(VARIABLE, "python")
    for name in ("numba", "llvmlite", "trialsim.kernel.building.compiling"):
        monkeypatch.setitem(sys.modules, name, None)  # as if they were not installed
    by_kernel = trialsim.simulate(scenario, 10, jobs=1, engine="compiled", detail=True)
    assert by_kernel.engine == "compiled"
    by_simpy = trialsim.simulate(scenario, 10, engine="simpy", detail=True)
    for name in ("replications", "courses", "participants", "lots"):
        assert_frame_equal(getattr(by_kernel, name), getattr(by_simpy, name), check_exact=True)
    assert choice.worth("auto", [Job(scenario, 1, detail=False)]) == inf


def test_it_is_said_that_compiling_takes_a_while(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("trialsim.kernel.entry.entry", lambda: abs)
    monkeypatch.setattr(choice, "_seconds_to_start", lambda: 60.0)
    caplog.set_level("INFO", "trialsim")
    assert choice.start("auto") is not None
    assert caplog.messages == ["Compiling the engine: about a minute, once on this machine"]
    caplog.clear()
    monkeypatch.setattr(choice, "_seconds_to_start", lambda: 0.0)
    assert choice.start("auto") is not None
    assert not caplog.messages


def test_it_is_said_that_compiling_has_not_worked(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    def fail() -> None:
        raise ImportError("numba is broken")

    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("trialsim.kernel.entry.entry", fail)
    monkeypatch.delitem(sys.modules, "trialsim.kernel.building.compiling", raising=False)
    caplog.set_level("INFO", "trialsim")
    assert choice.start("auto") is None
    assert caplog.messages[1:] == ["It cannot be compiled, so SimPy goes on: numba is broken"]
    with pytest.raises(EngineError, match="the compiled engine cannot start: numba is broken"):
        choice.start("compiled")

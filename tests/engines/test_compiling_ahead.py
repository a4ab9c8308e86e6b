"""Compiling ahead: beside a run that is done sooner without, once, and by one process."""

from __future__ import annotations

import logging
import os
import sys
import time
from math import inf
from pathlib import Path

import pytest

from trialsim.experiment.engines import choice
from trialsim.experiment.jobs import Job
from trialsim.kernel.building import ahead, cache
from trialsim.scenario import load

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="compiled when it is needed")


@pytest.fixture
def compiled_times(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[bool]:
    """As if nothing were compiled so far; a line is added for each time that it is."""
    from trialsim.kernel.building import compiling

    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kept"))
    monkeypatch.delenv(ahead.VARIABLE)
    times: list[bool] = []

    def compile_and_keep() -> None:
        times.append(True)
        cache.write(b"code")

    monkeypatch.setattr(compiling, "entry", compile_and_keep)
    monkeypatch.setattr(os, "nice", lambda more: None)
    return times


@pytest.mark.parametrize(
    ("to_start", "seconds", "begins"), [(56.0, 5.0, True), (56.0, 0.1, False), (0.6, 5.0, False), (inf, 5.0, False)]
)
def test_only_where_it_would_have_been_sooner_done(
    to_start: float,
    seconds: float,
    begins: bool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    begun: list[bool] = []

    def begin() -> bool:
        begun.append(True)
        return True

    monkeypatch.setattr(ahead, "begin", begin)
    monkeypatch.setattr(choice, "worth", lambda engine, work: to_start)
    with caplog.at_level(logging.INFO, logger="trialsim"):
        choice.compile_for_later("auto", [Job(load("teaching-minimal"), 1)], seconds)
    assert (bool(begun), "in the background" in caplog.text) == (begins, begins)


def test_once_and_by_one_program(compiled_times: list[bool]) -> None:
    with cache.reserved() as is_free:
        assert is_free
        ahead.main()
        assert not ahead.begin()
    assert not compiled_times
    ahead.main()
    ahead.main()
    assert len(compiled_times) == 1


def test_not_where_it_cannot_be_kept_or_is_not_wanted(
    compiled_times: list[bool], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "kept").write_text("not a folder")
    assert not ahead.begin()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "other"))
    monkeypatch.setenv(ahead.VARIABLE, "no")
    assert not ahead.begin()
    assert not compiled_times


def test_the_program_outlives_who_started_it(
    compiled_times: list[bool], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It has a session of its own, so that neither Ctrl-C nor the end of a terminal reaches it."""
    from trialsim.kernel.building import compiling

    told = tmp_path / "told"
    code = f"import os; open({str(told)!r}, 'w').write(str(os.getsid(0) == os.getpid()))"
    started: list[str] = []

    def program(module: str, language: str) -> dict[str, object]:
        started.append(module)
        return {"args": [sys.executable, "-c", code]}

    monkeypatch.setattr(compiling, "program_of_ours", program)
    assert ahead.begin()
    assert started == ["ahead"]
    until = time.monotonic() + 30
    while not (told.exists() and told.read_text()):
        assert time.monotonic() < until
        time.sleep(0.02)
    assert told.read_text() == "True"
    assert ahead._begun.pop().wait(30) == 0

"""Figures as files: their formats, the same bytes each time, and the line at their foot."""

from __future__ import annotations

import datetime
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.support.overlaps import unreadable
from tests.unit.test_figures import results
from trialsim import Design
from trialsim._version import __version__
from trialsim.figures import OF_ONE, draw_run, picture, typical
from trialsim.results.design import DesignResults


def test_all_figures_of_a_run_are_written_with_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "DPI", 40)
    for folder in ("one", "two"):
        results("plain").save(tmp_path / folder)
    paths = sorted((tmp_path / "one").glob("*.png"))
    assert [path.stem for path in paths] == sorted(
        ("milestones", "enrolment", "duration", "end_causes", "attribution", "funnel", "gantt", "swimmer", "waiting")
    )
    for path in paths:
        data = path.read_bytes()
        assert data == (tmp_path / "two" / path.name).read_bytes()
        assert b"Software" not in data
        if path.stem not in OF_ONE:
            assert np.frombuffer(data[16:24], dtype=">u4").tolist() == [400, 225]


@pytest.mark.parametrize("ending", ["svg", "pdf"])
def test_a_drawing_has_the_same_bytes_each_time_and_keeps_its_texts(tmp_path: Path, ending: str) -> None:
    for name in ("one", "two"):
        picture.save(draw_run(results("plain"), "funnel"), tmp_path / f"{name}.{ending}")
    data = (tmp_path / f"one.{ending}").read_bytes()
    assert data == (tmp_path / f"two.{ending}").read_bytes()
    assert b"CreationDate" not in data and b"dc:date" not in data
    assert ending == "pdf" or b">candidates</text>" in data


def test_figures_have_a_format_that_there_is(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no format gif of figures; give one of png, svg, pdf"):
        results("plain").save(tmp_path / "gif", figures=["png", "gif"])
    assert not (tmp_path / "gif").exists()


@pytest.mark.parametrize("name", ["funnel", "gantt"])
def test_a_figure_says_at_its_foot_what_it_was_made_from_and_when(name: str) -> None:
    made = replace(results("plain"), finished=datetime.datetime(2026, 3, 9, 12, tzinfo=datetime.UTC))
    figure = made.figure(name)
    (foot,) = figure.texts
    count = f"{len(made.replications)} simulated trials, seed {made.seed}"
    number = typical(made.replications)
    which, told = f"Replication {number} of ", f" · day by day: trialsim trace SCENARIO -r {number}"
    wanted = f"{count} · trialsim {__version__} · made on 9 Mar 2026"
    assert foot.get_text() == (f"{which}{wanted}{told}" if name == "gantt" else wanted)
    assert unreadable(figure) == []


def test_characteristics_of_a_design_say_their_trials_and_seed() -> None:
    design = Design.of("boin", {"target": 0.3}, truth=[0.1, 0.3])
    asked = DesignResults(design, characteristics=design.characteristics(replications=2, seed=7))
    assert asked.origin() == f"2 simulated trials, seed 7 · trialsim {__version__}"
    assert DesignResults(design, table=design.table()).origin() == f"trialsim {__version__}"


def test_notebooks_show_figures_by_themselves() -> None:
    shown = draw_run(results("plain"), "funnel")
    assert isinstance(shown, picture.Picture)
    assert shown._repr_png_().startswith(b"\x89PNG")


def test_nothing_else_imports_matplotlib() -> None:
    code = """
import sys, trialsim.cli.run, trialsim.experiment, trialsim.analysis.courses, trialsim.analysis.summary
assert not {"matplotlib", "seaborn", "trialsim.figures"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)

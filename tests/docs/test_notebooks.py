"""The notebooks run anywhere, are stored without outputs, and say the same as the scripts that they are made from."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import jupytext
import nbclient
import nbformat
import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "notebooks").glob("*.py"))
IDS = [script.stem for script in SCRIPTS]


@pytest.fixture(autouse=True)
def kernels_choose_how_to_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MPLBACKEND", raising=False)


def cells(notebook: Any) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def executed(notebook: Any, folder: Path) -> Any:
    """Every cell has run in a folder in which there is nothing, and has left nothing there."""
    where = {"metadata": {"path": str(folder)}}
    nbclient.NotebookClient(notebook, timeout=600, resources=where).execute()
    assert list(folder.iterdir()) == []
    return notebook


def printed(cell: Any) -> str:
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def pictures(notebook: Any) -> list[bytes]:
    shown = [output for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]
    return [base64.b64decode(output.data["image/png"]) for output in shown if "image/png" in output.data]


def test_there_are_notebooks() -> None:
    assert [name[:2] for name in IDS] == ["01", "02"]
    assert sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb")) == IDS


@pytest.mark.parametrize("script", SCRIPTS, ids=IDS)
def test_pairs_are_in_step_and_hold_no_outputs(script: Path) -> None:
    stored = nbformat.read(script.with_suffix(".ipynb"), as_version=4)
    nbformat.validate(stored)
    made = jupytext.read(script)
    assert cells(stored) == cells(made), "run `make notebooks`"
    assert stored.metadata.kernelspec == made.metadata.kernelspec
    assert stored.metadata.kernelspec.name == "python3"
    ran = [cell for cell in stored.cells if cell.get("outputs") or cell.get("execution_count")]
    assert not ran, "clear the outputs before the notebook is stored"


@pytest.mark.slow
def test_the_first_runs(tmp_path: Path) -> None:
    shown = executed(nbformat.read(SCRIPTS[0].with_suffix(".ipynb"), as_version=4), tmp_path)
    assert len(pictures(shown)) == 5
    assert all(len(picture) > 10_000 for picture in pictures(shown))


@pytest.mark.slow
def test_the_second_runs_and_its_exercise_knows_right_from_wrong(tmp_path: Path) -> None:
    notebook = nbformat.read(SCRIPTS[1].with_suffix(".ipynb"), as_version=4)
    tries = nbformat.v4.new_code_cell("print(*(check(answer) for answer in (1.5, 1.75, 2, 1.6, '2')), sep='\\n')")
    notebook.cells.append(tries)
    shown = executed(notebook, tmp_path)
    assert len(pictures(shown)) == 4
    unsolved = next(cell for cell in shown.cells if "answer = None" in cell.source)
    assert printed(unsolved).startswith("Set `answer`")
    answers = [line.split()[0] for line in printed(shown.cells[-1]).splitlines()]
    assert answers == ["Not", "Yes!", "Safe,", "Set", "Set"]

"""``trialsim check`` as users meet it, and what becomes of folders that are not as they were written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command_line import Command


@pytest.fixture
def folder(trialsim: Command, small: Path, tmp_path: Path) -> Path:
    """A folder of results."""
    done = trialsim("run", small, "--no-figures", "-n", "2", "--export", "csv")
    assert done.returncode == 0, done.stderr
    return tmp_path / "outputs" / "small"


def test_results_as_they_were_written(trialsim: Command, folder: Path) -> None:
    done = trialsim("check", "outputs/small", folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"outputs/small: ok\n{folder}: ok\n"


@pytest.mark.parametrize("name", ["replications.parquet", "replications.csv", "summary.json"])
def test_a_flipped_bit_is_found(trialsim: Command, folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    done = trialsim("check", "outputs/small")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"outputs/small: {name} was changed\n")


def test_everything_that_differs_is_named(trialsim: Command, folder: Path) -> None:
    (folder / "notes.txt").write_text("mine")
    (folder / "replications.csv").unlink()
    done = trialsim("check", "outputs/small", "nowhere", "outputs")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "outputs/small: replications.csv is missing",
        "outputs/small: notes.txt is not in the manifest",
        "nowhere: there are no results of trialsim",
        "outputs: there are no results of trialsim",
    ]


def test_notes_in_a_folder_of_results_are_left_alone(trialsim: Command, small: Path, folder: Path) -> None:
    (folder / "notes.txt").write_text("mine")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    done = trialsim("run", small, "--no-figures", "-n", "2", "--seed", "2")
    assert (done.returncode, done.stdout) == (2, "")
    assert "outputs/small holds what is not in its manifest (notes.txt): it is left alone" in done.stderr
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before

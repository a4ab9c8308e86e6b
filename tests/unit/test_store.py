"""Folders of results are there whole or not at all."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from trialsim import storage as store
from trialsim.export import json
from trialsim.inventory import MANIFEST, inventory
from trialsim.storage import Refused, StoreError, check, check_file, new_file, new_folder


def finish(draft: Path) -> None:
    json.write({"program": "trialsim", "files": inventory(draft)}, draft / MANIFEST)


def write(folder: Path, word: str) -> None:
    with new_folder(folder) as draft:
        (draft / "word.csv").write_text(word)
        finish(draft)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_folder_appears_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with new_folder(target) as draft:
        (draft / "word.csv").write_text("one")
        assert not target.exists()
        assert draft.parent == tmp_path
    assert names(tmp_path) == ["out"]
    assert (target / "word.csv").read_text() == "one"


def test_folders_above_are_made_and_taken_back_on_failure(tmp_path: Path) -> None:
    write(tmp_path / "a" / "b" / "out", "one")
    assert (tmp_path / "a" / "b" / "out" / "word.csv").exists()
    with pytest.raises(KeyError), new_folder(tmp_path / "c" / "d" / "out"):
        raise KeyError
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("problem", [KeyError, KeyboardInterrupt])
def test_a_failure_leaves_the_old_results_and_nothing_else(tmp_path: Path, problem: type[BaseException]) -> None:
    target = tmp_path / "out"
    write(target, "old")
    with pytest.raises(problem), new_folder(target) as draft:
        (draft / "word.csv").write_text("half")
        raise problem
    assert names(tmp_path) == ["out"]
    assert (target / "word.csv").read_text() == "old"


@pytest.mark.parametrize("can_swap", [True, False])
def test_our_folder_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_swap: bool) -> None:
    if not can_swap:
        monkeypatch.setattr(store, "_swap", lambda one, other: False)
    target = tmp_path / "out"
    write(target, "old")
    write(target, "new")
    assert names(tmp_path) == ["out"]
    assert names(target) == [MANIFEST, "word.csv"]
    assert (target / "word.csv").read_text() == "new"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems rename twice")
def test_swapping_is_one_step_here(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    assert store._swap(tmp_path / "one", tmp_path / "other")
    assert names(tmp_path / "one") == ["other"]


@pytest.mark.parametrize("foreign", ["file", "empty folder", "folder", "other program's folder", "broken manifest"])
def test_anything_else_is_refused_and_untouched(tmp_path: Path, foreign: str) -> None:
    target = tmp_path / "out"
    if foreign == "file":
        target.write_text("mine")
    else:
        target.mkdir()
    if foreign == "folder":
        (target / "thesis.tex").write_text("mine")
    elif foreign == "other program's folder":
        json.write({"program": "another"}, target / MANIFEST)
    elif foreign == "broken manifest":
        (target / MANIFEST).write_text('{"program": "trialsim"')
    before = {path: path.stat().st_mtime_ns for path in [target, *target.rglob("*")]}
    with pytest.raises(Refused, match="left alone"):
        check(target)
    with pytest.raises(Refused, match="left alone"):
        write(target, "new")
    assert {path: path.stat().st_mtime_ns for path in [target, *target.rglob("*")]} == before
    assert names(tmp_path) == ["out"]


def test_a_place_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match="cannot be made: Not a directory"):
        check(tmp_path / "file" / "out")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_place_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(Refused, match="cannot be made: Permission denied"):
        check(tmp_path / "out")


def test_results_somebody_else_finished_meanwhile_are_respected(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with pytest.raises(Refused), new_folder(target) as draft:
        (draft / "word.csv").write_text("new")
        target.mkdir()
        (target / "thesis.tex").touch()
    assert names(target) == ["thesis.tex"]
    assert names(tmp_path) == ["out"]


def test_a_link_to_results_stays_a_link(tmp_path: Path) -> None:
    write(tmp_path / "real", "old")
    (tmp_path / "link").symlink_to("real")
    write(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "word.csv").read_text() == "new"


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk."""
    target = tmp_path / "out"
    write(target, "old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
        with pytest.raises(StoreError, match=r"out cannot be written: File too large"), new_folder(target) as draft:
            (draft / "word.csv").write_text("long" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert names(tmp_path) == ["out"]
    assert (target / "word.csv").read_text() == "old"


KILLED = """
import os, signal, sys
from pathlib import Path
from trialsim.storage import new_folder
with new_folder(sys.argv[1]) as draft:
    (draft / "word.csv").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_next_run_sweeps_up_after_a_killed_one_but_not_after_a_living_one(tmp_path: Path) -> None:
    target = tmp_path / "out"
    subprocess.run([sys.executable, "-c", KILLED, str(target)], check=False)
    left = names(tmp_path)
    assert len(left) == 1
    assert left[0].endswith(".partial")
    own = [".out.20261128.old", ".out.20261128.partial", ".out.notes.trialsim.partial"]  # not names of ours
    for name in own:
        (tmp_path / name).mkdir()
    with new_folder(tmp_path / "out") as living:
        write(target, "new")
        assert living.exists()
        assert left[0] not in names(tmp_path)
        finish(living)
    assert names(tmp_path) == [*own, "out"]


def test_results_moved_aside_by_a_killed_run_are_put_back(tmp_path: Path) -> None:
    """Where names cannot be swapped in one step, a kill may come between the two renames."""
    write(tmp_path / "out", "old")
    (tmp_path / "out").rename(tmp_path / ".out.0123abcd.trialsim.old")
    with pytest.raises(KeyError), new_folder(tmp_path / "out"):
        raise KeyError
    assert names(tmp_path) == ["out"]
    assert (tmp_path / "out" / "word.csv").read_text() == "old"


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    with new_file(path) as draft:
        draft.write_text("old")
    with pytest.raises(KeyError), new_file(path) as draft:
        draft.write_text("half")
        raise KeyError
    assert path.read_text() == "old"
    assert names(tmp_path) == ["events.csv"]
    assert path.stat().st_mode & 0o777 == 0o666 & ~store._umask()
    with pytest.raises(Refused, match="there is no folder"), new_file(tmp_path / "no" / "x.csv"):
        pass


def test_a_file_is_not_put_in_the_place_of_anything_else(tmp_path: Path) -> None:
    """Nor where it cannot be; and that is found before there is anything to write."""
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    before = names(tmp_path)
    for place, words in (
        (tmp_path / "pipe.csv", "is not a file: it is left alone"),
        (Path("/dev/null"), "is not a file: it is left alone"),
        (tmp_path, "is a folder"),
        (tmp_path / "loop.csv", "leads back to itself"),
        (tmp_path / f"{'x' * 252}.csv", "File name too long"),
        (Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.csv")), "not in UTF-8"),
        (Path("/proc/x.csv"), "cannot be made"),
    ):
        with pytest.raises(Refused, match=words):
            check_file(place)
    check_file(tmp_path / "new.csv")
    assert names(tmp_path) == before

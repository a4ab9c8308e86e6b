"""A folder of results is believed as far as its files are what its manifest lists, and only then replaced."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from trialsim.inventory import MANIFEST, Findings, inventory, look_at
from trialsim.storage import Refused, check, new_folder


def save(folder: Path, word: str = "old") -> None:
    with new_folder(folder) as draft:
        (draft / "table.csv").write_text(word)
        (draft / "other.csv").write_text(word)
        (draft / MANIFEST).write_text(json.dumps({"program": "trialsim", "files": inventory(draft)}))


def contents(folder: Path) -> dict[str, bytes | None]:
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def assert_refused(folder: Path, *names: str) -> None:
    before = contents(folder.parent)
    for attempt in (check, save):
        with pytest.raises(Refused, match="left alone") as refused:
            attempt(folder)
        assert all(name in str(refused.value) for name in names)
        assert contents(folder.parent) == before


def add_notes(folder: Path) -> None:
    (folder / "notes.txt").write_text("mine")


def add_a_table_of_our_kind(folder: Path) -> None:
    (folder / "mine.csv").write_text("mine")


def add_a_folder(folder: Path) -> None:
    (folder / "drafts").mkdir()
    (folder / "drafts" / "chapter.tex").write_text("mine")


def add_a_hidden_file(folder: Path) -> None:
    (folder / ".hidden").touch()


def edit_a_table(folder: Path) -> None:
    (folder / "table.csv").write_text("mine")


def link_a_table(folder: Path) -> None:
    (folder / "table.csv").rename(folder.parent / "elsewhere.csv")
    (folder / "table.csv").symlink_to(folder.parent / "elsewhere.csv")


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (add_notes, "notes.txt"),
        (add_a_table_of_our_kind, "mine.csv"),
        (add_a_folder, "drafts"),
        (add_a_hidden_file, ".hidden"),
        (edit_a_table, "table.csv"),
        (link_a_table, "table.csv"),
    ],
)
def test_what_was_not_written_here_is_refused_by_name_and_untouched(
    tmp_path: Path, change: Callable[[Path], None], name: str
) -> None:
    folder = tmp_path / "out"
    save(folder)
    check(folder)
    change(folder)
    assert_refused(folder, name)


def test_results_without_one_of_their_files_are_replaced(tmp_path: Path) -> None:
    save(tmp_path / "out")
    (tmp_path / "out" / "other.csv").unlink()
    assert look_at(tmp_path / "out") == Findings(missing=("other.csv",))
    save(tmp_path / "out", "new")
    assert (tmp_path / "out" / "table.csv").read_text() == "new"


def test_no_file_is_written_that_would_not_be_replaced_later(tmp_path: Path) -> None:
    (tmp_path / "table.docx").touch()
    with pytest.raises(ValueError, match=r"table.docx is not among the names"):
        inventory(tmp_path)


FORGED: dict[str, Callable[[Path], dict[str, object]]] = {
    "no list": lambda folder: {},
    "an empty list": lambda folder: {"files": {}},
    "a list of all files": lambda folder: {"files": _listed(folder)},
    "no mapping": lambda folder: {"files": [path.name for path in folder.iterdir()]},
    "entries that are none": lambda folder: {"files": {path.name: True for path in folder.iterdir()}},
    "sizes without digests": lambda folder: {
        "files": {path.name: {"size": path.stat().st_size} for path in folder.iterdir()}
    },
}


def _listed(folder: Path) -> dict[str, object]:
    """As an attacker who knows the files of the repository would list them, folders included."""
    contents = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    return {
        **{name: {"size": len(data), "sha256": sha256(data).hexdigest()} for name, data in contents.items()},
        "src": {"size": 0, "sha256": ""},
        "src/main.py": {"size": 4, "sha256": ""},
        "..": {},
    }


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_manifest_in_a_repository_deletes_nothing(tmp_path: Path, forged: str) -> None:
    repository = tmp_path / "repository"
    (repository / "src").mkdir(parents=True)
    (repository / "src" / "main.py").write_text("work")
    (repository / "README.md").write_text("work")
    manifest = {"program": "trialsim", **FORGED[forged](repository)}
    (repository / MANIFEST).write_text(json.dumps(manifest))
    assert_refused(repository, "README.md", "src")


MALFORMED: dict[str, bytes] = {
    "brackets": b"[" * 200_000,
    "braces": b'{"files":' * 200_000,
    "no text": b"\xff\xfe{",
    "empty": b"",
    "a number": b"1" * 100_000,
    "another kind": b"[1, 2]",
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_a_malformed_manifest_is_none(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / MANIFEST).write_bytes(MALFORMED[kind])
    assert look_at(folder) is None
    assert_refused(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes, files with holes")
@pytest.mark.parametrize("kind", ["pipe", "huge", "link", "folder"])
def test_a_manifest_that_cannot_be_read_is_none(tmp_path: Path, kind: str) -> None:
    manifest = tmp_path / "out" / MANIFEST
    manifest.parent.mkdir()
    if kind == "pipe":
        os.mkfifo(manifest)
    elif kind == "huge":
        with manifest.open("wb") as file:
            file.truncate(3 * 10**9)
    elif kind == "link":
        manifest.symlink_to("/dev/zero")
    else:
        manifest.mkdir()
    assert look_at(manifest.parent) is None
    with pytest.raises(Refused, match="left alone"):
        check(manifest.parent)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes")
def test_a_listed_file_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    save(tmp_path / "out")
    (tmp_path / "out" / "table.csv").unlink()
    os.mkfifo(tmp_path / "out" / "table.csv")
    assert look_at(tmp_path / "out") == Findings(changed=("table.csv",))


def test_every_flipped_bit_of_a_table_is_found(tmp_path: Path) -> None:
    save(tmp_path / "out")
    table = tmp_path / "out" / "table.csv"
    whole = table.read_bytes()
    for bit in range(8 * len(whole)):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        table.write_bytes(flipped)
        assert look_at(tmp_path / "out") == Findings(changed=("table.csv",))
    table.write_bytes(whole)
    assert look_at(tmp_path / "out") == Findings()


def a_loop(folder: Path) -> Path:
    (folder / "one").symlink_to("other")
    (folder / "other").symlink_to("one")
    return folder / "one"


@pytest.mark.skipif(sys.platform == "win32", reason="names that Windows does not have")
@pytest.mark.parametrize(
    ("place", "words"),
    [
        (lambda folder: folder / ("x" * 250), "File name too long"),
        (lambda folder: folder / "/".join(["deep" * 20] * 60), "File name too long"),
        (a_loop, "a link that leads back to itself"),
        (lambda folder: a_loop(folder) / "below", "cannot be made"),
        (lambda folder: Path(os.fsdecode(os.fsencode(folder) + b"/\xff")), "not in UTF-8"),
        (lambda folder: Path("/proc/x"), "cannot be made"),
        (lambda folder: Path("/dev/null/x"), "cannot be made"),
    ],
)
def test_a_place_that_cannot_be_used_is_found_before_anything_is_simulated(
    tmp_path: Path, place: Callable[[Path], Path], words: str
) -> None:
    folder = place(tmp_path)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(Refused, match=words):
        check(folder)
    assert sorted(tmp_path.iterdir()) == before


def test_looking_leaves_nothing_behind(tmp_path: Path) -> None:
    assert check(tmp_path / "a" / "b" / "out") == tmp_path / "a" / "b" / "out"
    assert list(tmp_path.iterdir()) == []

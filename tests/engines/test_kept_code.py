"""Compiled code is loaded only if nobody else can have put it there, and is tried elsewhere before it is run here."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from trialsim.kernel.building import cache

pytestmark = pytest.mark.skipif(find_spec("llvmlite") is None, reason="numba is not installed")
posix = pytest.mark.skipif(sys.platform == "win32", reason="owners and modes")

PLANTED, HONEST = 666, 1


def object_file(text: str) -> bytes:
    """A kernel that does this, in the language of LLVM, instead of simulating."""
    import llvmlite.binding as llvm

    from trialsim.kernel.building.compiling import NAME, target_machine

    machine = target_machine()
    whole = f"define i32 @{NAME}(ptr %result, ptr %error, i64, i64, i64, i64) {{\n{text}\n}}"
    if llvm.llvm_version_info < (17,):  # a pointer had to say to what
        whole = whole.replace("ptr", "i64*")
    code: bytes = machine.emit_object(llvm.parse_assembly(whole))
    return code


def returning(number: int) -> bytes:
    """A kernel that only returns a number."""
    return object_file(f"store i64 {number}, ptr %result\nret i32 0")


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of its own for compiled code. What is compiled anew is `HONEST`, and it works."""
    from trialsim.kernel.building import compiling

    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(compiling, "_program", compiling._program.__wrapped__)
    monkeypatch.setattr(compiling, "_compile", lambda: returning(HONEST))
    monkeypatch.setattr(compiling, "_works", lambda code: True)
    return cache.folder()


def run() -> int:
    """What the kernel says that would be used now."""
    from trialsim.kernel.building import compiling

    return compiling.entry()(0, 0, 0, 0)


def plant(folder: Path, code: bytes) -> Path:
    """Code under the right name, with the right checksum, marked as tried."""
    folder.mkdir(mode=0o700, exist_ok=True)
    checksum = hashlib.sha256(code).digest()
    path = folder / cache.name()
    path.write_bytes(checksum + code)
    path.chmod(0o600)
    (folder / f"{cache.name()}.tried").write_bytes(checksum)
    return path


def test_code_in_the_users_own_closed_folder_is_used(kept: Path) -> None:
    """So that the attacks below would succeed if they were not refused."""
    plant(kept, returning(PLANTED))
    assert cache.is_there()
    assert run() == PLANTED


def anybody_may_write_to_the_folder(path: Path, elsewhere: Path) -> None:
    path.parent.chmod(0o777)


def anybody_may_write_to_the_file(path: Path, elsewhere: Path) -> None:
    path.chmod(0o666)


def the_file_is_a_link(path: Path, elsewhere: Path) -> None:
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def the_folder_is_a_link(path: Path, elsewhere: Path) -> None:
    path.parent.rename(elsewhere)
    path.parent.symlink_to(elsewhere)


def the_file_is_a_pipe(path: Path, elsewhere: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


def the_folder_belongs_to_somebody_else(path: Path, elsewhere: Path) -> None:
    os.chown(path.parent, 12345, 12345)


def the_file_belongs_to_somebody_else(path: Path, elsewhere: Path) -> None:
    os.chown(path, 12345, 12345)


ATTACKS = [anybody_may_write_to_the_folder, anybody_may_write_to_the_file, the_file_is_a_link, the_folder_is_a_link]
OF_THE_SUPERUSER = [the_folder_belongs_to_somebody_else, the_file_belongs_to_somebody_else]


@posix
@pytest.mark.parametrize("attack", [*ATTACKS, the_file_is_a_pipe, *OF_THE_SUPERUSER])
def test_planted_code_is_never_run(
    attack: Callable[[Path, Path], None], kept: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    if attack in OF_THE_SUPERUSER and os.geteuid() != 0:
        pytest.skip("only the superuser can give files away")
    attack(plant(kept, returning(PLANTED)), tmp_path / "elsewhere")
    caplog.set_level("INFO", "trialsim")
    assert not cache.is_there()
    assert run() == HONEST
    if "link" not in attack.__name__:
        assert "Compiled code that was kept is not used: " in caplog.messages[0]
        assert str(kept) in caplog.messages[0]
    caplog.clear()
    assert run() == HONEST
    in_place = os.lstat(kept)
    if "folder" in attack.__name__:  # it is left as it is, and nothing is kept there
        assert caplog.messages[-1].startswith("It cannot be kept, so each run compiles it: ")
    else:
        assert not caplog.messages
        assert (in_place.st_uid, in_place.st_mode & 0o777) == (os.geteuid(), 0o700)


@posix
def test_what_is_kept_is_closed_to_others(kept: Path) -> None:
    before = os.umask(0)
    try:
        assert run() == HONEST
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in kept.iterdir()} == {0o600}
    assert kept.stat().st_mode & 0o777 == 0o700
    kept.chmod(0o755)  # as it was made by earlier versions: nobody else could write there
    assert cache.read() == returning(HONEST)
    assert kept.stat().st_mode & 0o777 == 0o700


def test_code_that_was_never_tried_is_tried_once(
    kept: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from trialsim.kernel.building import compiling

    tried: list[bytes] = []

    def works(code: bytes) -> bool:
        tried.append(code)
        return code == returning(HONEST)

    monkeypatch.setattr(compiling, "_works", works)
    caplog.set_level("INFO", "trialsim")
    broken = returning(PLANTED)
    plant(kept, returning(HONEST))
    (kept / cache.name()).write_bytes(hashlib.sha256(broken).digest() + broken)
    assert run() == HONEST
    assert tried == [broken, returning(HONEST)]
    assert "does not run: it is compiled anew" in caplog.messages[0]
    assert run() == HONEST
    assert len(tried) == 2
    monkeypatch.setattr(compiling, "_works", lambda code: False)
    (kept / f"{cache.name()}.tried").unlink()
    with pytest.raises(ImportError, match="does not run on this machine"):
        run()


def test_broken_code_ends_the_process_that_tries_it_and_not_this_one() -> None:
    from trialsim.kernel.building import compiling

    assert not compiling._works(object_file("store i64 1, ptr null\nret i32 0"))
    assert not compiling._works(b"no object file")


@pytest.mark.usefixtures("compiled")
def test_the_kernel_works() -> None:
    from trialsim.kernel.building import compiling

    code = cache.read()
    assert code is not None and cache.was_tried(code)
    assert compiling._works(code)


def test_code_that_is_not_whole_is_not_used(kept: Path) -> None:
    assert cache.read() is None
    assert not cache.is_there()
    cache.write(b"code")
    assert cache.is_there()
    assert cache.read() == b"code"
    (kept / cache.name()).write_bytes((kept / cache.name()).read_bytes()[:-1])
    assert cache.read() is None


@pytest.mark.parametrize("home", ["nowhere", "a file", "none", "relative"])
def test_a_place_that_cannot_be_used_means_that_nothing_is_kept(
    home: str, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    if home in ("none", "relative"):
        monkeypatch.delenv("NUMBA_CACHE_DIR")
        monkeypatch.setenv("XDG_CACHE_HOME", "relative")

        def no_home() -> Path:
            if home == "relative":
                return Path(home)
            raise RuntimeError("Could not determine home directory.")

        monkeypatch.setattr(Path, "home", no_home)
    else:
        occupied = tmp_path / "file"
        occupied.write_text("not a folder")
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(occupied if home == "a file" else occupied / "below"))
    caplog.set_level("INFO", "trialsim")
    assert not cache.is_there()
    assert run() == HONEST
    (said,) = caplog.messages
    assert said.startswith("It cannot be kept, so each run compiles it: ")


OTHER = 65534
"""The user `nobody`, who really plants code, or really finds some."""


def as_other(action: Callable[[], str]) -> str:
    """What an action says in a process of the other user, who is not the superuser."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(OTHER)
            os.setuid(OTHER)
            said = action()
        except BaseException as problem:
            said = repr(problem)
        os.write(writer, said.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    return said


@pytest.fixture
def open_to_all(kept: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for compiled code in a place that every user may enter and write to, as in `/tmp`."""
    if sys.platform == "win32" or os.geteuid() != 0:
        pytest.skip("only the superuser can become another user")
    place = Path(tempfile.mkdtemp(dir="/tmp"))
    place.chmod(0o1777)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(place))
    yield cache.folder()
    shutil.rmtree(place)


def test_the_other_user_is_really_another(open_to_all: Path) -> None:
    """Who could run what we keep if the owner were not looked at, and uses what is his."""
    plant(open_to_all, returning(PLANTED))
    open_to_all.chmod(0o755)
    for path in open_to_all.iterdir():
        path.chmod(0o644)
    assert as_other(
        lambda: f"{os.geteuid()} {(open_to_all / cache.name()).read_bytes()[32:] == returning(PLANTED)}"
    ) == (f"{OTHER} True")
    assert "PermissionError" in as_other(lambda: str((open_to_all / "new").write_text("")))
    shutil.rmtree(open_to_all)
    assert as_other(lambda: str(plant(open_to_all, returning(PLANTED)) and run())) == str(PLANTED)


def test_the_superuser_does_not_run_what_another_user_planted(
    open_to_all: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert as_other(lambda: str(plant(open_to_all, returning(PLANTED)))).endswith(cache.name())
    assert open_to_all.stat().st_uid == OTHER
    caplog.set_level("INFO", "trialsim")
    assert not cache.is_there()
    assert run() == HONEST
    assert caplog.messages[0] == f"Compiled code that was kept is not used: {open_to_all} belongs to another user"
    os.chown(open_to_all, 0, 0)  # the folder is ours from now on, and the file is still his
    assert run() == HONEST
    assert caplog.messages[-1].endswith(f"{open_to_all / cache.name()} belongs to another user")


def test_another_user_does_not_run_what_the_superuser_keeps(open_to_all: Path) -> None:
    plant(open_to_all, returning(PLANTED))
    open_to_all.chmod(0o755)
    for path in open_to_all.iterdir():
        path.chmod(0o644)
    assert as_other(lambda: f"{cache.is_there()} {run()}") == f"False {HONEST}"
    assert run() == PLANTED  # who has kept it may run it

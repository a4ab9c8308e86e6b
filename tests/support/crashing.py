"""A process that is killed at one of the steps by which results are saved: at each of them in turn.

Steps are what changes the disk: opening a file to write, writing it (killed in the middle of it), flushing, linking,
renaming, removing, making folders. As a program it tries all of them, and prints what the folder then holds:
``python -m tests.support.crashing FOLDER nothing|old can_swap|cannot_swap``.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from functools import partial
from itertools import count
from json import loads as read_json
from pathlib import Path
from shutil import rmtree
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from trialsim import storage
from trialsim.columns import Column, Kind
from trialsim.export import csv, json, parquet
from trialsim.export.content import Content
from trialsim.figures import picture
from trialsim.frames import Table
from trialsim.inventory import MANIFEST, Findings, look_at
from trialsim.results.writing import save_folder

WORDS = Column("word", Kind.LABEL, "none", "what these results say")
"""The one column of the one table."""
FIGURE = "picture"
NOTHING, OLD, NEW, LATER = "nothing", "old", "new", "later"


def results(word: str) -> dict[str, Any]:
    """Results that say a word, with a figure, as `save_folder` takes them."""
    columns = {WORDS.name: WORDS}
    tables = {"words": Table(columns, pd.DataFrame({WORDS.name: [word] * 3}))}
    return {
        "tables": tables,
        "summary": {"says": word},
        "manifest": {"program": "trialsim", "says": word},
        "figures": lambda: {FIGURE: lambda: Figure(figsize=(1, 1))},
        "pictures": ("png",),
        "exports": [partial(csv.export, Content("a test", tables, {}))],
    }


class Killing:
    """Counts the steps, and kills this process at one of them."""

    def __init__(self, step: int) -> None:
        self.left = step

    def step(self) -> None:
        """One more step is about to be taken."""
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(self, module: Any, name: str) -> None:
        """Make each call of a function a step."""
        function = getattr(module, name)

        def counted(*arguments: Any, **named: Any) -> Any:
            self.step()
            return function(*arguments, **named)

        setattr(module, name, counted)

    def within(self, module: Any, name: str) -> None:
        """Make each call of a function that writes a file, its second argument, two steps: halfway and when done."""
        write = getattr(module, name)

        def counted(content: Any, path: Path) -> None:
            write(content, path)
            whole = path.read_bytes()
            path.write_bytes(whole[: len(whole) // 2])
            self.step()
            path.write_bytes(whole)
            self.step()

        setattr(module, name, counted)


def save_and_be_killed(folder: Path, word: str, step: int, can_swap: bool) -> None:
    """Save results; the process does not live to see the end if there are so many steps."""
    kill = Killing(step)
    for name in ("fsync", "link", "mkdir", "rename", "replace", "rmdir", "unlink"):
        kill.before(os, name)
    for module in (csv, json, parquet):
        kill.within(module, "write")
    kill.within(picture, "save")
    if not can_swap:
        storage._swap = lambda one, other: False
    kill.before(storage, "_swap")
    save_folder(folder, **results(word))


def found(folder: Path) -> str:
    """What whole results say that lie in a folder, or that there is nothing; AssertionError if they are not whole."""
    if not os.path.lexists(folder):
        return NOTHING
    assert look_at(folder) == Findings(), look_at(folder)
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in (MANIFEST, "summary.json", "words.csv")}
    words = {
        read_json(texts[MANIFEST])["says"],
        read_json(texts["summary.json"])["says"],
        *texts["words.csv"].split()[1:],
        *pd.read_parquet(folder / "words.parquet")[WORDS.name],
    }
    (word,) = words
    return str(word)


def killed_at_each_step(folder: Path, before: str, can_swap: bool) -> Iterator[str]:
    """Kill at the first step, at the second, and so on until there are no more; give what is found each time."""
    for step in count(1):
        rmtree(folder, ignore_errors=True)
        if before == OLD:
            save_folder(folder, **results(OLD))
        child = os.fork()
        if not child:
            try:
                save_and_be_killed(folder, NEW, step, can_swap)
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        if not can_swap:
            storage.check(folder)  # as the next run does: what was there may have been moved aside
        yield found(folder)
        save_folder(folder, **{**results(LATER), "pictures": ()})
        assert found(folder) == LATER
        assert os.listdir(folder.parent) == [folder.name], "the next run leaves nothing of the killed one"
        if not status:
            return
        assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


if __name__ == "__main__":
    print(" ".join(killed_at_each_step(Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "can_swap")))

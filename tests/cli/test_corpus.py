"""Malformed files that were found by `tests.fuzz`, each with what is to be said of it: status 2, soon, no traceback.

A message that is changed on purpose is changed in the ``.txt`` beside the file as well.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.fuzz import CORPUS, SECONDS
from tests.support.command_line import Command

FILES = sorted(CORPUS.glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_malformed_file_is_answered(trialsim: Command, file: Path) -> None:
    began = time.process_time()
    done = trialsim("validate", file)
    assert time.process_time() - began < SECONDS
    assert done.returncode == 2
    assert done.stderr.replace(str(file), "FILE") == file.with_suffix(".txt").read_text(encoding="utf-8")


def test_there_are_files() -> None:
    assert len(FILES) > 20

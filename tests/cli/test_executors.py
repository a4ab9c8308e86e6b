"""Options of where the work is done, and what does not go together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command_line import Command


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--executor dask", "--executor dask needs --scheduler tcp://HOST:PORT"),
        ("--scheduler foo", '--scheduler: "foo" is not allowed; write the address of a Dask scheduler, say tcp://'),
        ("--executor threads --scheduler tcp://a:1", "--scheduler is for --executor dask, not threads"),
        ("--scheduler tcp://a:1 --jobs 2", "--jobs with --scheduler: how many share the work is up to the cluster"),
        ("--executor here --jobs 3", "--executor: the executor here has one core, not 3"),
        ("--executor processes --engine compiled", "--executor: processes are for the engine simpy"),
        ("--executor thread", '--executor: "thread" is not a kind of executor; did you mean "threads"?'),
    ],
)
@pytest.mark.parametrize("command", ["run", "sweep"])
def test_what_does_not_go_together(
    trialsim: Command, small: Path, tmp_path: Path, command: str, options: str, words: str
) -> None:
    done = trialsim(command, "small.yaml", *options.split(), "--out", "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"trialsim {command}: {words}")
    assert [path.name for path in tmp_path.iterdir()] == ["small.yaml"]


def test_an_executor_does_not_matter(trialsim: Command, small: Path) -> None:
    answers = {
        trialsim("run", "small.yaml", "-n", 30, "--executor", name, "--no-figures", "--json", "--out", name).stdout
        for name in ("here", "auto")
    }
    assert len(answers) == 1 and answers != {""}

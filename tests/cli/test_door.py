"""What people do first: a name without its ending, standard input, ways of writing that the program does not know."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import SMALL
from tests.support.command_line import Command


def test_a_name_finds_the_file_beside(trialsim: Command, small: Path) -> None:
    assert trialsim("validate", "small").stdout == "small.yaml: ok\n".replace(".yaml", "")
    assert trialsim("run", "small", "-n", "2", "--no-figures").returncode == 0


def test_a_name_that_ships_is_not_taken_by_a_file(trialsim: Command, tmp_path: Path) -> None:
    (tmp_path / "teaching-minimal.yaml").write_text("broken")
    assert trialsim("validate", "teaching-minimal").returncode == 0


def test_standard_input(trialsim: Command) -> None:
    assert trialsim("validate", "-", input=SMALL).stdout == "-: ok\n"
    done = trialsim("validate", "-", input=SMALL.replace("0.6", "6"))
    assert done.returncode == 2
    assert done.stderr.startswith("standard input:10:3: screening.pass_probability")


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("2 per month", '"0,653 per month"', 8, 'decimals are written with a point: "0.653 per month"'),
        ("18 months", "2-4 weeks", 12, "write {uniform: {min: 2 weeks, max: 4 weeks}}"),
        ("0.6", "30%", 10, "write 0.3"),
        ("0.6", "30.5 %", 10, "write 0.305"),
        ("0.6", "0,6", 10, "decimals are written with a point: 0.6"),
        ("18 months", "18\u00a0months", 12, 'no-break space; write it with a plain one: "18 months"'),
        ("pass_probability: 0.6", "pass_probability 0.6", 9, 'a colon is missing after "pass_probability"'),
        ("start_date: 2027-01-11", "start_date 2027-01-11", 4, 'a colon is missing after "start_date"'),
        ("trial:", "trial", 2, 'a colon is missing after "trial"'),
    ],
)
def test_what_to_write_instead(trialsim: Command, tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    (tmp_path / "odd.yaml").write_text(SMALL.replace(old, new), encoding="utf-8")
    done = trialsim("validate", "odd.yaml")
    assert done.returncode == 2
    assert re.match(rf"odd\.yaml:{line}:", done.stderr), done.stderr
    assert words in done.stderr


def test_a_number_with_an_exponent_counts(trialsim: Command, tmp_path: Path) -> None:
    (tmp_path / "many.yaml").write_text(SMALL.replace("max_participants: 5", "max_participants: 1e4"))
    assert trialsim("validate", "many.yaml").returncode == 0


def test_the_shell_completes_commands(trialsim: Command) -> None:
    words = {"_TRIALSIM_COMPLETE": "bash_complete", "COMP_WORDS": "trialsim va", "COMP_CWORD": "1"}
    assert "validate" in trialsim(env=words).stdout


def test_init_names_the_schema(trialsim: Command, tmp_path: Path) -> None:
    trialsim("init", "mine", "--from", "teaching-minimal")
    first = (tmp_path / "mine.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=trialsim.schema.json"
    assert trialsim("validate", "mine").returncode == 0

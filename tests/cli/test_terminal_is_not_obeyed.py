"""On a terminal: whatever a scenario, a name or an option holds is shown, and nothing of it is obeyed."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialsim.cli import run_command_line

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")

OWN = re.compile(r"\r\n|\r|\x1b\[(?:[0-4]|3[0-9])(?:;[0-9]+)*m|\x1b\[(?:\?25[lh]|2K|1A)")
"""What the program itself sends to a terminal: line ends, emphasis, and the movements of a bar."""

HOSTILE = st.lists(
    st.sampled_from(
        ["\x1b]0;owned\x07", "\x1b[5;41m", "\x9b5;41m", "\x9d0;owned\x9c", "\x07", "\x08", "\x85", "\x7f", "\u202e",
         "\u2066", "\u2069", "\u200f", "\u200b", "\ufeff", "\U000e0041", "\u2028", "[bold]", "é", "a b", ":", "'", '"']
    ),
    min_size=1,
    max_size=4,
).map("".join)  # fmt: skip

SCENARIO = """\
format: 1
trial: {{name: small, title: "{title}", start_date: 2027-01-11, max_participants: 6}}
recruitment: {{sites: [{{name: "{site}", rate: 9 per month}}]}}
dosing: {{levels: ["{dose}"], rule: three_plus_three, cohort_size: 3, observation: 28 days}}
{key}: {tag}
"""
PLAIN = {"title": "A trial", "site": "Leiden", "dose": "1 mg", "key": "follow_up", "tag": "{duration: 1 month}"}


def escaped(text: str) -> str:
    """As a text between double quotes in YAML."""
    return "".join(f"\\U{ord(sign):08x}" if not sign.isprintable() or sign in '"\\' else sign for sign in text)


def shown(folder: Path, *arguments: str) -> str:
    """What a terminal receives from a command."""
    leader, follower = os.openpty()
    received: list[bytes] = []

    def receive() -> None:
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:  # everybody at the other end has left
                return
            received.append(piece)

    reader = threading.Thread(target=receive)
    reader.start()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with pytest.MonkeyPatch.context() as patch, open(follower, "w", encoding="utf-8") as terminal:
        patch.setattr(sys, "stdout", terminal)
        patch.setattr(sys, "stderr", terminal)
        patch.setattr(sys, "unraisablehook", sys.unraisablehook)
        patch.setenv("TERM", "xterm-256color")
        patch.delenv("NO_COLOR", raising=False)
        patch.delenv("TRIALSIM_DEBUG", raising=False)
        patch.chdir(folder)
        run_command_line(arguments)
    for number, handler in handlers.items():
        signal.signal(number, handler)
    reader.join()
    os.close(leader)
    return b"".join(received).decode("utf-8")


def assert_harmless(text: str) -> None:
    assert text.strip()
    assert "\x1b[5;41m" not in text
    rest = OWN.sub("", text)
    assert rest.isprintable(), [sign for sign in rest if not sign.isprintable()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("terminal")
    (made / "small.yaml").write_text(SCENARIO.format(**PLAIN))
    return made


@pytest.mark.parametrize("place", [*PLAIN, "quoted dose", "quoted key", "tag of YAML", "file"])
@settings(max_examples=10)
@given(hostile=HOSTILE)
def test_a_file_that_is_checked(place: str, hostile: str, folder: Path) -> None:
    parts = dict(PLAIN)
    if place in ("title", "site"):
        parts[place] = escaped(hostile)
    elif place.endswith("dose"):
        parts["dose"] = f"1 {escaped(hostile)}" if place == "dose" else f"{escaped(hostile)} mg"
    elif place in ("key", "tag"):
        parts[place] = hostile
    elif place == "quoted key":
        parts["key"] = f'"{escaped(hostile)}"'
    elif place == "tag of YAML":
        parts["tag"] = f"!{hostile} {{}}"
    name = f"{hostile}.yaml".replace("/", "") if place == "file" else "hostile.yaml"
    (folder / name).write_text(SCENARIO.format(**parts), encoding="utf-8")
    assert_harmless(shown(folder, "validate", name))
    assert_harmless(shown(folder, "validate", "--json", name))


@settings(max_examples=10)
@given(hostile=HOSTILE)
def test_options_and_arguments(hostile: str, folder: Path) -> None:
    for arguments in (
        ("run", hostile),
        (hostile,),
        ("run", "small.yaml", f"--{hostile}"),
        ("run", "small.yaml", "--set", hostile),
        ("run", "small.yaml", "--set", f"{hostile}=1"),
        ("run", "small.yaml", "--set", f"dosing.levels=['1 {hostile}']"),
        ("run", "small.yaml", "-n", hostile),
        ("sweep", "small.yaml", "--vary", f"{hostile}=1,2"),
        ("design", hostile),
        ("design", "boin", "target=.3", "--data", hostile),
        ("design", "three_plus_three", f"{hostile}=3"),
        ("init", hostile),
        ("check", hostile),
    ):
        assert_harmless(shown(folder, *arguments))


@settings(max_examples=5)
@given(hostile=HOSTILE)
def test_reports(hostile: str, folder: Path) -> None:
    """What is valid comes as far as the reports: a site's name and a title, as far as they may hold anything."""
    parts = PLAIN | {"title": escaped(hostile), "site": escaped(hostile)}
    (folder / "hostile.yaml").write_text(SCENARIO.format(**parts), encoding="utf-8")
    out = ("--out", str(folder / f"out {hostile}".replace("/", "")))
    quick = ("-n", "2", "--engine", "simpy", "--no-figures")
    assert_harmless(shown(folder, "run", "hostile.yaml", *quick, *out))
    assert_harmless(shown(folder, "trace", "hostile.yaml"))
    label = f"trial.title=['{hostile}',x]"
    assert_harmless(shown(folder, "sweep", "small.yaml", "--vary", label, *quick, *out))


@pytest.mark.parametrize("unit", ["cells\x1b[5;41m", "m\u202eg", "m\x9bg", "$x^2$", "a" * 31, "=1", "é", "<b>", "per"])
def test_a_unit_of_doses_is_a_word_of_a_small_alphabet(unit: str, folder: Path) -> None:
    (folder / "unit.yaml").write_text(SCENARIO.format(**PLAIN | {"dose": f"1 {escaped(unit)}"}), encoding="utf-8")
    said = shown(folder, "validate", "unit.yaml")
    assert_harmless(said)
    (problem,) = [line for line in said.splitlines() if "dosing.levels" in line]
    assert problem.startswith("unit.yaml:4:") and "is not a dose" in problem


@pytest.mark.parametrize("unit", ["mg", "cells", "IU", "µg", "mg/m2", "CAR-T", "%", "log10.pfu"])
def test_units_of_doses_that_are_in_use(unit: str, folder: Path) -> None:
    (folder / "unit.yaml").write_text(SCENARIO.format(**PLAIN | {"dose": f"1 {unit}"}), encoding="utf-8")
    assert shown(folder, "validate", "unit.yaml").endswith("unit.yaml: ok\r\n")

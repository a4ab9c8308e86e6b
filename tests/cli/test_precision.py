"""``--precision``: as many histories as an answer takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command_line import Command

QUICK = ("--no-figures", "--engine", "simpy")


def test_a_run_goes_on_until_it_is_precise(trialsim: Command, small: Path, tmp_path: Path) -> None:
    asked = ("-n", "200", "--precision", "settled_p50=1 week", "--no-levers", *QUICK)
    done = trialsim("run", "small", *asked)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    number = int(lines[1].split()[0].replace(",", ""))
    assert number > 200
    assert lines[2].startswith("As precise as asked: settled_p50 ±") and "(asked ±7 days)." in " ".join(lines)
    manifest = json.loads((tmp_path / "outputs" / "small" / "manifest.json").read_text())
    assert manifest["replications"] == number and manifest["precision"]["half_widths"] == {"settled_p50": 7}
    assert trialsim("run", "small", *asked).returncode == 0  # the same again replaces


def test_what_ended_it_is_said_at_the_top(trialsim: Command, small: Path) -> None:
    asked = ("-n", "200", "--precision", "settled_p50=0.1 days", "--max-replications", "300", "--no-levers", *QUICK)
    lines = trialsim("run", "small", *asked).stdout.splitlines()
    assert lines[1].startswith("300 simulated trials") and lines[2].startswith("NOT AS PRECISE AS ASKED: settled_p50 ±")


def test_a_sweep_by_differences(trialsim: Command, small: Path) -> None:
    asked = ("--vary", "recruitment.rate_multiplier=1,1.5", "-n", "200", "--precision", "settled_difference=3 days")
    done = trialsim("sweep", "small", *asked, *QUICK)
    assert done.returncode == 0, done.stderr
    assert "As precise as asked: settled_difference ±" in done.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("settled_p50=7",), '--precision: "7" has no unit'),
        (("settled_p50",), 'has no "="'),
        (("speed=2",), '"speed" is nothing that has a precision here'),
        (("settled_difference=1 day",), "differences are those of sweeps and comparisons"),
        (("settled_p50=7 days", "-n", "20"), "needs 200 replications to begin with, not 20"),
        (("settled_p50=7 days", "--part", "1/2"), "nobody knows beforehand how many a precision takes"),
        (("settled_p50=7 days", "--max-replications", "500"), "fewer than the 1,000 to begin with"),
    ],
)
def test_what_cannot_be_asked(
    trialsim: Command, small: Path, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    done = trialsim("run", "small", "--precision", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in " ".join(done.stderr.split())
    assert not (tmp_path / "outputs").exists()

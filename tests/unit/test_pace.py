"""How far a simulation is, in a line."""

from __future__ import annotations

import io

import pytest

from trialsim.report.pace import Pace, ProgressLine


def test_speed_and_what_remains() -> None:
    pace = Pace()
    assert pace.words(0, 50_000, 100.0) == "0 of 50,000 trials (0 %)"
    assert pace.words(12_000, 50_000, 140.0) == "12,000 of 50,000 trials (24 %), 300 a second, 2 min to go"
    assert pace.words(50_000, 50_000, 200.0) == "50,000 of 50,000 trials (100 %), 500 a second"


def test_what_was_there_before_is_not_counted_as_fast() -> None:
    pace = Pace()
    pace.words(40_000, 50_000, 0.0)
    assert pace.words(40_100, 50_000, 10.0) == "40,100 of 50,000 trials (80 %), 10 a second, 16 min to go"


def test_other_work_begins_anew() -> None:
    pace = Pace()
    pace.words(0, 100, 0.0)
    pace.words(100, 100, 1.0)
    assert pace.words(1, 2000, 50.0) == "1 of 2,000 trials (0 %)"
    assert pace.words(11, 2000, 51.0) == "11 of 2,000 trials (0 %), 10 a second, 3 min to go"


@pytest.mark.parametrize(
    ("did", "seconds", "words"),
    [
        (1, 20.0, "3 a minute, 5.5 h to go"),
        (3, 2.0, "1.5 a second, 11 min to go"),
        (1, 3600.0, "0 a minute, 41.6 days to go"),
        (990, 9.0, "110 a second, 0 s to go"),
    ],
)
def test_slow_and_fast(did: int, seconds: float, words: str) -> None:
    pace = Pace()
    pace.words(0, 1000, 0.0)
    assert pace.words(did, 1000, seconds).endswith(words)


def test_a_line_is_rewritten_and_ends() -> None:
    stream = io.StringIO()
    line = ProgressLine(stream, every=0.0)
    line(5, 10)
    line(10, 10)
    first, second = stream.getvalue().split("\r")[1:]
    assert first.startswith("5 of 10 trials (50 %)")
    assert second.startswith("10 of 10 trials (100 %)")
    assert second.endswith("\n") and len(second) > len(first)


def test_a_line_is_not_rewritten_all_the_time() -> None:
    stream = io.StringIO()
    line = ProgressLine(stream, every=1000.0)
    for done in range(1, 100):
        line(done, 100)
    assert stream.getvalue().count("\r") == 1

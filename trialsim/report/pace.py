"""How far a simulation is, how fast it goes, and how long it still takes, in a line."""

from __future__ import annotations

import sys
import time
from typing import TextIO


class Pace:
    """Work with a beginning and a speed; it begins anew when other work is reported on.

    What was there before the first report does not count for the speed. ``noun`` is what the work consists of.
    """

    def __init__(self, noun: str = "trials") -> None:
        self._noun = noun
        self._everything = -1
        self._began = self._done_then = self._done = 0.0

    def words(self, done: int, everything: int, now: float | None = None) -> str:
        """``12,000 of 50,000 trials (24 %), 310 a second, 2 min to go``.

        Parameters
        ----------
        done, everything : int
            How many replications are done, and how many were asked for.
        now : float, optional
            The time in seconds, on any clock; by default this one.
        """
        now = time.monotonic() if now is None else now
        if everything != self._everything or done < self._done:
            self._everything, self._began, self._done_then = everything, now, done
        self._done = done
        line = f"{done:,} of {everything:,} {self._noun} ({100 * done // everything} %)"
        spent, did = now - self._began, done - self._done_then
        if spent <= 0 or did <= 0:
            return line
        speed = did / spent
        left = f", {_time((everything - done) / speed)} to go" if done < everything else ""
        return f"{line}, {_rate(speed)}{left}"


def _rate(a_second: float) -> str:
    if a_second >= 10:
        return f"{a_second:,.0f} a second"
    return f"{a_second:.1f} a second" if a_second >= 1 else f"{60 * a_second:.0f} a minute"


def _time(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 36 * 3600 else f"{seconds / 86400:.1f} days"


class ProgressLine:
    """A line that says how far a simulation is, for ``progress=``: in a notebook, or wherever a line can be rewritten.

    Parameters
    ----------
    stream : text stream, optional
        Where it is written: stderr, unless said otherwise.
    every : float
        Seconds between two states.
    """

    def __init__(self, stream: TextIO | None = None, every: float = 0.5) -> None:
        self._stream = stream
        self._every = every
        self._pace = Pace()
        self._told = -1e9
        self._length = 0

    def __call__(self, done: int, everything: int) -> None:
        """Rewrite the line, if it is time; when all is done, in any case."""
        now = time.monotonic()
        words = self._pace.words(done, everything, now)
        if now - self._told < self._every and done < everything:
            return
        self._told = now
        end = "\n" if done == everything else ""
        stream = self._stream or sys.stderr
        stream.write("\r" + words.ljust(self._length) + end)
        stream.flush()
        self._length = 0 if end else len(words)

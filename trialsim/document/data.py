"""The numbers of a report: taken from the documents of the results by where they stand there, and put into words."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from trialsim.document.content import Number
from trialsim.report.differences import signed
from trialsim.wording import number, percent, percent_range, printable, unit

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STAYS_TOGETHER = 14
"""Characters of a number that stands on one line: 79 %, 55.0 months, 14 May 2023."""
_NO_BREAK = "\N{NO-BREAK SPACE}"
UNKNOWN = "not known"


@dataclass(frozen=True)
class Data:
    """Documents by name, and what stands in them.

    A path is a text: the name of the document, then keys and positions in lists (from 0), with dots between them.
    """

    documents: Mapping[str, Any]

    def at(self, path: str) -> Any:
        """What stands at a path.

        Raises
        ------
        KeyError
            When nothing does.
        """
        here: Any = self.documents
        rest = path
        while rest:
            if isinstance(here, list):
                part, _, rest = rest.partition(".")
                here = here[int(part)]
                continue
            found = [key for key in here if f"{rest}.".startswith(f"{key}.")]
            if not found:
                raise KeyError(path)
            key = max(found, key=len)
            here, rest = here[key], rest[len(key) + 1 :]
        return here

    def said(self, words: Callable[..., str], *paths: str) -> Number:
        """What stands at some paths, put into words."""
        values = tuple(self.at(path) for path in paths)
        text = words(*values)
        return Number(text if len(text) > _STAYS_TOGETHER else text.replace(" ", _NO_BREAK), paths, values)

    def percent(self, path: str) -> Number:
        """A share."""
        return self.said(lambda share: UNKNOWN if share is None else percent(share), path)

    def share_range(self, path: str) -> Number:
        """The 95 % interval of an estimate of a share."""
        return self.said(percent_range, f"{path}.low", f"{path}.high")

    def date(self, path: str) -> Number:
        """A day, as 14 May 2023."""
        return self.said(lambda day: UNKNOWN if day is None else date_in_words(day), path)

    def count(self, path: str) -> Number:
        """How many."""
        return self.said(lambda value: f"{value:,}", path)

    def mean(self, path: str) -> Number:
        """A mean or a spread."""
        return self.said(number, path)

    def days(self, path: str) -> Number:
        """A length of time, in days or months."""
        return self.said(duration, path)

    def days_range(self, low: str, high: str) -> Number:
        """The 95 % interval of an estimate of a length of time."""
        return self.said(duration_range, low, high)

    def difference(self, path: str, measure: str, replications: int, prefix: str = "difference") -> Number:
        """A mean difference with its interval, in months, points or a count."""
        ends = (f"{path}{prefix}", f"{path}{prefix}_low", f"{path}{prefix}_high")
        return self.said(lambda mean, low, high: signed(mean, low, high, measure, replications), *ends)


def date_in_words(day: str) -> str:
    """An ISO date as people write it, whatever the machine's language; it stays on one line."""
    found = datetime.date.fromisoformat(day)
    return _NO_BREAK.join((str(found.day), _MONTHS[found.month - 1], str(found.year)))


def readable(text: str) -> str:
    """A text with what a reader would obey, and not show, as an escape: every renderer shows texts so."""
    return printable(text, keep=f"\n{_NO_BREAK}")


def duration(days: float | None) -> str:
    """A length of time in months, or in days if it is short."""
    if days is None:
        return UNKNOWN
    size, name = unit(days)
    return f"{days / size:,.1f} {name}"


def duration_range(low: float | None, high: float | None) -> str:
    """An interval of lengths of time; a side that so few trials cannot bound is said to be open."""
    if low is None and high is None:
        return "not bounded by so few trials"
    size, name = unit(max(each for each in (low, high) if each is not None))
    if low is None or high is None:
        known = (low if high is None else high or 0.0) or 0.0
        return f"{'at least' if high is None else 'at most'} {known / size:,.1f} {name}"
    return f"{low / size:,.1f} to {high / size:,.1f} {name}"

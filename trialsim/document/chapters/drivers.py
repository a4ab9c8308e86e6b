"""Which of the values that are not known make the answer uncertain, in a table: part of what the answer rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trialsim.analysis.measures import is_share, words
from trialsim.document.chapters.answer import end_of
from trialsim.document.content import Block, Column, Key, Paragraph, Table, Text
from trialsim.document.subject import Subject
from trialsim.wording import percent, percent_range

NAME = "sensitivity"
_WITHOUT_SHARES = 2
"""Cells of a row that has none."""


def drivers(subject: Subject) -> Iterator[Block]:
    """For the end of the trial and the risk of ending early: shares of the ignorance, and swings; figures of both."""
    found = subject.data.documents.get(NAME)
    if not found:
        return
    yield Paragraph(
        (
            "Which of them matter: with everything else at its median, a value is moved from what one in ten of its "
            "draws are below to what one in ten are above, on the same luck; the swing is the difference that this "
            "makes. Its share is that of the variance which comes from what is not known: by itself, and together "
            "with others. An input that changes nothing (the dummy) was looked at beside them, and says what chance "
            "alone makes.",
        )
    )
    for measure in dict.fromkeys((str(end_of(subject)), "early_termination")):
        rows = tuple(_rows(subject, found, measure))
        if rows:
            called = words(measure, found.get("words"))
            yield _table(f"What drives the answer: {called}", rows, len(rows[0]) > _WITHOUT_SHARES)
    for name in ("tornado", "indices"):
        if figure := subject.draw(f"{NAME}-{name}"):
            yield figure


def _table(caption: str, rows: tuple[tuple[Text, ...], ...], has_shares: bool) -> Table:
    shares = (Column("Share, alone", True, 2), Column("Share, with others", True, 2)) * has_shares
    return Table(caption, (Column("Value", share=3), Column("Swing (95 % interval)", True, 3), *shares), rows)


def _rows(subject: Subject, found: Mapping[str, Any], measure: str) -> Iterator[tuple[Text, ...]]:
    """The inputs in the order of the tornado, the one that moves the answer most first."""
    data = subject.data
    indices = {
        key: (place, len(keys))
        for place, each in enumerate(found["indices"] or [])
        if each["measure"] == measure and each["total"] is not None
        for keys in [_keys(each["input"])]
        for key in keys
    }
    for place, row in enumerate(found["tornado"] or []):
        if row["answer"] != measure:
            continue
        called: Text = ("the dummy, which changes nothing",) if row["is_dummy"] else (Key(row["input"]),)
        swing: Text = ("no trial to compare",)
        if row["swing"] is not None:
            told = data.difference(f"{NAME}.tornado.{place}.", measure, row["pairs"], "swing")
            swing = (told, "" if is_share(measure) else " months")
        cells: list[Text] = [swing]
        if indices:
            number, together = indices.get(row["input"], (None, 1))
            at = None if number is None else f"{NAME}.indices.{number}"
            note = f", of {together} that go together" if together > 1 else ""
            cells += [_share(subject, at, name, note) for name in ("first", "total")]
        yield (called, *cells)


def _keys(group: str) -> list[str]:
    """The keys that a group of correlated inputs is called by: ``a.b.1 + .2`` are ``a.b.1`` and ``a.b.2``."""
    first, *others = group.split(" + ")
    begin = first.rpartition(".")[0]
    return [first, *(begin + each if each.startswith(".") else each for each in others)]


def _share(subject: Subject, at: str | None, name: str, note: str) -> Text:
    data = subject.data
    if at is None or data.at(f"{at}.{name}") is None:
        return ("not known",)
    ends = data.said(_between, f"{at}.{name}_low", f"{at}.{name}_high")
    return (data.said(_clipped, f"{at}.{name}"), " (", ends, ")" + note)


def _clipped(share: float) -> str:
    """An estimate of a share, which may lie a little outside 0 to 1."""
    return percent(min(max(share, 0.0), 1.0))


def _between(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return percent_range(low, high)
    return percent_range(min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0))

"""Plans side by side: what each is expected to do, and how it differs from the base on the same luck."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trialsim.analysis.measures import is_share, words
from trialsim.document.chapters.helps import HOW_TO_READ
from trialsim.document.chapters.helps import table as levers_table
from trialsim.document.content import Block, Chapter, Column, Paragraph, Table, Text
from trialsim.document.data import UNKNOWN
from trialsim.document.subject import Comparison, Subject
from trialsim.report.points import by_axes, names_of
from trialsim.tables import COUNTS
from trialsim.vocabulary import MONTH
from trialsim.wording import percent_range

_MOST = 100


def comparison(subject: Subject, found: Comparison) -> Chapter:
    """A sweep, a comparison or levers."""
    blocks = tuple(_levers(subject, found) if found.kind == "levers" else _points(subject, found))
    return Chapter(found.name, found.title, (*blocks, *found.draw()))


def _levers(subject: Subject, found: Comparison) -> Iterator[Block]:
    yield Paragraph((HOW_TO_READ,))
    yield levers_table(subject.data, found.name)


def _points(subject: Subject, found: Comparison) -> Iterator[Block]:
    summary = subject.data.documents[found.name]
    points = summary["points"]
    base = next(point for point in points if point["is_base"])
    yield Paragraph(
        (
            f"{len(points):,} plans were simulated, {base['replications']:,} trials of each. They share their luck: "
            "what is the same in two plans goes the same way in both, so that a difference is that of the plans. The "
            "base is marked; differences are to it, pair by pair, with their 95 % intervals. Milestones are medians "
            "in months from day 0, and differences of their means in months; risks are in per cent, and their "
            "differences in percentage points. Milestones are those of all trials that come so far, also of those "
            "that end early: a plan in which more of them do may seem sooner done.",
        )
    )
    measures = summary["measures"]
    called = {name: words(name, summary["words"]) for name in measures}
    axes = summary["axes"] if by_axes(summary) else []
    columns = [Column(axis["label"][0].upper() + axis["label"][1:], share=2) for axis in axes]
    columns = columns or [Column("Plan", share=2)]
    for name in measures:
        said = called[name][0].upper() + called[name][1:]
        columns += [Column(said, True, 2), Column(f"{said}: difference", True, 2)]
    shown = points[:_MOST]
    rows = tuple(tuple(_row(subject, found, place, point, measures)) for place, point in enumerate(shown))
    marked = frozenset(place for place, point in enumerate(shown) if point["is_base"])
    yield Table(f"{found.title}: what to expect", tuple(columns), rows, marked)
    if len(points) > _MOST:
        yield Paragraph((f"These are {_MOST} of {len(points):,} plans.",), "note")


def _row(
    subject: Subject, found: Comparison, place: int, point: Mapping[str, Any], measures: list[str]
) -> Iterator[Text]:
    at = f"{found.name}.points.{place}"
    yield from ((name,) for name in names_of(point, subject.data.documents[found.name], " (base)"))
    for name in measures:
        yield expected(subject, at, name)
        if point["is_base"]:
            yield ("base",)
        elif point[f"{name}_difference"] is None:
            yield ("no pair to compare",)
        else:
            yield (subject.data.difference(f"{at}.", name, point["replications"], f"{name}_difference"),)


def expected(subject: Subject, at: str, measure: str) -> Text:
    """What a plan does: the median of a milestone, the mean of a count or a risk, with its interval."""
    data = subject.data
    if is_share(measure):
        ends = data.said(percent_range, f"{at}.{measure}_low", f"{at}.{measure}_high")
        return (data.percent(f"{at}.{measure}"), " (", ends, ")")
    if measure in COUNTS:
        return (data.mean(f"{at}.{measure}_mean"),)
    middle = data.said(_months, f"{at}.{measure}_p50")
    return (middle, " (", data.said(_between, f"{at}.{measure}_p50_low", f"{at}.{measure}_p50_high"), ")")


def _months(days: float | None) -> str:
    return UNKNOWN if days is None else f"{days / MONTH:,.1f}"


def _between(low: float | None, high: float | None) -> str:
    return f"{_months(low)} to {_months(high)}"

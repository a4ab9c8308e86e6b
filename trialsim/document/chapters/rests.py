"""What the answer rests on: every assumption with its source, and how much of the spread comes from not knowing it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from trialsim.document.chapters.answer import end_of
from trialsim.document.chapters.drivers import drivers
from trialsim.document.content import Block, Chapter, Column, Key, Paragraph, Subheading, Table, Text
from trialsim.document.subject import Subject
from trialsim.scenario.assumptions import Assumption, assumptions
from trialsim.vocabulary import MONTH

KINDS = {
    "observed": "fact, observed",
    "protocol": "fact, protocol",
    "derived": "estimate, derived",
    "literature": "estimate, literature",
    "assumption": "assumption",
    "edited": "assumption, edited",
    "what-if": "what-if",
}
"""The kinds of sources, by how much they can be relied on."""
_MOST = 2000
"""Rows of a table: more nobody reads, and a page of them would be too large. The scenario's text has them all."""


def rests(subject: Subject) -> Chapter:
    """Every value with unit, kind and source; then what was left out, and what is not known."""
    return Chapter("rests", "What the answer rests on", tuple(_blocks(subject)))


def in_words(value: Any) -> str:
    """A value of a scenario as people read it: distributions by name, with what each number is."""
    if isinstance(value, Mapping):
        return "; ".join(
            f"{key}: {_inner(each)}" if each not in ({}, None) else str(key) for key, each in value.items()
        )
    if isinstance(value, list | tuple):
        return ", ".join(in_words(each) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "none"
    return f"{value:,.10g}" if isinstance(value, int | float) else str(value)


def _inner(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {in_words(each)}" for key, each in value.items())
    return in_words(value)


def _blocks(subject: Subject) -> Iterator[Block]:
    listed = assumptions(subject.scenario, with_defaults=True)
    given = [each for each in listed if each.is_given]
    left_out = [each for each in listed if not each.is_given]
    counts = Counter(KINDS[each.kind].partition(",")[0] for each in given)
    parts = [f"{number:,} {kind}{'s' * (number != 1)}" for kind, number in counts.most_common()]
    yield Paragraph((f"The plan states {len(given):,} values: {', '.join(parts)}.",))
    yield from _unknown(subject)
    yield _table("The values of the plan", given)
    if len(given) > _MOST:
        yield Paragraph((f"These are the first {_MOST:,}; the scenario, at the end, has all.",), "note")
    if left_out:
        yield Subheading("What the plan leaves out")
        yield Paragraph(("Keys that the file does not have mean something all the same:",))
        yield _defaults(left_out)


def _table(caption: str, found: list[Assumption]) -> Table:
    has_ranges = any(each.unknown for each in found)
    columns = [
        Column("What", share=6),
        Column("Value", share=4),
        Column("Unit", share=3),
        Column("Kind", share=3),
        Column("Source or reason", share=6),
        *([Column("May be", share=4)] if has_ranges else []),
    ]
    return Table(caption, tuple(columns), tuple(_row(each, has_ranges) for each in found[:_MOST]))


def _row(found: Assumption, has_ranges: bool) -> tuple[Text, ...]:
    value = in_words(found.value if found.amount is None else found.amount)
    ranges = "; ".join(
        f"{each.low} to {each.high}" + (f" ({each.key.rpartition('.')[2]})" if len(found.unknown) > 1 else "")
        for each in found.unknown
    )
    reasons = "; ".join(dict.fromkeys(each.reason for each in found.unknown if each.reason))
    note = found.note or "no source is given"
    return (
        (found.name, " ", Key(found.key)),
        (value,),
        (found.unit,),
        (KINDS[found.kind],),
        (note + (f". May be otherwise: {reasons}" if reasons else ""),),
        *([(ranges,)] if has_ranges else []),
    )


def _defaults(found: list[Assumption]) -> Table:
    rows = tuple(
        ((each.name, " ", Key(each.key)), (in_words(each.value if each.amount is None else each.amount),), (each.unit,))
        for each in found[:_MOST]
    )
    return Table("What counts where nothing is said", (Column("What", share=3), Column("Value"), Column("Unit")), rows)


def _unknown(subject: Subject) -> Iterator[Block]:
    """How much of the spread is that values are not known."""
    found, data, end = subject.summary.get("ignorance"), subject.data, end_of(subject)
    if not subject.scenario.uncertain:
        yield Paragraph(
            (
                "All of them are taken as known: nothing is said of how far they may be off (section ",
                Key("uncertain"),
                " of the scenario), so that all that differs between the simulated trials is luck. The real "
                "uncertainty is larger than the ranges of this report.",
            ),
            "warning",
        )
        return
    keys = f"{subject.facts.unknown:,} value{'s are' if subject.facts.unknown != 1 else ' is'} not known"
    if not found or found["milestones"][end]["ignorance"] is None:
        yield Paragraph((f"{keys}, and drawn anew for each trial within the range that is given.",))
        yield from drivers(subject)
        return
    at, words = f"summary.ignorance.milestones.{end}", subject.facts.words_of(end)
    yield Paragraph(
        (
            f"{keys}, and drawn anew for each trial. ",
            data.percent(f"{at}.ignorance"),
            f" of the variance of the day ({words}) is that (95 % interval ",
            data.share_range(f"{at}"),
            "); the rest is luck, which would be left if they were known: a standard deviation of ",
            data.said(lambda days: f"{days / MONTH:,.1f} months", f"{at}.luck_sd"),
            " instead of ",
            data.said(lambda days: f"{days / MONTH:,.1f}", f"{at}.sd"),
            ". The column “May be” has what one in ten of the draws are below, and what one in ten are above.",
        )
    )
    if figure := subject.draw("ignorance"):
        yield figure
    yield from drivers(subject)

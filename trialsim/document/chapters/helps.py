"""What would help: the levers of the trial, and what each buys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trialsim.analysis.levers import is_sure
from trialsim.analysis.measures import words
from trialsim.document.content import Block, Chapter, Column, Paragraph, Table, Text
from trialsim.document.data import Data
from trialsim.document.subject import Subject

HOW_TO_READ = (
    "Each lever is moved by the step that its name says, and simulated with the same luck as the plan, so that a "
    "difference is that of the lever. Milestones are in months, in trials that complete both ways, whose number is "
    "told where that is not all; below 0 is sooner. Risks are in percentage points. Brackets are 95 % intervals; what "
    "may be nothing is said to be so. Whether a step can be had, and what it costs, the sponsor knows."
)
_ONE_SITE_MORE = " One site more is one like that with the middle rate."
ENDS = ("difference", "difference_low", "difference_high")


def helps(subject: Subject) -> Chapter | None:
    """The levers, the one that helps most first; None for a comparison, which had none."""
    levers = subject.summary.get("levers")
    if levers is None and not subject.has_run:
        return None
    if not levers or not levers["levers"]:
        why = "The levers of this trial were not simulated: nothing is said here of what would help."
        return Chapter("helps", "What would help", (Paragraph((why,)),))
    more = any(lever["lever"] == "one site more" for lever in levers["levers"])
    blocks: list[Block] = [Paragraph((HOW_TO_READ + _ONE_SITE_MORE * more,)), table(subject.data, "summary.levers")]
    figure = subject.draw("levers")
    return Chapter("helps", "What would help", (*blocks, *([figure] if figure else [])))


def table(data: Data, at: str) -> Table:
    """The levers of a document at a path."""
    levers = data.at(at)
    measures, runs = levers["measures"], levers["replications"]
    rows = []
    for place, lever in enumerate(levers["levers"]):
        cells = (_bought(data, f"{at}.levers.{place}.{name}.", lever[name], name, runs) for name in measures)
        rows.append(((lever["lever"],), *cells))
    called = (words(name, levers.get("words")) for name in measures)
    columns = (Column("Lever", share=2), *(Column(name[0].upper() + name[1:], True, 2) for name in called))
    return Table(f"What each lever changes ({runs:,} trials with each)", columns, tuple(rows))


def _bought(data: Data, at: str, found: Mapping[str, Any], measure: str, runs: int) -> Text:
    mean, low, high = (found[name] for name in ENDS)
    if mean is None:
        return ("no trial completes both ways",)
    told = data.difference(at, measure, runs)
    pairs: Text = (", in ", data.count(f"{at}pairs")) if found["pairs"] < runs else ()
    return (told, *pairs, *((": may be nothing",) * (not is_sure(mean, low, high, found["pairs"]))))

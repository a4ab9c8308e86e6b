"""Milestones by date, each as a range and with the targets."""

from __future__ import annotations

from collections.abc import Iterator

from trialsim.document.content import Block, Chapter, Column, Paragraph, Table, Text
from trialsim.document.subject import Subject
from trialsim.vocabulary import Milestone

_SHOWN = ("p10", "p50", "p80", "p90")


def milestones(subject: Subject) -> Chapter:
    """The milestones, their figure, and the chances of meeting targets."""
    return Chapter("milestones", "Milestones", tuple(_blocks(subject)))


def _blocks(subject: Subject) -> Iterator[Block]:
    data, facts = subject.data, subject.facts
    rows: list[tuple[Text, ...]] = []
    for milestone in Milestone:
        at = f"summary.milestones.{milestone}"
        dates: tuple[Text, ...] = tuple((data.date(f"{at}.{name}.date"),) for name in _SHOWN)
        words = facts.words_of(milestone)
        rows.append(((words[0].upper() + words[1:],), (data.percent(f"{at}.reached.probability"),), *dates))
    yield Paragraph(
        (
            "A milestone is a range and not a date: one trial in ten is there by P10, half by P50 (the median), eight "
            "in ten by P80, nine in ten by P90. They are counted among the trials that come so far; how many do "
            "stands in the second column. P80 is what a careful plan promises.",
        )
    )
    headings = (Column("Reached by", True), *(Column(name.upper(), True) for name in _SHOWN))
    yield Table("When milestones are reached", (Column("Milestone", share=2), *headings), tuple(rows))
    settled = f"The fate is settled when the trial is completed or ended early; those {facts.infused} before are seen"
    yield Paragraph((f"{settled} further.",), "note")
    for name in ("milestones", "duration"):
        if figure := subject.draw(name):
            yield figure
    if subject.summary["targets"]:
        yield _targets(subject)
        yield Paragraph(
            (
                "A target is met by a trial that is completed and has reached the milestone on that day: being "
                "stopped early is not meeting the plan. The last column counts the trials that ended early as well.",
            ),
            "note",
        )


def _targets(subject: Subject) -> Table:
    data = subject.data
    rows: list[tuple[Text, ...]] = []
    for number, target in enumerate(subject.summary["targets"]):
        at, milestone = f"summary.targets.{number}", target["milestone"]
        words = subject.facts.words_of(Milestone(milestone))
        rows.append(
            (
                (words[0].upper() + words[1:],),
                (data.date(f"{at}.date"),),
                (data.percent(f"{at}.probability"), " (", data.share_range(at), ")"),
                (data.percent(f"{at}.milestones.{milestone}.probability"),),
            )
        )
    columns = (
        Column("Target", share=2),
        Column("By", True),
        Column("Complete and meet it (95 % interval)", True, 2),
        Column("Have come so far, in all", True),
    )
    return Table("The chances of meeting the targets", columns, tuple(rows))

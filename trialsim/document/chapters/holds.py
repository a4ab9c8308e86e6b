"""What holds the trial up: on what the days of the critical path are spent."""

from __future__ import annotations

from trialsim.document.chapters.answer import pieces
from trialsim.document.content import Block, Chapter, Column, Paragraph, Table
from trialsim.document.subject import Subject
from trialsim.vocabulary import Piece


def holds(subject: Subject) -> Chapter:
    """The pieces of the duration, the largest first."""
    data = subject.data
    rows = []
    for name in pieces(subject):
        at = f"summary.attribution.{name}"
        words = subject.facts.piece(Piece(name))
        rows.append(((words[0].upper() + words[1:],), (data.percent(f"{at}.share"),), (data.mean(f"{at}.mean"),)))
    blocks: list[Block] = [
        Paragraph(
            (
                "Every day of a trial is spent waiting for something: the last thing that was missing before it could "
                "go on. The days below are those of this critical path, until the trial's fate is settled. A piece "
                "with a large share is where time can be won; what a remedy really buys is in the next chapter.",
            )
        ),
        Table(
            "What the days are spent on, in the mean of all trials",
            (Column("Waiting for", share=3), Column("Share of the days", True), Column("Days in a trial", True)),
            tuple(rows),
        ),
    ]
    figure = subject.draw("attribution")
    return Chapter("holds", "What holds it up", (*blocks, *([figure] if figure else [])))

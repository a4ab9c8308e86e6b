"""The risk of ending early, by cause."""

from __future__ import annotations

from trialsim.document.content import Block, Chapter, Column, Paragraph, Table
from trialsim.document.subject import Subject
from trialsim.vocabulary import EndCause

_MEANINGS = {
    EndCause.COMPLETED: "all places were filled and seen through, or the dose rule was done",
    EndCause.SAFETY: "the dose rule found no dose acceptable",
    EndCause.SLOW_ACCRUAL: "too few had been treated at a planned look",
    EndCause.TIME_LIMIT: "the limit of the plan was reached first",
    EndCause.PRODUCT: "so many lots in a row failed that the trial was given up",
    EndCause.EXTERNAL: "ended for reasons outside the model",
}


def causes(subject: Subject) -> Chapter:
    """How trials end, and when."""
    data = subject.data
    rows = []
    for name, cause in subject.summary["end_causes"].items():
        if name in subject.facts.may_end_by or cause["probability"]:
            at = f"summary.end_causes.{name}"
            words = EndCause(name).words
            share = (data.percent(f"{at}.probability"),)
            rows.append(((words[0].upper() + words[1:],), share, (data.share_range(at),), (_MEANINGS[EndCause(name)],)))
    blocks: list[Block] = [
        Table(
            "How trials end",
            (
                Column("End"),
                Column("Probability", True),
                Column("95 % interval", True),
                Column("What it means", share=3),
            ),
            tuple(rows),
        )
    ]
    figure = subject.draw("end_causes")
    if figure:
        blocks.append(figure)
    rest = [cause.words for cause in EndCause if cause not in subject.facts.may_end_by]
    if rest:
        told = f"This plan has nothing that could end it so: {', '.join(rest)}. Real trials may have."
        blocks.append(Paragraph((told,), "note"))
    return Chapter("causes", "Risk of ending early, by cause", tuple(blocks))

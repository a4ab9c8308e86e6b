"""What changed since an earlier version: in the values, in the answers, and what each change does by itself."""

from __future__ import annotations

from collections.abc import Iterator

from trialsim.analysis.measures import words
from trialsim.document.chapters.comparison import expected
from trialsim.document.content import Block, Chapter, Column, Key, Paragraph, Subheading, Table, Text
from trialsim.document.data import date_in_words
from trialsim.document.subject import Subject
from trialsim.results.changes import BEFORE, NOW, shown

NAME = "changes"


def changes(subject: Subject) -> Chapter | None:
    """The chapter; None where no earlier version was given."""
    if NAME not in subject.data.documents:
        return None
    return Chapter("changes", "What changed since", tuple(_blocks(subject)))


def _blocks(subject: Subject) -> Iterator[Block]:
    document = subject.data.documents[NAME]
    earlier = document["previous"]
    made = date_in_words(earlier["finished"][:10])
    yield Paragraph(
        (
            f"Compared with the results of {earlier['name']} made on {made} (version {earlier['version']}, seed "
            f"{earlier['seed']}, {earlier['replications']:,} trials).",
        )
    )
    if document["notes"]:
        yield Paragraph(
            (f"Without effect on what is simulated, {' and '.join(document['notes'])} changed as well.",), "note"
        )
    yield Subheading("In the values")
    if not document["changes"]:
        yield Paragraph(("No value that is simulated is another one.",))
    else:
        rows = tuple(
            ((Key(each["key"]),), (shown(each["before"]),), (shown(each["now"]),)) for each in document["changes"]
        )
        yield Table("Values that are other ones now", (Column("Key"), Column("Before"), Column("Now")), rows)
    yield Subheading("In the answers")
    yield from _answers(subject)


def _answers(subject: Subject) -> Iterator[Block]:
    data, document = subject.data, subject.data.documents[NAME]
    if document["same_as_then"] is not None:
        agrees: str = (
            "The earlier plan, simulated once more, gives the same numbers as then: the program has not changed what "
            "it answers."
            if document["same_as_then"]
            else "The earlier plan, simulated once more, gives other numbers than were saved then: version, seed or "
            "number of trials are other ones. What follows compares both plans as they are simulated now."
        )
        yield Paragraph((agrees,))
    if not document["changes"]:
        return
    points = document["points"]
    measures = document["measures"]
    called = {name: words(name, document["words"]) for name in measures}
    columns = [Column("Plan", share=2)]
    for name in measures:
        said = called[name][0].upper() + called[name][1:]
        columns += [Column(said, True, 2), Column(f"{said}: difference", True, 2)]
    rows = []
    for place, point in enumerate(points):
        at = f"{NAME}.points.{place}"
        name = point["name"]
        label: Text = (name,) if name in (BEFORE, NOW) else ("before, with only ", Key(name), " as now")
        cells: list[Text] = []
        for measure in measures:
            cells.append(expected(subject, at, measure))
            if point["is_base"]:
                cells.append(("base",))
            elif point[f"{measure}_difference"] is None:
                cells.append(("no pair to compare",))
            else:
                cells.append((data.difference(f"{at}.", measure, point["replications"], f"{measure}_difference"),))
        rows.append((label, *cells))
    yield Table(
        "The answers before and now, and what each change does by itself",
        tuple(columns),
        tuple(rows),
        frozenset(place for place, point in enumerate(points) if point["is_base"]),
    )
    yield Paragraph(
        (
            f"All were simulated with the same luck, {points[0]['replications']:,} trials of each, and compared pair "
            "by pair: milestones in months, risks in percentage points, with 95 % intervals. What a change does by "
            "itself is its effect on the earlier plan; the effects of several need not add up to that of all.",
        ),
        "note",
    )
    if document["impossible"]:
        keys = ", ".join(document["impossible"])
        yield Paragraph((f"These changes cannot be made by themselves, and only count among all: {keys}.",), "note")

"""People, doses, lots and waste: how many of each a trial takes."""

from __future__ import annotations

from collections.abc import Iterator

from trialsim.document.content import Block, Chapter, Column, Paragraph, Table, Text
from trialsim.document.subject import Subject
from trialsim.report.terminal import FUNNEL, LANDMARKS

_MEAN = (Column("Mean a trial", True), Column("Standard deviation of one trial", True))


def people(subject: Subject) -> Chapter:
    """The ways of candidates, the doses, and what is made for them."""
    return Chapter("people", _title(subject), tuple(_blocks(subject)))


def _title(subject: Subject) -> str:
    return "People, lots and waste" if subject.scenario.product is not None else "People"


def _blocks(subject: Subject) -> Iterator[Block]:
    data, facts = subject.data, subject.facts
    rows: list[tuple[Text, ...]] = []
    for label, names in FUNNEL.items():
        if not (_happens(subject, names) or label in LANDMARKS or (label == "with a DLT" and facts.finds_dose)):
            continue
        for name in names:
            at = f"summary.funnel.{name}"
            said = {"infused": facts.infused, "withdrawn": "withdrawn", "eligibility_expired": "no longer eligible"}
            words = said.get(name, label)
            rows.append(((words[0].upper() + words[1:],), (data.mean(f"{at}.mean"),), (data.mean(f"{at}.sd"),)))
    yield Table("What becomes of candidates", (Column("People", share=2), *_MEAN), tuple(rows))
    for name in ("funnel", "enrolment"):
        if figure := subject.draw(name):
            yield figure
    if subject.summary["levels"] is not None and facts.finds_dose:
        yield _levels(subject)
    if subject.summary["waste"]["lots_started"]["mean"]:
        lots = (
            ("Lots started", "lots_started"),
            ("Lots that failed release", "lots_failed"),
            ("Lots that expired", "lots_expired"),
        )
        made = tuple(
            ((words,), (data.mean(f"summary.waste.{name}.mean"),), (data.mean(f"summary.waste.{name}.sd"),))
            for words, name in lots
        )
        yield Table("Lots and waste", (Column("Lots", share=2), *_MEAN), made)
        yield Paragraph(
            ("Lots in stock when the trial begins count as started. What is left in used lots is waste as well.",),
            "note",
        )
    course = "swimmer" if subject.scenario.product is None else "gantt"
    for name in (course, "occupancy", "waiting", "stock", "sites"):
        if figure := subject.draw(name):
            yield figure


def _happens(subject: Subject, names: tuple[str, ...]) -> bool:
    return any(subject.summary["funnel"][name]["mean"] for name in names)


def _levels(subject: Subject) -> Table:
    data, levels = subject.data, subject.summary["levels"]
    rows: list[tuple[Text, ...]] = []
    for place, dose in enumerate(levels["doses"]):
        at = f"summary.levels.doses.{place}"
        means = tuple((data.mean(f"{at}.{name}.mean"),) for name in ("infused", "dlts"))
        chosen = f"{at}.recommended"
        share = (data.percent(f"{chosen}.probability"), " (", data.share_range(chosen), ")")
        rows.append(((f"{dose['level']}: {dose['dose']}",), *means, share))
    none = "summary.levels.none_recommended"
    rows.append((("No dose",), ("",), ("",), (data.percent(f"{none}.probability"), " (", data.share_range(none), ")")))
    infused = subject.facts.infused
    columns = (
        Column("Dose level", share=2),
        Column(f"{infused[0].upper()}{infused[1:]}, mean", True),
        Column("With a DLT, mean", True),
        Column("Recommended at the end (95 % interval)", True, 2),
    )
    return Table("Dose levels", columns, tuple(rows))

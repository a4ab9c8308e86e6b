"""The observed course: where the real trial lies among the simulated ones."""

from __future__ import annotations

from trialsim.document.content import Chapter, Column, Paragraph, Table, Text
from trialsim.document.data import date_in_words
from trialsim.document.subject import Subject
from trialsim.report.terminal import observed_name
from trialsim.scenario.assumptions import assumptions


def _by_construction(subject: Subject) -> str:
    """What is said where values of the plan come from the same course."""
    if not any(each.kind in ("observed", "derived") for each in assumptions(subject.scenario)):
        return ""
    return (
        " Some values of the plan were taken from this trial's own data, as the chapter on trust lists them: what "
        "follows from such a value agrees by construction, and proves nothing."
    )


def observed(subject: Subject) -> Chapter | None:
    """What was observed beside what was simulated; None where nothing was."""
    entries = subject.summary["observed"]
    if not entries:
        return None
    data = subject.data
    rows: list[tuple[Text, ...]] = []
    for place, entry in enumerate(entries):
        at = f"summary.observed.{place}"
        name = observed_name(entry["quantity"])
        numbers = (data.said(lambda value: f"{value:,.0f}", f"{at}.{key}") for key in ("value", "p50"))
        spread = data.said(lambda low, high: f"{low:,.0f} to {high:,.0f}", f"{at}.p10", f"{at}.p90")
        rank = data.percent(f"{at}.place")
        by = date_in_words(entry["date"])
        rows.append(((name[0].upper() + name[1:],), (by,), *((each,) for each in numbers), (spread,), (rank,)))
    outside = [entry for entry in entries if not entry["p10"] <= entry["value"] <= entry["p90"]]
    verdict = "Nothing that was observed lies outside the range from P10 to P90 of the simulated trials."
    if outside:
        verdict = (
            f"{len(outside)} of the {len(entries)} quantities observed {'lies' if len(outside) == 1 else 'lie'} "
            "outside the range from P10 to P90 of the simulated trials; about one in five would by luck alone if the "
            "model were right."
        )
    columns = (
        Column("Quantity", share=2),
        Column("By", True),
        Column("Real", True),
        Column("Simulated median", True),
        Column("P10 to P90", True),
        Column("Rank", True),
    )
    return Chapter(
        "observed",
        "The observed course",
        (
            Paragraph(
                (
                    "What really happened was never read by the model. The rank is the share of simulated trials "
                    "below the real value (half of those equal to it counted): ranks near 0 or 100 % would say that "
                    "the model is off." + _by_construction(subject),
                )
            ),
            Table("The real trial among the simulated ones", columns, tuple(rows)),
            Paragraph((verdict,)),
        ),
    )

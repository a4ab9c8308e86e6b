"""The first chapter: what is asked, what the answer is for, and what was simulated to find it."""

from __future__ import annotations

from collections.abc import Iterator

from trialsim.document.content import Chapter, Paragraph, Strong, Text
from trialsim.document.data import date_in_words
from trialsim.document.subject import Subject
from trialsim.scenario import Scenario

QUESTION = (
    "How long will this trial take, how likely is it to end early, what holds it up, and what would help?",
    "Which of these plans is to be preferred: how long does each take, and how likely is it to end early?",
)
TO_BE_ANSWERED = "To be answered by the sponsor"


def question(subject: Subject) -> Chapter:
    """What is asked, for which decision, and of which plan."""
    scenario = subject.scenario
    usual = QUESTION[bool(subject.comparisons) and not subject.has_run]
    context: Text = (subject.context,)
    if not subject.context:
        context = (
            Strong(f"{TO_BE_ANSWERED}: "),
            "which decision this informs, how much it weighs beside other evidence, and what a wrong answer would "
            "cost (the context of use in ICH M15).",
        )
    simulated: Text = (
        subject.data.count("summary.replications"),
        f" possible histories of {subject.facts.name} were simulated, each with luck of its own: {plan(scenario)}.",
    )
    return Chapter(
        "question",
        "The question",
        (
            Paragraph((subject.question or usual,), "lead"),
            Paragraph((Strong("Context of use. "), *context) if subject.context else context),
            Paragraph(simulated),
            *_what_ifs(subject),
            Paragraph(
                (
                    "This is about how the trial runs (people, products, calendars and rules), and not about what its "
                    "data will show of the treatment.",
                ),
                "note",
            ),
        ),
    )


def plan(scenario: Scenario) -> str:
    """The plan in a sentence, layer by layer."""
    sites = len(scenario.sites)
    parts = [
        f"{scenario.trial.max_participants:,} participants wanted, from "
        f"{'one site' if sites == 1 else f'{sites:,} sites'}, beginning on "
        f"{date_in_words(scenario.trial.start_date.isoformat())}",
        *_layers(scenario),
    ]
    return "; ".join(parts)


def _layers(scenario: Scenario) -> Iterator[str]:
    if scenario.screening is not None:
        yield "with screening"
    if scenario.product is not None:
        yield f"with a product that is made {'for each' if scenario.product.kind == 'autologous' else 'in lots'}"
    if scenario.infusion is not None:
        yield "with the calendar of an infusion unit"
    if scenario.dosing is not None:
        levels = len(scenario.dosing.levels)
        yield f"with {'one dose' if levels == 1 else f'{levels} doses'} under the rule {scenario.dosing.rule_name}"
    if scenario.follow_up is not None:
        yield "with follow-up"
    limit = None if scenario.stopping is None else scenario.stopping.time_limit
    if limit is not None:
        yield f"nobody is treated after {date_in_words(scenario.date_of(limit).isoformat())}, the time limit"


def _what_ifs(subject: Subject) -> Iterator[Paragraph]:
    if subject.facts.what_ifs:
        changed = ", ".join(subject.facts.what_ifs)
        yield Paragraph((Strong("This is a what-if: "), f"{changed}. The plan as it is written is another one."))
    for warning in subject.scenario.warnings():
        yield Paragraph((Strong("The plan is unlikely to work: "), warning), "warning")

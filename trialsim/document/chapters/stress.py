"""The twenty items of STRESS-DES for this scenario, from the scenario and the run.

T. Monks, C. S. M. Currie, B. S. Onggo, S. Robinson, M. Kunc, S. J. E. Taylor: Strengthening the reporting of empirical
simulation studies: introducing the STRESS guidelines. Journal of Simulation 13 (2019) 55-67,
doi 10.1080/17477778.2018.1442155.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from trialsim.document.chapters.question import QUESTION, TO_BE_ANSWERED, plan
from trialsim.document.chapters.rests import KINDS
from trialsim.document.content import Chapter, Column, Inline, Key, Paragraph, Strong, Table, Text
from trialsim.document.data import date_in_words, duration
from trialsim.document.subject import Subject
from trialsim.scenario.assumptions import assumptions
from trialsim.vocabulary import Milestone


class Item(NamedTuple):
    """An item of the guideline: its number, its name and what is to be reported here."""

    number: str
    name: str
    answer: Text


def stress(subject: Subject) -> Chapter:
    """The twenty items as a table."""
    rows = tuple(((f"{item.number} {item.name}",), item.answer) for item in items(subject))
    columns = (Column("Item"), Column("In this study", share=4))
    return Chapter(
        "stress",
        "STRESS-DES: the items of the reporting guideline",
        (
            Paragraph(
                (
                    "Strengthening the Reporting of Empirical Simulation Studies, discrete-event simulation: Monks "
                    "and others, Journal of Simulation 13 (2019) 55–67, doi 10.1080/17477778.2018.1442155. What only "
                    "a person can say is marked.",
                )
            ),
            Table("The twenty items", columns, rows),
        ),
    )


def items(subject: Subject) -> list[Item]:
    """The items in their order."""
    return [*_objectives(subject), *_logic(subject), *_data(subject), *_experimentation(subject), *_code(subject)]


def _for_a_person(what: str) -> Text:
    return (Strong(f"{TO_BE_ANSWERED}: "), what)


def _objectives(subject: Subject) -> Iterator[Item]:
    context: Text = (
        (f" Context of use: {subject.context}",)
        if subject.context
        else (" ", *_for_a_person("the decision that this informs, and whose it is."))
    )
    yield Item("1.1", "Purpose of the model", (subject.question or QUESTION[0], *context))
    outputs = [subject.facts.words_of(each) for each in Milestone]
    yield Item(
        "1.2",
        "Model outputs",
        (
            f"The days of {', '.join(outputs)}; the probability of each end; counts of people, DLTs and lots; the days "
            "of the critical path by what was waited for. Quantiles are interpolated linearly between sorted trials; "
            "the formulas of their intervals stand in docs/outputs.md.",
        ),
    )
    aims = [comparison.title for comparison in subject.comparisons]
    levers = subject.summary.get("levers")
    if levers:
        aims.append(f"what would help ({len(levers['levers'])} levers, each against the plan)")
    aims_text: Text = (
        (f"The plan as it is, and {', '.join(aims)}.",) if aims else ("The plan as it is; nothing was varied.",)
    )
    yield Item("1.3", "Experimentation aims", (*aims_text, " ", *_for_a_person("why these variations and no others.")))


def _logic(subject: Subject) -> Iterator[Item]:
    scenario = subject.scenario
    yield Item(
        "2.1",
        "Base model overview diagram",
        (
            "candidate comes → screening → queue of the eligible → place (dose rule) → dose reserved (lots) → slot → "
            "infusion → window → follow-up; lots: started → made → tested → stock → used, expired or failed. "
            "docs/model.md describes each step.",
        ),
    )
    yield Item("2.2", "Base model logic", (f"{plan(scenario)}. Every convention stands in docs/model.md.",))
    levers = subject.summary.get("levers")
    varied = "; ".join(lever["lever"] for lever in levers["levers"]) if levers else ""
    logic = f"Levers: {varied}. Each changes the keys that the chapter names, and nothing else." if varied else "None."
    yield Item("2.3", "Scenario logic", (logic,))
    rule = "" if scenario.dosing is None else f" The dose rule is {scenario.dosing.rule_name} (docs/rules.md)."
    yield Item(
        "2.4",
        "Algorithms",
        (
            "Arrivals are a Poisson process whose intensity is inverted exactly; events at the same instant have a "
            f"fixed order; the critical path is followed back from the end.{rule}",
        ),
    )
    yield Item("2.5", "Components", tuple(_components(subject)))


def _components(subject: Subject) -> Iterator[Inline]:
    scenario = subject.scenario
    yield Strong("Entities: ")
    yield "candidates" + (" and lots" if scenario.product is not None else "") + ". "
    yield Strong("Activities: ")
    done = [
        (scenario.screening, "screening"),
        (scenario.product, "making, testing and shipping of lots"),
        (scenario.dosing, "observation and review"),
        (scenario.follow_up, "follow-up"),
    ]
    yield ", ".join(["recruitment", *(words for section, words in done if section is not None)]) + ". "
    yield Strong("Resources: ")
    yield (", ".join(_resources(subject)) or "none") + ". "
    yield Strong("Queues: ")
    queue = scenario.recruitment.while_closed == "queue"
    otherwise = "" if queue else "; candidates are turned away while no place is open"
    yield f"the eligible, in order of eligibility{otherwise}. "
    yield Strong("Entry and exit: ")
    yield "candidates enter at sites; they leave by failing screening, withdrawal, expiry or the last visit."


def _resources(subject: Subject) -> Iterator[str]:
    scenario = subject.scenario
    yield f"{len(scenario.sites):,} site{'s' * (len(scenario.sites) != 1)}"
    yield f"{scenario.trial.max_participants:,} places"
    if scenario.screening is not None and scenario.screening.capacity is not None:
        yield f"{scenario.screening.capacity:,} places in screening"
    if scenario.product is not None:
        suites = scenario.product.suites
        yield "suites without limit" if suites is None else f"{suites:,} suite{'s' * (suites != 1)}"
    if scenario.infusion is not None:
        a_day = scenario.infusion.per_day
        yield "slots without limit" if a_day is None else f"{a_day:,} infusion{'s' * (a_day != 1)} a day"


def _data(subject: Subject) -> Iterator[Item]:
    listed = assumptions(subject.scenario)
    counts = Counter(KINDS[each.kind] for each in listed)
    yield Item(
        "3.1",
        "Data sources",
        (
            "; ".join(f"{number} {kind}" for kind, number in counts.most_common())
            + ". Each with its source in “What the "
            "answer rests on”.",
        ),
    )
    derived = [each for each in listed if each.kind == "derived"]
    told = "; ".join(f"{each.key}: {each.note}" for each in derived)
    yield Item("3.2", "Input data preparation", (told,) if told else ("No value is said to be derived from data.",))
    yield Item(
        "3.3",
        "Input parameters",
        (f"{len(listed)} values with their units in “What the answer rests on”, and as a file.",),
    )
    assumed = [each for each in listed if each.kind in ("assumption", "edited", "what-if")]
    without = sum(not each.note for each in assumed)
    reasons = f" {without} of them without a reason." if without else " Each with its reason."
    person: Text = () if not without else (" ", *_for_a_person("the reasons that are missing."))
    yield Item("3.4", "Assumptions", (f"{len(assumed)} values are assumptions.{reasons} {_of_the_model()}", *person))


def _of_the_model() -> str:
    return "Those of the model are the conventions of docs/model.md."


def _experimentation(subject: Subject) -> Iterator[Item]:
    scenario, facts = subject.scenario, subject.facts
    stock = 0 if scenario.product is None else scenario.product.lots_in_stock_at_start
    yield Item(
        "4.1",
        "Initialisation",
        (
            "A terminating system that begins empty on "
            f"{date_in_words(facts.start_date.isoformat())}{f', with {stock} lots in stock' if stock else ''}; no "
            "warm-up.",
        ),
    )
    limit = scenario.stopping.time_limit if scenario.stopping else None
    until = f"; nobody is treated after {duration(limit)}" if limit is not None else ""
    yield Item("4.2", "Run length", (f"Each trial until its last visit and database lock{until}.",))
    yield Item(
        "4.3",
        "Estimation approach",
        (
            subject.data.count("summary.replications"),
            " independent replications; 95 % intervals: Wilson's for probabilities, order statistics for quantiles, t "
            "for means and paired differences. Common random numbers between plans.",
        ),
    )


def _code(subject: Subject) -> Iterator[Item]:
    manifest = subject.manifest
    libraries = ", ".join(f"{name} {number}" for name, number in manifest.get("libraries", {}).items())
    made_with = f"{manifest.get('program')} {manifest.get('version')}, Python {manifest.get('python')}; {libraries}."
    yield Item("5.1", "Software or programming language", (made_with,))
    yield Item(
        "5.2",
        "Random sampling",
        (
            "Philox 4×64-10, counter-based: a number is a function of seed, replication, stream, site, attempt and "
            f"index; distributions by inversion. Seed {manifest.get('seed')}.",
        ),
    )
    yield Item(
        "5.3",
        "Model execution",
        (f"Event calendar with a fixed order of simultaneous events; engine {manifest.get('engine')}.",),
    )
    yield Item(
        "5.4",
        "System specification",
        (f"{manifest.get('platform')}; from {manifest.get('started')} to {manifest.get('finished')}.",),
    )
    yield Item(
        "6.1",
        "Computer model sharing statement",
        (
            "The program is free (MIT licence), the scenario is the text above, and the command is ",
            Key(subject.command),
            ". ",
            *_for_a_person("where the scenario and these results can be had."),
        ),
    )

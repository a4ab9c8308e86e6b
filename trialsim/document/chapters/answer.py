"""The answer in three sentences with their uncertainty, and the same at a glance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trialsim.analysis.measures import is_milestone, more_is_better, words
from trialsim.document.content import Block, Chapter, Inline, Number, Paragraph, Strong, Text, Tile, Tiles
from trialsim.document.data import date_in_words
from trialsim.document.subject import Comparison, Subject
from trialsim.report.levers import better, bettered
from trialsim.report.points import names_of
from trialsim.report.terminal import is_followed
from trialsim.vocabulary import EndCause, Milestone, Piece

FEW = 20
"""Fewer trials than these say next to nothing of others."""


def answer(subject: Subject) -> Chapter:
    """When, how likely, and what holds it up; then the same side by side."""
    if subject.replications == 1:
        return Chapter("answer", "The answer", tuple(_of_one(subject)))
    blocks: list[Block] = [
        Paragraph(when(subject), "lead"),
        Paragraph(how_likely(subject), "lead"),
        Paragraph((*held_up(subject), *would_help(subject)), "lead"),
        *(Paragraph(best_of(subject, each), "lead") for each in subject.comparisons if each.kind == "points"),
        Tiles(tuple(_tiles(subject))),
    ]
    if subject.facts.most_by_rule:
        wanted = f"{subject.facts.max_participants:,} participants are never reached"
        rule = f"Completed means here that the dose rule is done: {subject.facts.most_by_rule}, so {wanted}."
        blocks.append(Paragraph((rule,), "warning"))
    blocks.append(Paragraph(tuple(_how_sure(subject)), "note"))
    return Chapter("answer", "The answer", tuple(blocks))


def end_of(subject: Subject) -> Milestone:
    """The milestone that counts as the end: the last visit where there is follow-up, else when the fate is settled."""
    return Milestone.LAST_VISIT if is_followed(dict(subject.summary), subject.facts) else Milestone.SETTLED


def likeliest(subject: Subject) -> str | None:
    """The cause that ends most trials early; None if none does."""
    causes = subject.summary["end_causes"]
    early = [name for name in causes if name != EndCause.COMPLETED and causes[name]["probability"]]
    return max(early, key=lambda name: float(causes[name]["probability"])) if early else None


def pieces(subject: Subject) -> list[str]:
    """What holds the trial up, the most first."""
    found = subject.summary["attribution"]
    shares = {name: piece["share"] or 0.0 for name, piece in found.items()}
    return [name for name in sorted(shares, key=lambda name: -shares[name]) if shares[name] > 0]


def when(subject: Subject) -> Text:
    """The sentence on how long."""
    data, facts, end = subject.data, subject.facts, end_of(subject)
    at = f"summary.milestones.{end}"
    some_end_early = subject.summary["early_termination"]["count"] > 0
    some = ", those that end early too," if some_end_early and end is Milestone.LAST_VISIT else ""
    if subject.data.at(f"{at}.reached.probability") < 1:
        some = f" with anybody {facts.infused}{some}"
    happens = "are completed or ended early" if some_end_early else "are completed"
    if end is Milestone.LAST_VISIT:
        happens = "have their last visit"
    return (
        f"Half of the trials{some} {happens} by ",
        data.date(f"{at}.p50.date"),
        ", ",
        data.days(f"{at}.p50.value"),
        f" after the start on {_day(subject)} (95 % interval ",
        data.days_range(f"{at}.p50.low", f"{at}.p50.high"),
        "); the middle eight in ten do between ",
        data.date(f"{at}.p10.date"),
        " and ",
        data.date(f"{at}.p90.date"),
        ".",
        *_settled(subject),
    )


def _settled(subject: Subject) -> Text:
    """When it is known whether the trial is completed, where that is before its last visit."""
    if end_of(subject) is not Milestone.LAST_VISIT:
        return ()
    date = subject.data.date(f"summary.milestones.{Milestone.SETTLED}.p50.date")
    return (" Whether it is completed or ends early is settled in half of them by ", date, ".")


def how_likely(subject: Subject) -> Text:
    """The sentence on ending early, and on the plan if there is one."""
    data = subject.data
    cause = likeliest(subject)
    text: list[Inline] = [
        "It ends early in ",
        data.percent("summary.early_termination.probability"),
        " of cases (95 % interval ",
        data.share_range("summary.early_termination"),
        ")",
    ]
    if cause is not None:
        text += [f", most often by {EndCause(cause).words} (", data.percent(f"summary.end_causes.{cause}.probability")]
        text.append(")")
    for number, target in enumerate(subject.summary["targets"][:1]):
        at = f"summary.targets.{number}"
        milestone = subject.facts.words_of(Milestone(target["milestone"]))
        text += [
            f"; as planned ({milestone} by ",
            data.date(f"{at}.date"),
            ") complete ",
            data.percent(f"{at}.probability"),
        ]
        text += [" (", data.share_range(at), ")"]
    return (*text, ".")


def held_up(subject: Subject) -> Text:
    """The sentence on what the days were spent on."""
    found = pieces(subject)[:2]
    if not found:
        return ("Nothing holds it up.",)
    text: list[Inline] = ["It is held up most by "]
    for place, name in enumerate(found):
        text += [" and " if place else "", f"{subject.facts.piece(Piece(name))} (", _share(subject, name)]
        text.append(" of its days)" if not place else ")")
    return tuple(text)


def would_help(subject: Subject) -> Text:
    """How the sentence goes on: the lever that helps most."""
    levers = subject.summary.get("levers")
    if not levers or not levers["levers"]:
        return (".",)
    best = levers["levers"][0]
    gains = list(_gains(subject, 0))
    if not gains:
        return ("; of the levers tried, none surely helps.",)
    tried = subject.data.count("summary.levers.replications")
    text: list[Inline] = ["; of the levers tried (", tried, f" trials with each), “{best['lever']}” helps most: "]
    for place, gain in enumerate(gains):
        text += [", " if place else "", gain]
    return (*text, ".")


def best_of(subject: Subject, compared: Comparison) -> Text:
    """The sentence on plans side by side: for each measure the one that does best, and its difference to the base."""
    summary = subject.data.documents[compared.name]
    text: list[Inline] = [f"Of {len(summary['points']):,} plans compared with each other "]
    for number, measure in enumerate(summary["measures"]):
        sign = -1 if more_is_better(measure) else 1
        found = [
            (sign * point[f"{measure}_difference"], place)
            for place, point in enumerate(summary["points"])
            if not point["is_base"] and point[f"{measure}_difference"] is not None and _is_comparable(point, measure)
        ]
        called = words(measure, summary["words"])
        if not found or min(found)[0] >= 0:
            least = ", of those that end early no more often" if is_milestone(measure) else ""
            text.append(f"{', and ' if number else ''}none is better than the base ({called}{least})")
            continue
        place = min(found)[1]
        at, runs = f"{compared.name}.points.{place}.", summary["points"][place]["replications"]
        told = subject.data.difference(at, measure, runs, f"{measure}_difference")
        months = " months" if is_milestone(measure) else ""
        name = ", ".join(filter(None, names_of(summary["points"][place], summary)))
        least = ", of those that end early no more often than the base" if is_milestone(measure) else ""
        text += [f"{', and ' if number else ''}“{name}” does best ({called}{least}: ", told, f"{months} to the base)"]
    return (*text, ". The best of several has been lucky, too.")


def _is_comparable(point: Mapping[str, Any], measure: str) -> bool:
    """Whether a plan is not ahead by a milestone only because more of its trials end early."""
    return not is_milestone(measure) or not (point["early_termination_difference"] or 0) > 0


def _gains(subject: Subject, place: int) -> Iterator[Number]:
    """What a lever surely betters, in words."""
    levers = subject.summary["levers"]
    lever = levers["levers"][place]
    for measure in bettered(lever, levers):
        at = f"summary.levers.levers.{place}.{measure}"
        sources = tuple(f"{at}.{name}" for name in ("difference", "difference_low", "difference_high"))
        said = better(lever[measure], measure, words(measure, levers.get("words")))
        yield Number(said, sources, tuple(subject.data.at(source) for source in sources))


def _share(subject: Subject, piece: str) -> Number:
    return subject.data.percent(f"summary.attribution.{piece}.share")


def _day(subject: Subject) -> str:
    return date_in_words(subject.facts.start_date.isoformat())


def _tiles(subject: Subject) -> Iterator[Tile]:
    data, end = subject.data, end_of(subject)
    at = f"summary.milestones.{end}"
    yield Tile(
        f"When: {subject.facts.words_of(end)}",
        (data.date(f"{at}.p50.date"),),
        ("half are there; eight in ten by ", data.date(f"{at}.p80.date")),
    )
    early = "summary.early_termination"
    yield Tile(
        "How likely it ends early",
        (data.percent(f"{early}.probability"),),
        ("95 % interval ", data.share_range(early)),
    )
    for number, target in enumerate(subject.summary["targets"][:1]):
        at = f"summary.targets.{number}"
        milestone = subject.facts.words_of(Milestone(target["milestone"]))
        yield Tile(
            "As planned",
            (data.percent(f"{at}.probability"),),
            (f"complete with {milestone} by ", data.date(f"{at}.date")),
        )
    for name in pieces(subject)[:1]:
        yield Tile("What holds it up", (subject.facts.piece(Piece(name)),), (_share(subject, name), " of its days"))
    levers = subject.summary.get("levers")
    if levers and levers["levers"]:
        gains = list(_gains(subject, 0))
        if gains:
            joined: list[Inline] = []
            for gain in gains:
                joined += [", " if joined else "", gain]
            yield Tile("What would help most", (levers["levers"][0]["lever"],), tuple(joined))
        else:
            yield Tile("What would help most", ("nothing surely",), ("of the levers tried",))


def _how_sure(subject: Subject) -> Iterator[Inline]:
    yield Strong("How sure. ")
    yield "From trial to trial it goes differently: that is the range from P10 to P90. Because only "
    yield subject.data.count("summary.replications")
    yield " trials were simulated, every estimate may be off a little: that is the 95 % interval. "
    found = subject.summary.get("ignorance")
    risk = found["early_termination"] if found else None
    if found and found["milestones"][end_of(subject)]["ignorance"] is not None:
        at = f"summary.ignorance.milestones.{end_of(subject)}"
        yield "That values of the plan are not known is a third thing: "
        yield subject.data.percent(f"{at}.ignorance")
        yield " of the variance of the end comes from it"
        if risk and risk["p10"] is not None and risk["p90"] is not None:
            yield ", and the risk of ending early itself lies between "
            yield subject.data.percent("summary.ignorance.early_termination.p10")
            yield " and "
            yield subject.data.percent("summary.ignorance.early_termination.p90")
            yield " in eight of ten cases of what is thought possible"
        yield ". "
    else:
        facts = subject.facts
        yield f"That {facts.assumptions} of the {facts.values} values of the plan are assumptions is a third thing, "
        yield "which neither range tells: "
    yield "see “What the answer rests on”." if not found else "See “What the answer rests on”."
    if subject.replications < FEW:
        yield Strong(" So few trials tell next to nothing of others: simulate more of them.")


def _of_one(subject: Subject) -> Iterator[Block]:
    """What became of the only trial; nothing is said of others."""
    data, causes = subject.data, subject.summary["end_causes"]
    cause = next(EndCause(name) for name, each in causes.items() if each["probability"])
    how = "It completed" if cause == EndCause.COMPLETED else f"It ended early ({cause.words})"
    at = f"summary.milestones.{Milestone.SETTLED}.p50"
    yield Paragraph((f"{how} after ", data.days(f"{at}.value"), ", on ", data.date(f"{at}.date"), "."), "lead")
    yield Paragraph(("One trial says nothing of how others go: simulate more of them.",), "warning")

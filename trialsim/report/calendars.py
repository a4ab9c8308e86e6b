"""The calendars of a replay, to read: a line a person, and several dose rules side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from trialsim.report.paper import paper, print_whole, table, text_on
from trialsim.vocabulary import EndCause, Outcome

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from trialsim.analysis.facts import Facts

_MEASURES = {
    "end": "end_day",
    "windows": "primary_completion_day",
    "level": "recommended_level",
    "infused": "infused",
    "DLTs": "dlts",
    "away": "turned_away",
    "wait": "mean_days_waited",
}
_WIDEST_NAME, _GAP = 16, 2


def render(
    ends: pd.DataFrame,
    calendar: pd.DataFrame,
    facts: Facts,
    *,
    color: bool = False,
    width: int | None = 80,
    settled_at_infusion: bool = False,
) -> str:
    """The calendars as text.

    Parameters
    ----------
    ends, calendar : DataFrame
        As in `trialsim.tables` (`REPLAYS`, `CALENDAR`): a row a rule, and a row a candidate and rule.
    facts : Facts
        The trial.
    color : bool
        Whether to emphasise with terminal codes; nothing is said by colour alone.
    width : int or None
        Columns to use, at most; as many as the tables need if None.
    settled_at_infusion : bool
        Whether those who are in no cohort have no level for certain until they are infused.

    Returns
    -------
    str
        Lines of at most ``width`` columns, without a line end after the last.
    """
    sheet = paper(color=color, width=width)
    sheet.print(facts.title or facts.name, style="bold")
    sheet.print(f"Replay of {facts.name}, without randomness. Days are counted from {facts.start_date}, day 0.")
    several = len(ends) > 1
    for end in _records(ends):
        people = _records(calendar[calendar["rule"] == end["rule"]])
        sheet.print()
        _one_rule(sheet, end, people, facts, settled_at_infusion)
    if several:
        _side_by_side(sheet, _records(ends), _records(calendar), facts)
    return text_on(sheet)


def ranges(numbers: Iterable[int]) -> str:
    """Ascending whole numbers, runs of them as ranges: ``4–12, 16``."""
    runs = groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])
    spans = [[number for _, number in run] for _, run in runs]
    return ", ".join(f"{span[0]}–{span[-1]}" if len(span) > 1 else f"{span[0]}" for span in spans)


def _one_rule(
    sheet: Console, end: dict[str, Any], people: Sequence[dict[str, Any]], facts: Facts, settled_at_infusion: bool
) -> None:
    """The calendar under one rule: those who had a place a line each, the others by what became of them."""
    verdict = ""
    if facts.levels and facts.finds_dose:
        level = end["recommended_level"]
        verdict = (
            "; no level recommended" if level is None else f"; recommended: level {level}, {facts.levels[level - 1]}"
        )
    cause = EndCause(end["end_cause"])
    sheet.print(f"{end['rule']}: {cause.words} on day {_day(end['end_day'])}{verdict}", style="bold")
    placed = [person for person in people if person["enrolment_day"] is not None]
    cohorts = any(person["cohort"] is not None for person in placed)
    levels = facts.tells_levels
    rows = table(
        "Person",
        "came",
        "enrolled",
        facts.infused,
        *(["cohort"] if cohorts else []),
        *(["level"] if levels else []),
        *(["DLT"] if facts.has_dlts else []),
        "known",
        "outcome",
        left=0,
    )
    for person in placed:
        is_open = settled_at_infusion and person["cohort"] is None and person["infusion_day"] is None
        rows.add_row(
            str(person["participant"]),
            *(_day(person[name]) for name in ("arrival_day", "enrolment_day", "infusion_day")),
            *([_whole(person["cohort"])] if cohorts else []),
            *([_whole(None if is_open else person["level"])] if levels else []),
            *([_day(person["dlt_day"])] if facts.has_dlts else []),
            _day(person["outcome_known_day"]),
            facts.outcome(Outcome(person["outcome"])),
        )
    rows.columns[-1].justify = "left"
    if placed:
        print_whole(sheet, rows, names=1)
    others = [person for person in people if person["enrolment_day"] is None]
    for outcome in Outcome:
        numbers = [person["participant"] for person in others if person["outcome"] == outcome]
        if numbers:
            words = facts.outcome(outcome)
            sheet.print(f"{words[0].upper()}{words[1:]}: {len(numbers)} ({ranges(numbers)})")
    if not people:
        sheet.print("Nobody came.")
    elif cause == EndCause.TIME_LIMIT:  # mostly because no more people are listed
        sheet.print(f"The last candidate came on day {_day(people[-1]['arrival_day'])}.")


def _side_by_side(
    sheet: Console, ends: Sequence[dict[str, Any]], calendar: Sequence[dict[str, Any]], facts: Facts
) -> None:
    """How the rules differ: as a whole, and for each person."""
    sheet.print()
    absent = {*(() if facts.finds_dose else ("level",)), *(() if facts.has_dlts else ("DLTs",))}
    measures = {head: name for head, name in _MEASURES.items() if head not in absent}
    rows = table("Compared", *(facts.infused if head == "infused" else head for head in measures), wraps=True)
    for end in ends:
        rows.add_row(end["rule"], *(_day(end[name]) for name in measures.values()))
    print_whole(sheet, rows)
    sheet.print(
        "The day of the trial's end and that of the last window's"
        + "; the level recommended" * facts.finds_dose
        + f"; how many were {facts.infused}, "
        + "had a DLT, " * facts.has_dlts
        + f"were turned away; and the mean days from arrival to {facts.infusion}."
    )
    levels = facts.tells_levels
    people: dict[int, dict[str, dict[str, Any]]] = {}
    for person in calendar:
        people.setdefault(person["participant"], {})[person["rule"]] = person
    treated = [
        number for number, under in people.items() if any(each["infusion_day"] is not None for each in under.values())
    ]
    for several in _columns(ends, sheet.width, len("Person  came")):
        sheet.print()
        rows = table("Person", "came", *(end["rule"] for end in several), left=0)
        for column in rows.columns[2:]:
            column.no_wrap, column.max_width = False, _WIDEST_NAME
        for number in treated:
            under = people[number]
            came = next(iter(under.values()))["arrival_day"]
            rows.add_row(str(number), _day(came), *(_cell(under.get(end["rule"]), levels) for end in several))
        print_whole(sheet, rows, names=2)
    sheet.print(f"The day of the {facts.infusion}{', and in brackets the level' * levels}.")
    never = [number for number in people if number not in treated]
    if never:
        sheet.print(f"{facts.infused.capitalize()} under no rule: {len(never)} ({ranges(never)})")


def _columns(ends: Sequence[dict[str, Any]], width: int, names: int) -> Iterable[Sequence[dict[str, Any]]]:
    """The rules in blocks that fit beside the names of the rows; long names are wrapped."""
    widest = max(min(len(end["rule"]), _WIDEST_NAME) for end in ends)
    many = max(1, (width - names - _GAP) // (max(widest, len(Outcome.TURNED_AWAY.words)) + _GAP))
    return [ends[start : start + many] for start in range(0, len(ends), many)]


def _cell(person: dict[str, Any] | None, levels: bool) -> str:
    """When somebody was infused, and at which level, where there are several; or what became of them instead."""
    if person is None:
        return "not come"  # the trial was over
    if person["infusion_day"] is None:
        return Outcome(person["outcome"]).words
    return _day(person["infusion_day"]) + (f" ({_whole(person['level'])})" if levels else "")


def _day(day: float | None) -> str:
    """A number, to a hundredth at most; a dash where there is none."""
    return "–" if day is None else f"{day:.2f}".rstrip("0").rstrip(".")


def _whole(number: int | None) -> str:
    return "–" if number is None else str(number)


def _records(rows: pd.DataFrame) -> list[dict[Any, Any]]:
    """The rows as dictionaries, with None for everything that is missing."""
    return rows.astype(object).where(rows.notna(), None).to_dict("records")

"""The sheets of a trial's workbook, one function each, in their order."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from trialsim.analysis.measures import is_share
from trialsim.analysis.measures import words as measure_words
from trialsim.analysis.schedule import Range, Schedule
from trialsim.export import assumption_sheet, words
from trialsim.export.book import Book, Column, Sheet
from trialsim.tables import COUNTS, FUNNEL, QUANTILES, REPLICATIONS
from trialsim.vocabulary import EndCause, Milestone, Piece

if TYPE_CHECKING:
    from trialsim.export.content import Content

_RANGE = (Column("from", "95 %", "percent", 12), Column("to", "95 %", "percent", 12))
_Z95 = 1.96
_CHART = {"width": 860, "height": 420}
_LINES = {"visible": True, "line": {"color": "#D9D9D9", "width": 0.75}}
_COLOURS = {"wide": "#BFDCEC", "narrow": "#6FB0D6", "bar": "#2F6690"}


def _date(plan: Schedule, day: float | None) -> datetime.date | None:
    return None if day is None else plan.facts.date_of(day)


def answer(book: Book, content: Content, plan: Schedule) -> None:
    """The answer in a few lines."""
    summary = content.summary
    columns = [
        Column("Question", width=52),
        Column("Answer", width=22),
        Column("from", "95 % interval of the estimate", width=16),
        Column("to", "95 % interval of the estimate", width=16),
        Column("Named cell", width=26),
    ]
    sheet = book.sheet("Answer", words.title(plan), [words.origin(plan, content.origin), words.HOW_TO_READ], columns)
    lines = list(_answers(summary, plan))
    first, last = sheet.table([["" for _ in columns]] * len(lines), fixed=0)
    for row, (question, value, low, high, shown, name) in zip(range(first, last), lines, strict=True):
        sheet.put(row, 0, question)
        for place, each in enumerate((value, low, high), start=1):
            sheet.put(row, place, each, shown)
        sheet.put(row, 4, name)
        if name and shown != "date":  # those are of the sheet of milestones
            book.name(name, sheet, row, 1)
    for line in (
        "Two things are never mixed: P10 to P90 say how trials differ from one another; the 95 % interval says how "
        "far the estimate may be off because only so many trials were simulated.",
        "Quantiles of a milestone are of the trials that reach it. A target is met by a trial that is completed and "
        "has reached the milestone by that day.",
    ):
        sheet.note(line)


def _answers(summary: Any, plan: Schedule) -> Iterator[tuple[str, Any, Any, Any, str, str]]:
    """Question, answer, the interval's ends, how they are shown, and the name of the cell."""
    last = Milestone.LAST_VISIT if plan.facts.has_follow_up else Milestone.SETTLED
    for milestone in dict.fromkeys((last, Milestone.SETTLED, Milestone.DATABASE_LOCK)):
        found = summary["milestones"][milestone.value]
        for name in QUANTILES:
            each = found[name]
            question = f"{plan.facts.words_of(milestone)}, {name.upper()}".capitalize().replace(name, name.upper())
            value, low, high = (_date(plan, each[part]) for part in ("value", "low", "high"))
            yield question, value, low, high, "date", f"{milestone.value}_{name}"
    risk = summary["early_termination"]
    yield ("Chance of ending early, for any cause", *_interval(risk), "percent", "early_termination")
    for number, target in enumerate(summary["targets"], start=1):
        name = plan.facts.words_of(Milestone(target["milestone"]))
        question = f"Chance of {name} by {target['date']}, and completed"
        yield (question, *_interval(target), "percent", f"target_{number}")
    for name in ("candidates", "enrolled", "infused"):
        mean = summary["funnel"][name]
        error = mean["standard_error"]
        ends = (None, None) if error is None else (mean["mean"] - _Z95 * error, mean["mean"] + _Z95 * error)
        yield (
            f"{plan.facts.measure(name)}, persons, mean of a trial".capitalize(),
            mean["mean"],
            *ends,
            "days",
            f"{name}_mean",
        )


def _interval(estimate: Any) -> tuple[Any, Any, Any]:
    return estimate["probability"], estimate["low"], estimate["high"]


def milestones(book: Book, content: Content, plan: Schedule) -> None:
    """When each milestone comes, as dates, with a chart of the ranges; and in days."""
    columns = [
        Column("Milestone", width=24),
        Column("Reached", "share of trials", "percent", 11),
        *_RANGE,
        Column("Trials", "that reach it", "count", 11),
        *(Column(name.upper(), "date", "date", 12) for name in QUANTILES),
        *(Column(f"{name.upper()} {end}", "95 %", "date", 12) for name in ("p50", "p80") for end in ("from", "to")),
        Column("Target", "date", "date", 12),
        Column("Met", "share of trials", "percent", 11),
    ]
    sheet = book.sheet("Milestones", "When milestones come", [words.HOW_TO_READ], columns, on_one_page=True)
    found = content.summary["milestones"]
    planned = {target["milestone"]: target for target in reversed(content.summary["targets"])}
    first, last = sheet.table(_of_milestone(plan, each, found[each], planned.get(each)) for each in Milestone.texts())
    for row, name in enumerate(Milestone.texts(), start=first):
        for place, quantile in enumerate(QUANTILES, start=5):
            book.name(f"{name}_{quantile}", sheet, row, place)
    days = [
        Column("Milestone", width=24),
        *(Column(name.upper(), "days from start", "days", 9) for name in QUANTILES),
        Column("Mean", "days from start", "days", 9),
        Column("Standard error", "days", "days", 9),
        Column("Spread of one trial", "sd, days", "days", 9),
        *(Column(f"{one} to {other}", "days", "days", 9) for one, other in _STEPS),
    ]
    below = sheet.table((_in_days(plan, each, found[each]) for each in Milestone.texts()), days, is_main=False)
    _ranges(book, sheet, (first, last), (below[0], len(days) - len(_STEPS)), plan.facts.start_date)


_STEPS = (("P10", "P50"), ("P50", "P80"), ("P80", "P90"))


def _of_milestone(plan: Schedule, name: str, found: Any, planned: Any) -> list[Any]:
    return [
        plan.facts.words_of(Milestone(name)),
        *_interval(found["reached"]),
        found["reached"]["count"],
        *(_date(plan, found[each]["value"]) for each in QUANTILES),
        *(_date(plan, found[each][end]) for each in ("p50", "p80") for end in ("low", "high")),
        datetime.date.fromisoformat(planned["date"]) if planned else None,
        planned["probability"] if planned else None,
    ]


def _in_days(plan: Schedule, name: str, found: Any) -> list[Any]:
    days = [found[each]["value"] for each in QUANTILES]
    # whole days, as between the dates
    whole = [None if day is None else plan.facts.date_of(day).toordinal() for day in days]
    steps = [None if one is None or two is None else two - one for one, two in pairwise(whole)]
    return [
        plan.facts.words_of(Milestone(name)),
        *days,
        *(found[each] for each in ("mean", "standard_error", "sd")),
        *steps,
    ]


def _ranges(book: Book, sheet: Sheet, rows: tuple[int, int], steps: tuple[int, int], start: datetime.date) -> None:
    """A chart: from P10 to P50, P80 and P90, a bar a milestone, on a calendar; ``steps`` is where its lengths are."""
    chart = book.workbook.add_chart({"type": "bar", "subtype": "stacked"})
    first, last = rows
    below, place = steps
    names = [sheet.name, first, 0, last - 1, 0]
    colours = (_COLOURS["wide"], _COLOURS["narrow"], _COLOURS["wide"])
    begins = {"name": "P10", "values": [sheet.name, first, 5, last - 1, 5], "fill": {"none": True}}
    chart.add_series({**begins, "categories": names, "gap": 40})
    for number, ((one, other), colour) in enumerate(zip(_STEPS, colours, strict=True)):
        values = [sheet.name, below, place + number, below + last - first - 1, place + number]
        chart.add_series(
            {"name": f"{one} to {other}", "categories": names, "values": values, "fill": {"color": colour}}
        )
    begin = datetime.datetime.combine(start, datetime.time())
    axis = {"num_format": "yyyy-mm", "min": begin, "date_axis": True, "label_position": "high"}
    chart.set_x_axis({**axis, "major_gridlines": _LINES})
    chart.set_y_axis({"reverse": True})
    chart.set_title({"name": "Each milestone from P10 to P90; the dark piece is P50 to P80", "name_font": {"size": 11}})
    chart.set_legend({"none": True})
    chart.set_size(_CHART)
    sheet.worksheet.insert_chart(sheet.row + 1, 0, chart)


def plan_sheet(book: Book, content: Content, plan: Schedule) -> None:
    """The tasks."""
    quantiles = ("p10", "p50", "p90")
    columns = [
        Column("Task", width=7),
        Column("What", width=38),
        Column("Rests on", width=14),
        Column("Needed", "share of trials", "percent", 10),
        *(Column(f"{of} {name.upper()}", "date", "date", 12) for of in ("Start", "Finish") for name in quantiles),
        *(Column(f"Takes {name.upper()}", "days", "days", 10) for name in quantiles),
        Column("On the critical path", "share of the days", "percent", 12),
        Column("Standard error", "share of the days", "percent", 12),
    ]
    notes = [
        f"Of the first {plan.looked_at:,} trials. FS: starts when the other finishes; SS: not before it starts; "
        "FF: not done before it is done. P10 optimistic, P50 likely, P90 pessimistic, of the trials that come to the "
        "task; durations and dates do not add up."
    ]
    sheet = book.sheet("Plan", "Tasks of the plan", notes, columns)
    numbers = {task.key: task.number for task in plan.tasks}

    def days(found: Range) -> list[datetime.date | None]:
        return [_date(plan, each.value) for each in found.values()]

    sheet.table(
        (
            [
                task.number,
                f"{'    ' * (task.level - 1)}{task.name}",
                ", ".join(f"{numbers[link.key]} {link.kind}" for link in task.rests_on) or None,
                task.needed.probability,
                *days(task.start),
                *days(task.finish),
                *(each.value for each in task.duration.values()),
                *(task.critical or (None, None)),
            ]
            for task in plan.tasks
        ),
        fixed=2,
    )


def committee(book: Book, content: Content, plan: Schedule) -> None:
    """The days on which the committee meets."""
    if not plan.meetings:
        return
    columns = [
        Column("Meeting", shown="count", width=10),
        Column("Date", shown="date", width=14),
        Column("Day", "from start", "days", 12),
        Column("Trial still runs", "share of trials", "percent", 16),
        *_RANGE,
        Column("Decides on a next cohort", "share of trials", "percent", 18),
        *_RANGE,
    ]
    sheet = book.sheet("Committee", "When the committee meets", [f"Of the first {plan.looked_at:,} trials."], columns)
    sheet.table(
        [
            each.number,
            _date(plan, each.day),
            each.day,
            *(each.running.probability, each.running.low, each.running.high),
            *(each.decides.probability, each.decides.low, each.decides.high),
        ]
        for each in plan.meetings
    )


def causes(book: Book, content: Content, plan: Schedule) -> None:
    """How it ends."""
    columns = [Column("How it ends", width=30), Column("Chance", "share of trials", "percent", 14), *_RANGE]
    columns += [Column("Trials", "of all", "count", 12)]
    sheet = book.sheet(
        "Causes", "How the trial ends", ["Everything but completed is an early termination."], columns, on_one_page=True
    )
    found = content.summary["end_causes"]
    may = [cause for cause in plan.facts.may_end_by if cause.value in found]
    rows = [[EndCause(name).words, *_interval(found[name]), found[name]["count"]] for name in may]
    first, last = sheet.table(rows)
    _bars(book, sheet, first, last, 1, "Chance of each end", "0%")


def delays(book: Book, content: Content, plan: Schedule) -> None:
    """What holds it up."""
    columns = [
        Column("What it waits for", width=34),
        Column("Days on the critical path", "mean of a trial", "days", 16),
        Column("Standard error", "days", "days", 12),
        Column("Spread of one trial", "sd, days", "days", 12),
        Column("Share of all days", "of the mean duration", "percent", 14),
    ]
    notes = ["The days from the start to the settled end, shared out among what the trial waited for. They add up."]
    sheet = book.sheet("What holds it up", "What holds the trial up", notes, columns, on_one_page=True)
    found = content.summary["attribution"]
    ordered = sorted(found.items(), key=lambda each: -each[1]["mean"])
    rows = [
        [plan.facts.piece(Piece(name)), each["mean"], each["standard_error"], each["sd"], each["share"]]
        for name, each in ordered
    ]
    first, last = sheet.table(rows)
    _bars(book, sheet, first, last, 1, "Mean days on the critical path", "0")


def _bars(book: Book, sheet: Sheet, first: int, last: int, place: int, title: str, shown: str) -> None:
    """A chart of one column of the table."""
    chart = book.workbook.add_chart({"type": "bar"})
    chart.add_series(
        {
            "categories": [sheet.name, first, 0, last - 1, 0],
            "values": [sheet.name, first, place, last - 1, place],
            "fill": {"color": _COLOURS["bar"]},
            "gap": 40,
        }
    )
    chart.set_title({"name": title, "name_font": {"size": 11}})
    chart.set_y_axis({"reverse": True})
    most = {"max": 1} if "%" in shown else {}
    chart.set_x_axis({"num_format": shown, "min": 0, **most, "label_position": "high", "major_gridlines": _LINES})
    chart.set_legend({"none": True})
    chart.set_size({"width": 760, "height": 320})
    sheet.worksheet.insert_chart(sheet.row + 1, 0, chart)


def levers(book: Book, content: Content, plan: Schedule) -> None:
    """What would help."""
    if "levers" not in content.tables:
        return
    columns = [
        Column("Lever", width=46),
        Column("Measure", width=24),
        Column("Difference", shown="number", width=14),
        Column("from", "95 %", "number", 12),
        Column("to", "95 %", "number", 12),
        Column("Unit", width=20),
        Column("Pairs", "trials", "count", 10),
    ]
    notes = [
        "With the lever less as planned, trial by trial on the same luck. The day of a milestone is compared in trials "
        "that complete both ways. What a step costs, and whether it can be had, is not in it."
    ]
    sheet = book.sheet("Levers", "What would help", notes, columns)
    rows = []
    for line in content.tables["levers"].frame.to_dict("records"):
        measure = str(line["measure"])
        unit = "probability" if is_share(measure) else REPLICATIONS[measure].unit if measure in COUNTS else "days"
        ends = (line["difference"], line["difference_low"], line["difference_high"])
        rows.append([line["lever"], measure_words(measure), *ends, unit, line["pairs"]])
    first, _ = sheet.table(rows)
    for row, values in enumerate(rows, start=first):  # in their own units
        for place in (2, 3, 4):
            sheet.put(row, place, values[place], "percent" if values[5] == "probability" else "days")


def people(book: Book, content: Content, plan: Schedule) -> None:
    """People by site, and what becomes of them and of the lots."""
    names = {"candidates": "Candidates", "screened": "Screened", "enrolled": "Enrolled", "infused": plan.facts.infused}
    columns = [Column("Site", width=28)]
    for name in names.values():
        columns += [Column(name.capitalize(), "persons, mean of a trial", "days", 16)]
        columns += [Column("Standard error", "persons", "days", 12)]
    notes = [f"Means of the first {plan.looked_at:,} trials; one trial may have many more, or fewer."]
    sheet = book.sheet("People by site", "People by site", notes, columns)
    table = plan.sites.drop(columns="replications")
    sheet.table(table.itertuples(index=False, name=None))


def counts(book: Book, content: Content, plan: Schedule) -> None:
    """People and lots of one trial."""
    columns = [
        Column("In one trial", width=34),
        Column("Unit", width=12),
        Column("Mean", shown="days", width=12),
        Column("Standard error", "of the mean", "days", 14),
        Column("Spread of one trial", "sd", "days", 14),
    ]
    sheet = book.sheet("People and lots", "People and lots", [f"Of all {plan.replications:,} trials."], columns)
    found = {**content.summary["funnel"], **content.summary["waste"]}
    rows = []
    for name, each in found.items():
        said = plan.facts.measure(name) if name in FUNNEL else measure_words(name)
        rows.append([said, REPLICATIONS[name].unit, each["mean"], each["standard_error"], each["sd"]])
    sheet.table(rows)
    if content.summary["levels"]:
        levels = [
            Column("Dose level", width=34),
            Column("Chosen", "share", "percent", 12),
            Column(plan.facts.infused.capitalize(), "mean", "days", 12),
            Column("Standard error", "of the mean", "days", 14),
            Column("DLTs", "mean", "days", 14),
        ]
        sheet.table(
            (
                [
                    f"{each['level']}: {each['dose']}",
                    each["recommended"]["probability"],
                    each["infused"]["mean"],
                    each["infused"]["standard_error"],
                    each["dlts"]["mean"],
                ]
                for each in content.summary["levels"]["doses"]
            ),
            levels,
            is_main=False,
        )


SHEETS: tuple[Callable[[Book, Content, Schedule], None], ...] = (
    *(answer, milestones, plan_sheet, committee, causes, delays, levers, assumption_sheet.make, people, counts),
)

"""A summary on one screen, 80 columns wide and readable without colour: the answer first, then what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialsim.report.ignorance import lines
from trialsim.report.levers import NOTE, in_a_line, of_pairs, rows_of
from trialsim.report.paper import paper, print_beside, print_whole, table, text_on
from trialsim.report.precision import sentences
from trialsim.vocabulary import EndCause, Milestone, Piece
from trialsim.wording import number, percent, percent_range, unit

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from trialsim.analysis.facts import Facts

FUNNEL = {
    "candidates": ("candidates",),
    "turned away": ("turned_away",),
    "screened": ("screened",),
    "screening failures": ("screen_failures",),
    "withdrawn, expired": ("withdrawn", "eligibility_expired"),
    "enrolled": ("enrolled",),
    "infused": ("infused",),
    "with a DLT": ("dlts",),
    "not evaluable": ("non_evaluable",),
    "under-dosed": ("under_dosed",),
}
LANDMARKS = ("candidates", "screened", "enrolled", "infused")
_MOST_LEVELS = 5
_BAR = 16
_LAST = (Milestone.SETTLED, Milestone.LAST_VISIT, Milestone.DATABASE_LOCK)
"""The milestones at the end of a trial."""
_MOST_PIECES = 8
_MOST_LEVERS = 5


def render(summary: dict[str, Any], facts: Facts, *, color: bool = False, width: int | None = 80) -> str:
    """The summary as text.

    Parameters
    ----------
    summary : dict
        What `trialsim.analysis.summary.summary_of` returns.
    facts : Facts
        The same facts that the summary was made with.
    color : bool
        Whether to emphasise with terminal codes; nothing is said by colour alone.
    width : int or None
        Columns to use, at most; as many as the tables need if None.

    Returns
    -------
    str
        Lines of at most ``width`` columns, without a line end after the last.
    """
    console = paper(color=color, width=width)
    _heading(console, summary, facts)
    _answer(console, summary, facts)
    _unknown(console, summary, facts)
    console.print()
    print_whole(console, _milestones(summary, facts))
    console.print(f"Fate settled: completed or ended early; those {facts.infused} before are seen further.")
    console.print()
    print_beside(console, [_causes(summary, facts)], [_pieces(summary, facts)])
    console.print()
    print_beside(
        console, [_funnel(summary, facts)], [rows for rows in (_levels(summary, facts), _lots(summary)) if rows]
    )
    if summary.get("levers"):
        console.print()
        print_whole(console, rows_of(summary["levers"], _MOST_LEVERS))
        number = len(summary["levers"]["levers"])
        console.print(
            NOTE
            + of_pairs(summary["levers"])
            + f" These are {_MOST_LEVERS} of {number} levers." * (number > _MOST_LEVERS)
        )
    _observed(console, summary)
    _small_print(console, summary, facts)
    return text_on(console)


def _heading(console: Console, summary: dict[str, Any], facts: Facts) -> None:
    console.print(facts.title or facts.name, style="bold")
    runs = summary["replications"]
    console.print(f"{runs:,} simulated trial{'s' * (runs != 1)} of {facts.name}; day 0 is {facts.start_date}")
    for sentence in sentences(summary.get("precision"), runs):
        console.print(sentence)
    if facts.what_ifs:
        console.print(f"What-if: {', '.join(facts.what_ifs)}")
    console.print()


def _answer(console: Console, summary: dict[str, Any], facts: Facts) -> None:
    """How long, how likely to end early, whether as planned, and what holds it up, in sentences of one line each."""
    if summary["replications"] == 1:
        _one_trial(console, summary, facts)
    else:
        _how_long(console, summary, facts)
    if facts.most_by_rule:
        wanted = f"{facts.max_participants} participants are never reached"
        console.print(f"Completed means here that the dose rule is done: {facts.most_by_rule}, so {wanted}.")
    if summary["replications"] > 1:
        _how_likely(console, summary, facts)
    shares = sorted(((piece["share"] or 0.0, name) for name, piece in summary["attribution"].items()), reverse=True)
    named = [f"{facts.piece(Piece(name))} ({percent(share)}" for share, name in shares[:2] if share > 0]
    if named:
        console.print(f"Held up most by: {' of days), '.join(named)}).", style="bold")
    if summary.get("levers"):
        helps = in_a_line(summary["levers"])
        console.print(f"Would help most: {helps or 'of the levers tried, none surely'}.", style="bold")


def _one_trial(console: Console, summary: dict[str, Any], facts: Facts) -> None:
    """What became of the only trial; nothing is said of others."""
    milestones = summary["milestones"]
    end = milestones[Milestone.SETTLED]["p50"]
    cause = next(EndCause(name) for name, cause in summary["end_causes"].items() if cause["probability"])
    size, unit_name = unit(end["value"])
    how = "Completed" if cause == EndCause.COMPLETED else f"Ended early ({cause.words})"
    console.print(f"{how} after {end['value'] / size:,.1f} {unit_name}, on {end['date']}.", style="bold")
    visit = milestones[Milestone.LAST_VISIT]["p50"]["date"]
    if facts.has_follow_up and visit:
        console.print(f"Last visit on {visit}.")
    console.print("One trial says nothing of how others go: simulate more of them (-n).")


def _how_long(console: Console, summary: dict[str, Any], facts: Facts) -> None:
    """The days of the end, of all trials: those that complete, and those that end early."""
    milestones, early = summary["milestones"], summary["early_termination"]["probability"]
    followed = is_followed(summary, facts)
    end = milestones[Milestone.LAST_VISIT if followed else Milestone.SETTLED]
    p10, p50, p90 = (end[name] for name in ("p10", "p50", "p90"))
    size, unit_name = unit(p90["value"])

    def span(low: float, high: float) -> str:
        return f"{low / size:,.1f} to {high / size:,.1f}"

    precision = "" if None in (p50["low"], p50["high"]) else f" ({span(p50['low'], p50['high'])})"
    median = f"{p50['value'] / size:,.1f} {unit_name}{precision}"
    spread = f"{span(p10['value'], p90['value'])} {unit_name}: until {p10['date']} to {p90['date']}"
    if followed:
        some = "half of the trials" + (f" with anybody {facts.infused}" if end["reached"]["probability"] < 1 else "")
        console.print(f"Last visit by {p50['date']} in {some}: {median}.", style="bold")
        lock, settled = (milestones[name]["p50"] for name in (Milestone.DATABASE_LOCK, Milestone.SETTLED))
        console.print(f"The middle 80 % take {spread}.")
        console.print(f"Database lock by {lock['date']} in half.")
        when = f"{settled['date']} in half: {settled['value'] / size:,.1f} {unit_name}"
        console.print(f"Fate settled (completed, or ended early) by {when}.")
        if 0 < early < 1:
            console.print("All trials count here, also those that end early.")
    else:
        console.print(f"Half of the trials end within {median}, by {p50['date']}.", style="bold")
        console.print(f"The middle 80 % take {spread}.")
        console.print(
            "That is when a trial is completed, or ended early"
            + "; there is no follow-up" * (not facts.has_follow_up)
            + "."
        )


def _how_likely(console: Console, summary: dict[str, Any], facts: Facts) -> None:
    """How likely a trial ends early, and whether it goes as planned."""
    early = summary["early_termination"]
    text = f"It ends early in {_cases(early)}"
    causes = {name: cause["probability"] for name, cause in summary["end_causes"].items() if name != EndCause.COMPLETED}
    likeliest = max(causes, key=lambda name: causes[name])
    if causes[likeliest] > 0:
        text += f", most often: {EndCause(likeliest).words}, {percent(causes[likeliest])}"
    console.print(f"{text}.", style="bold")
    for target in summary["targets"]:
        _planned(console, target, facts)


def _unknown(console: Console, summary: dict[str, Any], facts: Facts) -> None:
    """How much of that is luck, and how much that the scenario's values are not known."""
    found = summary.get("ignorance")
    if found:
        milestone = Milestone.LAST_VISIT if is_followed(summary, facts) else Milestone.SETTLED
        for line in lines(found, milestone, facts.words_of(milestone), facts.unknown):
            console.print(line)


def is_followed(summary: dict[str, Any], facts: Facts) -> bool:
    """Whether the report begins with the last visit."""
    return facts.has_follow_up and summary["milestones"][Milestone.LAST_VISIT]["reached"]["count"] > 0


def _planned(console: Console, target: dict[str, Any], facts: Facts) -> None:
    """How likely a trial completes with its target met; and where all trials stand on that day."""
    milestone = Milestone(target["milestone"])
    share = f"{percent(target['probability'])} ({percent_range(target['low'], target['high'])})"
    planned = f"Planned: {facts.words_of(milestone)} by {target['date']}"
    console.print(f"{planned}: {share} complete and meet it.", style="bold")
    reached = {name: target["milestones"][name]["probability"] for name in dict.fromkeys((milestone, *_LAST))}
    by_then = [f"{facts.words_of(name)} {percent(share)}" for name, share in reached.items() if share]
    if by_then:
        console.print(f"All trials by then, ended early or not: {', '.join(by_then)}.")


def _cases(share: dict[str, Any]) -> str:
    return f"{percent(share['probability'])} of cases ({percent_range(share['low'], share['high'])})"


def _milestones(summary: dict[str, Any], facts: Facts) -> Table:
    if summary["replications"] == 1:
        rows = table("Milestone", "day")
        for name, milestone in summary["milestones"].items():
            rows.add_row(facts.words_of(Milestone(name)), milestone["p50"]["date"] or "–")
        return rows
    rows = table("Milestone", "reached by", "P10", "median", "P80", "P90")
    for name, milestone in summary["milestones"].items():
        dates = [milestone[each]["date"] or "–" for each in ("p10", "p50", "p80", "p90")]
        rows.add_row(facts.words_of(Milestone(name)), percent(milestone["reached"]["probability"]), *dates)
    return rows


def _causes(summary: dict[str, Any], facts: Facts) -> Table:
    """The ends that this trial can have."""
    rows = table("How it ends", "", "(95 %)")
    for name, cause in summary["end_causes"].items():
        if name in facts.may_end_by or cause["probability"]:
            rows.add_row(
                EndCause(name).words, percent(cause["probability"]), percent_range(cause["low"], cause["high"])
            )
    return rows


def _pieces(summary: dict[str, Any], facts: Facts) -> Table:
    """The largest causes of delay, with bars."""
    rows = table("What holds it up", "")
    rows.add_column("")
    shares = sorted(((piece["share"] or 0.0, name) for name, piece in summary["attribution"].items()), reverse=True)
    for share, name in shares[:_MOST_PIECES]:
        if share > 0:
            rows.add_row(facts.piece(Piece(name)), percent(share), "█" * round(share * _BAR) or "▏")
    return rows


def _funnel(summary: dict[str, Any], facts: Facts) -> Table:
    """Means a trial and their spread; what never happens is left out, but for the landmarks."""
    rows = table("In one trial", "mean", "sd")
    for label, names in FUNNEL.items():
        means = [summary["funnel"][name] for name in names]
        total = sum(each["mean"] for each in means)
        if total or label in LANDMARKS or (label == "with a DLT" and facts.finds_dose):
            rows.add_row(
                facts.infused if label == "infused" else label,
                number(total),
                number(means[0]["sd"]) if len(means) == 1 else "",
            )
    return rows


def _levels(summary: dict[str, Any], facts: Facts) -> Table | None:
    """The levels, or those with most participants if there are many; none where no rule chooses among them."""
    levels = summary["levels"]
    if levels is None or not facts.finds_dose:
        return None
    doses = sorted(levels["doses"], key=lambda dose: -dose["infused"]["mean"])[:_MOST_LEVELS]
    some = len(doses) < len(levels["doses"])
    title = f"Dose ({len(doses)} of {len(levels['doses'])})" if some else "Dose level"
    rows = table(title, facts.infused, "DLTs", "chosen", wraps=True)
    for dose in sorted(doses, key=lambda dose: int(dose["level"])):
        means = (number(dose[what]["mean"]) for what in ("infused", "dlts"))
        rows.add_row(f"{dose['level']}: {dose['dose']}", *means, percent(dose["recommended"]["probability"]))
    rows.add_row("none", "", "", percent(levels["none_recommended"]["probability"]))
    return rows


def _lots(summary: dict[str, Any]) -> Table | None:
    waste = summary["waste"]
    if not waste["lots_started"]["mean"]:
        return None
    rows = table("Lots", "mean", "sd")
    for name, mean in waste.items():
        rows.add_row(name.removeprefix("lots_"), number(mean["mean"]), number(mean["sd"]))
    return rows


def _observed(console: Console, summary: dict[str, Any]) -> None:
    """The real trial's place among the simulated ones: as a whole in two columns, and on the way to there."""
    whole = [entry for entry in summary["observed"] if entry["compared_with"] == "whole_trial"]
    if whole:
        half = (len(whole) + 1) // 2
        console.print()
        console.print(
            f"The real trial, as of {whole[0]['date']}, among the simulated (rank: share below it)", style="bold"
        )
        print_beside(console, [_places(whole[:half])], [_places(whole[half:])] if whole[half:] else [])
    on_the_way = [entry for entry in summary["observed"] if entry["compared_with"] == "that_day"]
    if on_the_way:
        rows = table("The real trial by", "", "real", "median", "rank", left=2)
        for entry in on_the_way:
            rows.add_row(entry["date"], *_place(entry))
        console.print()
        print_whole(console, rows)


def _places(observed: list[dict[str, Any]]) -> Table:
    """Observed values, simulated medians and ranks."""
    rows = table("", "real", "median", "rank")
    for entry in observed:
        rows.add_row(*_place(entry))
    return rows


def _place(entry: dict[str, Any]) -> tuple[str, str, str, str]:
    return observed_name(entry["quantity"]), f"{entry['value']:,.0f}", f"{entry['p50']:,.0f}", percent(entry["place"])


def observed_name(quantity: str) -> str:
    """What an observed quantity is called."""
    name = quantity.replace("_level_", ", level ").replace("_", " ")
    return name + {"duration": ", days", "first_infusion": ", day"}.get(quantity, "")


def _small_print(console: Console, summary: dict[str, Any], facts: Facts) -> None:
    """What moves the calendar, what is assumed, and how sure the figures are."""
    console.print()
    if facts.options:
        console.print(f"Options: {', '.join(f'{key} {value}' for key, value in facts.options.items())}.")
    changed = ", what-ifs among them" if facts.what_ifs else ""
    edited = f"; of {', '.join(facts.edited)} the source is of another value" if facts.edited else ""
    console.print(
        f"{facts.assumptions} of {facts.values} values are assumptions{changed}{edited}. "
        f"(Brackets: 95 % intervals, {summary['replications']:,} replication{'s' * (summary['replications'] != 1)}.)"
    )
    if summary["replications"] > 1 and any(
        summary["duration"][name][side] is None for name in ("p10", "p50", "p90") for side in ("low", "high")
    ):
        console.print("That is too few to bound every quantile with 95 % confidence.")

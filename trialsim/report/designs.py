"""What is known of a dose-finding design, on one terminal: its rule, advice on data, and operating characteristics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialsim.analysis.facts import facts_of
from trialsim.design.words import answer_text, follow_up_text, recommendation, recruitment_text, rule_text, setting_text
from trialsim.report.decisions import between, draw_pathways, draw_prior, draw_table, probability
from trialsim.report.paper import paper, print_whole, table, text_on
from trialsim.wording import number, percent, percent_range

if TYPE_CHECKING:
    from rich.console import Console

    from trialsim.analysis.statistics import Proportion
    from trialsim.design import Design
    from trialsim.design.advice import Advice, Level
    from trialsim.design.characteristics import Characteristics
    from trialsim.design.pathways import Pathways
    from trialsim.design.prior import Prior
    from trialsim.design.tables import Table


def render(
    design: Design,
    *,
    table: Table | None = None,
    prior: Prior | None = None,
    advice: Advice | None = None,
    pathways: Pathways | None = None,
    characteristics: Characteristics | None = None,
    color: bool = False,
    width: int | None = 80,
) -> str:
    """What was asked for, as text of at most ``width`` columns, without a line end after the last."""
    console = paper(color=color, width=width)
    _heading(console, design)
    if table is not None:
        console.print()
        draw_table(console, table)
    if prior is not None:
        console.print()
        draw_prior(console, prior, design.target)
    if advice is not None:
        console.print()
        _advice(console, design, advice)
    if pathways is not None:
        console.print()
        draw_pathways(console, pathways)
    if characteristics is not None:
        console.print()
        _characteristics(console, design, characteristics)
    return text_on(console)


def _heading(console: Console, design: Design) -> None:
    console.print(rule_text(design), style="bold")
    console.print(f"{setting_text(design)}.")
    if design.doses:
        doses = ", ".join(f"{level}: {dose}" for level, dose in enumerate(design.doses, start=1))
        console.print(f"Doses: {doses}.")


# Advice


def _advice(console: Console, design: Design, advice: Advice) -> None:
    console.print(f"After {advice.data or 'nothing yet'}", style="bold")
    console.print(f"Now: {answer_text(advice)}.")
    console.print(f"If the trial ended now: {recommendation(advice.recommended)}.")
    if advice.answer == "assign" and advice.level is not None and advice.recommended != advice.level:
        known = next(level.evaluable for level in advice.levels if level.level == advice.level)
        console.print(
            "The next place goes by the rule's steps up and down, the recommendation by all outcomes so far."
            if known
            else f"No outcome is known at level {advice.level} yet, so it is not recommended."
        )
    if advice.follow_up is not None:
        console.print(f"{follow_up_text(advice.follow_up)}.")
    if advice.parameter is not None:
        console.print(f"Posterior mean of the curve's parameter: {advice.parameter:.6f}.")
    console.print()
    _levels(console, design, advice)


def _levels(console: Console, design: Design, advice: Advice) -> None:
    """What is known of each level; columns that nothing stands in are left out."""
    curve = advice.parameter is not None
    pending, lost = (any(getattr(level, name) for level in advice.levels) for name in ("pending", "lost"))
    columns = ["treated", *(["pending"] if pending else []), *(["lost"] if lost else []), "DLTs"]
    if curve:
        columns += ["curve", "mean", "90 % interval", f"P(p > {design.target:g})"]
    elif design.target is not None:
        isotonic = any(level.estimate is not None for level in advice.levels)
        columns += ["rate", *(["isotonic"] if isotonic else []), "90 % interval", f"P(p > {design.target:g})"]
    else:
        columns += ["rate", "90 % interval"]
    rows = table("Level", *columns)
    for level in advice.levels:
        values = {
            "treated": str(level.treated),
            "pending": str(level.pending),
            "lost": str(level.lost),
            "DLTs": f"{level.dlts} of {level.evaluable}" if level.evaluable else "–",
            "curve": probability(level.estimate),
            "isotonic": probability(level.estimate),
            "mean": probability(level.mean),
            "rate": probability(level.rate),
            "90 % interval": between(level),
        }
        cells = [values.get(column, probability(level.above_target)) for column in columns]
        rows.add_row(f"{level.level}{_mark(advice, level)}", *cells)
    print_whole(console, rows)
    if any(level.eliminated for level in advice.levels):
        console.print("x not given any more")
    if any(_mark(advice, level) == " *" for level in advice.levels):
        console.print("* the next participant's level")
    if curve:
        console.print("curve: at the posterior mean of the parameter; mean, interval: of each level's own posterior")


def _mark(advice: Advice, level: Level) -> str:
    if level.eliminated:
        return " x"
    return " *" if advice.answer == "assign" and advice.level == level.level else ""


# Operating characteristics


def _characteristics(console: Console, design: Design, found: Characteristics) -> None:
    trials = f"{found.replications:,} simulated trial{'s' * (found.replications != 1)}"
    console.print(f"Operating characteristics: {trials}, seed {found.seed}", style="bold")
    console.print(f"{recruitment_text(design)}.")
    options = facts_of(design.scenario).options
    console.print(f"Options: {', '.join(f'{key} {value}' for key, value in options.items())}.")
    console.print()
    rows = table("Level", "P(DLT)", "selected", "(95 %)", "treated", "SE", "DLTs", "SE")
    for level in found.levels:
        mark = " *" if level.level in found.best else ""
        numbers = (*_share(level.selected), *_mean(level.treated), *_mean(level.dlts))
        rows.add_row(f"{level.level}{mark}", f"{level.truth:g}", *numbers)
    rows.add_row("none", "", *_share(found.none_selected))
    rows.add_row("all", "", "", "", *_mean(found.participants), *_mean(found.dlts))
    print_whole(console, rows)
    if found.best:
        console.print(f"* nearest to the target of {design.target:g}")
        console.print()
        _near_target(console, found)
    console.print()
    spreads = {
        "Days to primary completion": found.completion,
        "Days to the decision that ends it": found.duration,
        "Days from arrival to infusion": found.wait,
    }
    shown = table("", "median", "(95 %)", "P10", "P90", "mean", "SE", wraps=True)  # names give way to long numbers
    for name, spread in spreads.items():
        low, high = spread.p50.low, spread.p50.high
        middle = "" if low is None or high is None else f"{low:,.0f}–{high:,.0f}"
        quantiles = (_days(spread.p50), middle, _days(spread.p10), _days(spread.p90))
        shown.add_row(name, *quantiles, *_mean(spread.mean))
    print_whole(console, shown)
    console.print()
    console.print(f"Stopped for safety: {' '.join(_share(found.stopped_for_safety))} of trials.")
    if found.turned_away.mean:
        console.print(f"Turned away: {' (SE '.join(_mean(found.turned_away))}) candidates a trial.")
    console.print("Only recruitment and dosing are simulated: no screening, product or slots.")


def _near_target(console: Console, found: Characteristics) -> None:
    """What is usually asked of a design with a target, in one line each."""
    several = "s" * (len(found.best) > 1)
    rows = table("Against the target", "share", "(95 %)", "SE", wraps=True)
    if found.correct is not None:
        low, high = percent_range(found.correct.low, found.correct.high), _binomial_error(found.correct)
        rows.add_row(f"trials that recommend the nearest level{several}", percent(found.correct.probability), low, high)
    for name, share in (("at", found.treated_at_best), ("above", found.treated_above_best)):
        if share is not None and share.mean is not None:
            error = "–" if share.standard_error is None else f"{100 * share.standard_error:.1f} %"
            rows.add_row(f"participants treated {name} the nearest level{several}", percent(share.mean), "", error)
    print_whole(console, rows)
    console.print("Of participants: the mean of the trials' shares.")


def _binomial_error(share: Proportion) -> str:
    """The standard error of a share of trials, in per cent."""
    if share.probability is None:
        return "–"
    return f"{100 * (share.probability * (1 - share.probability) / share.replications) ** 0.5:.1f} %"


def _share(share: Any) -> tuple[str, str]:
    return percent(share.probability), f"({percent_range(share.low, share.high)})"


def _mean(mean: Any) -> tuple[str, str]:
    error = mean.standard_error
    return number(mean.mean), "–" if error is None else f"{error:.3f}" if error < 10 else f"{error:,.0f}"


def _days(quantile: Any) -> str:
    return number(quantile.value)

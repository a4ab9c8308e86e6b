"""``trialsim design``: a dose rule on paper, before any trial."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trialsim.cli.options import jobs_option, json_option, print_json, replications_option, seed_option, set_option
from trialsim.cli.screen import progress_bar, screen, tell
from trialsim.cli.values import OneOf, Whole
from trialsim.inventory import PICTURES

if TYPE_CHECKING:
    from trialsim.design import Design

_PARAMETER = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_LARGEST_TABLE = 40
_FARTHEST = 6


@click.command("design")
@click.argument("words", nargs=-1, metavar="RULE [PARAMETER=VALUE]...")
@click.option(
    "--scenario",
    default=None,
    metavar="SCENARIO",
    help="Take rule, levels, cohorts, window, guards, maximum and recruitment from a scenario.",
)
@set_option
@click.option(
    "--levels",
    type=Whole(1, 100),
    default=None,
    metavar="N",
    help="Dose levels.  [default: as many as the skeleton or the truth has, or 5]",
)
@click.option("--start-level", type=Whole(min=1), default=None, metavar="N", help="The first.  [default: 1]")
@click.option(
    "--cohort-size",
    type=Whole(min=1),
    default=None,
    metavar="N",
    help="Participants in a cohort.  [default: 3; rolling_six: none]",
)
@click.option(
    "--max-participants",
    type=Whole(min=1),
    default=None,
    metavar="N",
    help="Participants to be infused at most.  [default: 30]",
)
@click.option(
    "--to",
    type=Whole(1, _LARGEST_TABLE),
    default=12,
    show_default=True,
    metavar="N",
    help="The decision table goes up to so many participants at a level.",
)
@click.option(
    "--table",
    "with_table",
    is_flag=True,
    help="Print the decision table (or the curve that a model begins with) also with --data, --pathways or --truth.",
)
@click.option(
    "--data",
    default=None,
    metavar="TEXT",
    help="Say what the rule answers now, after cohorts such as '2NNT 3NNP0.4': a level, then a letter a participant: N "
    "no DLT, T a DLT, L lost, P not known yet (after 0.4 of the window).",
)
@click.option(
    "--pathways",
    type=Whole(1, _FARTHEST),
    default=None,
    metavar="K",
    help="List every way the next K cohorts may go.",
)
@click.option(
    "--truth",
    default=None,
    metavar="P1,P2,...",
    help="Simulate trials in which these are the DLT probabilities of the levels.",
)
@click.option("--rate", default=None, metavar="RATE", help="How fast candidates come.  [default: 2 per month]")
@click.option("--window", default=None, metavar="TIME", help="How long each is observed.  [default: 28 days]")
@click.option("--review", default=None, metavar="TIME", help="Between two cohorts.  [default: none]")
@click.option(
    "--while-closed",
    type=OneOf(["queue", "turn_away"]),
    default=None,
    help="What becomes of candidates while no place is open.  [default: queue]",
)
@replications_option("How many trials to simulate.")
@seed_option
@jobs_option
@click.option(
    "--figure",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="Also draw what was asked for, as a .png, .svg or .pdf file.",
)
@json_option
def design_command(
    words: tuple[str, ...],
    to: int,
    with_table: bool,
    data: str | None,
    pathways: int | None,
    truth: str | None,
    replications: int,
    seed: int,
    jobs: int | None,
    figure: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Look at a dose rule by itself.

    Prints the rule's decision table; or with --data its answer to data, with --pathways what may come next, and with
    --truth its operating characteristics. RULE is written as in a scenario file (`boin target=0.3`, or
    `{boin: {target: 0.3}}`); with --scenario it may be left out.
    """
    if figure is not None and figure.suffix[1:] not in PICTURES:
        raise click.BadParameter(f"{figure} must end in .png, .svg or .pdf", param_hint="--figure")
    if data is not None and not data.strip():
        message = (
            "there is nothing in it; write cohorts such as '1NNN 2NNT', or leave it out to see how the rule begins"
        )
        raise click.BadParameter(message, param_hint="--data")
    if figure is not None:
        from trialsim.storage import check_file

        check_file(figure)
    design = _design(words, truth, options)
    for warning in design.warnings():
        tell(f"warning: {warning}", err=True)
    parts: dict[str, Any] = {"table": design.table(to), "prior": design.prior()}
    people = design.people(data or "", "--data")
    if data is not None:
        parts["advice"] = design.after(people)
    if pathways is not None:
        try:
            parts["pathways"] = design.pathways(pathways, people)
        except ValueError as problem:
            raise click.BadParameter(str(problem), param_hint="--pathways") from None
    if truth is not None:
        with progress_bar() as progress:
            parts["characteristics"] = design.characteristics(None, replications, seed, jobs, progress)

    from trialsim.results.design import DesignResults

    results = DesignResults(design, **parts)
    if figure is not None:
        from trialsim.results.writing import save_figure

        save_figure(results.figure(), figure)
    if as_json:
        print_json(results.summary())
    else:
        color, width = screen()
        click.echo(results.text(whole=with_table, color=color, width=width), color=color)


def _design(words: Sequence[str], truth: str | None, options: dict[str, Any]) -> Design:
    """The design that the words and options describe."""
    texts = [_PARAMETER.fullmatch(word) for word in words]
    named = [word for word, text in zip(words, texts, strict=True) if text is None]
    if len(named) > 1:
        raise click.UsageError(f"{named[1]!r} is neither the rule ({named[0]!r} is) nor PARAMETER=VALUE")

    from trialsim.design import Design
    from trialsim.rules import RULES
    from trialsim.scenario.validation import value_of

    if not named and options["scenario"] is None:
        raise click.UsageError(f"name a dose rule ({', '.join(RULES)}), or give --scenario")
    named_parameters = [text[1] for text in texts if text is not None]
    for name in named_parameters:
        if named_parameters.count(name) > 1:
            said = " and ".join(repr(text[0]) for text in texts if text is not None and text[1] == name)
            raise click.UsageError(f"{said} are both about {name}; give it once")
    parameters = {text[1]: value_of(text[2], text[0]) for text in texts if text is not None}
    rule = value_of(named[0], "RULE") if named else None
    settings = options.pop("settings")
    for name in ("rate", "window", "review"):
        if options[name] is not None:
            options[name] = value_of(options[name], f"--{name}")
    numbers = None if truth is None else value_of(f"[{_with_commas(truth)}]", "--truth")
    return Design.of(rule, parameters, truth=numbers, set=settings, as_options=True, **options)


def _with_commas(truth: str) -> str:
    """Probabilities as a list in YAML, without its brackets."""
    inside = truth.strip().removeprefix("[").removesuffix("]").strip()
    pieces = [each for each in re.split(r"[\s,;]+", inside) if each]
    if any(len(re.split(r"[\s;]+", each.strip())) > 1 for each in inside.split(",")):
        message = f"{truth!r}: separate the probabilities with commas, as in {','.join(pieces)}"
        raise click.BadParameter(message, param_hint="--truth")
    return inside

"""``trialsim replay``: the exact calendar of listed people, under one dose rule or several."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from trialsim.cli.options import json_option, print_json, scenario_argument, set_option, warn
from trialsim.cli.screen import screen, tell
from trialsim.inventory import PICTURES


@click.command("replay")
@scenario_argument
@click.option(
    "--rule",
    "rules",
    multiple=True,
    metavar="RULE",
    help="A dose rule in place of the scenario's, as under dosing.rule: `rolling_six` or `{boin: {target: 0.3}}`; "
    "may be given several times, to compare rules on the same people.",
)
@set_option
@click.option("--diary", is_flag=True, default=False, help="Tell each rule's history day by day as well.")
@click.option(
    "--figure",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="Also draw the calendars, as .png, .svg or .pdf.",
)
@json_option
def replay_command(
    scenario: str, rules: tuple[str, ...], settings: tuple[str, ...], diary: bool, figure: Path | None, as_json: bool
) -> None:
    """Work out the exact calendar of listed people.

    Nothing may be left to chance: the sites list their people, when each of them comes, and when they would have a DLT
    at each level. SCENARIO is a YAML file or the name of a scenario that ships.
    """
    if figure is not None and figure.suffix[1:] not in PICTURES:
        raise click.BadParameter(f"{figure} must end in .png, .svg or .pdf", param_hint="--figure")
    if diary and as_json:
        raise click.UsageError("--diary is for reading and --json for programs; give one of them")

    from trialsim.results.replay import replay
    from trialsim.scenario.checks.certainty import left_to_chance
    from trialsim.scenario.loading import load
    from trialsim.storage import check_file

    if figure is not None:
        check_file(figure)
    trial = load(scenario, settings, left_to_chance)
    done = replay(trial, _named(rules), option="--rule")
    warn(*(history.scenario for history in done.traces.values()))  # not of a rule that another has replaced
    if figure is not None:
        from trialsim.results.writing import save_figure

        save_figure(done.figure(), figure)
    if as_json:
        print_json(done.summary())
        return
    color, width = screen()
    click.echo(done.text(color=color, width=width), color=color)
    if diary:
        for name, history in done.traces.items():
            tell(f"\n{history.diary(heading=f'Replay: {name}')}")


def _named(rules: tuple[str, ...]) -> dict[str, Any] | None:
    """The rules by name; None where the scenario's own is meant."""
    if not rules:
        return None

    from trialsim.results.replay import named
    from trialsim.scenario.validation import value_of

    values = [value_of(rule, f"--rule {rule}") for rule in rules]
    try:
        return named(values)
    except ValueError as problem:
        raise click.BadParameter(str(problem), param_hint="--rule") from None

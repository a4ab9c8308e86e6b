"""``trialsim trace``: the diary of one possible history."""

from __future__ import annotations

from pathlib import Path

import click

from trialsim.cli.options import LARGEST, json_option, load, print_json, scenario_argument, seed_option, set_option
from trialsim.cli.screen import tell
from trialsim.cli.values import Whole

_FORMATS = (".csv", ".parquet")


@click.command("trace")
@scenario_argument
@click.option(
    "--replication",
    "-r",
    type=Whole(1, LARGEST),
    default=1,
    show_default=True,
    metavar="K",
    help="Which history, counted from 1: the same as row K of `trialsim run` with this seed.",
)
@seed_option
@set_option
@click.option(
    "--events",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="Also write the event log to a .csv or .parquet file.",
)
@json_option
def trace_command(
    scenario: str, replication: int, seed: int, settings: tuple[str, ...], events: Path | None, as_json: bool
) -> None:
    """Tell one history of a trial, day by day.

    SCENARIO is a YAML file or the name of a scenario that ships.
    """
    if events is not None and events.suffix not in _FORMATS:
        raise click.BadParameter(f"{events} must end in {' or '.join(_FORMATS)}", param_hint="--events")
    trial = load(scenario, settings)

    from trialsim.results.trace import trace
    from trialsim.storage import check_file

    if events is not None:
        check_file(events)
    history = trace(trial, seed, replication)
    if events is not None:
        from trialsim.results.writing import save_table

        save_table(history.tables()["events"], events)
    if as_json:
        print_json(history.summary())
    else:
        tell(history.diary())

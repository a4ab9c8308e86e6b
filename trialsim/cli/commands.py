"""The commands and where each of them lives."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from trialsim._version import __version__

_HOMES = {
    "run": "trialsim.cli.run",
    "sweep": "trialsim.cli.sweep",
    "compare": "trialsim.cli.sweep",
    "select": "trialsim.cli.select",
    "levers": "trialsim.cli.levers",
    "sensitivity": "trialsim.cli.sensitivity",
    "report": "trialsim.cli.report",
    "trace": "trialsim.cli.trace",
    "replay": "trialsim.cli.replay",
    "design": "trialsim.cli.design",
    "check": "trialsim.cli.check",
    "status": "trialsim.cli.parts",
    "merge": "trialsim.cli.parts",
    "import": "trialsim.cli.imports",
    "validate": "trialsim.cli.files",
    "schema": "trialsim.cli.files",
    "init": "trialsim.cli.files",
    "scenarios": "trialsim.cli.files",
}


class _Commands(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(_HOMES)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in _HOMES:
            raise click.UsageError(_unknown(name), context)
        command = getattr(import_module(_HOMES[name]), f"{name}_command")
        assert isinstance(command, click.Command)
        return command


def _unknown(name: str) -> str:
    """The sentence for what is no command; it may be a scenario without one."""
    from trialsim.scenario import shipped
    from trialsim.scenario.messages.words import given, unknown

    if name in shipped.names() or any(Path(each).is_file() for each in (name, f"{name}.yaml")):
        return f"{given(name)} is not a command; did you mean `trialsim run {name}`?"
    return unknown(name, _HOMES, "command")


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s", help="Show the version and leave.")
def commands() -> None:
    """Simulate how a clinical trial runs: recruitment, making, dosing, and when and why it ends.

    SCENARIO is a YAML file or the name of a scenario that ships (see `trialsim scenarios`).

    To begin: `trialsim run teaching-minimal`, and for a trial of your own `trialsim init my-trial`. Each command
    explains itself with -h.
    """

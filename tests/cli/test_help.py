"""Every command and option explains itself, and the page about them knows them all."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from tests.support.command_line import Command
from trialsim.cli.commands import commands

ROOT = Path(__file__).parents[2]
CONTEXT = click.Context(commands)
NAMES = commands.list_commands(CONTEXT)


@pytest.mark.parametrize("name", NAMES)
def test_commands_and_options_have_help_and_a_place_in_the_docs(name: str) -> None:
    page = (ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")
    command = commands.get_command(CONTEXT, name)
    assert command is not None
    assert command.name == name
    assert command.help
    assert not command.get_short_help_str().endswith("...")  # cut off in the list of commands
    assert f"`trialsim {name}" in page
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name
            assert f"`{parameter.opts[0]}" in page or any(f"`{other}" in page for other in parameter.opts), (
                parameter.opts
            )


@pytest.mark.parametrize("name", NAMES)
def test_dash_h_works_everywhere(trialsim: Command, name: str) -> None:
    done = trialsim(name, "-h")
    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: trialsim {name}")
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert trialsim(name, "--help").stdout == done.stdout

"""Scenario files: checking them, their schema, starting a new one, and those that ship."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from trialsim.cli.options import json_option, print_json
from trialsim.cli.screen import tell

_SCHEMA, _SWEEP_SCHEMA = "trialsim.schema.json", "trialsim-sweep.schema.json"
"""Beside the files that `init` makes, which name it for editors."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@click.command("validate")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@json_option
def validate_command(files: tuple[str, ...], as_json: bool) -> None:
    """Check scenario and sweep files.

    Says what is wrong with them, and where; nothing is simulated. FILE is a YAML file or the name of one that ships.
    """
    from dataclasses import asdict

    from trialsim.scenario import ScenarioError
    from trialsim.scenario.messages.errors import MOST_SHOWN
    from trialsim.scenario.sweep import load_sweep

    findings: list[dict[str, Any]] = []
    for file in files:
        try:
            warnings, problems = load_sweep(file).warnings(), []
        except ScenarioError as error:
            warnings, problems = [], list(error.problems)
            if not as_json:
                tell(str(error), err=True)
        shown = problems[:MOST_SHOWN]
        more = len(problems) - len(shown)
        findings.append({"file": file, "ok": not problems, "warnings": warnings, "problems": shown, "more": more})
        if not as_json:
            for warning in warnings:
                tell(f"{file}: warning: {warning}", err=True)
            if not problems:
                tell(f"{file}: ok")
    if as_json:
        print_json([{**finding, "problems": [asdict(one) for one in finding["problems"]]} for finding in findings])
    if not all(finding["ok"] for finding in findings):
        raise click.exceptions.Exit(2)


@click.command("schema")
@click.option("--sweep", "of_sweeps", is_flag=True, default=False, help="That of sweep files.")
def schema_command(of_sweeps: bool) -> None:
    """Print the JSON Schema of scenario files.

    Editors complete and check from it.
    """
    from trialsim.scenario.schema import schema, sweep_schema

    print_json(sweep_schema() if of_sweeps else schema())


@click.command("init")
@click.argument("name", metavar="NAME")
@click.option(
    "--with",
    "wanted",
    default="",
    metavar="PART,…",
    help="Parts beyond trial and recruitment, or `all` of them: screening, waiting, participants, product, infusion, "
    "dosing, truth, follow_up, stopping.",
)
@click.option(
    "--from",
    "origin",
    metavar="SHIPPED",
    help="Copy a scenario that ships (see `trialsim scenarios`), with its values, instead of a blank one.",
)
@click.option(
    "--sweep",
    "base",
    metavar="SCENARIO",
    help="Start a sweep file instead: of a scenario, a file or the name of one that ships.",
)
def init_command(name: str, wanted: str, origin: str | None, base: str | None) -> None:
    """Start a scenario file, or a sweep file.

    Writes NAME.yaml here, and never over a file: every key with what it means and without a value, until you fill it
    in; or, with --from, a commented copy of a scenario that ships. With --sweep, it is a sweep file, which can be run
    as it is. For editors it writes trialsim.schema.json (trialsim-sweep.schema.json) beside it, unless that is there.
    """
    if not _NAME.fullmatch(name):
        raise click.BadParameter(
            f"{name!r} becomes the trial's name: letters, digits, - and _, no folder and no ending", param_hint="NAME"
        )
    if wanted and origin:
        raise click.UsageError("--from copies a scenario with all of its parts, so --with cannot be given beside it")
    if base is not None and (wanted or origin):
        raise click.UsageError("--sweep starts a sweep of a scenario, so neither --with nor --from goes with it")
    if base is not None:
        text = _sweep(name, base)
    else:
        text = _blank(name, wanted) if origin is None else _copied(name, origin)
    schema = _SCHEMA if base is None else _SWEEP_SCHEMA
    path = Path(f"{name}.yaml")
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(f"# yaml-language-server: $schema={schema}\n{text}")
    except FileExistsError:
        raise click.UsageError(f"{path} exists already and is left alone") from None
    except OSError as problem:
        raise click.UsageError(f"{path} cannot be written: {problem.strerror}") from None
    written = f"{path} written" + f", and {schema}, from which editors complete and check it" * _was_lacking(schema)
    if base is not None:
        tell(f"{written}; next: trialsim sweep {path}")
    elif origin is None:
        tell(f"{written}; next: fill it in, and `trialsim validate {path}` says what is missing")
    else:
        tell(f"{written}; next: trialsim run {path}")


def _was_lacking(name: str) -> bool:
    """Whether the schema was not in this folder, and is from now on."""
    from trialsim.export import json
    from trialsim.scenario.schema import schema, sweep_schema

    try:
        with Path(name).open("x", encoding="utf-8", newline="\n") as file:
            file.write(f"{json.text(schema() if name == _SCHEMA else sweep_schema())}\n")
    except OSError:  # it is there, or cannot be: the file is complete without it
        return False
    return True


def _blank(name: str, wanted: str) -> str:
    from trialsim.scenario import template
    from trialsim.scenario.messages.words import unknown

    parts = template.parts()
    asked = [part.strip() for part in wanted.split(",") if part.strip()]
    for part in asked:
        if part not in ("all", *parts, *template.ALWAYS):
            raise click.BadParameter(unknown(part, [*parts, "all"], "part of a scenario"), param_hint="--with")
    return template.blank(name, parts if "all" in asked else asked)


def _sweep(name: str, base: str) -> str:
    from trialsim.scenario import load
    from trialsim.scenario.sweep_template import blank_sweep

    if base == "-":
        raise click.BadParameter(
            "a sweep file names its base, which standard input has no name for", param_hint="--sweep"
        )
    return blank_sweep(name, load(base), base)


def _copied(name: str, origin: str) -> str:
    from trialsim.scenario import shipped
    from trialsim.scenario.messages.words import unknown

    if origin not in shipped.names():
        raise click.BadParameter(unknown(origin, shipped.names(), "scenario that ships"), param_hint="--from")
    return re.sub(r"(?m)^(trial:\n(?:[ #].*\n|\n)*?  name: *)[^\s#]+", rf"\g<1>{name}", shipped.text(origin), count=1)


@click.command("scenarios")
@json_option
def scenarios_command(as_json: bool) -> None:
    """List the scenarios and sweeps that ship."""
    from trialsim.scenario import load, shipped
    from trialsim.scenario.sweep import load_sweep

    titles = {name: load(name).trial.title or "" for name in shipped.names()}
    for name in shipped.sweeps():
        sweep = load_sweep(name)
        titles[name] = f"a sweep of {sweep.base.scenario.name}: {len(sweep.points)} points"
    if as_json:
        print_json([{"name": name, "title": title} for name, title in titles.items()])
        return
    width = max(map(len, titles), default=0)
    for name, title in titles.items():
        tell(f"{name:<{width}}  {title}".rstrip())

"""``trialsim import``: what was filled in elsewhere comes back into a scenario."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import click

from trialsim.cli.options import json_option, print_json
from trialsim.cli.screen import tell


def _columns(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Names of columns by the keys of a site. Raises click.BadParameter."""
    from trialsim.scenario.reading.sites_table import KEYS

    found = {}
    for value in values:
        key, equals, name = value.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(f'"{value}" is not KEY=NAME', context, parameter)
        if key.strip() not in KEYS:
            raise click.BadParameter(f'"{key}" is not a key of a site; allowed: {", ".join(KEYS)}', context, parameter)
        found[key.strip()] = name.strip()
    return found


@click.group("import")
def import_command() -> None:
    """Take over what was filled in elsewhere.

    It changes a scenario file.
    """


@import_command.command("assumptions")
@click.argument("workbook", type=click.Path(path_type=Path), metavar="FILE.xlsx")
@click.option("--into", "scenario", required=True, metavar="SCENARIO", help="The scenario that is to be changed.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE.yaml",
    help="Where the changed scenario goes; a file that is there is left alone.  [default: NAME-agreed.yaml beside it]",
)
@click.option("--in-place", is_flag=True, default=False, help="Change the scenario's own file.")
@click.option(
    "--stale",
    is_flag=True,
    default=False,
    help="Write over values that have changed in the scenario since the workbook was made, or of another trial.",
)
@json_option
def assumptions_command(
    workbook: Path, scenario: str, out: Path | None, in_place: bool, stale: bool, as_json: bool
) -> None:
    """Change a scenario by what was agreed in a workbook.

    FILE.xlsx is a workbook of `trialsim run --export xlsx`, with values below "Agreed value" on its sheet of
    assumptions. The changed scenario is a new file, in which all else stays as it was written. Each change is told with
    its source; if any cell is not as it should be, nothing is written.
    """
    if out is not None and in_place:
        raise click.UsageError("--out and --in-place: give one of them")
    if not find_spec("openpyxl"):
        raise click.UsageError("openpyxl is not installed (pip install 'trialsim[excel]')")

    from trialsim.intake.assumptions import import_assumptions, to_document

    target = _target(scenario, out, in_place)
    imported = import_assumptions(workbook, scenario, stale)
    for warning in imported.warnings:
        tell(f"warning: {warning}", err=True)
    if imported.has_table and target.resolve().parent != Path(scenario).resolve().parent:
        raise click.UsageError("--out: the scenario has its sites from a table beside it; give a file in its folder")
    if imported.changes:
        _write(imported.text, target, replace=in_place)
    if as_json:
        print_json({"file": str(target) if imported.changes else None, **to_document(imported)})
        return
    for change in imported.changes:
        by = f", {change.owner}" if change.owner else ""
        why = f": {change.source}" if change.source else ""
        known = "; it was uncertain, and is known from now on" if change.was_unknown else ""
        tell(f"{change.key}: {change.before} -> {change.after} ({change.cell}{by}{why}{known})")
    if imported.unchanged:
        tell(f"agreed as they are: {', '.join(imported.unchanged)}")
    if imported.changes:
        tell(f"{target} written; next: trialsim run {target}", err=True)
    else:
        tell("nothing was changed, and nothing is written", err=True)


@import_command.command("sites")
@click.argument("table", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "--column",
    "columns",
    multiple=True,
    callback=_columns,
    metavar="KEY=NAME",
    help="What the column of a key of a site is called in the table, say rate='Patients (per month)'; may be given "
    "several times.  [default: like the key]",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE.yaml",
    help="Where the section goes; a file that is there is left alone.  [default: it is printed]",
)
def sites_command(table: Path, columns: dict[str, str], out: Path | None) -> None:
    """Make the sites of a scenario from a table.

    FILE is a CSV or an Excel file with a row for each site. What is made is the section `recruitment` of a scenario
    file; a scenario can also have its sites from the table itself, by `recruitment.sites_from`. If any cell is not as
    it should be, nothing is made.
    """
    from trialsim.intake.sites import sites_section

    section = sites_section(table, columns)
    if out is not None:
        _write(section.text, out)
    else:
        click.echo(section.text, nl=False)
    number = "1 site" if section.sites == 1 else f"{section.sites:,} sites"
    unused = f"; columns not used: {', '.join(section.unused)}" if section.unused else ""
    tell(f"{number}{unused}", err=True)


def _write(text: str, path: Path, replace: bool = False) -> None:
    """Write a file whole or not at all. Raises StoreError if there is one, unless it is to be replaced."""
    from trialsim.storage import StoreError, new_file

    if not replace and path.exists():
        raise StoreError(f"{path} exists already and is left alone")
    with new_file(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="")


def _target(scenario: str, out: Path | None, in_place: bool) -> Path:
    """Where the changed scenario goes. Raises click.UsageError for a place that it must not go to."""
    own = Path(scenario)
    if in_place:
        if not own.is_file():
            raise click.UsageError(f"--in-place: {scenario} is no file; give --out")
        return own
    is_beside = own.is_file() or own.with_name(f"{own.name}.yaml").is_file()
    target = out or (own.parent if is_beside else Path()) / f"{own.stem}-agreed.yaml"
    if target.exists():
        raise click.UsageError(f"{target} exists already and is left alone")
    return target

"""``trialsim check``: whether a folder of results is as it was written."""

from __future__ import annotations

from pathlib import Path

import click

from trialsim.cli.screen import tell


@click.command("check")
@click.argument("folders", nargs=-1, required=True, metavar="FOLDER...", type=click.Path(path_type=Path))
def check_command(folders: tuple[Path, ...]) -> None:
    """Check folders of results.

    Compares every file with the size and the digest that the manifest lists: a changed bit is found. Says what was
    changed, what is missing, and what is there besides.
    """
    found = {folder: _problems(folder) for folder in folders}
    for folder, problems in found.items():
        for problem in problems:
            tell(f"{folder}: {problem}", err=True)
        if not problems:
            tell(f"{folder}: ok")
    if any(found.values()):
        raise click.exceptions.Exit(2)


def _problems(folder: Path) -> list[str]:
    from trialsim.inventory import look_at
    from trialsim.storage import reason

    try:
        findings = look_at(folder)
    except OSError as problem:
        return [f"it cannot be read: {reason(problem)}"]
    if findings is None:
        return ["there are no results of trialsim"]
    return [
        *(f"{name} was changed" for name in findings.changed),
        *(f"{name} is missing" for name in findings.missing),
        *(f"{name} is not in the manifest" for name in findings.foreign),
    ]

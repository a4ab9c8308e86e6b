"""``trialsim status`` and ``trialsim merge``: unfinished work, and work that was shared out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from trialsim.cli.options import json_option, print_json
from trialsim.cli.screen import tell

_MOST_SHOWN = 10
_ENDING = ".parts"


@click.command("status")
@click.argument("folders", nargs=-1, required=True, metavar="DIR...", type=click.Path(path_type=Path))
@json_option
def status_command(folders: tuple[Path, ...], as_json: bool) -> None:
    """Say how far a simulation is.

    DIR is the folder of its results, finished or not; what is done of unfinished work is in DIR.parts. Every file is
    compared with its digest; a damaged one is named, and its trials are simulated once more when the work goes on.
    Status 2 says that there is nothing.
    """
    found = [_status(folder) for folder in folders]
    if as_json:
        print_json(found)
    else:
        for one in found:
            for line in _words(one):
                tell(line)
    if any(one["finished"] is None and one["unfinished"] is None for one in found):
        raise click.exceptions.Exit(2)


@click.command("merge")
@click.argument("sources", nargs=-1, required=True, metavar="DIR...", type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="The folder of the results to be."
)
def merge_command(sources: tuple[Path, ...], out: Path) -> None:
    """Join parts of one simulation.

    For parts that were simulated into folders of their own, with --part; each DIR is such a folder, with or without
    ".parts" at its end. Copies what is whole and not there yet into DIR.parts of --out, and leaves the sources as they
    are. The command that made the parts, without --part and with the same --out, then makes the results.
    """
    from trialsim.experiment.chunks import beside, join

    target = beside(_plain(out))
    copied = join([beside(_plain(source)) for source in sources], target)
    tell(f"{copied:,} files were copied to {target}", err=True)
    for line in _words(_status(_plain(out))):
        tell(line)


def _plain(folder: Path) -> Path:
    """The folder of the results to be, for that of their parts."""
    return folder.with_name(folder.name.removesuffix(_ENDING)) if folder.name.endswith(_ENDING) else folder


def _status(folder: Path) -> dict[str, Any]:
    """What there is of a simulation, as plain values."""
    from trialsim.experiment.chunks import beside, missing, plan_of, spans
    from trialsim.inventory import look_at
    from trialsim.storage import reason

    folder = _plain(folder)
    parts = beside(folder)
    try:
        finished = look_at(folder) if folder.is_dir() else None
        plan = plan_of(parts)
        found: dict[str, Any] = {"folder": str(folder), "finished": None, "unfinished": None, "problem": None}
        if finished is not None:
            found["finished"] = {
                "replications": finished.manifest.get("replications"),
                "whole": not (finished.foreign or finished.changed or finished.missing),
            }
        if plan is not None:
            points = []
            for point in plan.points:
                there, damaged = spans(parts, plan, point)
                gaps = missing(there, (1, plan.replications))
                points.append(
                    {
                        "name": point.name,
                        "done": plan.replications - sum(last - first + 1 for first, last in gaps),
                        "missing": gaps,
                        "damaged": [str(path.relative_to(parts)) for path in damaged],
                    }
                )
            found["unfinished"] = {
                "folder": str(parts),
                "name": plan.name,
                "seed": plan.seed,
                "version": plan.version,
                "replications": plan.replications,
                "points": points,
            }
    except OSError as problem:
        return {"folder": str(folder), "finished": None, "unfinished": None, "problem": reason(problem)}
    return found


def _words(status: dict[str, Any]) -> list[str]:
    """A status in lines."""
    folder, finished, unfinished = status["folder"], status["finished"], status["unfinished"]
    if status["problem"]:
        return [f"{folder}: it cannot be read: {status['problem']}"]
    if finished is None and unfinished is None:
        return [f"{folder}: there are no results of trialsim, finished or not"]
    lines = []
    if finished is not None:
        number = finished["replications"]
        of = f" of {number:,} trials" if isinstance(number, int) else ""
        lines.append(f"{folder}: finished results{of}" + ("" if finished["whole"] else ", changed since (see `check`)"))
    if unfinished is not None:
        lines += _of_parts(unfinished)
    return lines


def _of_parts(unfinished: dict[str, Any]) -> list[str]:
    points = unfinished["points"]
    asked, done = unfinished["replications"] * len(points), sum(point["done"] for point in points)
    lines = [
        f"{unfinished['folder']}: {unfinished['name']}, seed {unfinished['seed']}, version {unfinished['version']}",
        f"  {done:,} of {asked:,} trials are done ({100 * done // asked} %)",
    ]
    wanting = [point for point in points if point["missing"]]
    if len(points) > 1:
        lines.append(f"  {len(points) - len(wanting):,} of {len(points):,} scenarios are complete")
    for point in wanting[:_MOST_SHOWN]:
        gaps = [f"{first:,} to {last:,}" for first, last in point["missing"]]
        more = f" and {len(gaps) - _MOST_SHOWN} more" if len(gaps) > _MOST_SHOWN else ""
        lines.append(f"  missing of {point['name']}: {', '.join(gaps[:_MOST_SHOWN])}{more}")
    if len(wanting) > _MOST_SHOWN:
        lines.append(f"  and of {len(wanting) - _MOST_SHOWN:,} more scenarios")
    damaged = [name for point in points for name in point["damaged"]]
    lines += [f"  damaged: {name}" for name in damaged[:_MOST_SHOWN]]
    if len(damaged) > _MOST_SHOWN:
        lines.append(f"  and {len(damaged) - _MOST_SHOWN:,} more damaged files")
    if not wanting:
        lines.append("  all is there: the command without --part makes the results")
    return lines

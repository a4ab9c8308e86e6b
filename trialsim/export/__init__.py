"""Results in, files of other programs out: one file a format.

A format is a module with a function ``write``: what there is to hand over (`trialsim.export.content`) and a path in, a
file out; or, if it takes a file for each table, a function ``export`` with an existing folder in the place of the path.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from trialsim.export.content import Content


class Format(NamedTuple):
    """A format: where it lives, imported when it is asked for, and what it makes and needs.

    ``file`` is the name of its file, None where each table is one; ``of_plans`` whether it holds the plan of one trial,
    and so cannot be had of other results; ``library`` the module that it needs, and ``extra`` what brings it.
    """

    module: str
    file: str | None = None
    of_plans: bool = False
    library: str | None = None
    extra: str = ""


FORMATS = {
    "csv": Format("trialsim.export.csv"),
    "xlsx": Format("trialsim.export.xlsx", "workbook.xlsx", library="xlsxwriter", extra="excel"),
    "ics": Format("trialsim.export.ics", "plan.ics", True, "icalendar", "calendar"),
    "mspdi": Format("trialsim.export.mspdi", "plan.xml", True),
    "mermaid": Format("trialsim.export.mermaid", "plan.mmd", True),
}
"""The formats that can be had beside parquet."""


class Unavailable(ValueError):
    """A format cannot be had; the message says why."""


def check(names: Iterable[str], has_plan: bool = True) -> None:
    """Raise Unavailable for a format that there is not, or that cannot be had here.

    ``has_plan`` says whether the results are of one trial, whose plan can be told.
    """
    for name in names:
        if name not in FORMATS:
            raise Unavailable(f"there is no format {name}; give one of {', '.join(FORMATS)}")
        form = FORMATS[name]
        if form.of_plans and not has_plan:
            others = ", ".join(each for each, other in FORMATS.items() if not other.of_plans)
            raise Unavailable(f"{name} holds the plan of one trial, as `trialsim run` makes it; give one of {others}")
        if form.library and not find_spec(form.library):
            raise Unavailable(
                f"{name} needs {form.library}, which is not installed (pip install 'trialsim[{form.extra}]')"
            )


def export(name: str, content: Content, folder: Path) -> None:
    """Write results into an existing folder, in one of `FORMATS`.

    Raises
    ------
    Unavailable
        If there is no format of that name, or it cannot be had of these results.
    """
    check([name], content.plan is not None)
    form = FORMATS[name]
    module = import_module(form.module)
    if form.file is None:
        module.export(content, folder)
    else:
        module.write(content, folder / form.file)


def named_by(path: Path) -> str:
    """The format of a single file by its ending.

    Raises
    ------
    Unavailable
        If no format has files with that ending.
    """
    endings = {Path(form.file).suffix: name for name, form in FORMATS.items() if form.file}
    if path.suffix not in endings:
        raise Unavailable(f"{path} must end in one of {', '.join(endings)}")
    return endings[path.suffix]


def write(content: Content, path: Path) -> None:
    """Write results into a single file, in the format that the path's ending names; see `named_by`."""
    name = named_by(path)
    check([name], content.plan is not None)
    import_module(FORMATS[name].module).write(content, path)

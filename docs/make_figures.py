"""Draw every figure of everything that ships, and put them on one contact sheet.

Usage: python docs/make_figures.py [FOLDER]      (`make figures`; FOLDER is outputs/figures if left out)

The folder gets a sub-folder for each scenario and sweep, and `contact-sheet.png`. The figure of the README is
`docs/recruitment-rates.png`, made by `python docs/make_figures.py --readme` from the full sweep.
"""

from __future__ import annotations

import sys
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.image import imread

from trialsim import load, simulate, sweep
from trialsim.figures.picture import DPI
from trialsim.scenario import shipped
from trialsim.storage import new_file

HERE = Path(__file__).resolve().parent
LARGE = 1000
COLUMNS = 6


def replications(participants: int) -> int:
    """Enough for a figure to be looked at, fewer for a trial that takes seconds to simulate."""
    return 300 if participants < LARGE else 5


def draw_all(folder: Path) -> None:
    """Simulate and draw whatever ships."""
    for name in shipped.names():
        scenario = load(name)
        number = replications(scenario.trial.max_participants)
        simulate(scenario, number, detail=True, levers=True, ignorance=True).save(folder / name)
        print(folder / name, flush=True)
    for name in shipped.sweeps():
        sweep(name, replications=100).save(folder / name)
        print(folder / name, flush=True)


def contact_sheet(folder: Path) -> Path:
    """All figures, each scenario or sweep in rows of its own."""
    found = [sorted(each.glob("*.png")) for each in sorted(folder.iterdir()) if each.is_dir()]
    rows = [paths[begin : begin + COLUMNS] for paths in found for begin in range(0, len(paths), COLUMNS)]
    figure = Figure(figsize=(5 * COLUMNS, 3.2 * len(rows)), layout="tight")
    grid = figure.subplots(len(rows), COLUMNS, squeeze=False)
    for axes, paths in zip(grid, rows, strict=True):
        for ax in axes:
            ax.axis("off")
        for ax, path in zip(axes, paths, strict=False):
            ax.imshow(imread(path))
            ax.set_title(f"{path.parent.name}/{path.stem}", fontsize=9)
    sheet = folder / "contact-sheet.png"
    with new_file(sheet) as draft:
        figure.savefig(draft, dpi=100)
    return sheet


def readme_figure() -> Path:
    """The risk of ending early against the rate of recruitment, as the README shows it."""
    path = HERE / "recruitment-rates.png"
    sweep("recruitment-rates").figure("sweep_early_termination").savefig(
        path, dpi=DPI * 0.6, metadata={"Software": None}
    )
    return path


if __name__ == "__main__":
    if sys.argv[1:] == ["--readme"]:
        print(readme_figure())
    else:
        target = Path(sys.argv[1] if len(sys.argv) > 1 else "outputs/figures")
        draw_all(target)
        print(contact_sheet(target))

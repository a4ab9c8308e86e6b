"""What all results can say of themselves."""

from __future__ import annotations

import platform
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialsim import export as exports
from trialsim._version import __version__
from trialsim.columns import data_dictionary
from trialsim.export.content import Content
from trialsim.inventory import PICTURES, PROGRAM
from trialsim.results.writing import save_folder
from trialsim.storage import new_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from trialsim.figures.picture import Picture
    from trialsim.frames import Table
    from trialsim.rules.base import Rule
    from trialsim.scenario import Scenario

_VERSION = f"{PROGRAM} {__version__}"
_LIBRARIES = ("numpy", "pandas", "pyarrow", "scipy", "simpy")


def when(started: datetime, finished: datetime) -> dict[str, str]:
    """When results were made, as plain values."""
    return {"started": started.isoformat(timespec="seconds"), "finished": finished.isoformat(timespec="seconds")}


def simulated(replications: int, seed: int, finished: datetime | None = None) -> str:
    """The origin of what was simulated, in words; with the date if it is known."""
    from trialsim.figures import style

    made = f" · made on {style.full_date(finished.date())}" if finished else ""
    return f"{style.trials(replications)}, seed {seed} · {_VERSION}{made}"


def of(scenario: Scenario) -> dict[str, Any]:
    """What a manifest says of a scenario: all of it, what its author gave and wrote, and its digest."""
    given = list(scenario.given_values())
    document = scenario.to_document()
    return {"scenario": document, "given": given, "written": scenario.written, "digest": scenario.digest()}


def own_rule(rule: Rule | None) -> str | None:
    """What a dose rule of the user's own is called in a manifest: its class, with the module; None without one."""
    return None if rule is None else f"{type(rule).__module__}.{type(rule).__qualname__}"


class Result(ABC):
    """Results of any kind: their tables, a summary, figures, and what they were made from and with."""

    @abstractmethod
    def tables(self) -> dict[str, Table]:
        """The tables that are saved, by name, each with its columns."""

    @abstractmethod
    def summary(self) -> dict[str, Any]:
        """The numbers of the report, as plain values ready for JSON; None is what did not happen or is not known."""

    @abstractmethod
    def made_from(self) -> dict[str, Any]:
        """What was asked for: enough to run it again, as plain values."""

    def manifest(self) -> dict[str, Any]:
        """What these results were made from and with, and what the columns of their tables mean."""
        return {
            "format": 1,
            "program": PROGRAM,
            "version": __version__,
            "python": platform.python_version(),
            "libraries": {name: version(name) for name in _LIBRARIES}
            | ({"numba": version("numba")} if find_spec("numba") else {}),
            "platform": platform.platform(),
            **self.made_from(),
            "columns": data_dictionary({name: table.columns for name, table in self.tables().items()}),
        }

    def figures(self) -> list[str]:
        """The names of the figures that can be drawn."""
        return []

    def with_detail(self) -> list[str]:
        """The names of further figures that could be drawn of these results if they had been made with detail."""
        return []

    def figure(self, name: str) -> Picture:
        """Draw a figure: a matplotlib figure with a text of what it shows (``alt``), and its ``svg()``.

        Raises
        ------
        KeyError
            If `figures` does not name it.
        """
        if name not in (names := self.figures()):
            raise KeyError(f"no figure of these results is called {name}; there are {', '.join(names) or 'none'}")
        from trialsim.figures import style
        from trialsim.figures.picture import Picture

        figure = self._draw(name)
        assert isinstance(figure, Picture)
        style.foot(figure, self._origin_of(name))
        return figure

    def origin(self) -> str:
        """What figures say at their foot: what they were made from and with, and on which day."""
        return _VERSION

    def _origin_of(self, name: str) -> str:
        """What one figure says at its foot."""
        return self.origin()

    def _draw(self, name: str) -> Figure:
        raise NotImplementedError

    def save(
        self,
        folder: str | Path,
        figures: bool | Sequence[str] = True,
        export: Sequence[str] = (),
        replace: bool = True,
    ) -> None:
        """Write tables, summary, figures and manifest to ``folder``, which appears whole or not at all.

        All but the figures is there before these are drawn.

        Parameters
        ----------
        folder : str or path
            Where to; earlier results there are replaced.
        figures : bool or sequence of str
            In which of the formats `trialsim.inventory.PICTURES` to draw the figures; True is PNG, False none.
        export : sequence of str
            Formats for other programs, besides parquet; see `trialsim.export.FORMATS`.
        replace : bool
            Whether earlier results are replaced whatever they are of; False keeps those of other scenarios, and those
            with more replications.

        Raises
        ------
        StoreError
            When ``folder`` exists and holds what is not to be replaced, or cannot be written; or, as its kind
            `trialsim.results.writing.FiguresFailed`, when all is saved but some figures.
        ValueError
            For a format that there is not, or that cannot be had of these results.
        """
        exports.check(export, self.has_plan)
        formats = (PICTURES[:1] if figures else ()) if isinstance(figures, bool) else figures
        tables, summary = self.tables(), self.summary()
        further: list[Callable[[Path], None]] = []
        if export:
            content = self._content(tables, summary)
            further = [partial(exports.export, name, content) for name in export]
        save_folder(folder, tables, summary, self.manifest(), self._drawings, formats, further, replace)

    def export(self, path: str | Path) -> None:
        """Write a single file for another program, of the kind that the path's ending names, whole or not at all.

        ``.xlsx`` is a workbook; of the plan of one trial ``.ics`` is iCalendar, ``.xml`` MS Project, ``.mmd`` Mermaid.

        Raises
        ------
        ValueError
            For a format that there is not, or that cannot be had of these results.
        StoreError
            When it cannot be written.
        """
        path = Path(path)
        exports.check([exports.named_by(path)], self.has_plan)
        with new_file(path) as draft:
            exports.write(self._content(self.tables(), self.summary()), draft)

    @property
    def has_plan(self) -> bool:
        """Whether these results are of one trial, whose plan can be told."""
        return False

    def _content(self, tables: dict[str, Table], summary: dict[str, Any]) -> Content:
        """What exports are made of."""
        return Content(_VERSION, tables, summary)

    def _drawings(self) -> dict[str, Callable[[], Figure]]:
        return {name: partial(self.figure, name) for name in self.figures()}

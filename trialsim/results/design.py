"""A design, and what was asked about it: its decision table, advice on data, pathways, operating characteristics."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from trialsim.frames import Table, typed
from trialsim.results.result import Result, simulated
from trialsim.tables import ADVICE, CHARACTERISTICS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from trialsim.design import Design
    from trialsim.design.advice import Advice
    from trialsim.design.characteristics import Characteristics
    from trialsim.design.pathways import Pathways
    from trialsim.design.prior import Prior
    from trialsim.design.tables import Table as DecisionTable
    from trialsim.figures.picture import Picture


@dataclass(frozen=True, eq=False)
class DesignResults(Result):
    """What was asked about a design.

    Attributes
    ----------
    design : Design
        What was looked at.
    table, prior, advice, pathways, characteristics
        What the methods of the design gave; None where they gave nothing or were not asked.
    """

    design: Design
    table: DecisionTable | None = None
    prior: Prior | None = None
    advice: Advice | None = None
    pathways: Pathways | None = None
    characteristics: Characteristics | None = None

    def tables(self) -> dict[str, Table]:
        """What is known of each level, and what becomes of it, as far as these were asked for."""
        found = {}
        if self.advice is not None:
            rows = [asdict(level) for level in self.advice.levels]
            found["advice"] = Table(ADVICE, typed(ADVICE, _by_column(rows)))
        if self.characteristics is not None:
            rows = [
                {
                    "level": each.level,
                    "truth": each.truth,
                    "selected": each.selected.probability,
                    "selected_low": each.selected.low,
                    "selected_high": each.selected.high,
                    "treated": each.treated.mean,
                    "treated_standard_error": each.treated.standard_error,
                    "dlts": each.dlts.mean,
                    "dlts_standard_error": each.dlts.standard_error,
                }
                for each in self.characteristics.levels
            ]
            found["characteristics"] = Table(CHARACTERISTICS, typed(CHARACTERISTICS, _by_column(rows)))
        return found

    def made_from(self) -> dict[str, Any]:
        """The design; of operating characteristics, seed and how many replications."""
        simulated = self.characteristics
        return {
            "design": self.design.to_document(),
            "seed": None if simulated is None else simulated.seed,
            "replications": None if simulated is None else simulated.replications,
        }

    def summary(self) -> dict[str, Any]:
        """All of it as plain values."""
        return {
            "design": self.design.to_document(),
            **{name: part.to_document() for name, part in self._parts().items() if part is not None},
        }

    def text(self, *, whole: bool = True, color: bool = False, width: int | None = 80) -> str:
        """All of it to read; unless ``whole``, the decision table and the curve only where nothing else is there."""
        from trialsim.report.designs import render

        parts = self._parts()
        if not whole and any(parts[name] is not None for name in ("advice", "pathways", "characteristics")):
            parts |= {"table": None, "prior": None}
        return render(self.design, **parts, color=color, width=width)

    def figures(self) -> list[str]:
        """``design``: what was asked for on one sheet, if there is anything."""
        return ["design"] if any(part is not None for part in self._parts().values()) else []

    def figure(self, name: str = "design") -> Picture:
        """What was asked for on one sheet."""
        return super().figure(name)

    def origin(self) -> str:
        """Of operating characteristics, how many trials and which seed; and the version."""
        done = self.characteristics
        return super().origin() if done is None else simulated(done.replications, done.seed)

    def _draw(self, name: str) -> Figure:
        from trialsim.figures.designs import draw_design

        return draw_design(self.design, **self._parts())

    def _parts(self) -> dict[str, Any]:
        return {
            "table": self.table,
            "prior": self.prior,
            "advice": self.advice,
            "pathways": self.pathways,
            "characteristics": self.characteristics,
        }


def _by_column(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}

"""What a report is about: the results, what they were made from, and what else was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialsim.document.content import Figure
from trialsim.document.data import Data

if TYPE_CHECKING:
    from trialsim.analysis.facts import Facts
    from trialsim.scenario import Scenario


@dataclass(frozen=True)
class Comparison:
    """A sweep, a comparison or levers beside the trial; ``name`` is that of its document in the data.

    ``draw`` makes its figures, in their order.
    """

    name: str
    title: str
    kind: str
    draw: Callable[[], Sequence[Figure]]


@dataclass(frozen=True)
class Subject:
    """What the chapters of a report are made from.

    Attributes
    ----------
    scenario : Scenario
        The trial.
    facts : Facts
        What is to be known of it.
    data : Data
        The documents of the results: ``summary``, and those of comparisons and of what changed.
    manifest : mapping
        What the results were made from and with.
    draw : callable
        Makes a figure of the run by its name; None where it cannot be drawn.
    command : str
        The command line that gives these numbers again.
    question, context : str
        What was asked, and what the answer is for; empty if nobody said so.
    comparisons : sequence of Comparison
        What else was simulated.
    has_run : bool
        Whether a run of its own is behind it; of a sweep, the trials of its base are.
    """

    scenario: Scenario
    facts: Facts
    data: Data
    manifest: Mapping[str, Any]
    draw: Callable[[str], Figure | None]
    command: str
    question: str = ""
    context: str = ""
    comparisons: Sequence[Comparison] = ()
    has_run: bool = True

    @property
    def summary(self) -> Mapping[str, Any]:
        """The numbers of the run."""
        found: Mapping[str, Any] = self.data.documents["summary"]
        return found

    @property
    def replications(self) -> int:
        """How many trials were simulated."""
        return int(self.summary["replications"])

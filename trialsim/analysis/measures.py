"""What sweeps and comparisons measure of a trial: the day of a milestone, a count, or the chance of an end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from trialsim.analysis.grouping import Flags, Floats
from trialsim.scenario.values.units import duration
from trialsim.tables import COUNTS, MEASURES, SHARES
from trialsim.vocabulary import MONTH, EndCause, Milestone

if TYPE_CHECKING:
    import pandas as pd

USUAL = (Milestone.LAST_VISIT.value, "early_termination")
"""What tables and figures show unless something else is asked for."""

_THE_MORE_THE_BETTER = ("candidates", "screened", "enrolled", "infused", "evaluable", "completed")
_WORDS = {"early_termination": "ends early", "dlts": "DLTs", "screen_failures": "screening failures"}


def named(name: str) -> str:
    """The measure that reports call so: ``treated`` is ``infused``, ``ends early`` is ``early_termination``."""
    said = name.strip().casefold().replace(" ", "_").replace("treatment", "infusion")
    known = {words(measure).casefold().replace(" ", "_"): measure for measure in MEASURES} | {"treated": "infused"}
    return name if name in MEASURES else known.get(said, name)


def checked(measures: Iterable[str]) -> tuple[str, ...]:
    """Names of measures, each once; the usual ones for none.

    Raises
    ------
    ValueError
        For a name that is none.
    """
    names = tuple(dict.fromkeys(map(named, measures))) or USUAL
    for name in names:
        if name not in MEASURES:
            raise ValueError(f'"{name}" is not a measure; allowed: {", ".join(MEASURES)}')
    return names


def values(table: pd.DataFrame, measure: str) -> Floats:
    """A milestone's day (NaN where it was not reached) or a count in each row of a table of replications."""
    return table[column_of(measure)].to_numpy(dtype=float)


def column_of(measure: str) -> str:
    """The column of the table of replications from which a measure is taken."""
    if measure in SHARES:
        return "end_cause"
    return measure if measure in COUNTS else Milestone(measure).column


def happened(table: pd.DataFrame, measure: str) -> Flags:
    """Whether each row of a table of replications ended so: early, or for a cause."""
    causes = table["end_cause"].to_numpy(dtype=object)
    found: Flags = np.asarray(
        causes != EndCause.COMPLETED if measure == "early_termination" else causes == measure, dtype=bool
    )
    return found


def words(measure: str, called: Mapping[str, str] | None = None) -> str:
    """How people say it, unless it is ``called`` otherwise."""
    if called and measure in called:
        return called[measure]
    if measure in Milestone.texts():
        return Milestone(measure).words
    if measure in EndCause.texts():
        return EndCause(measure).words
    return _WORDS.get(measure, measure.replace("_", " "))


def scale(measure: str) -> float:
    """What its values are multiplied by for people: days become months, chances percentage points; counts stay."""
    return 100.0 if is_share(measure) else 1.0 if measure in COUNTS else 1 / MONTH


def is_share(measure: str) -> bool:
    """Whether it is the chance of an end."""
    return measure in SHARES


def is_milestone(measure: str) -> bool:
    """Whether it is the day of a milestone, by which a trial that is cut short looks good."""
    return not is_share(measure) and measure not in COUNTS


def more_is_better(measure: str) -> bool:
    """Whether the larger is the better: of people who come and stay, and of completing. Else it is the smaller."""
    return measure in _THE_MORE_THE_BETTER


def amount(measure: str, text: str) -> float:
    """A difference in a measure as people write it, in its own unit: ``2 weeks`` of a milestone, ``0.02`` of a chance.

    Raises
    ------
    ValueError
        With what was given and what is allowed.
    """
    if measure in Milestone.texts():
        found, advice = duration(text), 'write a duration such as "2 weeks"'
    else:
        advice = "write a share such as 0.02" if is_share(measure) else "write a number such as 0.5"
        try:
            found = float(text)
        except ValueError:
            raise ValueError(f'"{text}" is not a number; {advice}') from None
    if not 0 < found < (1 if is_share(measure) else np.inf):
        raise ValueError(f'"{text}" is out of range: above 0{" and below 1" * is_share(measure)}; {advice}')
    return found

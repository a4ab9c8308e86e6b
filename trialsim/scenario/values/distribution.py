"""What every distribution can do, and the simplest of them."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class Distribution(ABC):
    """A distribution of days, cells, kilograms or fractions.

    Subclasses are frozen dataclasses. `keys` maps the parameter names of the scenario file to field names, in order;
    `pure` names those parameters that are plain numbers whatever the quantity.
    """

    __slots__ = ()
    name: ClassVar[str]
    keys: ClassVar[dict[str, str]]
    pure: ClassVar[frozenset[str]] = frozenset()
    optional: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def quantile(self, u: Floats) -> Floats:
        """Inverse distribution function.

        Parameters
        ----------
        u : array of float
            Probabilities strictly between 0 and 1, any shape.

        Returns
        -------
        array of float
            Values in the unit of the quantity, same shape.
        """

    @abstractmethod
    def mean(self) -> float:
        """Expected value."""

    def median(self) -> float:
        """The value that half of the draws stay below."""
        import numpy as np

        return float(self.quantile(np.array([0.5]))[0])

    def upper(self) -> float:
        """Least number that no draw exceeds (infinite when there is none)."""
        return math.inf

    def lower(self) -> float:
        """Return a number that no draw is below."""
        return 0.0

    def fault(self) -> str | None:
        """Why these parameters make no distribution, or None."""
        return None

    def point(self) -> float | None:
        """The only value this distribution can take, if there is only one."""
        return None


@dataclass(frozen=True, slots=True)
class Constant(Distribution):
    """Always the same value."""

    name: ClassVar[str] = "constant"
    keys: ClassVar[dict[str, str]] = {}
    value: float

    def quantile(self, u: Floats) -> Floats:
        import numpy as np

        return np.full(np.shape(u), self.value)

    def mean(self) -> float:
        return self.value

    def median(self) -> float:
        return self.value

    def upper(self) -> float:
        return self.value

    def lower(self) -> float:
        return self.value

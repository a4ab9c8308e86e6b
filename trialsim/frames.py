"""Tables as pandas and parquet hold them: the columns that `trialsim.tables` declares, each of the type of its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np

from trialsim.columns import DTYPES, Column, Columns, Kind
from trialsim.vocabulary import Term

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


T = TypeVar("T")


class Lazy(Sequence[T]):
    """Things of which each is made, or read, when it is asked for, so that few of many are in memory."""

    def __init__(self, number: int, fetch: Callable[[int], T]) -> None:
        self._positions = range(number)
        self._fetch = fetch

    def __len__(self) -> int:
        return len(self._positions)

    @overload
    def __getitem__(self, position: int) -> T: ...

    @overload
    def __getitem__(self, position: slice) -> Sequence[T]: ...

    def __getitem__(self, position: int | slice) -> T | Sequence[T]:
        if isinstance(position, slice):
            return [self._fetch(each) for each in self._positions[position]]
        return self._fetch(self._positions[position])


@dataclass(frozen=True, eq=False)
class Table:
    """A table and what its columns are.

    Attributes
    ----------
    columns : Columns
        What it has.
    rows : DataFrame or callable
        The table, or what gives it in several parts, one after the other, when it is too large for the memory.
    """

    columns: Columns
    rows: pd.DataFrame | Callable[[], Iterable[pd.DataFrame]]

    @property
    def frame(self) -> pd.DataFrame:
        """The whole table, in memory."""
        import pandas as pd

        return pd.concat(list(self.rows()), ignore_index=True) if callable(self.rows) else self.rows

    def parts(self) -> Iterator[pd.DataFrame]:
        """The table in parts of some size; at least one."""
        import pandas as pd

        waiting: list[pd.DataFrame] = []
        for part in self.rows() if callable(self.rows) else _sliced(self.rows):
            waiting.append(part)
            if sum(map(len, waiting)) >= _ROWS_OF_A_PART:
                yield waiting[0] if len(waiting) == 1 else pd.concat(waiting, ignore_index=True)
                waiting = []
        if waiting:
            yield pd.concat(waiting, ignore_index=True)


def _sliced(table: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """A table in parts that can be converted without taking as much memory again."""
    for begin in range(0, max(len(table), 1), _ROWS_OF_A_SLICE):
        yield table.iloc[begin : begin + _ROWS_OF_A_SLICE]


_ROWS_OF_A_SLICE = 1_000_000
_ROWS_OF_A_PART = 50_000
"""Not many: each part of a table of replications takes half a kilobyte a row. Not few: each is a group in its file."""


def frame(columns: Mapping[str, Column], rows: Iterable[Sequence[Any]]) -> pd.DataFrame:
    """A typed table of ``rows``, each with one value a column in the order of ``columns``; ``None`` is missing.

    Raises
    ------
    ValueError
        If a row has another length than ``columns``.
    TypeError
        If a value is missing where the column's type has no place for it.
    """
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    if len(values) != len(columns):
        raise ValueError(f"rows of {len(values)} values for {len(columns)} columns")
    return typed(columns, dict(zip(columns, values, strict=True)))


def typed(columns: Mapping[str, Column], values: Mapping[str, Any] | pd.DataFrame) -> pd.DataFrame:
    """A table with exactly ``columns``, in their order and of their types, from a sequence, array or series for each.

    Also brings a table back to its types that was read from a file, and leaves out columns that are not asked for.
    """
    import pandas as pd

    return pd.DataFrame({name: _values(values[name], column.kind) for name, column in columns.items()}, copy=False)


def published(participants: pd.DataFrame) -> pd.DataFrame:
    """The participants' table as users see it, without the columns that only the table of replications needs."""
    return participants.drop(columns="under_dosed", errors="ignore")


def schema(columns: Mapping[str, Column]) -> pa.Schema:
    """The parquet schema of ``columns``: the same for every chunk, whatever happens to be missing in it."""
    import pyarrow as pa

    types = {
        "object": pa.string(),
        "float64": pa.float64(),
        "int64": pa.int64(),
        "Int64": pa.int64(),
        "bool": pa.bool_(),
    }
    never_missing = {Kind.KEY, Kind.COUNT, Kind.FLAG}
    return pa.schema(
        [
            pa.field(name, types[column.dtype], nullable=column.kind not in never_missing)
            for name, column in columns.items()
        ]
    )


def to_arrow(columns: Mapping[str, Column], table: pd.DataFrame) -> pa.Table:
    """``table`` as an Arrow table with the schema of ``columns``; NaN becomes null."""
    import pyarrow as pa

    return pa.Table.from_pandas(table[list(columns)], schema=schema(columns), preserve_index=False)


def _values(values: Any, kind: Kind) -> Any:
    """The values of a column as an array of the type that its kind has."""
    import pandas as pd

    if kind is Kind.ORDINAL:
        if isinstance(values, pd.Series) and values.dtype == "Int64":
            return values.array
        numbers = np.array(values, dtype=float)  # None becomes NaN; whole numbers are exact below 2**53
        missing = np.isnan(numbers)
        return pd.arrays.IntegerArray(np.where(missing, 0, numbers).astype(np.int64), missing)
    if kind is Kind.LABEL:
        texts = np.empty(len(values), dtype=object)
        texts[:] = [value.value if isinstance(value, Term) else value for value in values]
        if isinstance(values, pd.Series):
            texts[values.isna().to_numpy()] = None
        return pd.Series(texts, dtype=object)  # else pandas 3 would guess its own string type
    return np.array(values, dtype=DTYPES[kind])

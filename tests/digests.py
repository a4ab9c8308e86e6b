"""Digests of all tables, to show that a change of the structure changes no number.

Run before and after a change, with the same folder:

    python -m tests.digests write /tmp/digests before
    python -m tests.digests write /tmp/digests after
    python -m tests.digests compare /tmp/digests before after

The random scenarios are made once and kept in the folder, so that both runs simulate the same ones. The order of the
columns does not count, nor does a column that only one side has: it is named.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import trialsim
from tests.support.strategies import scenarios
from trialsim.scenario import Scenario, shipped

ENGINES = ("simpy", "compiled")
TABLES = ("replications", "courses", "participants", "lots")
MOST_PEOPLE = 20_000
"""In all replications of one scenario that ships, so that large trials are simulated a few times only."""
Digests = dict[str, str]
"""A digest for each column, by ``scenario/engine/table/column``."""


@click.group()
def main() -> None:
    """Write digests of all tables, and compare two sets of them."""


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("name")
@click.option("--random", "number", default=200, show_default=True, help="Random scenarios.")
def write(folder: Path, name: str, number: int) -> None:
    """Simulate everything, and write the digests to FOLDER/NAME.json."""
    folder.mkdir(parents=True, exist_ok=True)
    found: Digests = {}
    for what, results, tables in results_of_all(documents(folder / "scenarios.json", number)):
        for table in tables:
            for column, digest in digests(getattr(results, table)).items():
                found[f"{what}/{table}/{column}"] = digest
    (folder / f"{name}.json").write_text(json.dumps(found, indent=1, sort_keys=True))
    click.echo(f"{len(found):,} columns")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@click.argument("one")
@click.argument("other")
def compare(folder: Path, one: str, other: str) -> None:
    """Say where two sets of digests differ; the status is 1 if they do."""
    first, second = (json.loads((folder / f"{name}.json").read_text()) for name in (one, other))
    differ = [key for key in first if key in second and first[key] != second[key]]
    alone = sorted({key.rsplit("/", 1)[1] for key in {*first} ^ {*second}})
    click.echo(f"{len({*first} & {*second}):,} columns compared, {len(differ)} differ; on one side only: {alone}")
    for key in differ[:20]:
        click.echo(key)
    raise SystemExit(bool(differ))


def results_of_all(random: list[tuple[dict[str, Any], int]]) -> Iterator[tuple[str, Any, tuple[str, ...]]]:
    """What is simulated: a name, the results, and which of their tables count."""
    for engine in ENGINES:
        for name in shipped.names():
            scenario = trialsim.load(name)
            replications = max(3, min(100, MOST_PEOPLE // scenario.trial.max_participants))
            yield f"{name}/{engine}", trialsim.simulate(scenario, replications, 5, engine=engine, detail=True), TABLES
        for name in shipped.sweeps():
            swept = trialsim.sweep(name, replications=20, seed=3, engine=engine)
            yield f"{name}/{engine}", swept, ("points", "replications")
        for number, (document, seed) in enumerate(random):
            results = trialsim.simulate(Scenario.from_document(document), 4, seed, engine=engine, detail=True)
            yield f"random {number}/{engine}", results, TABLES


def documents(file: Path, number: int) -> list[tuple[dict[str, Any], int]]:
    """Random scenarios and seeds, made once and read from the file afterwards."""
    if not file.exists():
        made: list[tuple[dict[str, Any], int]] = []

        @settings(
            max_examples=number,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(scenarios(), st.integers(0, 2**64 - 1))
        def collect(scenario: Scenario, seed: int) -> None:
            made.append((scenario.to_document(), seed))

        collect()
        file.write_text(json.dumps(made))
    return [(document, seed) for document, seed in json.loads(file.read_text())]


def digests(table: pd.DataFrame) -> dict[str, str]:
    """A digest of each column: of its bits, with one pattern for all that is missing."""
    return {str(name): hashlib.sha256(_bits(table[name])).hexdigest()[:20] for name in table.columns}


def _bits(column: pd.Series[Any]) -> bytes:
    if column.dtype.kind == "f" or column.isna().all():  # a column of nothing has no type of its own
        numbers = column.to_numpy(dtype=float)
        return np.where(np.isnan(numbers), np.nan, numbers).tobytes()
    values = column.astype(object).where(column.notna(), None)
    return repr([value.item() if hasattr(value, "item") else value for value in values]).encode()


if __name__ == "__main__":
    main()

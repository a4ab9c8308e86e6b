"""Simulating some scenarios until the estimates asked for are as precise as was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from trialsim.analysis.precision import FIRST, Reached, Wanted, next_size, reached
from trialsim.experiment.arguments import MOST_REPLICATIONS, check_count
from trialsim.experiment.collection import Progress
from trialsim.experiment.jobs import Job, Tables, put_together
from trialsim.experiment.running import EARLIER, run_jobs
from trialsim.experiment.store import Store


@dataclass(frozen=True)
class Precision:
    """What was asked, how near one came to it, and whether the most replications ended it before.

    Attributes
    ----------
    estimates : tuple of Reached
        Each that was asked for.
    most : int
        How many replications there may be of each scenario.
    """

    estimates: tuple[Reached, ...]
    most: int

    @property
    def met(self) -> bool:
        """Whether all of them are as precise as was asked."""
        return all(each.met for each in self.estimates)

    def to_document(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "met": self.met,
            "max_replications": self.most,
            "estimates": [asdict(each) for each in self.estimates],
        }

    def asked(self) -> dict[str, Any]:
        """What a manifest says of it."""
        return {"max_replications": self.most, "half_widths": {each.name: each.asked for each in self.estimates}}


def grow(
    jobs: Sequence[Job],
    replications: int,
    asked: Sequence[Wanted],
    most: int,
    workers: int | None,
    progress: Progress | None,
    engine: str,
    base: int | None = None,
    store: Store | None = None,
    executor: str = "auto",
) -> tuple[Sequence[Tables], str, Precision | None]:
    """Run so many replications of each job, and more until all that is ``asked`` is reached, or there are ``most``.

    The tables are those of that many replications run at once: a replication is what it is whatever the number of
    others. With nothing asked there is no precision.
    """
    if not asked:
        results, used = run_jobs(jobs, replications, workers, progress, engine, store=store, executor=executor)
        return results, used, None
    tables: Sequence[Tables] = ()
    used, size, upto = EARLIER, 0, replications
    while True:
        if store is not None:
            store.grow_to(upto)
            tables, by = run_jobs(jobs, upto, workers, progress, engine, store=store, executor=executor)
        else:
            done, tell = size * len(jobs), progress
            told = None if tell is None else lambda now, all_, done=done, tell=tell: tell(done + now, done + all_)
            more, by = run_jobs(jobs, upto, workers, told, engine, size, executor=executor)
            pairs = zip(tables, more, strict=True) if tables else ([new] for new in more)
            tables = [put_together([*pair]) for pair in pairs]
        used = used if by == EARLIER else by
        size = upto
        found = reached(asked, [each.replications for each in tables], base)
        following = next_size(size, found, most)
        if following is None:
            return tables, used, Precision(found, most)
        upto = following


def check_growth(replications: int, most: int) -> None:
    """Raise ValueError for numbers with which a precision cannot be asked for, TypeError for no whole ones."""
    check_count("most", most, MOST_REPLICATIONS)
    if replications < FIRST:
        raise ValueError(f"a precision needs {FIRST} replications to begin with, not {replications}")
    if most < replications:
        raise ValueError(f"the most replications, {most:,}, are fewer than the {replications:,} to begin with")

"""Beginnings: a replication, a person, a lot and a cohort begin as copies of their records' defaults."""

from __future__ import annotations

from trialsim.kernel.language import (
    copy_words,
    count_at,
    inlined,
    put_count,
)
from trialsim.kernel.machine.views import (
    cohort_at,
    lot_at,
    person_at,
)
from trialsim.kernel.state.memory import dtype
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.records import Cohort, Lot, Person

WORD = 8
PERSON_WORDS, LOT_WORDS, COHORT_WORDS = (dtype(record).itemsize // WORD for record in (Person, Lot, Cohort))


@inlined
def begin(t: State) -> None:
    """Begin a replication: nothing has happened yet, and blocks of random numbers are of earlier ones."""
    copy_words(t.progress_at, t.beginning_at, t.progress_words)
    t.round += 1


@inlined
def vary(t: State) -> None:
    """Put what is drawn for this replication in the place of what is not known."""
    row = t.varied * (t.replication - t.drawn_first)
    for word in range(t.varied):
        put_count(count_at(t.varied_at, word), 0, count_at(t.drawn_at, row + word))


@inlined
def new_person(t: State, patient: int) -> Person:
    """Begin the record of a person of whom nothing is known yet."""
    person = t.people_at + patient * PERSON_WORDS * WORD
    copy_words(person, t.new_person_at, PERSON_WORDS)
    return person_at(person, 0)


@inlined
def new_lot(t: State, position: int) -> Lot:
    """Begin the record of a lot that is wanted."""
    lot = t.lots_at + position * LOT_WORDS * WORD
    copy_words(lot, t.new_lot_at, LOT_WORDS)
    return lot_at(lot, 0)


@inlined
def new_cohort(t: State, position: int) -> Cohort:
    """Begin the record of a cohort without members."""
    cohort = t.cohorts_at + position * COHORT_WORDS * WORD
    copy_words(cohort, t.new_cohort_at, COHORT_WORDS)
    return cohort_at(cohort, 0)

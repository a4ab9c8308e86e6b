"""Random numbers by address.

A random number here is a pure function of where it is used: the seed, the replication, the name of a stream, a site
(or none), an attempt, and an index (of a candidate, a lot). Nothing is drawn in sequence, so adding a stream, changing
the scenario or the order of events moves no other number, and any replication can be run again alone.

The generator is Philox 4x64 with 10 rounds, counter-based: an address *is* a counter and a key.

=========  ==========================================================
word       holds
=========  ==========================================================
key 0      seed
key 1      hash of the stream's name
counter 0  1 + index // 4 (the four words of a block are four indices)
counter 1  attempt
counter 2  hash of the site's name
counter 3  replication
=========  ==========================================================

References
----------
Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3. SC'11. doi 10.1145/2063384.2063405
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, overload

import numpy as np
from numpy.random import Philox
from numpy.typing import NDArray

_WORD = 2**64
_LANES = 4
_TICKS_PER_DAY = 2.0**20
_EXACT = 2.0**52  # from here on every float is a whole number

# Zero-dimensional arrays: NumPy converts a Python number anew at every call, which costs more than the arithmetic.
_SHIFT = np.array(12, dtype=np.uint64)
_HALF = np.array(0.5)
_SCALE = np.array(2.0**-52)


@lru_cache(maxsize=65536)
def hash64(text: str) -> int:
    """Hash a name to 64 bits: the first eight bytes of BLAKE2b, little-endian; the empty name is 0."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") if text else 0


def _generator_and_state() -> tuple[Philox, Any]:
    """Return a generator and a state for it, whose counter and key are to be filled in before it is set.

    The state holds lists and not arrays because that is what NumPy takes in fastest.
    """
    state = {
        "bit_generator": "Philox",
        "state": {"counter": [0, 0, 0, 0], "key": [0, 0]},
        "buffer": [0, 0, 0, 0],
        "buffer_pos": _LANES,  # the buffer is used up: the next number starts a new block
        "has_uint32": 0,
        "uinteger": 0,
    }
    return Philox(key=0), state


def philox(counter: Sequence[int], key: Sequence[int]) -> tuple[int, int, int, int]:
    """Return one block of Philox 4x64-10.

    Parameters
    ----------
    counter : four integers from 0 to 2**64 - 1
    key : two integers from 0 to 2**64 - 1

    Returns
    -------
    Four 64-bit words. This is the function that the published test vectors are about; `Luck` uses the same generator.
    """
    generator, state = _generator_and_state()
    # NumPy adds one to the 256-bit counter before it makes a block.
    number = (sum(word * _WORD**i for i, word in enumerate(counter)) - 1) % _WORD**4
    state["state"]["counter"] = [number // _WORD**i % _WORD for i in range(4)]
    state["state"]["key"] = list(key)
    generator.state = state
    a, b, c, d = (int(word) for word in generator.random_raw(_LANES))
    return a, b, c, d


class Luck:
    """All the random numbers of one replication.

    Parameters
    ----------
    seed : int
        From 0 to 2**64 - 1.
    replication : int
        Counted from 1, below 2**64.

    Raises
    ------
    ValueError
        If the seed or the replication is out of range.
    """

    __slots__ = ("_counter", "_generator", "_key", "_state", "replication", "seed")

    def __init__(self, seed: int, replication: int) -> None:
        self.seed = operator.index(seed)
        self.replication = operator.index(replication)
        if not 0 <= self.seed < _WORD:
            raise ValueError(f"the seed is {seed}; it must be from 0 to 2**64 - 1")
        if not 1 <= self.replication < _WORD:
            raise ValueError(f"the replication is {replication}; replications count from 1")
        self._generator, self._state = _generator_and_state()
        self._counter: list[int] = self._state["state"]["counter"]
        self._key: list[int] = self._state["state"]["key"]
        self._counter[3] = self.replication
        self._key[0] = self.seed

    def uniforms(
        self, stream: str, site: str = "", attempt: int = 0, first: int = 0, count: int = 1
    ) -> NDArray[np.float64]:
        """Return the uniforms with indices `first` to `first + count - 1` at an address.

        Parameters
        ----------
        stream : str
            What the numbers are for.
        site : str
            The site whose they are; empty for none.
        attempt : int
            From 0 to 2**64 - 1.
        first, count : int
            The first index (from 0), and how many.

        Returns
        -------
        Array of shape (count,), a new one at each call. Each number is an odd multiple of 2**-53, so never 0 or 1.
        """
        skip = first % _LANES
        counter = self._counter
        counter[0] = first // _LANES  # NumPy adds one before it makes a block, hence the 1 in the address
        counter[1] = attempt
        counter[2] = hash64(site)
        self._key[1] = hash64(stream)
        self._generator.state = self._state
        raw = self._generator.random_raw(skip + count)
        if skip:
            raw = raw[skip:]
        np.right_shift(raw, _SHIFT, raw)
        numbers: NDArray[np.float64] = np.add(raw, _HALF)
        np.multiply(numbers, _SCALE, numbers)
        return numbers


_WEYL = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
_MULTIPLIERS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
_ROUNDS = 10


def uniforms_of_replications(seed: int, stream: str, first: int, last: int) -> NDArray[np.float64]:
    """The first uniform of a stream in each of the replications ``first`` to ``last``, both included.

    The numbers of `Luck.uniforms` without site, attempt and index, for many replications in one go.
    """
    if first == last:
        return Luck(seed, first).uniforms(stream)
    a, b, c = (np.full(last - first + 1, word, dtype=np.uint64) for word in (1, 0, 0))
    d = np.arange(first, last + 1, dtype=np.uint64)
    key, other_key = seed, hash64(stream)
    for _ in range(_ROUNDS):
        high, low = _product(a, _MULTIPLIERS[0])
        other_high, other_low = _product(c, _MULTIPLIERS[1])
        a, b = other_high ^ b ^ np.uint64(key), other_low
        c, d = high ^ d ^ np.uint64(other_key), low
        key, other_key = (key + _WEYL[0]) % _WORD, (other_key + _WEYL[1]) % _WORD
    numbers: NDArray[np.float64] = ((a >> _SHIFT) + _HALF) * _SCALE
    return numbers


def _product(words: NDArray[np.uint64], factor: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The upper and the lower 64 bits of words times a factor."""
    half, lower = np.uint64(32), np.uint64(2**32 - 1)
    low, high = words & lower, words >> half
    factor_low, factor_high = np.uint64(factor % 2**32), np.uint64(factor >> 32)
    middle = high * factor_low + (low * factor_low >> half)
    other = low * factor_high + (middle & lower)
    return high * factor_high + (middle >> half) + (other >> half), words * np.uint64(factor)


@overload
def round_days(days: float) -> float: ...
@overload
def round_days(days: NDArray[np.float64]) -> NDArray[np.float64]: ...
def round_days(days: float | NDArray[np.float64]) -> float | NDArray[np.float64]:
    """Round days to multiples of 2**-20 day, ties to the even multiple.

    Sums and differences of such days are exact, so that events meant for the same instant meet at it.
    """
    if isinstance(days, np.ndarray):
        return np.rint(days * _TICKS_PER_DAY) / _TICKS_PER_DAY
    ticks = days * _TICKS_PER_DAY
    return round(ticks) / _TICKS_PER_DAY if abs(ticks) < _EXACT else float(days)

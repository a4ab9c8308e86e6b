"""Random numbers by address: the published vectors, and that every part of an address matters and nothing else does."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialsim.randomness import Luck, hash64, philox, round_days

WORD = 2**64
FULL = WORD - 1
words = st.integers(0, FULL)

# Random123 1.x, kat_vectors, philox4x64 with 10 rounds: counter, key, result.
PUBLISHED = [
    ([0] * 4, [0] * 2, [0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B]),
    ([FULL] * 4, [FULL] * 2, [0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0]),
    (
        [0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89],
        [0x452821E638D01377, 0xBE5466CF34E90C6C],
        [0xA528F45403E61D95, 0x38C72DBD566E9788, 0xA5A1610E72FD18B5, 0x57BD43B5E52B7FE6],
    ),
]


def by_hand(counter: list[int], key: list[int]) -> list[int]:
    """Philox 4x64-10 in plain integers, from the paper."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        high0, low0 = divmod(c0 * 0xD2E7470EE14C6C93, WORD)
        high1, low1 = divmod(c2 * 0xCA5A826395121157, WORD)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B97F4A7C15) % WORD, (k1 + 0xBB67AE8584CAA73B) % WORD
    return [c0, c1, c2, c3]


def name_hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") if text else 0


def one_by_hand(seed: int, replication: int, stream: str, site: str, attempt: int, index: int) -> float:
    block = by_hand([1 + index // 4, attempt, name_hash(site), replication], [seed, name_hash(stream)])
    return ((block[index % 4] >> 12) + 0.5) * 2.0**-52


@pytest.mark.parametrize(("counter", "key", "expected"), PUBLISHED)
def test_published_vectors(counter: list[int], key: list[int], expected: list[int]) -> None:
    assert by_hand(counter, key) == expected
    assert list(philox(counter, key)) == expected


@given(st.lists(words, min_size=4, max_size=4), st.lists(words, min_size=2, max_size=2))
def test_philox_anywhere(counter: list[int], key: list[int]) -> None:
    assert list(philox(counter, key)) == by_hand(counter, key)


@given(words, st.integers(1, FULL), st.text(max_size=8), st.text(max_size=8), words, st.integers(0, 2**50))
def test_the_address_is_the_documented_one(
    seed: int, replication: int, stream: str, site: str, attempt: int, first: int
) -> None:
    got = Luck(seed, replication).uniforms(stream, site, attempt, first, 6)
    want = [one_by_hand(seed, replication, stream, site, attempt, index) for index in range(first, first + 6)]
    assert got.tolist() == want


def test_the_empty_name_hashes_to_zero_and_names_differ() -> None:
    assert hash64("") == 0
    assert hash64("arrivals") == name_hash("arrivals")
    assert len({hash64(f"Region-{k}") for k in range(1000)}) == 1000


@given(st.integers(0, 40), st.integers(0, 40))
def test_a_block_is_its_numbers_one_at_a_time(first: int, count: int) -> None:
    luck = Luck(7, 3)
    block = luck.uniforms("stream", "site", 2, first, count)
    assert block.shape == (count,)
    assert block.tolist() == [luck.uniforms("stream", "site", 2, index)[0] for index in range(first, first + count)]


def test_a_block_stays_as_it_was() -> None:
    luck = Luck(7, 3)
    block = luck.uniforms("a", count=8)
    before = block.copy()
    luck.uniforms("b", count=8)
    assert (block == before).all()


def test_the_order_of_asking_does_not_matter() -> None:
    luck = Luck(1, 1)
    there = [luck.uniforms(stream, "x", count=5).tolist() for stream in "abc"]
    back = [luck.uniforms(stream, "x", count=5).tolist() for stream in "cba"]
    assert there == back[::-1]


def test_every_part_of_the_address_matters() -> None:
    base = Luck(1, 1)
    blocks = [
        base.uniforms("a", "p", 0, 0, 64),
        base.uniforms("b", "p", 0, 0, 64),
        base.uniforms("a", "q", 0, 0, 64),
        base.uniforms("a", "", 0, 0, 64),
        base.uniforms("p", "a", 0, 0, 64),
        base.uniforms("a", "p", 1, 0, 64),
        base.uniforms("a", "p", 0, 64, 64),
        Luck(2, 1).uniforms("a", "p", 0, 0, 64),
        Luck(1, 2).uniforms("a", "p", 0, 0, 64),
        Luck(2, 2).uniforms("a", "p", 0, 0, 64),
    ]
    together = np.concatenate(blocks)
    assert len(np.unique(together)) == len(together)


@pytest.mark.parametrize("vary", ["seed", "replication", "site", "attempt", "index"])
def test_neighbouring_addresses_are_uncorrelated(vary: str) -> None:
    count = 4096
    if vary == "index":
        numbers = Luck(5, 1).uniforms("s", "p", 0, 0, count)
    else:
        numbers = np.concatenate(
            [
                Luck(k if vary == "seed" else 5, k + 1 if vary == "replication" else 1).uniforms(
                    "s", str(k) if vary == "site" else "p", k if vary == "attempt" else 0
                )
                for k in range(count)
            ]
        )
    scale = 4 / np.sqrt(count)
    assert abs(numbers.mean() - 0.5) < scale * np.sqrt(1 / 12)
    assert abs(numbers.var() - 1 / 12) < scale * np.sqrt(1 / 180)
    assert abs(np.corrcoef(numbers[:-1], numbers[1:])[0, 1]) < scale


class _Ends:
    """Stands in for the generator: the least and the greatest words it could give."""

    state: object = None

    def random_raw(self, count: int) -> np.ndarray:
        return np.array([0, FULL] * count, dtype=np.uint64)[:count]


def test_strictly_inside_zero_and_one(monkeypatch: pytest.MonkeyPatch) -> None:
    luck = Luck(1, 1)
    monkeypatch.setattr(luck, "_generator", _Ends())
    least, greatest = luck.uniforms("s", count=2)
    assert least == 2.0**-53
    assert greatest == 1 - 2.0**-53


@pytest.mark.parametrize(("seed", "replication"), [(-1, 1), (WORD, 1), (0, 0), (0, WORD)])
def test_out_of_range(seed: int, replication: int) -> None:
    with pytest.raises(ValueError, match=r"must be from 0|count from 1"):
        Luck(seed, replication)


def test_round_days() -> None:
    tick = 2.0**-20
    assert round_days(30.4375) == 30.4375
    assert [round_days(k * tick) for k in (0.5, 1.5, 2.5, -0.5, -1.5)] == [0, 2 * tick, 2 * tick, 0, -2 * tick]
    assert round_days(1 / 3) == 349525 * tick
    assert round_days(np.inf) == np.inf
    assert round_days(2.0**60 + 2**9) == 2.0**60 + 2**9


@given(st.lists(st.floats(allow_nan=False, min_value=-1e300, max_value=1e300), max_size=20))
def test_round_days_of_an_array_is_that_of_its_numbers(days: list[float]) -> None:
    rounded = round_days(np.array(days, dtype=float))
    assert rounded.tolist() == [round_days(day) for day in days]
    within = [(d, r) for d, r in zip(days, rounded.tolist(), strict=True) if abs(d) < 2.0**32]
    assert all(abs(d - r) <= 2.0**-21 and (r * 2.0**20).is_integer() for d, r in within)

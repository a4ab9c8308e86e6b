"""Files that ask for too much: time, memory or a reader's patience."""

from __future__ import annotations

HEAD = "trial: {name: d, start_date: 2024-01-08, max_participants: 9}\n"
SITE = "recruitment: {sites: [{name: A, rate: 1 per day}]}\n"
_SITES = HEAD + "recruitment:\n  sites:\n"

TOO_MUCH = {
    "keys given twice": "trial:\n" + "  a: 1\n" * 30_000,
    "keys given twice, fewer": "trial:\n" + "  a: 1\n" * 5000,
    "keys that are none": HEAD + SITE + "".join(f"k{i}: 1\n" for i in range(5500)),
    "a mistyped key at every site": _SITES + "".join(f"    - {{name: A{i}, rte: 1 per day}}\n" for i in range(2000)),
    "ten million sites": _SITES + "".join(f"    - {{name: A{i}, count: 10000, rate: 0}}\n" for i in range(1000)),
    "ten million sites without a rate": _SITES + "".join(f"    - {{name: A{i}, count: 10000}}\n" for i in range(1000)),
    "people times sites": _SITES + "    - {name: A, people: [{arrival: 1 day, count: 10000}], count: 10000}\n",
    "periods of sites that are not there": _SITES
    + "".join(f"    - {{name: A{i}, rate: 1 per month}}\n" for i in range(700))
    + "  periods:\n"
    + "".join(f"    - {{from: 2024-01-08, until: 2025-01-01, factor: 1, sites: [B{i}]}}\n" for i in range(700)),
    "sources of keys that are not there": HEAD
    + SITE
    + "sources:\n"
    + "".join(f"  recruitment.sites.A{i}.rate: {{kind: observed}}\n" for i in range(2300)),
    "sources with long keys": HEAD
    + SITE
    + "sources:\n"
    + "".join(f"  {'.'.join([f'abc{i}'] * 30)}: {{kind: observed}}\n" for i in range(1000)),
    "counts that fall": HEAD
    + SITE
    + "observed:\n"
    + "".join(f"  - {{date: 2024-02-01, screened: {9000 - i}}}\n" for i in range(2000)),
    "a long key": HEAD + SITE + "k" * 100_000 + ": 1\n",
    "a long text": HEAD + SITE + f"dosing: {'x' * 300_000}\n",
    "a flat list": HEAD + SITE + "observed: [" + "1," * 100_000 + "]\n",
    "brackets": "[" * 100_000,
    "question marks": "? " * 60_000,
    "an open quote": 'a: "' + "\n" * 190_000,
    "a rate of a hundred million a day": HEAD
    + "recruitment: {rate_multiplier: 100, sites: [{name: A, rate: 1e6 per day}]}\n",
    "a rate of never": HEAD + "recruitment: {sites: [{name: A, rate: 1e-320 per month}]}\n",
}

"""Look for scenario files that are answered badly, and keep them in tests/corpus: ``python -m tests.fuzz MINUTES``.

A shipped scenario is cut, copied, nested and sprinkled with odd values. An answer is good if it is a scenario, or
problems that each name the file, within two seconds and never a traceback. A file that is answered badly is made
smaller as long as it stays so, and written with what was said. A good answer of a kind that the corpus lacks, told by
its words without names and numbers, may be kept too: ``--keep``.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import sys
import time
from pathlib import Path

from tests.properties.test_fuzz_scenarios import ODD, TEXTS
from trialsim.scenario import ScenarioError
from trialsim.scenario.sweep import load_sweep

CORPUS = Path(__file__).parent / "corpus"
SECONDS = 2.0
_ODD = [
    *ODD,
    "\u00a0",
    "1e-320",
    "1e308 days",
    "[" * 60,
    "9" * 400,
    "0x",
    "0o9",
    "+",
    "- - -",
    "2-4 weeks",
    "30%",
    "0,5",
]
_FOLDER = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path()


def answer(text: str) -> tuple[str, float]:
    """What is said of a file, and the seconds it took; an empty text if it is a scenario."""
    path = _FOLDER / f"fuzzed-{os.getpid()}.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    began = time.process_time()
    try:
        load_sweep(path).base.scenario.warnings()
        said = ""
    except ScenarioError as error:
        said = str(error) if error.problems else "crash: no problem"
    except Exception as error:
        said = f"crash: {type(error).__name__}"
    finally:
        path.unlink()
    return said.replace(str(path), "FILE"), time.process_time() - began


def fault(text: str) -> str:
    """What is wrong with the answer to a file, if anything is."""
    said, seconds = answer(text)
    if said.startswith("crash"):
        return said
    if seconds > SECONDS:
        return "slow"
    lines = said.splitlines()
    return "words" if any(not line.startswith(("FILE", "and ")) or len(line) > 600 for line in lines) else ""


def changed(luck: random.Random, text: str) -> str:
    """The text after some random cuts, copies and replacements."""
    lines = text.splitlines()
    for _ in range(luck.randint(1, 5)):
        place = luck.randrange(len(lines)) if lines else 0
        line = lines[place] if lines else ""
        odd = luck.choice(_ODD)
        spot = luck.randint(0, len(line))
        kinds = {
            "value": [line.partition(": ")[0] + f": {odd}"],
            "inner": [odd.join(re.split(r"\d[\w.]*(?: [a-z]+)*", line, maxsplit=1))],
            "noise": [line[:spot] + odd + line[spot:]],
            "cut": [],
            "copy": [line] * luck.choice([2, 2, 3, 2000]),
            "indent": [" " * luck.randint(0, 8) + line.lstrip()],
            "swap": [luck.choice(lines)] if lines else [],
            "long": [line + luck.choice(["x", "1", "[", "a: ", "- ", "\u00e9"]) * luck.choice([10, 1000, 100_000])],
        }
        lines[place : place + 1] = kinds[luck.choice(list(kinds))]
    return "\n".join(lines) + "\n"


def smallest(text: str, wanted: str) -> str:
    """The text without the lines that its fault does not need."""
    lines = text.splitlines()
    size = len(lines) // 2
    while size:
        for place in range(0, len(lines), size):
            fewer = lines[:place] + lines[place + size :]
            if fault("\n".join(fewer) + "\n") == wanted:
                lines = fewer
                break
        else:
            size //= 2
    return "\n".join(lines) + "\n"


def keep(text: str, said: str) -> None:
    """Write a file into the corpus, and beside it what is to be said of it."""
    name = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    (CORPUS / f"{name}.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    (CORPUS / f"{name}.txt").write_text(said + "\n", encoding="utf-8")


def kind(line: str) -> str:
    """What a problem says, whatever the names and numbers."""
    return re.sub(r'"[^"]*"|[0-9][\w.,+-]*|\(.*', "", line.split(": ", 2)[-1])[:40]


def main(minutes: float, keeping: bool, seed: int) -> int:
    """Try files for so long; return how many were answered badly."""
    luck, until, tried, bad = random.Random(seed), time.monotonic() + 60 * minutes, 0, 0
    known = {kind(line) for file in CORPUS.glob("*.txt") for line in file.read_text(encoding="utf-8").splitlines()}
    while time.monotonic() < until:
        text = changed(luck, TEXTS[luck.choice(sorted(TEXTS))])
        tried += 1
        wrong = fault(text)
        if wrong:
            bad += 1
            small = smallest(text, wrong)
            keep(small, answer(small)[0])
            print(f"{wrong}: {len(small)} characters", flush=True)
        elif keeping and len(text) < 3000 and len(lines := answer(text)[0].splitlines()) == 1:
            new = kind(lines[0])
            if new not in known:
                keep(text, lines[0])
            known.add(new)
    print(f"{tried:,} files tried, {bad} answered badly")
    return bad


if __name__ == "__main__":
    given = [each for each in sys.argv[1:] if each != "--keep"]
    seeds = int(given[1]) if len(given) > 1 else time.time_ns()
    sys.exit(min(1, main(float(given[0]) if given else 1.0, "--keep" in sys.argv, seeds)))

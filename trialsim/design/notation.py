"""The field's notation for what has happened so far: ``2NNT 2NNN 3NTT``.

A cohort is its level and a letter for each member: N no DLT, T a DLT, L lost before the window was over, P not known
yet, or P0.4 not known yet after 0.4 of the window. Cohorts stand in order, with blanks between them; within a rule that
does not wait for outcomes, letters stand in the order in which the outcomes became known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from trialsim.design.histories import Member
from trialsim.rules.base import DLT, LOST, NO_DLT
from trialsim.scenario.messages.errors import Problem, ScenarioError
from trialsim.scenario.messages.words import given

LETTERS = {"N": NO_DLT, "T": DLT, "L": LOST, "P": None}
_ADVICE = "write the level and a letter for each member, such as 2NNT: N no DLT, T DLT, L lost, P or P0.4 pending"
_MEMBER = re.compile(r"P(?P<share>[0-9]*\.?[0-9]*)|[NTL]", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")
_LONGEST = 20_000


def parse(text: str, levels: int, label: str = "data") -> tuple[Member, ...]:
    """Return the participants that a text stands for.

    Parameters
    ----------
    text : str
        Such as ``2NNT 2NNN 3NTT``; empty for a trial that has not begun.
    levels : int
        How many levels the ladder has.
    label : str
        What to call the text in messages.

    Raises
    ------
    ScenarioError
        With every problem of the text, each with the position of the character meant, from 1.
    """
    problems: list[tuple[int, str]] = []
    people: list[Member] = []
    if len(text) > _LONGEST:
        raise ScenarioError([Problem(label, None, None, "", f"this is too long; at most {_LONGEST:,} characters")])
    for number, token in enumerate(re.finditer(r"\S+", text), start=1):
        people += _cohort(token[0], token.start(), number, levels, problems)
    if problems:
        quoted = f"{label} {given(text)}"
        raise ScenarioError(Problem(quoted, None, None, f"character {at + 1}", words) for at, words in problems)
    return tuple(people)


def _cohort(token: str, start: int, number: int, levels: int, problems: list[tuple[int, str]]) -> list[Member]:
    digits = re.match(r"[0-9]*", token, re.ASCII)
    assert digits is not None
    if not digits[0]:
        problems.append((start, f"the cohort {given(token)} has no level; {_ADVICE}"))
    elif not 1 <= int(digits[0][:9]) <= levels:
        has = f"the ladder has {levels} level{'s' * (levels > 1)}"
        problems.append((start, f"level {digits[0][:9]} is not there: {has} (counted from 1)"))
    elif digits.end() == len(token):
        problems.append((start, f"the cohort {given(token)} has no members; {_ADVICE}"))
    people: list[Member] = []
    at = digits.end()
    apart = "put a blank between cohorts, and nothing else, as in 1NNN 2NNT"
    while at < len(token):
        found = _MEMBER.match(token, at)
        if found is None and (token[at] in ",;/|+" or token[at].isdecimal()):
            if not any(words.endswith(apart) for _, words in problems):
                problems.append((start + at, f"{given(token[at])} is not an outcome; {apart}"))
            return people
        if found is None:
            problems.append((start + at, f"{given(token[at])} is not an outcome; {_ADVICE}"))
            at += 1
            continue
        share = found["share"] or ""
        if share and not (_NUMBER.fullmatch(share) and float(share) <= 1):
            problems.append((start + at, f"{given(found[0])}: the share of the window followed is from 0 to 1"))
        elif not problems:
            people.append(Member(int(digits[0]), number, LETTERS[found[0][0].upper()], float(share or 0)))
        at = found.end()
    return people


def write(people: Sequence[Member]) -> str:
    """Return the participants in the notation, so that `parse` gives them back."""
    letters = {outcome: letter for letter, outcome in LETTERS.items()}
    words: list[str] = []
    before = None
    for who in people:
        if before != (who.cohort, who.level):
            words.append(str(who.level))
        share = f"{who.followed:g}" if who.outcome is None and who.followed else ""
        words[-1] += letters[who.outcome] + share
        before = who.cohort, who.level
    return " ".join(words)

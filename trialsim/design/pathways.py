"""Dose-transition pathways: every way the next cohorts may go, by their numbers of DLTs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from trialsim.design.histories import Member, members
from trialsim.design.notation import write
from trialsim.design.setting import Setting
from trialsim.rules.base import Answer, Assign, Stop

MOST_WAYS = 20_000


@dataclass(frozen=True)
class Node:
    """What the rule answers at a point of the way, and what may follow.

    Attributes
    ----------
    answer : str
        ``assign``, ``stop``, or ``full`` when there are no participants left.
    level : int or None
        The level of the next cohort; else the level recommended, or None for no dose.
    size : int
        How many the next cohort gets; 0 where it is not looked at any more.
    branches : tuple of Node
        What follows 0, 1, 2… DLTs of that cohort; empty at the end of the way.
    """

    answer: str
    level: int | None
    size: int = 0
    branches: tuple[Node, ...] = ()

    def groups(self) -> list[tuple[int, int, Node]]:
        """The branches as (DLTs from, DLTs to, what follows): those beside each other that go on alike are one."""
        found: list[tuple[int, int, Node]] = []
        for dlts, branch in enumerate(self.branches):
            if found and found[-1][2] == branch:
                found[-1] = (found[-1][0], dlts, branch)
            else:
                found.append((dlts, dlts, branch))
        return found

    def to_document(self) -> dict[str, Any]:
        """The node and all that follows as plain values."""
        document: dict[str, Any] = {"answer": self.answer, "level": self.level}
        if self.branches:
            document["size"] = self.size
            document["after_dlts"] = [branch.to_document() for branch in self.branches]
        return document


@dataclass(frozen=True)
class Pathways:
    """Every way that the next cohorts may go.

    Attributes
    ----------
    data : str
        What has happened before, in the notation.
    cohorts : int
        How many cohorts ahead.
    root : Node
        Where all ways begin.
    """

    data: str
    cohorts: int
    root: Node

    def ways(self) -> Iterator[tuple[tuple[tuple[int, int], ...], Node]]:
        """Give each way: (level, DLTs) of its cohorts, and the node at its end."""
        return _ways(self.root, ())

    def to_document(self) -> dict[str, Any]:
        """The ways as plain values."""
        return {"data": self.data, "cohorts": self.cohorts, "root": self.root.to_document()}


def _ways(node: Node, before: tuple[tuple[int, int], ...]) -> Iterator[tuple[tuple[tuple[int, int], ...], Node]]:
    if not node.branches:
        yield before, node
    assert node.level is not None or not node.branches
    for dlts, branch in enumerate(node.branches):
        yield from _ways(branch, (*before, (node.level or 0, dlts)))


def pathways(setting: Setting, cohorts: int, people: Sequence[Member]) -> Pathways:
    """Return every way the next cohorts may go.

    Parameters
    ----------
    setting : Setting
    cohorts : int
        How many, at least 1; under a rule without a cohort size, so many participants.
    people : sequence of Member
        What has happened before; nobody's outcome may be pending.

    Raises
    ------
    ValueError
        If outcomes are pending, or there are more than `MOST_WAYS` ways.

    Notes
    -----
    A cohort is filled before any of its outcomes is known, and all of them are known before the next one.
    """
    if cohorts < 1:
        raise ValueError(f"pathways are for 1 cohort or more, not {cohorts}")
    if any(who.outcome is None for who in people):
        raise ValueError("pathways begin where every outcome is known; give those that are pending as N or T")
    size = setting.cohort_size or 1
    if (min(size, setting.max_participants) + 1) ** cohorts > MOST_WAYS:
        raise ValueError(f"{cohorts} cohorts of {size} may go more than {MOST_WAYS:,} ways; ask for fewer cohorts")
    return Pathways(write(people), cohorts, _node(setting, tuple(people), cohorts))


def _node(setting: Setting, people: tuple[Member, ...], depth: int) -> Node:
    answer = setting.answer(people)
    if isinstance(answer, Stop):
        return Node("stop", answer.level)
    if not isinstance(answer, Assign):
        return Node("full", setting.guarded.recommend(setting.view(people)))
    if not depth:
        return Node("assign", answer.level)
    size, number = places(setting, people, answer), _cohort(setting, people, answer)
    return Node(
        "assign",
        answer.level,
        size,
        tuple(
            _node(setting, (*people, *members(answer.level, number, dlts, size)), depth - 1) for dlts in range(size + 1)
        ),
    )


def places(setting: Setting, people: Sequence[Member], answer: Assign) -> int:
    """Return how many the rule gives the level that it has answered before it needs to know more."""
    number = _cohort(setting, people, answer)
    most = _filled_with(setting, people, answer)
    again: Answer = Assign(answer.level)
    count, still = 1, again
    while count < most:
        still = setting.answer((*people, *members(answer.level, number, 0, count, pending=count)))
        if still != again:
            break
        count += 1
    return count


def _cohort(setting: Setting, people: Sequence[Member], answer: Assign) -> int:
    """The number of the cohort that the next participant is in."""
    if not people:
        return 1
    goes_on = setting.rule.cohorts and not answer.opens_cohort
    return people[-1].cohort + (not goes_on)


def _filled_with(setting: Setting, people: Sequence[Member], answer: Assign) -> int:
    """How many more make a cohort: of a rule that does not work in cohorts, from the latest in a row at a level."""
    size = setting.cohort_size
    if setting.rule.cohorts:
        return size or setting.max_participants
    if size is None:
        return 1
    row = 0
    for who in reversed(people):
        if who.level != answer.level:
            break
        row += 1
    return size - row % size

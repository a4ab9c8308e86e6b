"""Time-weighted BOIN decides as its published tables do, whatever the order of the outcomes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.enumerate_rules import view_of
from tests.support.tite_boin_table import DOWN, SHARES, STAY, SUSPEND, TARGETS, UP, WINDOW, Row, people, published, rows
from trialsim.design import Design
from trialsim.rules import Answer, Assign, Wait
from trialsim.rules.tite_boin import TiteBoin

MEANS: dict[str, Answer] = {UP: Assign(3), STAY: Assign(2), DOWN: Assign(1), SUSPEND: Wait()}


def answer(rule: Any, row: Row, share: float, first: bool = True, **options: Any) -> Answer:
    view = view_of((), 3, now=0.0, window=WINDOW, participants=people(row, share, first), **options)
    return rule.decide(view)  # type: ignore[no-any-return]


def test_there_are_640_states() -> None:
    assert sum(1 for _ in rows()) * len(TARGETS) == 640


@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("target", TARGETS)
def test_the_rule_decides_as_published(target: float, first: bool, early: bool) -> None:
    rule = TiteBoin(target=target)
    for row in rows():
        for share in SHARES:
            found = answer(rule, row, share, first, stop_cohort_early=early)
            assert found == MEANS[published(target, row, share)], (row, share)


@pytest.mark.parametrize("target", TARGETS)
def test_the_decision_table_is_the_published_one(target: float) -> None:
    table = Design.of("tite_boin", {"target": target}, cohort_size=3).table(15)
    assert table is not None
    seen = 0
    for (treated, dlts), cells in zip(table.rows, table.cells, strict=True):
        for pending, cell in enumerate(cells):
            if cell is None:
                continue
            seen += 1
            row = Row(treated, dlts, pending)
            letters = {published(target, row, share)[0] for share in SHARES}
            if cell.letter != "F":
                words = {"U": "e", "S": "s", "D": "d", "X": "d", "W": "s"}[cell.letter]
                assert letters == {words}, row
                continue
            for share in SHARES:
                followed = share * pending
                up, down = cell.up is not None and followed >= cell.up, cell.down is not None and followed <= cell.down
                assert published(target, row, share) == (UP if up else DOWN if down else STAY), (row, share)
    assert seen == 320


def test_the_least_follow_up_holds_up_only_going_up() -> None:
    held = TiteBoin(target=0.3, minimum_follow_up=0.75)
    seen = set()
    for row in rows():
        for share in SHARES:
            usual = published(0.3, row, share)
            waits = usual == UP and row.pending and share < 0.75
            expected = Wait((0.75 - share) * WINDOW) if waits else MEANS[usual]
            assert answer(held, row, share) == expected, (row, share)
            seen.add((usual, bool(waits)))
    assert seen == {(UP, True), (UP, False), (STAY, False), (DOWN, False), (SUSPEND, False)}


@pytest.mark.parametrize(
    ("rule", "data", "level"),
    [
        ({"target": 0.2}, "1NNN 2TNN 2NPP", 2),  # imputed .261, but one of six is less than one in five
        ({"target": 0.2}, "1NNN 2TTP 2PPP", 1),
        ({"target": 0.2}, "1NNN 2TNN 2PPP", 2),
        ({"target": 0.3, "minimum_follow_up": 0.25}, "1NNN 2TTN 2NNP0.1", 1),
    ],
)
def test_what_is_answered_at_once(rule: dict[str, float], data: str, level: int) -> None:
    assert Design.of("tite_boin", rule, cohort_size=3).after(data).level == level


def test_the_lowest_level_has_none_to_go_down_to() -> None:
    """There, to go down is to stay, which waits while more than half are pending."""
    design = Design.of("tite_boin", {"target": 0.3}, cohort_size=3)
    assert design.after("1TTN 1PPP").answer == "assign"
    assert design.after("1TTP 1PPP").answer == "wait"

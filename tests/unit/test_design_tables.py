"""Decision tables against formulas and published tables, worked out here by other means."""

from __future__ import annotations

from math import log

import pytest
from scipy.stats import beta

from trialsim.design import Design, Member
from trialsim.design.tables import Cell, Table
from trialsim.rules import Assign
from trialsim.rules.base import DLT, NO_DLT

NONE = None


def letters(table: Table | None) -> dict[tuple[int, int], str]:
    """The letters of a table of counts by (treated, DLTs)."""
    assert table is not None
    assert table.kind == "counts"
    return {
        (int(column[0]), row[0]): cell.letter
        for row, cells in zip(table.rows, table.cells, strict=True)
        for column, cell in zip(table.columns, cells, strict=True)
        if cell
    }


def pending(table: Table | None) -> dict[tuple[int, int, int], Cell]:
    """The cells of a table of those pending by (treated, DLTs, pending)."""
    assert table is not None
    assert table.kind == "pending"
    return {
        (row[0], row[1], int(column[0])): cell
        for row, cells in zip(table.rows, table.cells, strict=True)
        for column, cell in zip(table.columns, cells, strict=True)
        if cell
    }


@pytest.mark.parametrize("target", [0.2, 0.25, 0.3, 0.4])
def test_boin_by_its_formula(target: float) -> None:
    low, high = 0.6 * target, 1.4 * target
    up = log((1 - low) / (1 - target)) / log(target * (1 - low) / (low * (1 - target)))
    down = log((1 - target) / (1 - high)) / log(high * (1 - target) / (target * (1 - high)))
    found = letters(Design.of("boin", {"target": target}).table(18))
    assert len(found) == sum(n + 1 for n in range(1, 19))
    for (n, y), letter in found.items():
        out = n >= 3 and beta.sf(target, 1 + y, 1 + n - y) > 0.95
        assert letter == ("X" if out else "U" if y / n <= up else "D" if y / n >= down else "S"), (n, y)


@pytest.mark.parametrize(("levels", "size", "start"), [(1, 1, 1), (2, 4, 2), (9, 3, 5)])
def test_a_table_is_the_same_for_any_ladder(levels: int, size: int, start: int) -> None:
    usual = Design.of("boin", {"target": 0.3}).table()
    other = Design.of("boin", {"target": 0.3}, levels=levels, cohort_size=size, start_level=start, max_participants=4)
    assert other.table() == usual


def test_boundaries_as_published() -> None:
    """Liu and Yuan's table for 0.3; the keyboard's and the beta-binomial's by their own definitions elsewhere."""
    boin = Design.of("boin", {"target": 0.3}).table(12)
    assert boin is not None
    assert boin.lines == {
        "up if DLTs ≤": (0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2),
        "down if DLTs ≥": (1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5),
        "eliminated if DLTs ≥": (NONE, NONE, 3, 3, 4, 4, 5, 5, 5, 6, 6, 7),
    }
    keyboard = Design.of("keyboard", {"target": 0.3}).table(14)
    assert keyboard is not None
    assert keyboard.lines["down if DLTs ≥"] == (1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5)
    stopped = Design.of("beta_binomial", {"target": 0.3, "cutoff": 0.95}).table(12)
    assert stopped is not None
    assert stopped.lines == {"stopped if DLTs ≥": (NONE, 2, 3, 3, 4, 4, 5, 5, 5, 6, 6, 7)}


def test_the_rule_itself_agrees_on_a_real_ladder() -> None:
    design = Design.of("keyboard", {"target": 0.25}, levels=5, cohort_size=6)
    found = letters(design.table(6))
    for y in range(7):
        people = design.people(f"1NNNNNN 2NNNNNN 3{'T' * y}{'N' * (6 - y)}")
        answer = design.answer(people)
        expected = {"U": 4, "S": 3, "D": 2, "X": 2}[found[6, y]]
        assert answer == Assign(expected, opens_cohort=True)


def test_guards_are_in_the_table() -> None:
    plain = letters(Design.of("boin", {"target": 0.3}).table(10))
    enough = letters(Design.of("boin", {"target": 0.3}, set=["dosing.guards.enough_at_level=9"]).table(10))
    assert {where for where in plain if plain[where] != enough[where]} == {
        (n, y) for (n, y), letter in plain.items() if n >= 9 and letter == "S"
    }
    assert {letter for where, letter in enough.items() if plain[where] != letter} == {"E"}
    guard = "dosing.guards.elimination={above: 0.2, certainty: 0.9, minimum_n: 2}"
    strict = letters(Design.of("boin", {"target": 0.3}, set=[guard]).table(10))
    for (n, y), letter in strict.items():
        out = n >= 2 and beta.sf(0.2, 1 + y, 1 + n - y) > 0.9
        assert letter == ("X" if out else plain[n, y])


def test_tite_boin_as_published_and_as_the_rule_decides() -> None:
    design = Design.of("tite_boin", {"target": 0.2})
    found = pending(design.table(12))
    assert found[9, 1, 4].up == pytest.approx(2.150559, abs=1e-6)
    assert {n for n, _, _ in found} == {3, 6, 9, 12}
    assert found[9, 1, 2] == Cell("U") and found[9, 1, 5] == Cell("W") and found[3, 1, 0] == Cell("D")
    depends = 0
    for (n, y, k), cell in found.items():
        assert (cell.letter == "W") == (k > n / 2 and y < 0.238462 * n)
        if cell.letter != "F":
            continue
        depends += 1
        for edge, above, below in ((cell.up, 3, None), (cell.down, None, 1)):
            if edge is not None:
                assert 0 <= edge <= k
                assert above is None or level_after(design, n, y, k, edge + 1e-6) == above
                assert below is None or level_after(design, n, y, k, edge - 1e-6) == below
                assert level_after(design, n, y, k, edge + (1e-6 if above is None else -1e-6)) == 2
    assert depends >= 5


def level_after(design: Design, treated: int, dlts: int, due: int, followed: float) -> int:
    """The level that the rule gives after so much follow-up of those pending at level 2, unevenly shared out."""
    shares, left = [], followed
    for _ in range(due):
        shares.append(min(1.0, left))
        left -= shares[-1]
    people = [Member(1, 1, NO_DLT)] * 3 + [Member(2, 2, DLT)] * dlts + [Member(2, 2, NO_DLT)] * (treated - dlts - due)
    answer = design.answer([*people, *(Member(2, 2, None, share) for share in shares)])
    assert isinstance(answer, Assign)
    return answer.level


def test_rolling_six_by_its_published_table() -> None:
    """Skolnik et al. 2008, table 1: what the next participant gets."""
    found = {where: cell.letter for where, cell in pending(Design.of("rolling_six").table()).items()}
    for (n, y, k), letter in found.items():
        if y >= 2:
            expected = "X"
        elif n < 3:
            expected = "S"
        elif n < 6:
            expected = "U" if y == k == 0 else "S"
        else:
            expected = "U" if y + k <= 1 else "W"
        assert letter == expected, (n, y, k)
    assert {n for n, _, _ in found} == {1, 2, 3, 4, 5, 6}
    strict = pending(Design.of("rolling_six", {"strict": True}).table())
    assert [strict[6, 0, k].letter for k in range(3)] == ["U", "W", "W"]


def words(rule: str, **parameters: object) -> dict[tuple[int, int, int], list[str | None]]:
    table = Design.of(rule, parameters).table()
    assert table is not None
    assert table.kind == "situations"
    return {
        (row[0], row[1], row[2]): [cell.text if cell else None for cell in cells]
        for row, cells in zip(table.rows, table.cells, strict=True)
    }


def test_three_plus_three_in_words() -> None:
    """Columns: the level above untried, the level above exceeded, the top level, the lowest level.

    Where the level below is to have six, the lowest level may be exceeded as well after the level above was.
    """
    assert words("three_plus_three") == {
        (0, 0, 3): ["up", "stop: this level", "stop: this level", "up"],
        (1, 1, 3): ["3 more", None, "3 more", "3 more"],
        (2, 3, 3): ["stop: the level below", None, "stop: the level below", "stop: no dose"],
        (1, 1, 6): ["up", "stop: this level", "stop: this level", "up"],
        (2, 4, 6): ["stop: the level below", None, "stop: the level below", "stop: no dose"],
    }
    assert words("three_plus_three", mtd="six_at_mtd", top_needs_six=True) == {
        (0, 0, 3): ["up", "3 more", "3 more", "up", "3 more"],
        (1, 1, 3): ["3 more", None, "3 more", "3 more", None],
        (2, 3, 3): ["3 more one level down", None, "3 more one level down", "stop: no dose", None],
        (0, 1, 6): ["up", "stop: this level", "stop: this level", "up", "stop: this level"],
        (2, 4, 6): [*["3 more one level down"] * 3, "stop: no dose", "stop: no dose"],
    }


def test_three_plus_three_below_which_nothing_was_tried() -> None:
    """A trial that begins at level 2 of 3 may go down to a level that nobody had: three are treated there first."""
    table = Design.of("three_plus_three", levels=3, start_level=2).table()
    assert table is not None
    found = {name: [row[place] for row in table.cells] for place, (name,) in enumerate(table.columns)}
    assert {str(name): [cell and cell.text for cell in cells] for name, cells in found.items()} == {
        "top level": [
            "stop: this level",
            "3 more",
            "stop: the level below",
            "stop: this level",
            "stop: the level below",
        ],
        "level below untried": ["up", "3 more", "3 one level down", "up", "3 one level down"],
        "level below untried, above exceeded": ["stop: this level", None, None, "stop: this level", None],
        "lowest level, above exceeded": [
            "stop: this level",
            "3 more",
            "stop: no dose",
            "stop: this level",
            "stop: no dose",
        ],
    }
    assert table.rows == ((0, 0, 3), (1, 1, 3), (2, 3, 3), (1, 1, 6), (2, 4, 6))


SITUATIONS = {
    ("tried", "untried"): "level above untried",
    ("tried", "exceeded"): "level above exceeded",
    ("tried", "none"): "top level",
    ("none", "untried"): "lowest level",
    ("none", "exceeded"): "lowest level, above exceeded",
    ("untried", "none"): "top level, level below untried",
    ("untried", "untried"): "level below untried",
    ("untried", "exceeded"): "level below untried, above exceeded",
}
"""By the level below and the level above."""


@pytest.mark.parametrize("mtd", ["level_below", "six_at_mtd"])
@pytest.mark.parametrize(("levels", "start"), [(2, 2), (3, 2), (4, 2), (4, 3), (4, 4), (3, 1)])
def test_three_plus_three_says_what_every_trial_does(levels: int, start: int, mtd: str) -> None:
    design = Design.of("three_plus_three", {"mtd": mtd}, levels=levels, start_level=start)
    table = design.table()
    assert table is not None
    cells = {
        (str(name), dlts, treated): cell
        for (name,), column in zip(table.columns, zip(*table.cells, strict=True), strict=True)
        for (first, last, treated), cell in zip(table.rows, column, strict=True)
        for dlts in range(first, last + 1)
    }
    seen = set()
    for way, node in (found for cohorts in range(1, 7) for found in design.pathways(cohorts).ways()):
        counts = {level: [dlts for at, dlts in way if at == level] for level in range(levels + 2)}
        last = way[-1][0]
        decided = [last, last - 1] if sum(counts[last]) >= 2 and counts[last - 1] else [last]
        for here in decided:  # from an exceeded level, and from the one below, the answer looks alike
            above = "exceeded" if counts[here + 1] else "none" if here == levels else "untried"
            below = "none" if here == 1 else "tried" if counts[here - 1] else "untried"
            name = SITUATIONS[below, above]
            if (start, mtd, name) == (1, "level_below", "lowest level, above exceeded"):
                name = "level above exceeded"  # the trial ends at the level in either case
            cell = cells[name, sum(counts[here]), 3 * len(counts[here])]
            assert cell is not None, way
            if node.answer == "stop":
                words = {None: "no dose", here: "this level", here - 1: "the level below"}
                expected = f"stop: {words[node.level]}"
            elif node.level == here:
                expected = "3 more"
            else:
                down = "3 more one level down" if counts[here - 1] else "3 one level down"
                expected = "up" if node.level == here + 1 else down
            if cell.text == "3 more one level down" and len(counts[here - 1]) == 2:  # see the note
                assert node.answer == "stop" and node.level == here - 1 and table.notes
            else:
                assert cell.text == expected, way
            seen.add(name)
    assert levels < 4 or seen == {str(name) for (name,) in table.columns}


def test_ladder_and_fixed_in_words() -> None:
    assert words("ladder", max_dlts=1) == {
        (0, 1, 3): ["up", "stop: this level", "up"],
        (2, 3, 3): ["stop: the level below", "stop: the level below", "stop: no dose"],
    }
    table = Design.of("ladder", levels=3, start_level=2).table()
    assert table is not None
    assert [name for (name,) in table.columns] == ["top level", "level below untried"]
    assert [cell and cell.text for cell in table.cells[-1]] == ["stop: the level below", "stop: no dose"]
    assert words("fixed") == {(0, 3, 3): ["3 more"]}


def test_model_based_rules_have_a_curve_instead() -> None:
    design = Design.of("crm", {"target": 0.2, "skeleton": [0.05, 0.1, 0.2, 0.35]})
    assert design.table() is None
    prior = design.prior()
    assert prior is not None
    assert [point.plug_in for point in prior.points] == pytest.approx([0.05, 0.1, 0.2, 0.35])
    assert prior.nearest == 3
    # b is normal with mean 0 and p falls with it: quantiles of p are p at the quantiles of b
    z, sd = 1.6448536269514722, 1.34**0.5
    for point, guess in zip(prior.points, (0.05, 0.1, 0.2, 0.35), strict=True):
        expected = [guess ** (2.718281828459045 ** (sign * z * sd)) for sign in (1, -1)]
        assert [point.low, point.high] == pytest.approx(expected, abs=0.004)
    assert Design.of("boin", {"target": 0.3}).prior() is None


def test_a_table_needs_somebody() -> None:
    with pytest.raises(ValueError, match="1 participant or more"):
        Design.of("boin", {"target": 0.3}).table(0)

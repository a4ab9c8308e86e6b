"""One slip is one problem: what only follows from it is not told beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from trialsim.scenario import shipped
from trialsim.scenario.loading import load_document
from trialsim.scenario.messages.errors import Problem, ScenarioError
from trialsim.scenario.reading.yaml_text import read_text

_KEY = re.compile(r"\s+(?:- )?[{]?([a-z_]+):")


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ScenarioError) as caught:
        load_document(read_text(text, "slip.yaml"))
    return caught.value.problems


def with_a_slip(name: str) -> Iterator[tuple[int, str]]:
    """Each line of a shipped scenario before its sources with the key misspelt: the line's number, and the text."""
    lines = shipped.text(name).split("\nsources:")[0].splitlines()
    rest = shipped.text(name).splitlines()[len(lines) :]
    for number, line in enumerate(lines):
        if found := _KEY.match(line):
            slip = f"{line[: found.end(1)]}x{line[found.end(1) :]}"
            yield number + 1, "\n".join([*lines[:number], slip, *lines[number + 1 :], *rest])


@pytest.mark.parametrize("name", ["msc-sle", "autologous-car-t", "multicentre-phase-2"])
def test_a_misspelt_key_is_one_problem(name: str) -> None:
    """Though it has a source, and other keys need it."""
    slips = dict(with_a_slip(name))
    assert len(slips) > 15
    for line, text in slips.items():
        assert [problem.line for problem in problems(text)] == [line]


@pytest.mark.parametrize(("section", "others"), [("product", 0), ("screening", 0), ("participants", 1), ("dosing", 2)])
def test_a_section_left_out_is_told_once(section: str, others: int) -> None:
    """The first of its sources, and how many there are; or, where other sections need it, only these."""
    text = re.sub(rf"(?ms)^{section}:.*?(?=^\S)", "", shipped.text("msc-sle"))
    found = problems(text)
    of_sources = [problem.message for problem in found if problem.key.startswith("sources")]
    assert len(found) == others or (others, len(found)) == (0, 1)
    assert of_sources == ([] if others else [found[0].message])
    if not others:
        assert re.fullmatch(rf"there is no key {section} in this scenario \(\d+ sources are for it\)", found[0].message)

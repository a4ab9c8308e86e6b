"""Whatever stands in a scenario or in an option reaches a report as text, and as nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import trialsim
from tests.support.hostile import HOSTILE, UNPRINTABLE
from tests.support.reports import SVG, XHTML, parsed, text
from trialsim.document import html, pdf
from trialsim.document import json as as_json
from trialsim.document.content import Document
from trialsim.document.making import report
from trialsim.scenario import Scenario

_TAGS = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "nav", "section", "h1", "h2", "h3", "p", "a"),
    *("ol", "ul", "li", "dl", "dt", "dd", "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "data"),
    *("code", "strong", "figure", "figcaption", "pre"),
}
_SHAPES = {
    "svg", "g", "defs", "path", "clipPath", "rect", "use", "text", "tspan", "title", "desc", "circle", "line", "image",
}  # fmt: skip


def hostile_trial(title: str) -> Scenario:
    """A trial of which every text is hostile: title, sites, criteria, what happened, notes."""
    half = len(HOSTILE) // 2
    named = [{"name": each, "rate": "1 per year"} for each in HOSTILE[:half]]
    checks = [{"name": each, "pass_probability": 0.999} for each in HOSTILE[half:]]
    keys = ("trial.start_date", "trial.max_participants", "recruitment.rate_multiplier", "screening.criteria")
    return Scenario.from_document(
        {
            "trial": {"name": "hostile", "title": title, "start_date": "2027-01-11", "max_participants": 5},
            "recruitment": {
                "rate_multiplier": 1,
                "sites": named,
                "periods": [{"name": title, "from": "2027-02-01", "until": "2027-03-01", "factor": 0.5}],
            },
            "screening": {"criteria": checks},
            "sources": {
                key: {"kind": "assumption", "note": "\n".join(HOSTILE[i::4])[:2000]} for i, key in enumerate(keys)
            },
        }
    )


@pytest.fixture(scope="module")
def document() -> Document:
    results = trialsim.simulate(hostile_trial(HOSTILE[0]), 5)
    return report(results, question=HOSTILE[1], context=HOSTILE[30], with_stress=True, with_figures=False)


@pytest.fixture(scope="module")
def page(document: Document) -> Any:
    return parsed(html.render(document))


def test_there_are_two_hundred_of_them() -> None:
    assert len(HOSTILE) == len(set(HOSTILE)) == 200


def test_no_text_becomes_an_element_or_an_attribute(page: Any) -> None:
    tags = {str(node.tag) for node in page.iter()}
    assert tags <= {f"{XHTML}{tag}" for tag in _TAGS} | {f"{SVG}{tag}" for tag in _SHAPES}
    names = {name for node in page.iter() for name in node.attrib}
    assert not {name for name in names if name.startswith("on")} and "src" not in names
    assert len(list(page.iter(f"{XHTML}style"))) == 1


def test_every_text_stands_there_as_it_was_written(page: Any) -> None:
    shown = " ".join(text(page).split())
    for each in HOSTILE:
        assert f"({' '.join(each.split())})" in shown


def test_data_hold_the_same_texts(document: Document) -> None:
    source = as_json.render(document)
    assert json.loads(source)["title"] == HOSTILE[0]
    assert document.title == HOSTILE[0]
    assert "\x1b" not in source


@pytest.mark.parametrize("title", HOSTILE[::8])
def test_a_hostile_title_is_a_title(title: str) -> None:
    scenario = trialsim.load("teaching-minimal").model_copy(deep=True)
    trial = scenario.trial.model_copy(update={"title": title})
    results = trialsim.simulate(scenario.model_copy(update={"trial": trial}), 2)
    found = parsed(html.render(report(results, with_figures=False)))
    assert text(found.find(f".//{XHTML}h1")) == title
    assert text(found.find(f".//{XHTML}title")).startswith(title)


@pytest.mark.slow
def test_with_figures_it_is_the_same() -> None:
    results = trialsim.simulate(hostile_trial(HOSTILE[0]), 5)
    found = parsed(html.render(report(results, question=HOSTILE[1])))
    assert len(list(found.iter(f"{SVG}svg"))) > 5
    test_no_text_becomes_an_element_or_an_attribute(found)


def test_a_pdf_shows_the_texts_and_does_not_obey_them(document: Document, tmp_path: Path) -> None:
    pytest.importorskip("typst")
    path = tmp_path / "x.pdf"
    path.write_bytes(pdf.render(document))
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("pdftotext is not installed")
    shown = subprocess.run([reader, path, "-"], capture_output=True, text=True, check=True, timeout=60).stdout
    together = "".join(sign for sign in shown if not sign.isspace() and sign != "\u200b")
    for each in HOSTILE[: len(HOSTILE) // 2]:
        assert "".join(each.split()) in together, each


@pytest.mark.parametrize("unprintable", UNPRINTABLE)
def test_what_turns_or_hides_text_is_refused_in_scenarios_and_escaped_elsewhere(unprintable: str) -> None:
    with pytest.raises(trialsim.ScenarioError):
        hostile_trial(unprintable)
    results = trialsim.simulate("teaching-minimal", 2)
    found = report(results, question=unprintable, context=unprintable, with_figures=False)
    for source in (html.render(found), as_json.render(found)):
        assert all(sign.isprintable() or sign in "\n\xa0" for sign in source)
    parsed(html.render(found))

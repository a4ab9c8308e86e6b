"""Reports to hand over: every number is the summary's, whatever the format, and the order is that of a decision."""

from __future__ import annotations

import datetime
import json
import re
from dataclasses import is_dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import trialsim
from tests.support.reports import SVG, XHTML, digits_outside, numbers, parsed, text
from trialsim.document import html, pdf
from trialsim.document import json as as_json
from trialsim.document.chapters.scenario import text_of
from trialsim.document.content import Document, Figure, Number, Paragraph, Table, plain
from trialsim.document.data import Data, duration_range
from trialsim.document.drawing import cleaned
from trialsim.document.making import report
from trialsim.results.drivers import drivers_of_run
from trialsim.results.run import Results
from trialsim.scenario import Scenario, load
from trialsim.scenario.shipped import names
from trialsim.vocabulary import MONTH

CHAPTERS = [
    *("question", "answer", "holds", "helps", "milestones", "causes", "people", "rests"),
    *("observed", "trust", "scenario", "reproduce", "stress"),
]


@pytest.fixture(scope="module")
def results() -> Results:
    return trialsim.simulate("msc-sle", 40, levers=True)


@pytest.fixture(scope="module")
def document(results: Results) -> Document:
    return report(results, with_stress=True)


@pytest.fixture(scope="module")
def page(document: Document) -> Any:
    return parsed(html.render(document))


def at(found: Any, path: str) -> Any:
    """What stands at a path of keys and positions; written here once more."""
    for part in path.split("."):
        found = found[int(part)] if isinstance(found, list) else found[part]
    return found


def test_chapters_are_in_the_order_of_a_decision(document: Document, page: Any) -> None:
    assert [chapter.name for chapter in document.chapters] == CHAPTERS
    assert [section.get("id") for section in page.iter(f"{XHTML}section")] == CHAPTERS
    linked = [node.get("href") for node in page.iter(f"{XHTML}a")]
    assert [link for link in linked if link != "#content"] == [f"#{name}" for name in CHAPTERS]


def test_every_number_of_the_page_is_that_of_the_summary(results: Results, page: Any) -> None:
    summary = {"summary": json.loads(json.dumps(results.summary()))}
    found = list(numbers(page))
    assert len(found) > 150
    for words, sources, values in found:
        stands = [at(summary, source) for source in sources]
        assert values == ["" if each is None else str(each) for each in stands], (words, sources)
        assert is_said(words, stands), (words, sources, stands)


def is_said(words: str, values: list[Any]) -> bool:
    """Whether every number in a text is one of the values, rounded, in a unit that people use."""
    if len(values) == 1 and isinstance(values[0], str):  # a date
        day = datetime.date.fromisoformat(values[0])
        return words.split() == [str(day.day), day.strftime("%b"), str(day.year)]
    written = re.findall(r"[-+]?\d[\d,]*\.?\d*", words.replace("–", " ").replace("of 100", ""))
    known = [float(value) for value in values if value is not None]
    return bool(known) and all(
        any(
            abs(abs(float(each.replace(",", ""))) - abs(value * scale)) <= 0.5 * 10.0 ** -decimals(each) + 1e-9
            for value in known
            for scale in (1, 100, 1 / MONTH)
        )
        or (words.startswith(("<", ">")) and known != [])
        for each in written
    )


def decimals(number: str) -> int:
    return len(number.partition(".")[2])


def test_a_number_that_is_not_the_summarys_would_be_noticed() -> None:
    assert is_said("79 %", [0.786]) and not is_said("80 %", [0.786])
    assert is_said("13 Dec 2023", ["2023-12-13"]) and not is_said("12 Dec 2023", ["2023-12-13"])
    assert is_said("54.5 to 55.5 months", [1659.0, 1690.0]) and not is_said("54.5 to 55.6 months", [1659.0, 1690.0])


def test_the_chapters_of_the_answer_have_no_other_numbers(page: Any) -> None:
    assumed = {"23", "39"}  # of the values that the scenario states
    allowed = {*("P10", "P50", "P80", "P90", "95", "0", "100"), *("14", "2019"), *assumed}  # 14 May 2019 is day 0
    for section in page.iter(f"{XHTML}section"):
        if section.get("id") in ("answer", "holds", "helps", "milestones", "causes"):
            words = " ".join(digits_outside(section)).replace("\xa0", " ").split()
            assert {word.strip("();,.") for word in words if any(map(str.isdigit, word))} <= allowed


def test_renderers_show_the_same_texts(document: Document, page: Any) -> None:
    data = json.loads(as_json.render(document))
    assert [chapter["title"] for chapter in data["chapters"]] == [chapter.title for chapter in document.chapters]
    shown = " ".join(text(page).split())
    for chapter in document.chapters:
        for block in chapter.blocks:
            if isinstance(block, Table):
                for row in block.rows:
                    assert all(" ".join(plain(cell).split()) in shown for cell in row)
    assert data["data"]["summary"]["replications"] == 40


def test_what_the_data_say_of_a_number_stands_there(document: Document) -> None:
    data = json.loads(as_json.render(document))

    def check(part: Any) -> int:
        if isinstance(part, list):
            return sum(map(check, part))
        if not isinstance(part, dict):
            return 0
        if part.get("kind") == "number":
            assert [at(data["data"], source) for source in part["from"]] == part["values"]
            return 1
        return sum(map(check, part.values()))

    assert check(data["chapters"]) > 150


def test_the_page_stands_alone_and_has_its_parts_in_order(document: Document, page: Any) -> None:
    source = html.render(document)
    assert len(source) < 3_000_000
    assert page.get("lang") == "en"
    assert not list(page.iter(f"{XHTML}script")) and not list(page.iter(f"{XHTML}link"))
    links = {value for node in page.iter() for name, value in node.attrib.items() if name in ("href", "src")}
    assert all(link.startswith("#") for link in links)
    assert "default-src 'none'" in source
    levels = [int(node.tag[-1]) for node in page.iter() if re.fullmatch(r"\{.*\}h[1-6]", str(node.tag))]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    identities = [node.get("id") for node in page.iter() if node.get("id")]
    assert len(identities) == len(set(identities))


def test_tables_have_captions_and_heads_and_drawings_say_what_they_show(document: Document, page: Any) -> None:
    for node in page.iter(f"{XHTML}table"):
        assert text(node.find(f"{XHTML}caption")).strip()
        assert all(head.get("scope") in ("row", "col") for head in node.iter(f"{XHTML}th"))
    drawings = list(page.iter(f"{SVG}svg"))
    figures = [block for chapter in document.chapters for block in chapter.blocks if isinstance(block, Figure)]
    assert len(drawings) == len(figures) == 8
    for drawing, figure in zip(drawings, figures, strict=True):
        assert drawing.get("role") == "img"
        title, described = drawing.find(f"{SVG}title"), drawing.find(f"{SVG}desc")
        assert (text(title), text(described)) == (figure.title, figure.alt)
        assert len(figure.alt) > 40 and re.search(r"\d", figure.alt)
        assert drawing.get("aria-labelledby").split() == [title.get("id"), described.get("id")]


@pytest.mark.slow
def test_the_same_results_give_the_same_page_and_data(results: Results, document: Document) -> None:
    again = report(results, with_stress=True)
    assert html.render(again) == html.render(document)
    assert as_json.render(again) == as_json.render(document)


@pytest.mark.parametrize("name", names())
def test_the_scenario_of_a_report_is_the_same_trial(name: str, tmp_path: Path) -> None:
    scenario = load(name)
    path = tmp_path / f"{name}.yaml"
    path.write_text(text_of(scenario), encoding="utf-8")
    again = load(path)
    assert again == scenario
    assert again.given_values() == scenario.given_values()


def test_stress_has_twenty_items_and_marks_what_a_person_must_say(document: Document) -> None:
    table = next(block for block in document.chapters[-1].blocks if isinstance(block, Table))
    assert len(table.rows) == 20
    assert all(plain(answer).strip() for _, answer in table.rows)
    marked = [plain(name).split()[0] for name, answer in table.rows if "To be answered by the sponsor" in plain(answer)]
    assert marked == ["1.1", "1.3", "6.1"]


def test_what_was_asked_stands_in_it_and_is_then_no_longer_to_be_answered(results: Results) -> None:
    found = report(
        results, with_figures=False, question="One site or two?", context="The steering committee decides in May."
    )
    first = " ".join(plain(block.text) for block in found.chapters[0].blocks if isinstance(block, Paragraph))
    assert "One site or two?" in first and "decides in May" in first
    assert "To be answered" not in first


def test_one_trial_says_nothing_of_others(tmp_path: Path) -> None:
    page = parsed(html.render(report(trialsim.simulate("teaching-minimal", 1), with_figures=False)))
    answer = next(each for each in page.iter(f"{XHTML}section") if each.get("id") == "answer")
    assert "One trial says nothing of how others go" in text(answer)


def test_a_trial_that_nobody_enters_has_a_report() -> None:
    scenario = load("teaching-minimal", set=["recruitment.rate_multiplier=0", "stopping.time_limit=1 year"])
    found = html.render(report(trialsim.simulate(scenario, 30, levers=True), with_figures=False))
    assert "not known" in found


def test_values_that_are_not_known_are_told_with_how_much_of_the_spread_they_make() -> None:
    results = trialsim.simulate("msc-sle-uncertain", 30, ignorance=True)
    page = parsed(html.render(report(results, with_figures=False)))
    rests = next(each for each in page.iter(f"{XHTML}section") if each.get("id") == "rests")
    assert "May be" in text(rests) and "0.3 per month to 2 per month" in text(rests)
    sources = {source for _, found, _ in numbers(rests) for source in found}
    assert "summary.ignorance.milestones.last_visit.ignorance" in sources


@pytest.mark.slow
def test_which_of_the_values_that_are_not_known_drive_the_answer_is_told() -> None:
    results = trialsim.simulate("msc-sle-uncertain", 100)
    found = drivers_of_run(results.scenario, results.replications, 1, 1, "simpy")
    assert found is not None
    page = parsed(html.render(report(results, sensitivity=found, with_figures=False)))
    rests = next(each for each in page.iter(f"{XHTML}section") if each.get("id") == "rests")
    assert "What drives the answer: last visit" in text(rests) and "the dummy, which changes nothing" in text(rests)
    data = {"summary": results.summary(), "sensitivity": json.loads(json.dumps(found.summary()))}
    told = [each for each in numbers(rests) if each[1][0].startswith("sensitivity.")]
    assert len(told) > 20
    for words, sources, values in told:
        stands = [at(data, source) for source in sources]
        assert values == ["" if each is None else str(each) for each in stands], (words, sources)


def test_where_all_is_known_nothing_drives_the_answer() -> None:
    results = trialsim.simulate("teaching-minimal", 20)
    assert drivers_of_run(results.scenario, results.replications, 1, 1, "simpy") is None


def test_paths_lead_through_lists_and_keys_with_dots() -> None:
    data = Data({"summary": {"list": [{"a.b": 1}, {"a": {"b": 2}, "a.c": 3}]}})
    assert data.at("summary.list.0.a.b") == 1
    assert data.at("summary.list.1.a.b") == 2
    assert data.at("summary.list.1.a.c") == 3
    with pytest.raises(KeyError):
        data.at("summary.none")


def test_open_intervals_are_said_to_be_open() -> None:
    assert duration_range(None, None) == "not bounded by so few trials"
    assert duration_range(None, 20.0) == "at most 20.0 days"
    assert duration_range(20.0, None) == "at least 20.0 days"


def test_a_drawing_keeps_shapes_and_texts_alone() -> None:
    spoilt = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="alert(1)">'
        "<script>alert(1)</script><style>* {fill: url(http://evil)}</style><metadata>x</metadata>"
        '<a xlink:href="http://evil"><text>in a link</text></a><foreignObject><b>html</b></foreignObject>'
        '<image xlink:href="http://evil/a.png"/><use xlink:href="#p" onclick="x"/><path id="p" d="M 1.23456 2"/>'
        '<g clip-path="url(#c)"><text>a &lt;b&gt; \u202e c</text></g></svg>'
    )
    found = cleaned(spoilt, "one")
    for evil in ("script", "evil", "onload", "onclick", "foreignObject", "metadata", "<a", "\u202e"):
        assert evil not in found
    assert 'href="#one-p"' in found and 'id="one-p"' in found and "url(#one-c)" in found
    assert 'd="M 1.23 2"' in found and "a &lt;b&gt; \\u202e c" in found


def test_a_pdf_is_tagged_and_the_same_bytes_each_time(document: Document) -> None:
    pytest.importorskip("typst")
    one, other = pdf.render(document), pdf.render(document)
    assert one == other and one.startswith(b"%PDF-")
    for mark in (b"pdfuaid:part>1<", b"pdfaid:part>2<", b"/StructTreeRoot", b"/Lang"):
        assert mark in one
    assert len(one) < 3_000_000


def test_without_typst_it_is_said_how_to_have_it(document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "typst", None)
    with pytest.raises(pdf.NoTypst, match=r"pip install 'trialsim\[report\]'"):
        pdf.render(document)


def test_numbers_know_where_they_stand(document: Document) -> None:
    found = [part for chapter in document.chapters for part in _parts(chapter) if isinstance(part, Number)]
    data = Data(document.data)
    assert all(tuple(data.at(source) for source in each.sources) == each.values for each in found)


def _parts(node: Any) -> list[Any]:
    """A content model, down to its texts and numbers."""
    if isinstance(node, tuple):
        return [part for each in node for part in _parts(each)]
    if is_dataclass(node) and not isinstance(node, Number):
        return _parts(tuple(vars(node).values()))
    return [node]


def test_a_scenario_without_layers_is_described(tmp_path: Path) -> None:
    plain_one = {
        "trial": {"name": "open", "start_date": "2027-01-11", "max_participants": 5},
        "recruitment": {"sites": [{"name": "Köln", "rate": "1 per month"}]},
    }
    found = report(trialsim.simulate(Scenario.from_document(plain_one), 30, levers=True), with_stress=True)
    assert [chapter.name for chapter in found.chapters if chapter.name in ("observed", "people")] == ["people"]
    parsed(html.render(found))

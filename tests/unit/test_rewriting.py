"""YAML texts with other values in them, and all else as it was."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from trialsim.scenario import shipped
from trialsim.scenario.reading.overrides import replace
from trialsim.scenario.reading.rewriting import CannotRewrite, rewritten
from trialsim.scenario.reading.yaml_text import read_text

TEXT = """\
# a trial
trial:   # what it is
  name: "demo"      # quoted
  start_date: 2025-01-06

recruitment:
  sites:
    # the first
    - name: Lyon
      rate: 1 per month   # rising
    - {name: Region, count: 6, rate: '2 per year'}   # alike
screening:
  duration:             # of a screening
    lognormal:
      mean: 28 days
      sd: 10 days
  criteria:
    - {name: one, pass_probability: 0.5}
dosing: {levels: [1 mg, 2 mg], observation: 14 days, rule: three_plus_three}  # on one line
# the end
"""


def changed(text: str, **values: Any) -> str:
    document = read_text(text, "")
    for key, value in values.items():
        document.value = replace(document.value, key.replace("__", "."), value).document
        document.value.pop("sources", None)
    return rewritten(text, document.value)


def lines(text: str, other: str) -> list[tuple[str, str]]:
    return [pair for pair in zip(text.splitlines(), other.splitlines(), strict=True) if pair[0] != pair[1]]


def test_one_value_is_one_line_and_its_comment_stays_where_it_was() -> None:
    made = changed(TEXT, recruitment__sites__Lyon__rate="2.5 per month")
    assert lines(TEXT, made) == [("      rate: 1 per month   # rising", "      rate: 2.5 per month # rising")]
    made = changed(TEXT, trial__name="new")
    assert lines(TEXT, made) == [('  name: "demo"      # quoted', "  name: new         # quoted")]


def test_values_on_one_line_and_in_lists() -> None:
    made = changed(TEXT, dosing__observation="21 days", recruitment__sites__Region__count=7)
    assert [new for _, new in lines(TEXT, made)] == [
        "    - {name: Region, count: 7, rate: '2 per year'}   # alike",
        "dosing: {levels: [1 mg, 2 mg], observation: 21 days, rule: three_plus_three}  # on one line",
    ]
    assert "levels: [1 mg, 2 mg, 3 mg]" in changed(TEXT, dosing__levels=["1 mg", "2 mg", "3 mg"])


def test_a_block_becomes_one_line_when_its_kind_changes() -> None:
    made = changed(TEXT, screening__duration="5 weeks")
    assert "  duration: 5 weeks             # of a screening\n  criteria:" in made
    made = changed(TEXT, screening__duration__lognormal__sd="12 days")
    assert lines(TEXT, made) == [("      sd: 10 days", "      sd: 12 days")]


def test_keys_come_and_go() -> None:
    made = changed(TEXT, recruitment__rate_multiplier=1.5)
    assert "rate: '2 per year'}   # alike\n  rate_multiplier: 1.5\nscreening:" in made
    made = changed(TEXT, dosing__review="1 week")
    assert "rule: three_plus_three, review: 1 week}  # on one line\n# the end\n" in made
    made = changed(TEXT, follow_up={"duration": "1 year"})
    assert "follow_up:\n  duration: 1 year\n" in made
    value = read_text(TEXT, "").value
    del value["screening"]["duration"]
    assert "screening:\n  criteria:\n" in rewritten(TEXT, value)
    del value["screening"]
    assert "screening" not in rewritten(TEXT, value)


def test_line_ends_are_kept() -> None:
    text = TEXT.replace("\n", "\r\n")
    made = changed(text, recruitment__rate_multiplier=2)
    assert made.count("\r\n") == made.count("\n") == text.count("\n") + 1


def test_the_last_line_may_have_no_end() -> None:
    assert changed("trial: {name: a}\nother:\n  key: 1", other__key=2) == "trial: {name: a}\nother:\n  key: 2\n"


def test_an_alias_is_replaced_and_what_it_stands_for_is_left() -> None:
    text = "a:\n  x: &long 5 days\n  y: *long\nb: 1\n"
    assert changed(text, a__y="6 days") == "a:\n  x: &long 5 days\n  y: 6 days\nb: 1\n"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("a:\n  x: &long 5 days\n  y: *long\nb: 1\n", "a__x"),
        ("a: &all\n  x: 1\nb: *all\n", "a__x"),
    ],
)
def test_what_others_stand_for_is_refused(text: str, key: str) -> None:
    with pytest.raises(CannotRewrite, match="anchors"):
        changed(text, **{key: "6 days"})


@pytest.mark.parametrize("name", shipped.names())
def test_every_number_of_a_shipped_scenario_can_be_changed_alone(name: str) -> None:
    text = shipped.text(name)
    value = read_text(text, name).value
    for path in list(_numbers(value))[::9]:
        new = _with(value, path, 12345)
        made = rewritten(text, new)
        assert len([pair for pair in zip(text.splitlines(), made.splitlines(), strict=True) if pair[0] != pair[1]]) == 1
        assert made.count("#") == text.count("#")


def _numbers(value: Any, path: tuple[Any, ...] = ()) -> Any:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _numbers(each, (*path, key))
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from _numbers(each, (*path, place))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path


def _with(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copied = value.copy()
    copied[path[0]] = _with(value[path[0]], path[1:], new)
    return copied


_KEYS = st.sampled_from(["a", "b", "c d", "x.y", "1", "é"])
_SCALARS = st.sampled_from(
    [0, 1, 2.5, True, "text", "5 days", "a: b", "# no", "'q'", "", "null", "- x", "é", "line\nline"]
)
_TREES = st.recursive(
    _SCALARS,
    lambda inner: st.dictionaries(_KEYS, inner, min_size=1, max_size=4) | st.lists(inner, max_size=3),
    max_leaves=10,
)
_DOCUMENTS = st.dictionaries(_KEYS, _TREES, min_size=1, max_size=4)


@settings(max_examples=60)
@given(_DOCUMENTS, _DOCUMENTS, st.booleans())
def test_any_document_becomes_any_other(before: dict[str, Any], after: dict[str, Any], flow: bool) -> None:
    yaml = YAML()
    yaml.default_flow_style = flow
    stream = io.StringIO()
    yaml.dump(before, stream)
    made = rewritten(stream.getvalue(), after)
    assert read_text(made, "").value == after


@settings(max_examples=30)
@given(_DOCUMENTS)
def test_nothing_to_change_changes_nothing(document: dict[str, Any]) -> None:
    stream = io.StringIO()
    YAML().dump(document, stream)
    assert rewritten(stream.getvalue(), document) == stream.getvalue()

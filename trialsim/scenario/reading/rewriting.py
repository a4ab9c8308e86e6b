"""The text of a YAML file with other values in it, and all else as it was: comments, order, layout, quotes.

Only what differs is written anew, in the place of what stood there. Whether the new text means what it should is looked
at by reading it, so that a file of a kind that this cannot do is refused, and never spoilt.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from trialsim.scenario.messages.errors import ScenarioError
from trialsim.scenario.reading.one_line import one_line


class CannotRewrite(ValueError):
    """The text is written in a way that cannot be changed here, and must be by hand."""


class _Edit(NamedTuple):
    """What stands from one place to another is replaced."""

    start: int
    end: int
    text: str


def rewritten(text: str, value: Any) -> str:
    """The text with this value in the place of its own.

    Parameters
    ----------
    text : str
        One YAML document, a mapping.
    value : dict
        Plain values: what the new text is to mean.

    Raises
    ------
    CannotRewrite
        If that cannot be done with the rest left as it is.
    """
    from trialsim.scenario.reading.yaml_nodes import compose
    from trialsim.scenario.reading.yaml_text import read_text

    before = read_text(text, "").value
    if not isinstance(before, dict):
        raise CannotRewrite("it is no mapping")
    if text and not text.endswith("\n"):
        text += "\n"
    writer = _Writer(text)
    if writer.change(compose(text), before, value):
        made = writer.made()
    else:  # nothing of it stays
        made = writer.newline.join([line for name, each in value.items() for line in _section(name, each)] + [""])
    try:
        is_right = _same(read_text(made, "").value, value)
    except ScenarioError:
        is_right = False
    if not is_right:
        raise CannotRewrite(
            "it is written with anchors, or otherwise in a way in which this cannot be changed; change it by hand"
        )
    return made


def _same(one: Any, other: Any) -> bool:
    """Whether two plain values are the same: yes is not 1, and 1.0 is; whatever the order of keys."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(each, other[key]) for key, each in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


class _Writer:
    """Finds what differs between what a text means and what it should."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.edits: list[_Edit] = []

    def made(self) -> str:
        """The text with all changes."""
        text = self.text
        for edit in sorted(self.edits, reverse=True):
            text = text[: edit.start] + edit.text + text[edit.end :]
        return text

    def change(self, node: Any, before: Any, after: Any) -> bool:
        """Change a mapping or list in what differs; False if it must be replaced as a whole."""
        from ruamel.yaml.nodes import MappingNode, SequenceNode

        if isinstance(node, MappingNode) and isinstance(before, dict) and isinstance(after, dict) and after:
            return self._mapping(node, before, after)
        if isinstance(node, SequenceNode) and isinstance(before, list) and isinstance(after, list):
            if len(before) != len(after):
                return False
            mark = len(self.edits)
            for item, old, new in zip(node.value, before, after, strict=True):
                if not _same(old, new) and not self.change(item, old, new):
                    if not node.flow_style and not _is_scalar(item):
                        del self.edits[mark:]
                        return False
                    self._put(item.start_mark.index, self._end(item), one_line(new))
            return True
        return False

    def _mapping(self, node: Any, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        mark = len(self.edits)
        own = {str(key.value): (key, value) for key, value in node.value if not str(key.tag).endswith(":merge")}
        gone = [name for name in before if name not in after and name in own]
        if gone and not self._remove(node, [own[name] for name in gone]):
            del self.edits[mark:]
            return False
        for name, new in after.items():
            if name in own and not _same(before.get(name), new):
                key, value = own[name]
                if _is_alias(key, value) or not self.change(value, before.get(name), new):
                    self._replace(key, value, new)
        added = [(name, new) for name, new in after.items() if name not in own and not _same(before.get(name), new)]
        if added:
            self._add(node, [own[name] for name in own if name not in gone], added)
        return True

    def _replace(self, key: Any, value: Any, new: Any) -> None:
        """Put a value in the place of that of a key, on the key's line."""
        start = key.end_mark.index
        if _is_alias(key, value):
            found = re.compile(r"\s*:\s*\*[^\s,\]}]+").match(self.text, start)
            if found:
                self._put(start, found.end(), f": {one_line(new)}")
            return
        between = self.text[start : value.start_mark.index]
        comment = re.search(r"[ \t]+#[^\r\n]*", between)
        if "\n" not in between:
            self._put_before_comment(value.start_mark.index, self._end(value), one_line(new))
        else:
            self._put(start, self._end(value), f": {one_line(new)}{comment[0] if comment else ''}")

    def _put_before_comment(self, start: int, end: int, text: str) -> None:
        """Put text in the place of other text; a comment behind it stays in its column, if it can."""
        spaces = re.compile(r"[ \t]+(?=#)").match(self.text, end)
        if spaces:
            text += " " * max(1, len(spaces[0]) + (end - start) - len(text))
            end = spaces.end()
        self._put(start, end, text)

    def _remove(self, node: Any, pairs: list[tuple[Any, Any]]) -> bool:
        """Take out entries of a mapping; False if that cannot be done line by line."""
        if any(_is_alias(key, value) for key, value in pairs) or len(pairs) == len(node.value):
            return False
        if node.flow_style:
            return False
        for key, value in pairs:
            start = self.text.rfind("\n", 0, key.start_mark.index) + 1
            if self.text[start : key.start_mark.index].strip():
                return False  # the first key of an entry of a list
            self._put(start, self._line_end(self._end(value, key)), "")
        return True

    def _add(self, node: Any, kept: list[tuple[Any, Any]], added: list[tuple[str, Any]]) -> None:
        """Add entries at the end of a mapping."""
        lines = [f"{one_line(name)}: {one_line(new)}" for name, new in added]
        if node.flow_style:
            end = node.end_mark.index - 1
            last = max((self._end(value, key) for key, value in kept), default=None)
            self._put(
                end if last is None else last,
                end if last is None else last,
                ("" if last is None else ", ") + ", ".join(lines),
            )
            return
        key, value = node.value[-1]
        indent = node.value[0][0].start_mark.column
        if not indent:
            lines = [line for name, new in added for line in _section(name, new)]
        place = self._line_end(self._end(value, key))
        self._put(place, place, "".join(f"{' ' * indent}{line}{self.newline}" for line in lines))

    def _put(self, start: int, end: int, text: str) -> None:
        self.edits.append(_Edit(start, end, text))

    def _end(self, node: Any, key: Any = None) -> int:
        """Where a value really ends: a block's node reaches to the next thing that is no comment."""
        from ruamel.yaml.nodes import ScalarNode

        if key is not None and _is_alias(key, node):
            found = re.compile(r"\s*:\s*\*[^\s,\]}]+").match(self.text, key.end_mark.index)
            return found.end() if found else int(key.end_mark.index)
        if isinstance(node, ScalarNode):
            end = int(node.end_mark.index)
            if getattr(node, "style", None) in ("|", ">"):
                return len(self.text[:end].rstrip())
            return end
        if node.flow_style or not node.value:
            return int(node.end_mark.index)
        last = node.value[-1]
        return self._end(last[1], last[0]) if isinstance(last, tuple) else self._end(last)

    def _line_end(self, place: int) -> int:
        """The beginning of the next line."""
        end = self.text.find("\n", place)
        return len(self.text) if end < 0 else end + 1


def _section(name: str, value: Any) -> list[str]:
    """A section that is new, a key a line."""
    if not isinstance(value, Mapping) or not value:
        return [f"{one_line(name)}: {one_line(value)}"]
    return [f"{one_line(name)}:", *(f"  {one_line(key)}: {one_line(each)}" for key, each in value.items())]


def _is_alias(key: Any, value: Any) -> bool:
    """Whether a value stands elsewhere: the key has an alias."""
    return bool(value.start_mark.index < key.end_mark.index)


def _is_scalar(node: Any) -> bool:
    from ruamel.yaml.nodes import ScalarNode

    return isinstance(node, ScalarNode)

"""Lists of people in which joining, leaving and looking are quick wherever in the list somebody stands."""

from __future__ import annotations

from trialsim.kernel.language import (
    compiled,
    inlined,
)
from trialsim.kernel.machine.views import (
    link_at,
    list_at,
    person_at,
)
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.records import Link


@inlined
def _link(t: State, which: int, person: int) -> Link:
    """Who stands before and after somebody in a list."""
    return link_at(t.links_at, which * t.links_room + person)


@inlined
def _note(t: State, which: int, person: int) -> None:
    """Note that somebody is in a list from now on, or not any more."""
    person_at(t.people_at, person).lists ^= 1 << which


@inlined
def first(t: State, which: int) -> int:
    """The first in a list, or -1 for nobody."""
    return list_at(t.lists_at, which).first


@inlined
def length(t: State, which: int) -> int:
    """How many are in a list."""
    return list_at(t.lists_at, which).length


@inlined
def after(t: State, which: int, person: int) -> int:
    """The one after somebody in a list, or -1."""
    return _link(t, which, person).after


@inlined
def before(t: State, which: int, person: int) -> int:
    """The one before somebody in a list, or -1."""
    return _link(t, which, person).before


@inlined
def last(t: State, which: int) -> int:
    """The last in a list, or -1 for nobody."""
    return list_at(t.lists_at, which).last


@inlined
def is_in(t: State, which: int, person: int) -> bool:
    """Whether somebody is in a list."""
    return (person_at(t.people_at, person).lists >> which) & 1 != 0


@compiled
def join(t: State, which: int, person: int) -> None:
    """Put somebody at the end of a list."""
    people, link = list_at(t.lists_at, which), _link(t, which, person)
    link.before = people.last
    link.after = -1
    _note(t, which, person)
    if people.last >= 0:
        _link(t, which, people.last).after = person
    else:
        people.first = person
    people.last = person
    people.length += 1


@compiled
def jump_in(t: State, which: int, person: int) -> None:
    """Put somebody at the head of a list."""
    people, link = list_at(t.lists_at, which), _link(t, which, person)
    link.before = -1
    link.after = people.first
    _note(t, which, person)
    if people.first >= 0:
        _link(t, which, people.first).before = person
    else:
        people.last = person
    people.first = person
    people.length += 1


@compiled
def leave(t: State, which: int, person: int) -> None:
    """Take somebody out of a list."""
    people, link = list_at(t.lists_at, which), _link(t, which, person)
    if link.before >= 0:
        _link(t, which, link.before).after = link.after
    else:
        people.first = link.after
    if link.after >= 0:
        _link(t, which, link.after).before = link.before
    else:
        people.last = link.before
    _note(t, which, person)
    people.length -= 1


@compiled
def come_back(t: State, which: int, person: int, before_them: int) -> None:
    """Put somebody who has left a list back where they were: behind ``before_them``, or at the head for -1."""
    if before_them < 0:
        jump_in(t, which, person)
        return
    following = _link(t, which, before_them).after
    if following < 0:
        join(t, which, person)
        return
    link = _link(t, which, person)
    link.before = before_them
    link.after = following
    _note(t, which, person)
    _link(t, which, before_them).after = person
    _link(t, which, following).before = person
    list_at(t.lists_at, which).length += 1

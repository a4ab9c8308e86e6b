"""A dose rule of the user's own on its way to another process.

Only what this program has pickled itself is ever unpickled, here and in `trialsim.experiment.remote`: from the process
that started the worker, or over the connection to a scheduler that the user has named. A rule travels as bytes of its
own, so that a worker that cannot read them says so like any other error, and lives on.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trialsim.rules.base import Rule


def pickled(rule: Rule | bytes | None) -> bytes | None:
    """The rule as bytes; None for none.

    Raises
    ------
    ValueError
        If another process could not make the rule from them.
    """
    if rule is None or isinstance(rule, bytes):
        return rule
    try:
        if type(rule).__module__ == "__main__" and not hasattr(sys.modules["__main__"], "__file__"):
            raise TypeError("it was defined in an interactive session")
        return pickle.dumps(rule)
    except (pickle.PicklingError, AttributeError, TypeError) as problem:
        raise ValueError(
            f"the rule cannot be sent to other processes ({problem}): define its class in a module, or use jobs=1"
        ) from None


def portable(rule: Rule | bytes | None, is_there: Callable[[str], bool]) -> bytes | None:
    """The rule as bytes for processes that this one did not start; None for none.

    By reference to its module where that ``is_there`` as it is here, else with the code of its class.

    Raises
    ------
    ValueError
        If it cannot be written so.
    """
    if rule is None or isinstance(rule, bytes):
        return rule
    import cloudpickle

    module = type(rule).__module__
    sent_along = module != "__main__" and not is_there(module)
    try:
        if sent_along:
            cloudpickle.register_pickle_by_value(sys.modules[module])
        try:
            written: bytes = cloudpickle.dumps(rule)
        finally:
            if sent_along:
                cloudpickle.unregister_pickle_by_value(sys.modules[module])
    except Exception as problem:  # whatever a user's object does when it is pickled
        raise ValueError(f"the rule cannot be sent to the workers ({problem})") from None
    return written


def unpickled(rule: Rule | bytes | None) -> Rule | None:
    """The rule itself."""
    if not isinstance(rule, bytes):
        return rule
    made: Rule = pickle.loads(rule)
    return made


def can_be_pickled(rule: Rule | bytes | None) -> bool:
    """Whether other processes can have the rule."""
    try:
        pickled(rule)
    except ValueError:
        return False
    return True

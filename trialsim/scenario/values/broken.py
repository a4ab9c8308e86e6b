"""A stand-in for a part of a scenario that could not be read, so that the rest can still be checked."""

from __future__ import annotations

from typing import Any, NoReturn


class Untold(Exception):
    """Raised by `BROKEN` when a check needs it."""


class _Broken:
    """Stands for a part of the scenario that could not be read."""

    def _silence(self, *_: Any, **__: Any) -> NoReturn:
        raise Untold

    __getattr__ = __iter__ = __len__ = __bool__ = __lt__ = __le__ = __gt__ = __ge__ = _silence
    __eq__ = __ne__ = __getitem__ = __contains__ = __add__ = __radd__ = __sub__ = __rsub__ = _silence
    __hash__ = _silence


BROKEN: Any = _Broken()

"""A stand-in for a part of a scenario that could not be read, so that the rest can still be checked."""

from __future__ import annotations

from typing import Any, NoReturn


class NotRead(Exception):
    """Raised when a check needs a part of the scenario that is `UNREAD`."""


class _Unread:
    """Stands for a part of the scenario that could not be read."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise NotRead

    __getattr__ = __iter__ = __len__ = __bool__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __eq__ = __ne__ = __getitem__ = __contains__ = __add__ = __radd__ = __sub__ = __rsub__ = _refuse
    __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __float__ = __int__ = _refuse
    __hash__ = _refuse


UNREAD: Any = _Unread()

"""What the compiled functions are written in: numba, and records at addresses.

`records` makes a function that compiled code calls to see the record at an address. A record so seen is a bare pointer:
passing it to another function costs nothing, and nothing is counted or freed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numba.extending
from llvmlite import ir

from trialsim.kernel.state.memory import dtype

Record = TypeVar("Record")
Function = TypeVar("Function", bound=Callable[..., Any])

types: Any = numba.types
intrinsic: Callable[[Function], Any] = numba.extending.intrinsic
"""A function that writes instructions, for compiled code."""

_WORD = ir.IntType(64)


def compiled(function: Function) -> Function:
    """Compile a function that only other compiled functions call."""
    return _compiled(function)


def inlined(function: Function) -> Function:
    """Compile a function of a line or two, to be made part of its callers."""
    return _compiled(function, forceinline=True)


def _compiled(function: Function, **options: bool) -> Function:
    dispatcher = numba.njit(error_model="numpy", nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, **options)(
        function
    )
    find = dispatcher.get_call_template

    def find_for_any_value(arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Numba would compile the function once for each constant that it is called with."""
        return find(tuple(types.unliteral(argument) for argument in arguments), keywords)

    dispatcher.get_call_template = find_for_any_value
    return cast(Function, dispatcher)


def records(record: type[Record]) -> Callable[[int, int], Record]:
    """A function for compiled code: ``function(address, index)`` is the record there, ``index`` records further on."""
    kind = numba.from_dtype(dtype(record))

    @intrinsic
    def at(typing_context: Any, address: Any, index: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            begin, number = arguments
            place = builder.add(begin, builder.mul(number, ir.Constant(_WORD, kind.size)))
            return builder.inttoptr(place, context.get_value_type(kind))

        return kind(types.int64, types.int64), generate

    return cast(Callable[[int, int], Record], at)


def _loader(kind: Any, of: Any) -> Any:
    @intrinsic
    def load(typing_context: Any, address: Any, index: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            begin, number = arguments
            place = builder.add(begin, builder.mul(number, ir.Constant(_WORD, 8)))
            return builder.load(builder.inttoptr(place, of.as_pointer()))

        return kind(types.int64, types.int64), generate

    return load


def _storer(kind: Any, of: Any) -> Any:
    @intrinsic
    def store(typing_context: Any, address: Any, index: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            begin, number, what = arguments
            place = builder.add(begin, builder.mul(number, ir.Constant(_WORD, 8)))
            builder.store(what, builder.inttoptr(place, of.as_pointer()))
            return context.get_dummy_value()

        return types.void(types.int64, types.int64, kind), generate

    return store


number_at: Callable[[int, int], float] = _loader(types.float64, ir.DoubleType())
"""``number_at(address, index)``: a float of an array."""
put_number: Callable[[int, int, float], None] = _storer(types.float64, ir.DoubleType())
"""``put_number(address, index, value)``."""
count_at: Callable[[int, int], int] = _loader(types.int64, _WORD)
"""``count_at(address, index)``: an integer of an array."""
put_count: Callable[[int, int, int], None] = _storer(types.int64, _WORD)
"""``put_count(address, index, value)``."""


@intrinsic
def trailing_zeros(typing_context: Any, word: Any) -> Any:
    """How many of the lowest bits of a word that is not 0 are 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), generate

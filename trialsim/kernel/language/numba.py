"""The language of the kernel compiled: `trialsim.kernel.language.python`, name by name, as numba has it.

A record at an address is a bare pointer: passing it to another function costs nothing, and nothing is counted or freed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, cast

import numba
import numba.extending
import numpy as np
from llvmlite import ir
from numba import types
from numba.core.cgutils import raw_memcpy

from trialsim.kernel.language.linking import FUNCTIONS, make_known, symbol
from trialsim.kernel.language.python import MULTIPLIERS, ROUNDS, WEYL, Function, Record
from trialsim.kernel.state.memory import dtype

intrinsic: Callable[[Function], Any] = numba.extending.intrinsic
"""A function that writes instructions, for compiled code."""

_WORD, _TWO_WORDS = ir.IntType(64), ir.IntType(128)


def compiled(function: Function) -> Function:
    """Compile a function that only other functions of the kernel call."""
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


number_at = _loader(types.float64, ir.DoubleType())
put_number = _storer(types.float64, ir.DoubleType())
count_at = _loader(types.int64, _WORD)
put_count = _storer(types.int64, _WORD)


@intrinsic
def copy_words(typing_context: Any, to: Any, origin: Any, words: Any) -> Any:
    """``copy_words(to, origin, words)``: copy so many words from one address to another."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        target, source, number = arguments
        pointer = _WORD.as_pointer()
        raw_memcpy(builder, builder.inttoptr(target, pointer), builder.inttoptr(source, pointer), number, 8, align=8)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


@intrinsic
def trailing_zeros(typing_context: Any, word: Any) -> Any:
    """How many of the lowest bits of a word that is not 0 are 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), generate


def _rounds(builder: Any, counter: list[Any], key: list[Any]) -> list[Any]:
    """Philox as instructions: numba has no product of two words, the processor has."""
    a, b, c, d = counter
    for number in range(ROUNDS):
        if number:
            key = [builder.add(word, ir.Constant(_WORD, step)) for word, step in zip(key, WEYL, strict=True)]
        halves = []
        for factor, word in zip(MULTIPLIERS, (a, c), strict=True):
            product = builder.mul(builder.zext(word, _TWO_WORDS), ir.Constant(_TWO_WORDS, factor))
            low = builder.trunc(product, _WORD)
            high = builder.trunc(builder.lshr(product, ir.Constant(_TWO_WORDS, 64)), _WORD)
            halves.append((high, low))
        (high_a, low_a), (high_c, low_c) = halves
        a = builder.xor(builder.xor(high_c, b), key[0])
        b = low_c
        c = builder.xor(builder.xor(high_a, d), key[1])
        d = low_a
    return [a, b, c, d]


@intrinsic
def philox(typing_context: Any, a: Any, b: Any, c: Any, d: Any, key: Any, other_key: Any) -> Any:
    """One block: four words for a counter of four words and a key of two."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        words = _rounds(builder, list(arguments[:4]), list(arguments[4:]))
        return context.make_tuple(builder, signature.return_type, words)

    return types.UniTuple(types.int64, 4)(*[types.int64] * 6), generate


rint, exp, log = np.rint, math.exp, math.log


def _function(name: str) -> Any:
    """One of SciPy's functions, without the last argument of the original: a flag that is of no use here."""
    numbers = [types.float64] * FUNCTIONS[name]
    original = types.ExternalFunction(symbol(name), types.float64(*numbers, types.intc))
    if len(numbers) == 1:
        return inlined(lambda x: original(x, 0))
    if len(numbers) == 2:
        return inlined(lambda x, y: original(x, y, 0))
    return inlined(lambda x, y, z: original(x, y, z, 0))


make_known()
log1p, ndtri, xlogy, inv_boxcox = (_function(name) for name in ("log1p", "ndtri", "xlogy", "inv_boxcox"))
gammaincinv, betaincinv = _function("gammaincinv"), _function("betaincinv")

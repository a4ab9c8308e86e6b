"""The compiled program: from the cache if it is there, else compiled, which takes a while.

numba compiles each function as one that others may call: with a name, a status for errors and a place for its result.
The kernel is one closed program, of which Python calls one function. So all others are made internal, and LLVM is asked
to optimise the whole once more: now it sees that nothing raises, and who calls what. The outcome is an object file,
which is kept as it is.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import lru_cache
from threading import Lock
from typing import Any, cast

import llvmlite.binding as llvm
import numba

from trialsim.kernel import cache, summary, trial

Entry = Callable[[int, int, int, int], int]
_NAME = "trialsim_kernel"
_WORDS = 4
_lock = Lock()


def _call(trial_address: int, first: int, last: int, ends: int) -> int:
    """Simulate replications (see `trial.replicate_many`), or with ``last`` 0 summarise a chunk at the address."""
    if last == 0:
        summary.summarise(trial_address)
        return 0
    return trial.replicate_many(trial_address, first, last, ends)


def _compile() -> bytes:
    """The object file."""
    words = (numba.types.int64,) * _WORDS
    function = numba.njit(numba.types.int64(*words), error_model="numpy", no_cpython_wrapper=True)(_call)
    (compiled,) = function.overloads.values()
    module = llvm.parse_assembly(function.inspect_llvm(words))
    for part in (*module.functions, *module.global_variables):
        if part.name == compiled.fndesc.llvm_func_name:
            part.name = _NAME
        elif not part.is_declaration:
            part.linkage = "internal"
    machine = _machine()
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=3))
    builder.getModulePassManager().run(module, builder)
    return cast(bytes, machine.emit_object(module))


def _machine() -> Any:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_triple(llvm.get_process_triple())
    abilities = llvm.get_host_cpu_features().flatten()
    return target.create_target_machine(llvm.get_host_cpu_name(), abilities, opt=3, codemodel="jitdefault", jit=True)


class _Program:
    """An object file in memory."""

    def __init__(self, code: bytes) -> None:
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        pointer, word = ctypes.c_void_p, ctypes.c_int64
        address = self._engine.get_function_address(_NAME)
        self._function = ctypes.CFUNCTYPE(ctypes.c_int32, pointer, pointer, *[word] * _WORDS)(address)

    def __call__(self, *words: int) -> int:
        """Call the entry; other threads of Python go on meanwhile."""
        result, error = ctypes.c_int64(), ctypes.c_void_p()
        if self._function(ctypes.byref(result), ctypes.byref(error), *words):
            raise RuntimeError("an error that compiled code cannot describe")
        return result.value


@lru_cache(maxsize=1)
def _program() -> _Program:
    code = cache.read()
    if code is None:
        code = _compile()
        cache.write(code)
    return _Program(code)


def entry() -> Entry:
    """The compiled loop over replications."""
    with _lock:
        return _program()


def is_loaded() -> bool:
    """Whether it has been loaded or compiled in this process."""
    return _program.cache_info().currsize > 0

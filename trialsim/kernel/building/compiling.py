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

from trialsim.kernel.building import cache
from trialsim.kernel.machine import linking

Entry = Callable[[int, int, int, int], int]
_NAME = "trialsim_kernel"
_WORDS = 4
_IN_ONE_PIECE = ("6layers", *(f"7machine{len(name)}{name}" for name in ("calendar", "lists", "random")))
"""What stands in the names of the functions that each event passes through: one piece of code is a twentieth faster
than calls."""
_lock = Lock()


def _compile() -> bytes:
    """The object file."""
    from trialsim.kernel.building.program import translated  # it takes numba, which is slow to import

    text, entry = translated()
    module = llvm.parse_assembly(text)
    for part in (*module.functions, *module.global_variables):
        if part.name == entry:
            part.name = _NAME
        elif not part.is_declaration:
            part.linkage = "internal"
    for function in module.functions:
        if not function.is_declaration and any(part in function.name for part in _IN_ONE_PIECE):
            function.add_function_attribute("alwaysinline")
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
    linking.make_known()
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

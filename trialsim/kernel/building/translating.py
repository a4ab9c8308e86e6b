"""The program that compiles: ``python -m trialsim.kernel.building.translating`` writes an object file to its output.

`compiling` starts it, in an environment that chooses numba for the kernel's language. If something goes wrong, it
writes what that was in place of the object file, and its status is 1. It ends when its input is closed, by whoever
started it or because that one is no more.

numba compiles each function as one that others may call: with a name, a status for errors and a place for its result.
The kernel is one closed program, of which Python calls one function. So all others are made internal, and LLVM is asked
to optimise the whole once more: now it sees that nothing raises, and who calls what.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import cast

_IN_ONE_PIECE = ("6layers", *(f"7machine{len(name)}{name}" for name in ("calendar", "lists", "random")))
"""What stands in the names of the functions that each event passes through: one piece of code is a twentieth faster
than calls."""


def main() -> int:
    """Write the object file and return 0, or the reason why there is none and return 1."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all processes: the one that started us decides
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries may print is not part of the object file
    threading.Thread(target=_leave_with_the_other, daemon=True).start()
    try:
        code = object_file()
    except Exception as problem:
        output.write(f"{type(problem).__name__}: {problem}".encode(errors="replace"))
        return 1
    else:
        output.write(code)
        return 0
    finally:
        output.close()


def _leave_with_the_other() -> None:
    os.read(0, 1)  # nothing is ever sent: this returns when the other end is closed
    os._exit(1)


def object_file() -> bytes:
    """The kernel for this processor."""
    import llvmlite.binding as llvm

    from trialsim.kernel.building.compiling import NAME, target_machine

    text, entry = _translated()
    module = llvm.parse_assembly(text)
    for part in (*module.functions, *module.global_variables):
        if part.name == entry:
            part.name = NAME
        elif not part.is_declaration:
            part.linkage = "internal"
    for function in module.functions:
        if not function.is_declaration and any(part in function.name for part in _IN_ONE_PIECE):
            function.add_function_attribute("alwaysinline")
    machine = target_machine()
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=3))
    builder.getModulePassManager().run(module, builder)
    return cast(bytes, machine.emit_object(module))


def _translated() -> tuple[str, str]:
    """The program in the language of LLVM, as numba translates it, and the name that it gives to `program.run`."""
    import numba

    from trialsim.kernel.program import run

    words = (numba.types.int64,) * 4
    function = numba.njit(numba.types.int64(*words), error_model="numpy", no_cpython_wrapper=True)(run)
    (compiled,) = function.overloads.values()
    return function.inspect_llvm(words), compiled.fndesc.llvm_func_name


if __name__ == "__main__":
    raise SystemExit(main())

"""The kernel's layers mirror the model's: files of the same names, and in them the same functions in the same order.

What a layer of the model does in a process (a generator) is several functions in the kernel, one for each event.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import trialsim

ROOM = Path(trialsim.__file__).parent
MODEL, KERNEL = ROOM / "model", ROOM / "kernel" / "layers"
WITHOUT_TWIN = {"clock", "draws", "records"}
"""Files of the model that are no layers: `kernel/machine` and `kernel/state` stand for them."""
ONLY_IN_THE_MODEL = {
    "history": {"cohort", "view", "view_without"},  # the kernel's rules read the state itself
    "manufacturing": {"lots_for", "make"},
    "recruitment": {"arrive", "day_of", "site"},
    "screening": {"examine"},
    "trial": {"run", "wake"},
}


def layers(folder: Path) -> set[str]:
    return {file.stem for file in folder.glob("*.py") if file.stem != "__init__"}


def functions(file: Path) -> list[str]:
    """The public functions and methods of a file, in order, each once."""
    found: dict[str, None] = {}
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        for one in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(one, ast.FunctionDef) and not one.name.startswith("_"):
                found[one.name] = None
    return list(found)


def test_the_same_files() -> None:
    assert layers(KERNEL) == layers(MODEL) - WITHOUT_TWIN


@pytest.mark.parametrize("layer", sorted(layers(MODEL) & layers(KERNEL)))
def test_the_same_functions(layer: str) -> None:
    alone = ONLY_IN_THE_MODEL.get(layer, set())
    model, kernel = functions(MODEL / f"{layer}.py"), functions(KERNEL / f"{layer}.py")
    shared = [name for name in model if name not in alone]
    assert [name for name in kernel if name in shared] == shared
    assert alone <= set(model) - set(kernel), "named as only in the model, but is not"

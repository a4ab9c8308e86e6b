"""The pages for contributors name files, functions and tests that exist, and their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
SHORTCUTS = ARCHITECTURE.partition("## What the kernel does otherwise")[2]
WHERE = re.findall(r"`([\w/]+\.py)`\s+\(((?:`\w+`,?\s*)+)\)", SHORTCUTS)
EXAMPLE = re.compile(r"NAME|run_in")
"""What the guides call the file of a rule, a format or a layer that does not exist."""


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not link.startswith("https:"):
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", [ROOT / "CONTRIBUTING.md", ROOT / "docs" / "architecture.md", *GUIDES], ids=named)
def test_files_exist(page: Path) -> None:
    found = re.findall(r"`((?:trialsim|tests|docs)/[\w/.-]+)`", page.read_text(encoding="utf-8"))
    missing = [path for path in found if not (ROOT / path).exists() and not EXAMPLE.search(path)]
    assert not missing


def test_the_list_of_shortcuts_names_files_and_functions() -> None:
    assert len(WHERE) > 20
    kernel = {path: path.read_text(encoding="utf-8") for path in (ROOT / "trialsim").rglob("*.py")}
    for file, names in WHERE:
        sources = [text for path, text in kernel.items() if path.as_posix().endswith(f"/{file}")]
        for name in re.findall(r"\w+", names):
            assert any(re.search(rf"\b{name}\b", text) for text in sources), (file, name)


def test_the_list_of_shortcuts_names_tests() -> None:
    written = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", SHORTCUTS))
    assert len(named) > 10
    assert not [name for name in named if f"def {name}(" not in written]


@pytest.mark.parametrize("folder", ["guides", "decisions"])
def test_the_index_lists_every_page(folder: str) -> None:
    index = (ROOT / "docs" / folder / "README.md").read_text(encoding="utf-8")
    pages = {path.name for path in (ROOT / "docs" / folder).glob("*.md")} - {"README.md"}
    assert set(re.findall(r"\]\(([\w-]+\.md)\)", index)) == pages


def test_the_rooms_are_all_on_the_map() -> None:
    rooms = {path.name for path in (ROOT / "trialsim").iterdir() if (path / "__init__.py").is_file()}
    files = {path.name for path in (ROOT / "trialsim").glob("*.py")} - {"__init__.py", "__main__.py", "_version.py"}
    rows = re.findall(r"^\| (`[^|]+)\|", ARCHITECTURE, flags=re.M)
    shown = {name.strip("/") for row in rows for name in re.findall(r"`([\w.]+/?)`", row)}
    assert rooms | files <= shown

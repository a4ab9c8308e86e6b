"""A report as a PDF on A4, tagged for screen readers (PDF/UA-1), by typst.

The report is handed over as data to a template that does not change, and shown by it: no text of it is ever read as
markup. Nothing is fetched, and the same report gives the same bytes.
"""

from __future__ import annotations

import datetime
import json
import tempfile
from pathlib import Path
from typing import Any

from trialsim.document.content import Document
from trialsim.document.data import date_in_words, readable
from trialsim.document.json import plain

TEMPLATE = Path(__file__).with_name("page.typ")
STANDARDS = ["ua-1", "a-2a"]
HOW_TO_INSTALL = "a PDF is written with typst, which is not installed: pip install 'trialsim[report]' brings it"


class NoTypst(Exception):
    """What makes a PDF is not installed, or could not make it; the message is meant for the user."""


def check() -> None:
    """Raise NoTypst early, before anything is simulated, where no PDF can be made."""
    try:
        import typst  # noqa: F401
    except ImportError:
        raise NoTypst(HOW_TO_INSTALL) from None


def render(document: Document) -> bytes:
    """The report as the bytes of a PDF file. Raises NoTypst."""
    check()
    import matplotlib
    import typst

    content = _shown(plain(document, with_drawings=True) | {"data": {}})
    content["made_in_words"] = date_in_words(document.made)
    made = datetime.datetime.fromisoformat(document.made).replace(tzinfo=datetime.UTC)
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    with tempfile.TemporaryDirectory(prefix="trialsim-") as empty:
        options: dict[str, Any] = {
            "root": empty,  # the template reads no file, and fetches no package
            "package_path": empty,
            "package_cache_path": empty,
            "font_paths": [str(fonts)],
            "ignore_system_fonts": True,
            "format": "pdf",
            "sys_inputs": {"report": json.dumps(content, ensure_ascii=False)},
            "pdf_standards": STANDARDS,
            "timestamp": made,
        }
        try:
            return bytes(typst.compile(TEMPLATE.read_bytes(), **options) or b"")
        except typst.TypstError as problem:
            raise NoTypst(f"typst could not make the PDF: {' '.join(str(problem).split())[:300]}") from problem


def write(document: Document, path: Path) -> None:
    """Write the report to a file. Raises NoTypst."""
    path.write_bytes(render(document))


def _shown(value: Any) -> Any:
    """The same with what a reader would obey, and not show, as an escape."""
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, dict):
        return {key: _shown(each) for key, each in value.items()}
    return [_shown(each) for each in value] if isinstance(value, list) else value

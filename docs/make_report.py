"""Photograph the report of the reference trial for the README: `docs/report-answer.png` and `docs/report-helps.png`.

Usage: python docs/make_report.py      (needs Chromium, and the extra `browser`)
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from trialsim import simulate
from trialsim.document import html
from trialsim.document.making import report
from trialsim.storage import new_file

HERE = Path(__file__).resolve().parent
WIDTH = 1000
SHOTS = {"answer": ("header", "#answer"), "helps": ("#helps", "#helps")}
"""What each picture shows: from the top of one part of the page to the bottom of another."""


def photograph(page: Path, folder: Path) -> None:
    """Take the pictures of a page."""
    path = next(found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name)))
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        shown = browser.new_page(viewport={"width": WIDTH, "height": 800})
        shown.goto(page.as_uri())
        for name, (first, last) in SHOTS.items():
            top, bottom = (shown.locator(each).bounding_box() for each in (first, last))
            assert top is not None and bottom is not None
            y, end = top["y"] - 12, bottom["y"] + bottom["height"] + 12
            clip = {"x": 0.0, "y": max(0.0, y), "width": float(WIDTH), "height": end - max(0.0, y)}
            raw = folder / f"{name}.png"
            shown.screenshot(path=raw, full_page=True, clip=clip)  # type: ignore[arg-type]
            with Image.open(raw) as image, new_file(HERE / f"report-{name}.png") as draft:
                image.convert("RGB").quantize(64, method=Image.Quantize.MEDIANCUT).save(draft, optimize=True)
        browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        page = Path(made) / "msc-sle.html"
        html.write(report(simulate("msc-sle", 1000, levers=True)), page)
        photograph(page, Path(made))

"""Reports as readers open them: nothing is fetched, nothing overflows, and nobody is shut out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import trialsim
from tests.support.browser import chromium
from trialsim.document import html
from trialsim.document.making import report
from trialsim.results.changes import changes_since_folder
from trialsim.scenario import Scenario

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.undisturbed]

WIDTHS = (1280, 768, 390)
KINDS = ("reference", "phase 3", "open", "sweep", "changed")
_OPEN = {
    "trial": {"name": "open", "start_date": "2027-01-11", "max_participants": 8},
    "recruitment": {"sites": [{"name": "Köln", "rate": "1 per month"}, {"name": "Gent", "rate": "0.5 per month"}]},
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def pages(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page of each kind of report."""
    folder = tmp_path_factory.mktemp("pages")
    uncertain = trialsim.simulate("msc-sle-uncertain", 25, ignorance=True)
    trialsim.simulate("msc-sle-plan", 25).save(folder / "plan", figures=False)
    changed = changes_since_folder(folder / "plan", uncertain)
    made = {
        "reference": report(trialsim.simulate("msc-sle", 30, levers=True), with_stress=True),
        "phase 3": report(trialsim.simulate("multicentre-phase-3", 2)),
        "open": report(trialsim.simulate(Scenario.from_document(_OPEN), 50, levers=True)),
        "sweep": report(trialsim.sweep("msc-sle", 10, vary=["product.suites=1,2", "recruitment.rate_multiplier=1,2"])),
        "changed": report(uncertain, changed=changed),
    }
    for name, document in made.items():
        html.write(document, folder / f"{name}.html")
    return {name: folder / f"{name}.html" for name in made}


def opened(browser: Browser, path: Path, width: int) -> tuple[Page, list[str]]:
    """A page in a window of some width, and what it asked the network for, or complained of."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: asked.append(message.text))
    page.on("pageerror", lambda error: asked.append(str(error)))
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    page.goto(path.as_uri())
    page.wait_for_load_state("networkidle")
    return page, asked


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_fetched_and_nothing_stands_out_of_the_page(
    browser: Browser, pages: dict[str, Path], kind: str
) -> None:
    assert pages[kind].stat().st_size < 3_000_000
    for width in WIDTHS:
        page, asked = opened(browser, pages[kind], width)
        assert asked == [pages[kind].as_uri()]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("h1").count() == 1
        page.close()


@pytest.mark.parametrize(("kind", "width"), [*((kind, 1280) for kind in KINDS), ("reference", 390), ("sweep", 390)])
def test_nobody_is_shut_out(browser: Browser, pages: dict[str, Path], kind: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    page, _ = opened(browser, pages[kind], width)
    found = axe.Axe().run(page).response["violations"]
    page.close()
    grave = [each for each in found if each["impact"] in ("serious", "critical")]
    assert not grave, [(each["id"], each["nodes"][0]["html"]) for each in grave]
    assert "heading-order" not in {each["id"] for each in found}


def test_it_prints_on_a4(browser: Browser, pages: dict[str, Path]) -> None:
    page, _ = opened(browser, pages["reference"], 1280)
    printed = page.pdf(prefer_css_page_size=True)
    page.close()
    assert printed.startswith(b"%PDF-")
    assert b"/MediaBox [0 0 594.95996 841.91998]" in printed or b"/MediaBox [0 0 595" in printed

"""A report in a real browser: it opens without a word and without a request, and what it offers works."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from report.conftest import EVIL_GENE, EVIL_TF, network_table

import grnpyg.report
from grnpyg.report.pages.edges import chosen
from grnpyg.studies import Study

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (Debian: apt-get install chromium)"),
]
LOOKS = [(1280, 900, "light"), (1280, 900, "dark"), (390, 844, "light"), (390, 844, "dark")]
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """The edges that the page carries."""
    return chosen(network_table())[0]


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a network whose names are HTML."""
    file = tmp_path_factory.mktemp("page") / "evil.parquet"
    network_table().to_parquet(file)
    return grnpyg.report.write_report(file).file


@pytest.fixture
def opened(browser: Any) -> Iterator[Open]:
    """`opened(file, width, height, scheme)`: a page; at the end it has said, asked and loaded nothing."""
    contexts, noise = [], list[str]()

    def start(
        file: Path, width: int = 1280, height: int = 900, scheme: str = "light", after: str = ""
    ) -> Any:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.on("dialog", lambda dialog: (noise.append(dialog.message), dialog.dismiss()))
        own = file.resolve().as_uri()
        page.on("request", lambda asked: None if asked.url.startswith(own) else noise.append(asked.url))
        page.goto(f"{own}{after}")
        return page

    start.noise = noise  # type: ignore[attr-defined]
    yield start
    for context in contexts:
        context.close()
    assert noise == []


def column(page: Any, number: int) -> list[str]:
    """The cells of a column of the table of edges, as far as they are shown."""
    cells: list[str] = page.locator(f"#edge-table tbody td:nth-child({number})").all_inner_texts()
    return cells


def wait_for(page: Any, number: int, wanted: list[str]) -> None:
    """Wait until a column of the table of edges has these cells: sorting ends after the click."""
    rows = "document.querySelectorAll(`#edge-table tbody td:nth-child(${number})`)"
    cells = f"[...{rows}].map(cell => cell.textContent)"
    page.wait_for_function(
        f"([number, wanted]) => JSON.stringify({cells}) === JSON.stringify(wanted)", arg=[number, wanted]
    )


def count(page: Any) -> int:
    return int(page.locator("#edge-count").inner_text().split()[0].replace(",", ""))


@pytest.mark.parametrize(("width", "height", "scheme"), LOOKS)
def test_it_opens_at_every_size_and_scheme_and_nothing_is_wider_than_the_window(
    opened: Open, page_file: Path, width: int, height: int, scheme: str
) -> None:
    page = opened(page_file, width, height, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 27)"
    assert dark == (scheme == "dark")
    page.locator("#theme").click()
    assert (page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 27)") != dark


def test_nothing_can_be_loaded(opened: Any, page_file: Path) -> None:
    page = opened(page_file)
    refused = "fetch('other.json').then(() => 'loaded', () => 'refused')"
    page.evaluate(
        "window.addEventListener('securitypolicyviolation', e => { window.blocked = e.violatedDirective; })"
    )
    assert page.evaluate(refused) == "refused"
    assert page.evaluate("window.blocked") == "connect-src"
    said = [opened.noise.pop() for _ in list(opened.noise)]  # of this one attempt
    assert any("Content Security Policy" in line for line in said)


def test_names_are_text(opened: Open, page_file: Path) -> None:
    page = opened(page_file)
    page.get_by_label("Target", exact=True).fill("onerror")
    assert set(column(page, 2)) == {EVIL_GENE}
    page.get_by_label("Target", exact=True).fill("")
    page.locator("#edge-filters input[name=TF]").fill("alert(2)")
    assert set(column(page, 1)) == {EVIL_TF}
    page.locator("#tf-name").fill(EVIL_TF)
    page.locator("#tf-name").press("Enter")
    assert page.locator("#tf-words").inner_text().startswith(f"{EVIL_TF}: 50 targets")
    assert page.locator("img").count() == 0


def test_edges_are_sorted_by_click_and_by_key(opened: Open, page_file: Path, table: pd.DataFrame) -> None:
    page = opened(page_file)
    new = table[~table["known"]]
    assert column(page, 7)[0] == str(new["rank"].iloc[0])  # best first
    heading = page.locator("#edge-table thead th:nth-child(9)")
    heading.click()
    lowest = sorted(new["degree_rank"].astype(int))[:20]
    wait_for(page, 9, [f"{value:,}" for value in lowest])
    heading.locator("[tabindex='0'], button").first.focus()
    page.keyboard.press("Enter")
    highest = sorted(new["degree_rank"].astype(int), reverse=True)[:20]
    wait_for(page, 9, [f"{value:,}" for value in highest])


def test_edges_are_searched_and_filtered(opened: Open, page_file: Path, table: pd.DataFrame) -> None:
    page, form = opened(page_file), "#edge-filters"
    assert count(page) == int((~table["known"]).sum())
    page.locator(f"{form} [name=known]").select_option("")
    assert count(page) == len(table)
    page.locator(f"{form} [name=known]").select_option("1")
    assert set(column(page, 5)) == {"known"}
    page.locator(f"{form} [name=sign]").select_option("-1")
    page.locator(f"{form} [name=TF]").fill("tf3")
    page.locator(f"{form} [name=least]").fill("0.2")
    wanted = table[
        table["known"] & (table["sign"] == -1) & (table["TF"] == "TF3") & (table["probability"] >= 0.2)
    ]
    assert count(page) == len(wanted) > 0
    assert set(column(page, 2)) <= set(wanted["target"])
    page.get_by_role("button", name="Clear").click()
    page.locator("#edge-table_wrapper input[type=search]").fill("GENE17")
    new = table[~table["known"]]
    page.wait_for_function(
        "wanted => document.getElementById('edge-count').textContent.startsWith(`${wanted} of`)",
        arg=int(new["target"].str.contains("GENE17").sum()),
    )


def test_a_chosen_tf_is_drawn_and_readable_at_200_edges(
    opened: Open, page_file: Path, table: pd.DataFrame
) -> None:
    page = opened(page_file)
    page.locator("#tf-name").fill("TF5")
    page.locator("#tf-name").press("Enter")
    page.locator("#tf-number").select_option("200")
    own = table[table["TF"] == "TF5"].head(200)
    assert page.locator("#tf-targets tbody td:first-child").all_inner_texts() == list(own["target"])
    assert page.locator("#tf-scatter .known").count() == int(own["known"].sum())
    assert page.locator("#tf-scatter .new").count() == int((~own["known"]).sum())
    graph = "document.getElementById('tf-graph')._cyreg.cy"
    assert page.evaluate(f"{graph}.nodes().length") == 201
    assert page.evaluate(f"{graph}.edges('[known = 1]').length") == int(own["known"].sum())
    assert page.evaluate(f"11 * {graph}.zoom()") >= 9  # pixels of a letter
    before = page.evaluate(f"{graph}.zoom()")
    page.get_by_role("button", name="Zoom in").click()
    assert page.evaluate(f"{graph}.zoom()") > before
    page.locator("#tf-known").select_option("1")
    assert page.evaluate(f"{graph}.nodes().length") == 1 + len(table[(table["TF"] == "TF5") & table["known"]])


def test_names_of_200_targets_do_not_lie_on_each_other(opened: Open, page_file: Path) -> None:
    """Neighbours on a ring are farther apart than a letter is high."""
    page = opened(page_file)
    page.locator("#tf-number").select_option("200")
    nearest = """() => {
      const graph = document.getElementById('tf-graph')._cyreg.cy;
      const nodes = graph.nodes('[side]').map(node => node.renderedPosition());
      const gap = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);
      return Math.min(...nodes.flatMap((a, i) => nodes.slice(i + 1).map(b => gap(a, b))));
    }"""
    zoom = page.evaluate("document.getElementById('tf-graph')._cyreg.cy.zoom()")
    assert page.evaluate(nearest) >= 11 * zoom


def test_a_link_can_name_a_tf(opened: Open, page_file: Path) -> None:
    page = opened(page_file, after="#tf=TF7")
    assert page.locator("#tf-words").inner_text().startswith("TF7: ")
    page.locator("#tf-name").fill("nothing")
    page.locator("#tf-name").press("Enter")
    assert page.locator("#tf-words").inner_text() == "No TF of this page is called nothing."


@pytest.mark.parametrize(("width", "height", "scheme"), LOOKS)
def test_axe_finds_nothing_serious(
    opened: Open, page_file: Path, width: int, height: int, scheme: str
) -> None:
    assert serious(opened(page_file, width, height, scheme)) == []


def test_axe_finds_nothing_serious_in_the_page_of_a_run(opened: Open, run: Path) -> None:
    page = opened(grnpyg.report.write_report(run).file, 390, 844, "dark")
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(("width", "height", "scheme"), [LOOKS[0], LOOKS[-1]])
def test_axe_finds_nothing_serious_in_the_page_of_a_study(
    opened: Open, study: Study, tmp_path: Path, width: int, height: int, scheme: str
) -> None:
    report = grnpyg.report.write_report(study.file, tmp_path / "study.html")
    page = opened(report.file, width, height, scheme)
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def serious(page: Any) -> list[str]:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page).response["violations"]
    return [
        f"{one['id']}: {[node['target'] for node in one['nodes']]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]

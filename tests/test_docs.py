"""README and documentation: their commands run, their Python is the Python that users write."""

from __future__ import annotations

import re
import runpy
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from cli.command import grnpyg
from pages import blocks, run
from places import REPOSITORY, SHARED, needs

import grnpyg_data

pytestmark = pytest.mark.skipif(
    not (REPOSITORY / "docs").is_dir(), reason="needs the documents of the repository"
)
PAGES = ["README.md", *sorted(str(p.relative_to(REPOSITORY)) for p in (REPOSITORY / "docs").rglob("*.md"))]
SHORT = "--labels few.tsv --set training.max_epochs=1"
NETWORK = f"-o network --seeds 1 {SHORT}"
FEW = {"grnpyg train ": "grnpyg train --labels few.tsv "}
FEW_IN_STUDY = {"base: {": "base: {data: {labels: few.tsv}, "}
IN_PYTHON = 'gp.network(adata, "few.tsv", seeds=1, changes=["training.max_epochs=1"])'
SMALL = "--seed 42 --set training.max_epochs=1 --set head.hidden_channels=16 --set head.out_channels=16"
RUNS: dict[str, dict[str, str]] = {  # page -> what makes its steps short
    "README.md": {"gp.network(adata)": IN_PYTHON, **FEW, **FEW_IN_STUDY},
    "docs/start.md": {},
    "docs/python.md": {},
    "docs/identifiers.md": {},
    "docs/dual-and-cross.md": FEW,
    "docs/heads.md": FEW,
    "docs/tutorials/network.md": {"-o network": NETWORK},
    "docs/tutorials/scores.md": FEW,
    "docs/tutorials/own-model.md": FEW,
    "docs/tutorials/study.md": FEW_IN_STUDY,
}


@pytest.fixture
def cells(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with `cells.h5ad`, the bundled cells, and `few.tsv`, the known edges of 40 of their TFs."""
    monkeypatch.syspath_prepend(Path.cwd())
    Path("cells.h5ad").write_bytes(grnpyg_data.path("immune.h5ad").read_bytes())
    labels = pd.read_table(grnpyg_data.path("dorothea_abc.tsv.gz"))
    most = labels["source"].value_counts().index[5:45]
    labels[labels["source"].isin(most)].to_csv("few.tsv", sep="\t", index=False)


def pages_that_run() -> Iterator[str]:
    """Those with a block of `bash`, or of Python that is not another tool's."""
    for page in PAGES:
        if any(block.language == "bash" for block in blocks(page)):
            yield page


def test_every_page_with_commands_to_run_is_run() -> None:
    assert set(pages_that_run()) <= {*RUNS, "docs/tutorials/paper.md"}


@pytest.mark.slow
@pytest.mark.parametrize("page", RUNS)
@pytest.mark.usefixtures("cells")
def test_a_page(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What the page says is done in its order, in one folder."""
    runs = run(page, RUNS[page])
    assert all(Path(path, "manifest.json").is_file() for path in runs)
    if page == "docs/python.md":
        assert "degree_matched" in capsys.readouterr().out
        assert grnpyg("predict", "runs/mine", "--top", 10).code == 0


@pytest.mark.slow
@needs("brain", "paper")
def test_the_paper() -> None:
    for name in ("brain", "paper-labels"):
        assert grnpyg("data", "fetch", name, "--from", SHARED).code == 0
    dual, cross = run("docs/tutorials/paper.md", {"--seed 42": SMALL})
    assert dual != cross


def test_the_readme_is_for_two_readers_and_short() -> None:
    text = (REPOSITORY / "README.md").read_text()
    assert len(text.splitlines()) < 150
    assert [line for line in text.splitlines() if line.startswith("## I ")] == [
        "## I have an h5ad",
        "## I compare models",
    ]
    for image in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text):
        assert (REPOSITORY / image).is_file(), image


def test_the_drawing_of_the_layers_is_that_of_the_contract() -> None:
    found = runpy.run_path(str(REPOSITORY / "docs" / "layers.py"))
    assert found["DRAWING"].read_text() == found["drawing"]()


def test_make_targets_exist() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    targets = {target for page in PAGES for block in blocks(page) for target in _made(block.text)}
    assert {"demo", "test"} <= targets
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def _made(text: str) -> list[str]:
    return re.findall(r"^make (?:\w+=\S+ )*([\w-]+)", text, re.MULTILINE)


@pytest.fixture(scope="module")
def commands() -> Any:
    import typer

    from grnpyg_cli.main import app

    return typer.main.get_command(app)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_is_shown_exists(page: str, commands: Any) -> None:
    """Those that are not run either: the command and each of its options are looked up."""
    for block in blocks(page):
        for line in block.commands:
            found, words = commands, shlex.split(line)[1:]
            while hasattr(found, "commands"):
                assert words[0] in found.commands, line
                found, *words = found.commands[words[0]], *words[1:]
            known = {name for option in found.params for name in (*option.opts, *option.secondary_opts)}
            for word in words:
                if re.match(r"--?[a-z]", word):
                    assert word.partition("=")[0] in known | {"--help"}, line


def test_links_lead_to_files_and_headings() -> None:
    """Also those that the site does not have: to folders, to code, and from the pages of the benchmarks."""
    pages = [*PAGES, *(path.name for path in REPOSITORY.glob("*.md"))]
    wrong = []
    for page in sorted(set(pages)):
        for link in re.findall(r"\]\(([^)\s]+)\)", (REPOSITORY / page).read_text()):
            file, _, heading = link.partition("#")
            target = (REPOSITORY / page).parent / file if file else REPOSITORY / page
            if not re.match(r"https?:", link) and not (
                target.exists() and (not heading or heading in _anchors(target))
            ):
                wrong.append(f"{page}: {link}")
    assert wrong == []


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\s-]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_pages_named_in_code_exist() -> None:
    """`see docs/knowledge.md` in a message or a docstring leads somewhere."""
    folders = ("grnpyg", "cli", "tests", "benchmarks")
    named = {
        name
        for folder in folders
        for path in (REPOSITORY / folder).rglob("*.py")
        for name in re.findall(r"\bdocs/[\w/-]+\.md", path.read_text())
    }
    assert "docs/knowledge.md" in named
    assert [name for name in sorted(named) if not (REPOSITORY / name).is_file()] == []

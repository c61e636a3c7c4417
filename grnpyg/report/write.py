"""Write a report of a path, whatever it is: a network, a run or a study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grnpyg.core.errors import InputError
from grnpyg.core.files import check_output, require_other, require_writable, write_text
from grnpyg.pipeline.complete import NETWORK, SUMMARY
from grnpyg.report.html import render
from grnpyg.report.page import Page
from grnpyg.report.pages.network import network_page
from grnpyg.report.pages.run import run_page
from grnpyg.report.pages.source import read_file, read_folder
from grnpyg.report.pages.study import study_page
from grnpyg.runs import Run
from grnpyg.runs.manifest import NAME as MANIFEST
from grnpyg.studies import read_rows, read_study, resolve_widths, study_rows

REPORT = "report.html"
SUFFIXES = (".html",)


@dataclass(frozen=True)
class Report:
    """A report that was written.

    Attributes:
        kind: `network`, `run` or `study`.
        file: the page.
        bytes: its size.
        sections: anchors of the sections that have data.
        figures: files of the figures and of their numbers.
    """

    kind: str
    file: Path
    bytes: int
    sections: tuple[str, ...]
    figures: tuple[Path, ...]

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        figures = [str(file) for file in self.figures]
        return {
            "kind": self.kind,
            "report": str(self.file),
            "bytes": self.bytes,
            "sections": list(self.sections),
            "figures": figures,
        }


def kind_of(path: Path) -> str:
    """What a path is: `network`, `network file`, `run` or `study`.

    Raises:
        InputError: none of them.
    """
    fix = "name a folder of `grnpyg network`, a run directory, a network table or a study file"
    if path.is_dir():
        if (path / MANIFEST).exists() or any(path.glob("*.safetensors")):
            return "run"
        if any((path / name).exists() for name in (SUMMARY, NETWORK)):
            return "network"
        if any(path.glob(f"*/{MANIFEST}")):
            return "run"  # many of them, which its reader names
        raise InputError("is the folder of no network and no run", where=path, fix=fix)
    if not path.is_file():
        what = "no such file or folder" if not path.exists() else "is neither a file nor a folder"
        raise InputError(what, where=path, fix=fix)
    return "study" if path.suffix in (".yaml", ".yml") else "network file"


def write_report(
    path: str | Path,
    output: str | Path | None = None,
    *,
    figures: str | Path | None = None,
    runs: str | Path = "runs",
    rows: str | Path | None = None,
    trust_plugins: bool = False,
    thorough: bool = True,
    say: Callable[[str], None] = lambda line: None,
) -> Report:
    """Write the report of a network, a run or a study as one HTML file, whole or not at all.

    Args:
        path: the folder or the table of a network, a run directory, or a study file.
        output: `.html`; None: `report.html` in the folder, or the name of the file with that suffix.
        figures: a folder that gets every figure as SVG, PDF and PNG, and its numbers as CSV.
        runs: of a study, the folder of its runs.
        rows: of a study, a table of `grnpyg study export` to read in place of the runs.
        trust_plugins: run the plug-in files that a run names.
        thorough: do also what takes more than a few seconds: the reliability diagram, for which a run scores
            every pair.
        say: gets a line on whatever is left out.

    Raises:
        InputError: the path is none of these, is incomplete or damaged, or the output cannot be written.

    Example:
        >>> write_report("network").file  # doctest: +SKIP
        PosixPath('network/report.html')
    """
    path = Path(path)
    kind = kind_of(path)
    if rows is not None and kind != "study":
        raise InputError(
            "only a study is read from rows", where="--from", fix="leave it out, or name a study"
        )
    file = (
        Path(output) if output is not None else path / REPORT if path.is_dir() else path.with_suffix(".html")
    )
    check_output(file, SUFFIXES)
    folder = None if figures is None else Path(figures)
    if folder is not None:
        if folder.exists() and not folder.is_dir():
            raise InputError("is a file", where=folder, fix="name a folder (--figures)")
        require_writable(folder, "--figures")
    if kind == "study":
        page = _study(path, Path(runs), None if rows is None else Path(rows), say, trust_plugins)
    elif kind == "run":
        page = run_page(Run.load(path, trust_plugins=trust_plugins), thorough=thorough)
    else:
        whole = kind == "network"
        source = read_folder(path, trust_plugins=trust_plugins) if whole else read_file(path)
        page = network_page(source, thorough=thorough)
    read = [path] if rows is None else [path, Path(rows)]
    return _write(page, file, folder, [one for one in read if one.is_file()])


def _study(path: Path, runs: Path, rows: Path | None, say: Callable[[str], None], trust: bool) -> Page:
    """The page of a study, from its runs or from stored rows."""
    study = read_study(path)
    if rows is not None:
        return study_page(study, read_rows(study, rows, say=say))
    study = resolve_widths(study)
    return study_page(study, study_rows(study, runs), runs, trust_plugins=trust)


def _write(page: Page, file: Path, folder: Path | None, read: list[Path]) -> Report:
    text = render(page)
    written: list[Path] = []
    if folder is not None:
        for figure in page.figures:
            for target in figure.files(folder):
                require_other(target, *read)
        folder.mkdir(parents=True, exist_ok=True)
        for figure in page.figures:
            written += figure.write(folder)
    write_text(file, text)
    anchors = tuple(section.anchor for section in page.sections)
    return Report(page.kind, file, file.stat().st_size, anchors, tuple(written))

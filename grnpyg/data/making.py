"""Make a file of the catalogue from the public parts that its entry names.

What is made enters the cache only when its content has the SHA-256 of the catalogue, so a part that changed
since is noticed. `MAKERS` has the functions that an entry may name.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import warnings
from collections.abc import Callable, Sequence

from grnpyg.core.errors import InputError

ACCESSION = re.compile(r"([OPQ][0-9][A-Z0-9]{3}[0-9]|[A-NR-Z][0-9]([A-Z][A-Z0-9]{2}[0-9]){1,2})$")
LAMBERT = ("Ensembl ID", "HGNC symbol", "DBD", "Is TF?", "TF assessment", "Binding mode", "Motif status")
OMNIPATH = ("source", "target", "sources", "curation_effort", "n_references")


def as_it_is(parts: Sequence[bytes]) -> bytes:
    """The one part itself."""
    [content] = parts
    return content


def first_names(parts: Sequence[bytes]) -> bytes:
    """UniProt accession and the first of its gene names, from a table of UniProt with `Gene names`.

    Proteins without a gene name are left out.
    """
    [raw] = parts
    rows = [line.split("\t") for line in raw.decode().splitlines()]
    entry, names = rows[0].index("Entry"), rows[0].index("Gene names")
    found = [(row[entry], row[names].split()[0]) for row in rows[1:] if row[names].split()]
    return _tsv([("uniprot", "symbol"), *found])


def study_labels(parts: Sequence[bytes]) -> bytes:
    """The study's labels by symbol: accessions mapped, each edge once, in the order of the study's file.

    Args:
        parts: `{TF: [genes]}` as JSON, and the table of `first_names`.
    """
    labels, table = parts
    symbol = _symbols(table)
    edges = ((tf, gene) for tf, genes in json.loads(labels).items() for gene in genes)
    mapped = dict.fromkeys((symbol.get(tf, tf), symbol.get(gene, gene)) for tf, gene in edges)
    return _tsv([("source", "target"), *mapped])


def omnipath(parts: Sequence[bytes]) -> bytes:
    """OmniPath's transcriptional edges by symbol, without complexes, each edge once.

    Names that are still written like an accession after the mapping are left out. A few symbols (`H2AC12`)
    are written like one, too; the table of 0.1.0 lacks them, and stored rows rest on it.

    Args:
        parts: a Parquet table of interactions, and the table of `first_names`.
    """
    import pandas as pd  # noqa: PLC0415 (`grnpyg data` answers without it)

    raw, accessions = parts
    symbol = _symbols(accessions)
    table = pd.read_parquet(io.BytesIO(raw))
    table = table.loc[table["type"] == "transcriptional", list(OMNIPATH)].copy()
    for end in ("source", "target"):
        table[end] = table[end].map(lambda name: symbol.get(name, name))
        table = table[[not (name.startswith("COMPLEX") or ACCESSION.match(name)) for name in table[end]]]
    text: str = table.drop_duplicates(["source", "target"]).to_csv(sep="\t", index=False, lineterminator="\n")
    return text.encode()


def lambert(parts: Sequence[bytes]) -> bytes:
    """Seven columns of the table of human TFs of Lambert et al. 2018."""
    [raw] = parts
    rows = csv.DictReader(io.StringIO(raw.decode(), newline=""))
    return _tsv([LAMBERT, *(tuple(row[column] for column in LAMBERT) for row in rows)])


def dorothea(parts: Sequence[bytes]) -> bytes:
    """DoRothEA's table of R with its columns renamed and in another order: source, confidence, target, mor.

    Raises:
        InputError: rdata, which reads files of R, is not installed.
    """
    try:
        import rdata
    except ImportError:
        fix = "run `pip install rdata`, or `pip install 'grnpyg[r]'`, and fetch again"
        raise InputError("a file of R needs the package rdata", fix=fix) from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a tibble is read as the data frame that it is
        [table] = rdata.conversion.convert(rdata.parser.parse_data(parts[0])).values()
    columns = (table[name] for name in ("tf", "confidence", "target", "mor"))
    rows = ((tf, level, gene, f"{mor:g}") for tf, level, gene, mor in zip(*columns, strict=True))
    return _tsv([("source", "confidence", "target", "mor"), *rows])


MAKERS: dict[str, Callable[[Sequence[bytes]], bytes]] = {
    maker.__name__: maker for maker in (as_it_is, first_names, study_labels, omnipath, lambert, dorothea)
}


def make(by: str, parts: Sequence[bytes], path: str) -> bytes:
    """The bytes of a file, packed if its name ends with `.gz`.

    Args:
        by: one of `MAKERS`.
        parts: content of the parts, in the order of the entry.
        path: of the file, for its name.

    Raises:
        InputError: the parts are not what they were.
    """
    try:
        content = MAKERS[by](parts)
    except (ValueError, LookupError, AttributeError, TypeError, RuntimeError, OSError) as error:
        raise InputError(f"cannot be made of its parts, which are not what they were ({error})") from error
    return gzip.compress(content, 9, mtime=0) if path.endswith(".gz") else content


def _symbols(table: bytes) -> dict[str, str]:
    return dict(line.split("\t") for line in table.decode().splitlines()[1:])


def _tsv(rows: Sequence[Sequence[str]]) -> bytes:
    return "".join("\t".join(row) + "\n" for row in rows).encode()

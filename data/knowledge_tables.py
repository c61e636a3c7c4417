"""The tables of `rebuild_knowledge.py`, each from one source; symbols become current ones on the way."""

from __future__ import annotations

import csv
import gzip
import io
import math
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

CHROMOSOMES = (*map(str, range(1, 23)), "X", "Y")
EMPTY_WORDS = re.compile(r"([ -](related|domain|factors?))+$")
NO_FAMILY = {"", "Mixed", "Uncharacterized", "Unknown"}
LEAST_TPM = 0.5  # in at least one tissue

Rows = set[tuple[str, ...]]


@dataclass(frozen=True)
class Names:
    """Current symbols of a species, those of TFs, and former or other names with what they became."""

    current: frozenset[str]
    tfs: frozenset[str]
    former: Mapping[str, str]

    @classmethod
    def read(cls, path: Path) -> Names:
        """Read a bundled table of names."""
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()[1:]
        rows = [line.split("\t") for line in lines]
        former = {name: symbol for symbol, _, names in rows for name in names.split("|") if name}
        tfs = frozenset(symbol for symbol, tf, _ in rows if tf == "1")
        return cls(frozenset(symbol for symbol, _, _ in rows), tfs, former)

    def now(self, name: str) -> str | None:
        """The current symbol of a gene, None where it is not known."""
        return name if name in self.current else self.former.get(name)


def symbols_of_genes(database: sqlite3.Connection, names: Names) -> dict[int, str]:
    """Row number of a gene in the annotation package -> its current symbol.

    A former symbol counts only where it is the one gene's that claims it: the gene that has the symbol
    today goes first, and two genes with former names of one symbol are both left out.
    """
    rows = dict(database.execute("select _id, symbol from gene_info"))
    found = {number: symbol for number, symbol in rows.items() if symbol in names.current}
    taken = set(found.values())
    moved = {number: now for number, symbol in rows.items() if (now := names.former.get(symbol))}
    claims = Counter(moved.values())
    return found | {n: now for n, now in moved.items() if claims[now] == 1 and now not in taken}


def go(database: sqlite3.Connection, symbols: Mapping[int, str]) -> Rows:
    """Symbol, GO term, evidence: direct annotations; `ND` (no data) says nothing and is left out."""
    query = " union ".join(f"select _id, go_id, evidence from go_{branch}" for branch in ("bp", "mf", "cc"))
    rows = database.execute(query)
    return {
        (symbols[number], term, evidence)
        for number, term, evidence in rows
        if number in symbols and evidence != "ND"
    }


def go_parents(database: sqlite3.Connection) -> Rows:
    """Term, parent, kind of relation: `isa` and `part of`, by which a gene of a term is one of the parent."""
    rows: Rows = set()
    for branch in ("bp", "mf", "cc"):
        rows |= set(
            database.execute(
                "select term.go_id, parent.go_id, relationship_type "
                f"from go_{branch}_parents as relation join go_term as term on term._id = relation._id "
                "join go_term as parent on parent._id = relation._parent_id "
                "where relationship_type in ('isa', 'part of') and parent.go_id <> 'all'"
            )
        )
    return rows


def pfam(database: sqlite3.Connection, symbols: Mapping[int, str]) -> Rows:
    """Symbol, Pfam domain."""
    rows = database.execute("select distinct _id, pfam_id from pfam where pfam_id is not null")
    return {(symbols[number], domain) for number, domain in rows if number in symbols}


def positions(database: sqlite3.Connection, symbols: Mapping[int, str]) -> Rows:
    """Symbol, chromosome, start, end, strand (GRCh38); from the first start to the last end of transcripts.

    A gene on X and Y stands at X; one on two other chromosomes, or on both strands of one, is left out.
    """
    spans: dict[int, dict[str, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    query = "select _id, seqname, start_location, end_location from chromosome_locations"
    for number, chromosome, start, end in database.execute(query):
        if number in symbols and chromosome in CHROMOSOMES:
            spans[number][chromosome].append((start, end))
    rows: Rows = set()
    for number, places in spans.items():
        if set(places) == {"X", "Y"}:
            del places["Y"]
        strands = {start < 0 for span in places.values() for start, _ in span}
        if len(places) == 1 and len(strands) == 1:
            [(chromosome, span)] = places.items()
            start, end = min(abs(start) for start, _ in span), max(abs(end) for _, end in span)
            rows.add((symbols[number], chromosome, str(start), str(end), "-" if strands == {True} else "+"))
    return rows


def orthologs(text: str, human: Names, mouse: Names) -> Rows:
    """Human symbol, mouse symbol: orthologs that Ensembl calls one to one, each symbol at most once."""
    rows: Rows = set()
    for row in csv.DictReader(io.StringIO(text)):
        if row["Mouse homology type"] == "ortholog_one2one":
            ours, theirs = human.now(row["Gene name"]), mouse.now(row["Mouse gene name"])
            if ours and theirs:
                rows.add((ours, theirs))
    left, right = (Counter(row[side] for row in rows) for side in (0, 1))
    return {row for row in rows if left[row[0]] == right[row[1]] == 1}


def identifiers(
    database: sqlite3.Connection, symbols: Mapping[int, str], text: str, pairs: Rows, mouse: Names
) -> Rows:
    """Identifier, current human symbol: Ensembl, NCBI Gene and UniProt, and Ensembl of mouse orthologs.

    Identifiers of two genes are left out.

    Args:
        database: the annotation package.
        symbols: row number of a gene -> its symbol.
        text: the file that `orthologs` reads.
        pairs: what `orthologs` returned.
        mouse: names of mouse genes.
    """
    rows: Rows = set()
    for kind, table in (("gene_id", "genes"), ("ensembl_id", "ensembl"), ("uniprot_id", "uniprot")):
        found = database.execute(f"select _id, {kind} from {table}")
        rows |= {(identifier, symbols[number]) for number, identifier in found if number in symbols}
    of_mouse = {theirs: ours for ours, theirs in pairs}
    for row in csv.DictReader(io.StringIO(text)):
        ours = of_mouse.get(mouse.now(row["Mouse gene name"]) or "")
        if ours and row["Mouse homology type"] == "ortholog_one2one":
            rows.add((row["Mouse gene stable ID"], ours))
    owners = Counter(identifier for identifier, _ in rows)
    return {row for row in rows if owners[row[0]] == 1}


class Factors:
    """Names of TFs in databases of motifs, human and mouse mixed -> current human symbol."""

    def __init__(self, human: Names, mouse: Names, pairs: Iterable[tuple[str, ...]]) -> None:
        self.human, self.mouse = human, mouse
        self.of_mouse = {theirs: ours for ours, theirs in pairs}

    def now(self, name: str) -> str | None:
        """The human symbol: of the name itself, of the mouse gene's ortholog, or of the name in capitals."""
        found = self.human.now(name) or self.of_mouse.get(self.mouse.now(name) or "")
        return found or self.human.now(name.upper())


def jaspar_families(database: sqlite3.Connection, factors: Factors) -> Rows:
    """Symbol, `jaspar_class` or `jaspar_family`, name; from vertebrate matrices of one protein."""
    query = (
        "select matrix.NAME, said.TAG, said.VAL from MATRIX as matrix "
        "join MATRIX_ANNOTATION as said on said.ID = matrix.ID and said.TAG in ('class', 'family') "
        "join MATRIX_ANNOTATION as tax on tax.ID = matrix.ID and tax.TAG = 'tax_group' "
        "and tax.VAL = 'vertebrates' where matrix.NAME not like '%::%'"
    )
    found = [(factors.now(name.partition("(")[0].strip()), *rest) for name, *rest in database.execute(query)]
    kept = [(symbol, level, family.strip()) for symbol, level, family in found if symbol]
    spelling = {
        level: common_spellings(family for _, own, family in kept if own == level)
        for level in ("class", "family")
    }
    return {
        (symbol, f"jaspar_{level}", spelling[level][family])
        for symbol, level, family in kept
        if family not in NO_FAMILY
    }


def common_spellings(names: Iterable[str]) -> dict[str, str]:
    """Name -> the most common spelling among those that differ in capitals, `/` and words without meaning.

    `THAP` and `THAP-related factors` are one family, as are `Myb-SANT` and `Myb/SANT domain factors`.
    """
    times = Counter(names)
    groups: dict[str, list[str]] = defaultdict(list)
    for name in sorted(times):
        groups[EMPTY_WORDS.sub("", name.lower().replace("/", "-"))].append(name)
    return {name: max(group, key=lambda n: (times[n], n)) for group in groups.values() for name in group}


def gimme_families(text: str, factors: Factors) -> Rows:
    """Symbol, `gimme_motif` or `gimme_family`, name; without TFs that TRANSFAC alone reports for a motif.

    ChIP-seq also finds the motif of a partner (the one of POU factors for SOX2): it does not tell a family.
    """
    rows: Rows = set()
    for row in csv.DictReader(io.StringIO(text), delimiter="\t"):
        symbol = factors.now(row["Factor"])
        if symbol and row["Evidence"].upper() != "TRANSFAC":
            rows.add((symbol, "gimme_motif", row["Motif"]))
            family = row["Motif"].split(".")[3]
            if family not in NO_FAMILY and row["Evidence"] != "ChIP-seq":
                rows.add((symbol, "gimme_family", family))
    return rows


def tfs(names: Names, families: Rows) -> Rows:
    """Symbol, whether GO annotates it as a TF, whether it has a motif: 1 or 0."""
    motifs = {row[0] for row in families}
    return {
        (symbol, str(int(symbol in names.tfs)), str(int(symbol in motifs))) for symbol in names.tfs | motifs
    }


def expression(
    text: str, database: sqlite3.Connection, symbols: Mapping[int, str], names: Names
) -> tuple[list[str], Rows]:
    """Tissues; symbol and log2(median TPM + 1) by tissue, one decimal, of genes with `LEAST_TPM` somewhere.

    A row of the source is known by its Ensembl id where that is one gene's, otherwise by its name. Of
    several rows of a symbol, those known by id go first, then the one with most transcripts.
    """
    genes: dict[str, set[int]] = defaultdict(set)
    for number, identifier in database.execute("select _id, ensembl_id from ensembl"):
        genes[identifier].add(number)
    header, *lines = (line.split("\t") for line in text.splitlines())
    best: dict[str, tuple[bool, float, list[float]]] = {}
    for identifier, name, *values in lines:
        owners = genes.get(identifier.partition(".")[0], set())
        known = symbols.get(next(iter(owners))) if len(owners) == 1 else None
        symbol = known or names.now(name)
        levels = [float(value) for value in values]
        row = (known is not None, sum(levels), levels)
        if symbol and max(levels) >= LEAST_TPM and row > best.get(symbol, (False, -1.0, [])):
            best[symbol] = row
    rows = {
        (symbol, *(f"{math.log2(level + 1):.1f}".removesuffix(".0") for level in levels))
        for symbol, (_, _, levels) in best.items()
    }
    return header[2:], rows

"""Known edges as one set of genes a TF: JSON and GMT."""

from __future__ import annotations

import json
import re

import pandas as pd

from grnpyg.core.errors import InputError, examples, warn
from grnpyg.data.formats.columns import find_columns
from grnpyg.data.formats.rows import ENDS, KINDS_HINT, Rows
from grnpyg.data.formats.set_names import plain_sources
from grnpyg.data.formats.values import LARGEST
from grnpyg.data.names.symbols import gene_names, tf_names

FIELD = re.compile(r"[A-Za-z_]+=.*")  # `score=2.77`, which pySCENIC writes among the genes
WEIGHTED = re.compile(r"[^,\s]+,[-+\d.eE]+")  # `STAT1,1.0`, in Enrichr's libraries
OF_MSIGDB = re.compile(  # motifs (V$STAT1_01, GGGCGGR_SP1_Q6, AAANWWTGC_UNKNOWN) and collections
    r"V\$.+|.+_TARGET_GENES|.+_(?:Q\d|\d\d|[BC]|UNKNOWN|DECAMER_Q\d)(?:_.+)?|.*_MIR[-_\d].*"
    r"|(?:HALLMARK|KEGG|REACTOME|GO|GOBP|GOCC|GOMF|HP|WP|PID|BIOCARTA|MODULE|GNF2|MORF|GCM)_.+"
)
GMT_WIDTH = 6  # fields in the longest line of a file that is taken for GMT
NAMED_AFTER_TFS = "give sets named after their TFs, or a table of TFs and genes"
ENDING = "_TARGET_GENES"  # of MSigDB's sets of genes at whose promoter GTRD found a TF
WITHOUT_ENDING = (
    f"if the names are those of TFs but for an ending, take it off: sed 's/{ENDING}//' OLD > NEW.gmt"
)


def rows_from_json(text: str, where: object) -> Rows:
    """`{TF: [genes]}` or `{TF: {gene: weight}}`; a TF without genes becomes a row without a target.

    Raises:
        InputError: not JSON, or JSON of another shape, or sets that are not named after TFs.
    """
    try:
        pairs = json.loads(text, object_pairs_hook=list)  # as pairs: a TF that occurs twice keeps both lists
    except (ValueError, RecursionError) as error:  # ValueError: an integer of thousands of digits, too
        raise InputError(f"is not valid JSON ({error})", where=where, fix=KINDS_HINT) from None
    if not all(isinstance(pair, tuple) and isinstance(pair[1], list) for pair in pairs):
        pairs = [("", [None])]
    rows = [(tf, *_gene(item)) for tf, genes in pairs for item in genes or [""]]
    if not all(isinstance(gene, str) for _, gene, _ in rows):
        raise InputError(
            "is JSON, but not {TF: [genes]}", where=where, fix='write {"TF": ["gene", ...], ...}'
        )
    table = pd.DataFrame(rows, columns=[*ENDS, "weight"])
    if table["weight"].isna().all():
        table = table[ENDS]
    return _named_after_tfs(Rows(table.fillna({"weight": 1.0})), where)


def _gene(item: object) -> tuple[str | None, float | None]:
    """The gene and the weight of an item of a set, `"IRF1"` or, of `{"IRF1": 0.5}`, `("IRF1", 0.5)`."""
    if isinstance(item, str):
        return item, None
    if isinstance(item, tuple) and isinstance(item[1], int | float) and abs(item[1]) <= LARGEST:
        return str(item[0]), float(item[1])
    return None, None


def is_gmt(text: str) -> bool:
    """Whether a text without the suffix of GMT files is one: lines of several lengths, each with a new name.

    Enrichr's libraries are such files, with the suffix `.txt`.
    """
    lines = [line.rstrip("\t\r ").split("\t") for line in text.split("\n", 200)[:200] if line.strip()]
    widths = {len(line) for line in lines}
    if min(widths) < 3 or len(widths) == 1 or any(find_columns(lines[0]).values()):
        return False
    bare = not any(line[1] for line in lines)  # without descriptions, as Enrichr's
    return (bare or max(widths) >= GMT_WIDTH) and len({line[0] for line in lines}) == len(lines)


def rows_from_gmt(text: str, where: object) -> Rows:
    """GMT: a line is the TF, a description and the genes, separated by tabs.

    Raises:
        InputError: a line without genes, or sets that are not named after TFs.
    """
    rows: list[tuple[str, str]] = []
    fields = 0
    first = 2 if _described(text, where) else 1
    for number, line in enumerate(text.split("\n"), start=1):
        tf, *rest = line.split("\t")
        genes = [gene.strip() for gene in rest[first - 1 :] if gene.strip()]
        named = [gene for gene in genes if not FIELD.fullmatch(gene)]
        fields += len(genes) - len(named)
        if line.strip() and not named:
            what = f"line {number} ({tf[:40]!r}) has no genes"
            raise InputError(what, where=where, fix="a GMT line is name<TAB>description<TAB>gene<TAB>gene...")
        rows += [(tf.strip(), gene) for gene in named]
    table = pd.DataFrame(rows, columns=ENDS)
    if fields:
        warn(f"{fields:,} fields such as score=1 among the genes are not read", where=where)
    notes = []
    weighted = table["target"].str.fullmatch(WEIGHTED)
    if weighted.any() and weighted.mean() > 0.5:
        halves = table["target"].str.split(",", n=1, expand=True)
        weights = pd.to_numeric(halves[1], errors="coerce").fillna(1.0)
        table = table.assign(target=halves[0], weight=weights.clip(-1e30, 1e30))
        notes.append("The number behind the comma of each gene is its weight.")
    return _named_after_tfs(Rows(table, tuple(notes)), where)


def _described(text: str, where: object) -> bool:
    """Whether the second field of the lines is a description; where most are genes it is one of the set."""
    starts = [line.split("\t", 2)[:2] for line in text.split("\n") if line.count("\t")]
    told = [fields[1].strip() for fields in starts if fields[1].strip() not in ("", fields[0].strip())]
    genes = gene_names()
    if not told or 2 * sum(word in genes for word in told) <= len(starts):
        return True
    what = f"the second field of its lines is a gene, not a description ({examples(told)})"
    warn(f"{what}: it is read as one of the set", where=where)
    return False


def _named_after_tfs(rows: Rows, where: object) -> Rows:
    """The rows with the TF that each set is named after; sets named after something else go.

    Raises:
        InputError: most sets are.
    """
    rows = plain_sources(rows, where)
    names = [str(name) for name in rows.table["source"].unique()]
    genes = gene_names()
    tfs = tf_names()
    first = {name: name.split()[0].rstrip("_") for name in names if len(name.split()) > 1}
    named = {name: word for name, word in first.items() if word in genes}
    if 2 * sum(word in tfs for word in named.values()) <= len(first):
        named = {}
    if named:
        table = rows.table.assign(source=rows.table["source"].replace(named))
        said = examples(f"{name} is {tf}" for name, tf in named.items())
        warn(f"the first word of {len(named):,} names of sets is taken for the TF: {said}", where=where)
        rows = rows.noting(table)
    strange = sorted(
        name
        for name in names
        if name not in named and name not in genes and (name in first or OF_MSIGDB.fullmatch(name))
    )
    if 2 * len(strange) > len(names):
        raise InputError(
            f"the names of its sets are no genes but motifs, pathways or the like: {examples(strange)}",
            where=where,
            fix=WITHOUT_ENDING if any(ENDING in name for name in strange) else NAMED_AFTER_TFS,
        )
    if strange:
        warn(
            f"{len(strange):,} sets are left out, as their names are no genes: {examples(strange)}",
            where=where,
        )
        kept = rows.table[~rows.table["source"].isin(strange)].reset_index(drop=True)
        rows = rows.noting(kept)
    return rows

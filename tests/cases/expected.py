"""What the command of every case has to do: refuse the file, read it or either, and what it says."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Expected:
    """The outcomes that are right for a case; an outcome that is None is wrong.

    Attributes
    ----------
    refused: regular expression that is found in the line of a refusal (exit 2)
    read: regular expression that is found in the warnings and the report of what was read (exit 0)
    counts: numbers of the report, if it was read
    """

    refused: str | None = None
    read: str | None = None
    counts: dict[str, int] = field(default_factory=dict)


WHOLE = {"tfs": 20, "genes": 118, "edges": 459}  # the graph that most of the tables hold

EXPECTED = {
    "03-cellxgene-feature-name": Expected(refused="feature_name", read="feature_name"),
    "06-duplicate-symbols-gene-ids": Expected(read="2 gene names .*IL6, CXCR5.*first", counts=WHOLE),
    "08-mouse-with-few-human": Expected(refused="1 of 20 TFs", read="only 1 of 20 TFs"),
    "09-excel-dates-labels": Expected(read="look like dates made by Excel.*1-Mar", counts=WHOLE),
    "100-id-map-wrong-way": Expected(
        refused="(?i)ensembl to symbol.*(swap|turn|other way)", read="(?i)turned|swapped|other way"
    ),
    "102-labels-only": Expected(read="no --data given: the bundled immune cells"),
    "110-quoted-tsv-r": Expected(refused="(?i)row names|row numbers|corner", read="", counts=WHOLE),
    "115-csv-stray-quote": Expected(refused="line 101", read="96 cells x 160 genes", counts=WHOLE),
    "116-nineteen-dense-tfs": Expected(read=""),
    "13-hidden-characters": Expected(read="(?i)invisible", counts=WHOLE),
    "15-raw-only": Expected(refused="--use-raw"),
    "16-hvg-scaled-raw-full": Expected(read=r"\.raw 126.*--use-raw"),
    "21-corrected-counts": Expected(read="counts, scaled to the same total.*--state"),
    "25-zarr": Expected(refused="zarr store.*h5ad", read="96 cells x 160 genes"),
    "30-mtx-third-column-biotype": Expected(refused="protein_coding", read="96 cells x 160 genes"),
    "36-csv-semicolon-decimal-comma": Expected(
        refused="(?i)decimal comma", read="96 cells x 160 genes", counts=WHOLE
    ),
    "38-no-row-names": Expected(refused="(?i)STAT1.*names", read="96 cells x 160 genes"),
    "39-htseq-summary-rows": Expected(read="left out, also of the cell totals: __no_feature"),
    "42-gct": Expected(read="GCT file: its column Description names.*96 cells x 160 genes"),
    "46-types-na-strings": Expected(read="in 4 cell types.*16 cells without a type were left out"),
    "48-types-numeric": Expected(refused="(?i)percent_mt.*numbers.*no cell types"),
    "49-one-type": Expected(read="(?i)one type|components"),
    "51-obs-latin1": Expected(refused="(?i)^(?!.*is binary).*(latin-1|UTF-8)", read="(?i)latin-1"),
    "52-few-cells-csv": Expected(read="39 principal components over 40 cells"),
    "61-omnipath-raw": Expected(
        refused="source_genesymbol.*target_genesymbol", read="(?i)source_genesymbol|OmniPath"
    ),
    "63-trrust-raw": Expected(refused="(?i)TRRUST|header", read="", counts=WHOLE),
    "64-trrust-fix-followed": Expected(read="", counts=WHOLE),
    "65-genie3-r": Expected(refused="(?i)accepted names", read="", counts=WHOLE),
    "67-reversed": Expected(read="(?i)revers|other way|swap"),
    "68-pyscenic-gmt": Expected(refused=r"(?i)\(\+\)", read="", counts=WHOLE),
    "70-msigdb-gmt": Expected(refused="no genes.*_TARGET_GENES"),
    "71-pyscenic-ctx-csv": Expected(refused="(?i)pySCENIC|ctx", read="(?i)pySCENIC|ctx|regulons"),
    "73-celloracle-parquet": Expected(refused="(?i)CellOracle", read="(?i)CellOracle|Parquet|matrix"),
    "75-string-links": Expected(refused="(?i)accepted names|STRING|ENSP"),
    "76-zero-weights": Expected(read="459 rows have the weight 0", counts={"edges": 459, "rows_read": 918}),
    "77-conflicting-signs": Expected(read="40 pairs have rows of both signs", counts=WHOLE),
    "78-stray-quote": Expected(refused="line 22", read="", counts=WHOLE | {"rows_read": 459}),
    "79-gene-lists-in-a-cell": Expected(refused="(?i)list|several names", read="(?i)list|split"),
    "81-latin1-labels": Expected(refused="(?i)latin-1", read="", counts=WHOLE),
    "84-comment-lines": Expected(refused="(?i)comment", read="", counts=WHOLE),
    "85-tf-list-as-filter": Expected(refused="--tfs-action filter"),
    "94-one-tf": Expected(refused="(?i)none can be held out", read=""),
    "95-three-tfs": Expected(refused="largest feasible ratio", read=""),
}

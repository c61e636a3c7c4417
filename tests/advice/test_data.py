"""Labels and expression: each message with a fix is followed (formats of files have tests of their own)."""

from __future__ import annotations

from pathlib import Path

import pytest
from advice.follow import CHECK, Advice, check, table

pytestmark = pytest.mark.slow

OPTION = r"`(?P<fix>--[^`]+)`"
EDGES = "source\ttarget\n" + "".join(f"{tf}\tG{i}\n" for tf in ("TFA", "TFB", "G70") for i in range(30))
OTHER_IDS = "".join(f"TFC\tENSG{i:011d}\n" for i in range(40))
CELLS = "cell,G0,G1,G2,TFA,TFB,G70\n" + "".join(f"c{i},{i},1,{2 * i},1,0,{i % 3}\n" for i in range(12))
SMALL = "data: {expression: cells.csv, labels: own.tsv}\n"
CORRECTED = "cell,G0,G1,G2,TFA,TFB,G70\n" + "".join(
    f"c{i},{0.5 * 3**i},{0.7 * 3**i},0,{1.5 * i},{0.3 * 3**i},0\n" for i in range(12)
)
TYPES = "cell,donor,kind\n" + "".join(f"c{i},d{i},{'ab'[i % 2]}\n" for i in range(12))
OWN = {"own.tsv": "source\ttarget\nTFA\tG0\nTFA\tG1\nTFB\tG1\nTFB\tG2\nG70\tG0\nG70\tG2\nG70\tG1\n"}
PROJECT = {**OWN, "cells.csv": CELLS, "types.csv": TYPES, "own.yaml": SMALL}
MINE = "data check --config own.yaml"


@table(
    # options of the labels
    Advice(f"{CHECK} --set data.confidence=[A]", "Leave the filter out", CHECK),
    Advice(f"{CHECK} --min-weight 0.5", "Leave min_weight out", CHECK),
    Advice(
        f"{CHECK} --tfs-action widen",
        "Give one with (?P<fix>--tfs)",
        "{command} {fix} tfs.txt",
        files={"tfs.txt": "TFA\nTFB\nTFC\n"},
    ),
    Advice(f"{CHECK} --tfs tfs.txt", "(?P<fix>--tfs-action filter)", files={"tfs.txt": "TFA\nTFB\nTFC\n"}),
    Advice(
        f"{CHECK} --labels mixed.tsv", r"(?P<fix>--allow-mixed-ids)", files={"mixed.tsv": EDGES + OTHER_IDS}
    ),
    Advice(
        f"{CHECK} --labels mixed.tsv",
        r"(?P<fix>--id-map) FILE",
        "{command} {fix} map.tsv",
        files={
            "mixed.tsv": EDGES + OTHER_IDS,
            "map.tsv": "ensembl\tsymbol\n" + "".join(f"ENSG{i:011d}\tG{i}\n" for i in range(40)),
        },
    ),
    Advice(f"{CHECK} --set data.listed_tfs=true", "leave data.listed_tfs out", CHECK),
    Advice(f"{CHECK} --columns source=TF", r"(known|accepted).*source.*", CHECK),
    Advice(
        f"{CHECK} --labels list.json --columns source=TF",
        "Leave data.columns out",
        f"{CHECK} --labels list.json",
        files={"list.json": '{"TFA": ["G1", "G2", "G3"], "TFB": ["G1", "G2", "G4"]}'},
    ),
    Advice(
        f"{CHECK} --set data.unmeasured=drop", "needs expression data", "{command} --data expression.h5ad"
    ),
    # options of the expression
    Advice(
        f"{CHECK} --data expression.h5ad --layer count",
        "none: the file has no layers",
        f"{CHECK} --data expression.h5ad",
    ),
    Advice(
        f"{CHECK} --data expression.h5ad --layer a --use-raw",
        "Give one of them",
        f"{CHECK} --data expression.h5ad",
    ),
    Advice(
        f"{CHECK} --data expression.h5ad --genes-in rows", "Leave it out", f"{CHECK} --data expression.h5ad"
    ),
    Advice(
        f"{CHECK} --data expression.h5ad --set features.obs_key=cell_typ",
        "did you mean '(?P<fix>\\w+)'",
        f"{CHECK} --data expression.h5ad --set features.obs_key={{fix}}",
    ),
    Advice(
        f"{CHECK} --data expression.h5ad --var-names genes",
        "unknown var column",
        f"{CHECK} --data expression.h5ad",
    ),
    Advice(f"{MINE} --set features.n_components=60 --set features.kind=pca", OPTION, files=PROJECT),
    Advice(
        f"{MINE} --set features.n_components=50 --set features.kind=pca",
        f"are taken instead of 50.*{OPTION}",
        files=PROJECT,
    ),
    Advice(
        f"{MINE} --obs types.csv --set features.obs_key=donor",
        "`--set features.obs_key=COLUMN`",
        f"{MINE} --obs types.csv --set features.obs_key=kind",
        files=PROJECT,
    ),
    Advice(
        f"{MINE} --obs types.csv --set features.obs_key=kind",
        OPTION,
        files={**PROJECT, "types.csv": TYPES.replace(",b\n", ",a\n")},
    ),
    Advice(
        f"{MINE} --obs types.csv",
        "put the cell names into its first column: there they are like d0",
        "{command}",
        files={**PROJECT, "types.csv": "donor,cell,kind\n" + "".join(f"d{i},x{i},a\n" for i in range(12))},
        edit=lambda _: Path("types.csv").write_text(TYPES),
    ),
    Advice(
        f"{MINE} --state log",
        r"state `(?P<fix>--state \w+)`",
        f"{MINE} {{fix}}",
        files={**PROJECT, "cells.csv": CELLS.replace(",1,0,", ",1,5000,")},
    ),
    Advice(
        MINE,
        OPTION + ", or with `--state normalised`",
        "{command} --set features.kind=pca {fix}",
        files={**PROJECT, "cells.csv": CORRECTED},
    ),
    Advice(
        f"{MINE} --data either.csv",
        "say which with (?P<rows>--genes-in rows) or (?P<fix>--genes-in columns)",
        files={**PROJECT, "either.csv": "name,A1,A2\nB1,1,2\nB2,3,4\n"},
        then="none of the",
    ),
    Advice(
        f"{MINE} --data bare.csv",
        "write a first column with the names",
        "{command}",
        files={**PROJECT, "bare.csv": "G0,G1,TFA,TFB,G70\n" + "1,2,0,4,5\n3,0,1,2,2\n" * 6},
        edit=lambda _: Path("bare.csv").write_text(CELLS),
    ),
    Advice(
        f"{MINE} --set features.n_top_genes=900",
        r"there are only (?P<fix>\d+)",
        f"{MINE} --set features.n_top_genes={{fix}}",
        files=PROJECT,
    ),
)
def test_the_advice_gets_on(advice: Advice, place: Path) -> None:
    check(advice)

"""Splits, negatives and evaluation on the command line: each message with a fix is followed."""

from __future__ import annotations

from pathlib import Path

import pytest
from advice.follow import TRAIN, Advice, check, table

pytestmark = pytest.mark.slow

STAR = "source\ttarget\n" + "".join(f"TFA\tG{i}\n" for i in range(9))
PAIRS = "source\ttarget\n" + "".join(f"G{i + 40}\tG{i}\n" for i in range(9))
FEW = PAIRS + "G40\tG1\nG41\tG2\nG42\tG0\n"
ALL = "source\ttarget\tweight\n" + "".join(
    f"TF{tf}\tG{i}\t{1 / (1 + (7 * i + at) % 5)}\n" for at, tf in enumerate("ABCD") for i in range(30)
)
DENSE = "source\ttarget\n" + "".join(
    f"TF{tf}\tG{i}\n" for at, tf in enumerate("ABCD") for i in range(40) if (i + at) % 5 > 1
)
WORKS = r"there works `(?P<fix>[^`]+)`"
RATIO = r"largest feasible ratio here is (?P<ratio>[\d.]+\d)"


def labels(text: str) -> dict[str, str]:
    return {"own.tsv": text}


OWN = f"{TRAIN} --labels own.tsv"


@table(
    Advice(OWN, WORKS, files=labels(FEW)),
    Advice(OWN, r"TFs share target genes; .*" + WORKS, files=labels(PAIRS)),
    Advice(OWN, "Use labels in which TFs share target genes", files=labels(STAR), follow=TRAIN),
    Advice(f"{OWN} --set split.isolated=set_aside", WORKS, files=labels(FEW)),
    Advice(f"{OWN} --set split.name=cold_start", WORKS, files=labels(FEW), follow=f"{OWN} {{fix}}"),
    Advice(f"{TRAIN} --set split.name=cold_start --set split.tf_ratio=0.01", WORKS),
    Advice(f"{TRAIN} --set split.name=cold_start --set split.folds=80 --set split.fold=70", WORKS),
    Advice(f"{OWN} --set split.name=pooled --set split.acknowledge_leaks=true", WORKS, files=labels(FEW)),
    Advice(
        f"{OWN} --set split.name=genelink --set split.acknowledge_leaks=true",
        "`(?P<fix>[^`]+given[^`]*)`",
        files=labels(DENSE),
    ),
    Advice(
        f"{OWN} --set split.name=genelink --set split.acknowledge_leaks=true --set split.scheme=hard "
        "--set evaluation.negatives=[given] --set negatives.scheme=sparing",
        "`(?P<fix>[^`]+given[^`]*)`",
        files=labels(DENSE),
    ),
    Advice(
        f"{TRAIN} --set split.name=genelink --set split.acknowledge_leaks=true --set split.density=0.0001",
        WORKS,
    ),
    # options of splits
    Advice(
        f"{TRAIN} --set split.name=pooled",
        r"set (?P<key>split\.acknowledge_leaks) to true",
        "{command} --set {key}=true",
    ),
    Advice(
        f"{TRAIN} --set split.name=pooled",
        "or use the split `(?P<name>\\w+)`",
        f"{TRAIN} --set split.name={{name}}",
    ),
    Advice(
        f"{TRAIN} --set split.name=genelink",
        r"set (?P<key>split\.acknowledge_leaks) to true",
        "{command} --set {key}=true --set evaluation.negatives=[given]",
    ),
    Advice(
        f"{TRAIN} --set split.name=genelink --set split.density=2 --set split.acknowledge_leaks=true",
        "A number between 0 and 1",
        "{command} --set split.density=0.5",
    ),
    Advice(
        f"{TRAIN} --set split.val_ratio=0.5 --set split.test_ratio=0.5",
        "their sum below 1",
        "{command} --set split.val_ratio=0.3",
    ),
    Advice(
        f"{TRAIN} --set split.name=pooled --set split.acknowledge_leaks=true --set split.val_ratio=0",
        "both above 0",
        "{command} --set split.val_ratio=0.1",
    ),
    Advice(
        f"{TRAIN} --set split.name=cold_start --set split.folds=3 --set split.fold=3",
        "fold from 0 to folds - 1",
        "{command} --set split.fold=2",
    ),
    Advice(
        f"{TRAIN} --set split.val_ratio=0 --max-epochs 1",
        r"set (?P<key>training\.max_epochs) to 0",
        TRAIN + " --set split.val_ratio=0",
    ),
    Advice(
        f"{TRAIN} --set split.val_ratio=0 --max-epochs 1", "Give it one", TRAIN + " --set split.val_ratio=0.1"
    ),
    Advice(
        f"{TRAIN} --set split.name=given",
        r"set split\.source, or split\.train and split\.test",
        "{command} --set split.train=a.csv --set split.test=b.csv",
        files={"a.csv": "TF,Target,Label\n", "b.csv": "TF,Target,Label\n"},
        then="a.csv: holds no pair",
    ),
    # negatives
    Advice(f"{TRAIN} --ratio 50", RATIO, f"{TRAIN} --ratio {{ratio}}"),
    Advice(f"{TRAIN} --set evaluation.ratio=50", RATIO, f"{TRAIN} --set evaluation.ratio={{ratio}}"),
    Advice(
        f"{OWN} --set evaluation.negatives=[uniform,same_tf]",
        RATIO,
        "{command} --ratio {ratio} --set evaluation.ratio={ratio}",
        files=labels(ALL.replace("\t1.0\n", "\t0.0\n")),
    ),
    Advice(f"{OWN} --set negatives.scheme=sparing", RATIO, "{command} --ratio {ratio}", files=labels(DENSE)),
    Advice(
        f"{OWN}",
        "Keep the strong edges with `--min-weight`",
        "{command} --min-weight 0.3 --ratio 0.3 --set evaluation.ratio=0.3",
        files=labels(ALL),
    ),
    Advice(f"{TRAIN} --ratio 0.0001", "Use a larger ratio", "{command} --ratio 1"),
    Advice(
        f"{TRAIN} --set negatives.sampler=given",
        "Use the split given or (?P<split>genelink)",
        "{command} --set split.name={split} --set split.acknowledge_leaks=true "
        "--set evaluation.negatives=[given]",
    ),
    Advice(
        f"{TRAIN} --set negatives.sampler=given --set split.name=genelink --set split.acknowledge_leaks=true "
        "--set evaluation.negatives=[given] --ratio 2",
        "Leave it at 1",
        "{command} --ratio 1",
    ),
    Advice(
        f"{TRAIN} --set split.name=pooled --set split.acknowledge_leaks=true --set evaluation.ratio=2",
        "Leave it at (?P<ratio>1)",
        "{command} --set evaluation.ratio={ratio}",
    ),
    Advice(
        f"{TRAIN} --set 'negatives.sampler={{name: mixed, uniform: 0, same_tf: 0, degree_matched: 0}}'",
        "Raise one of them",
        f"{TRAIN} --set 'negatives.sampler={{name: mixed, uniform: 1}}'",
    ),
    Advice(
        f"{TRAIN} --max-epochs 1 --encoder gcn --set encoder.inputs=id --ratio 0.01 "
        "--set training.disjoint_train_ratio=0.25 --set training.cold_folds=true",
        r"`(?P<fix>--set training\.cold_folds=false)`",
    ),
)
def test_the_advice_gets_on(advice: Advice, place: Path) -> None:
    check(advice)

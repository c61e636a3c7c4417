"""Options and configs: each message with a fix is followed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from advice.follow import CHECK, TRAIN, Advice, check, swap, table

pytestmark = pytest.mark.slow

MEANT = r"did you mean '(?P<fix>[\w-]+)'"


def with_anchor(_: re.Match[str]) -> None:
    Path("loop.yaml").write_text(Path("bare.yaml").read_text())


@table(
    # a wrong name: the right one is in the message
    Advice(f"{TRAIN} --encoder lookups", MEANT, f"{TRAIN} --encoder {{fix}}"),
    Advice(f"{TRAIN} --head duel", MEANT, f"{TRAIN} --head {{fix}}"),
    Advice(
        "train --config bare.yaml --baseline addditive", MEANT, "train --config bare.yaml --baseline {fix}"
    ),
    Advice(f"{TRAIN} --control rewired_lables", MEANT, f"{TRAIN} --control {{fix}}"),
    Advice(f"{TRAIN} --set split=transductiv", MEANT, f"{TRAIN} --set split={{fix}}"),
    Advice(f"{TRAIN} --set loss=bcee", MEANT, f"{TRAIN} --set loss={{fix}}"),
    Advice(f"{TRAIN} --set negatives.sampler=unifrm", MEANT, f"{TRAIN} --set negatives.sampler={{fix}}"),
    Advice(
        f"{TRAIN} --set evaluation.negatives=[same_tff]",
        MEANT,
        f"{TRAIN} --set evaluation.negatives=[{{fix}}]",
    ),
    Advice(
        f"{TRAIN} --set evaluation.baselines=[degree_produkt]",
        MEANT,
        f"{TRAIN} --set evaluation.baselines=[{{fix}}]",
    ),
    Advice(f"{TRAIN} --set encoder.embeding_dim=4", MEANT, f"{TRAIN} --set encoder.{{fix}}=4"),
    Advice(f"{TRAIN} --set head.dropuot=0.1", MEANT, f"{TRAIN} --set head.{{fix}}=0.1"),
    Advice(f"{TRAIN} --set split.test_ration=0.2", MEANT, f"{TRAIN} --set split.{{fix}}=0.2"),
    Advice(f"{TRAIN} --set training.max_epoch=0", MEANT, f"{TRAIN} --set training.{{fix}}=0"),
    Advice(f"{TRAIN} --set trainings.lr=0.1", MEANT, f"{TRAIN} --set {{fix}}.lr=0.1"),
    Advice(f"{TRAIN} --set data.label=labels.tsv", MEANT, f"{TRAIN} --set data.{{fix}}=labels.tsv"),
    Advice("list encoder", MEANT, "list {fix}"),
    Advice("train --recipe best-dul", MEANT, "list recipes"),
    Advice(f"{CHECK} --labels nowhere.tsv", r"`grnpyg (?P<fix>data list)`", "{fix}"),
    # forms of --set
    Advice(f"{TRAIN} --set training.lr", r"(?P<fix>--set training\.lr=[\d.]+)", f"{TRAIN} {{fix}}"),
    Advice(
        f"{CHECK} --labels own.tsv --columns TF",
        r"(?P<fix>--columns \S+)",
        f"{CHECK} --labels own.tsv {{fix}}",
        files={"own.tsv": "TF\tGene\nG1\tG2\nG1\tG3\nTFA\tG3\n" + "".join(f"TFB\tG{i}\n" for i in range(30))},
    ),
    # options that exclude each other
    Advice(f"{TRAIN} --resume --overwrite", "Give one", f"{TRAIN} --overwrite"),
    Advice(f"{TRAIN} --recipe best-dual", "Give one of them; --set", f"{TRAIN} --set training.lr=0.1"),
    Advice(
        "train --config bare.yaml --baseline additive --encoder lookup",
        "Leave one of them out",
        "train --config bare.yaml --baseline additive",
    ),
    Advice("train --config bare.yaml --baseline additive --max-epochs 0", "Leave one of them out", TRAIN),
    Advice(
        f"{TRAIN} --set baseline.name=additive --match 900",
        "Leave it out",
        "train --config bare.yaml --set baseline.name=additive",
    ),
    Advice(
        f"{TRAIN} --set 'prune=[{{ratio: 0.5}}]' --set baseline.name=svd",
        "Leave out either prune or baseline",
        "train --config bare.yaml --set baseline.name=svd",
    ),
    Advice(
        f"{TRAIN} --set 'prune=[{{ratio: 0.5, finetune_lr: 0.1}}]'",
        "Give finetune_epochs, or leave them out",
        "train --config bare.yaml --max-epochs 1 --set 'prune=[{ratio: 0.5, finetune_epochs: 1}]'",
    ),
    # devices and sizes
    Advice(f"{TRAIN} --device cuda", "(?P<fix>--device cpu)", f"{TRAIN} {{fix}}"),
    Advice(
        f"{TRAIN} --device cpu --devices 3",
        r"batch_size \d+ .*a multiple",
        f"{TRAIN} --device cpu --devices 3 --set training.batch_size=129",
    ),
    Advice(f"{TRAIN} --match 100", r"nearest reachable count is (?P<fix>[\d,]+)", f"{TRAIN} --match {{fix}}"),
    # what needs expression
    Advice(f"{TRAIN} --encoder mlp", r"Give --data, or use (?P<fix>--encoder \w+)", f"{TRAIN} {{fix}}"),
    Advice(f"{TRAIN} --encoder mlp", r"Give --data", "{command} --data expression.h5ad"),
    Advice(
        f"{TRAIN} --encoder sage --set encoder.inputs=features",
        r"set encoder\.inputs to (?P<fix>\w+)",
        f"{TRAIN} --encoder sage --set encoder.inputs={{fix}}",
    ),
    Advice(
        f"{TRAIN} --encoder sage --set encoder.edges=[regulates,coexpressed]",
        "remove coexpressed from encoder.edges",
        f"{TRAIN} --encoder sage --set encoder.edges=[regulates]",
        then="set encoder.inputs to id",
    ),
    Advice(
        f"{TRAIN} --set evaluation.baselines=[pearson]",
        "remove .* from evaluation.baselines",
        f"{TRAIN} --set evaluation.baselines=[additive]",
    ),
    Advice(
        f"{TRAIN} --set evaluation.baselines=[pearson]",
        r"set data\.expression",
        "{command} --set data.expression=expression.h5ad",
    ),
    # folds and structure
    Advice(
        f"{TRAIN} --encoder sage --set encoder.inputs=id --set training.cold_folds=true",
        r"set (?P<key>training\.\w+), for example to (?P<value>[\d.]+\d)",
        "{command} --set {key}={value}",
    ),
    Advice(
        f"{TRAIN} --set structure.features=[degree]",
        r"error: (?P<key>[\w.]+): .*for example to (?P<value>[\d.]+\d)",
        "{command} --set {key}={value}",
    ),
    Advice(
        f"{TRAIN} --set training.disjoint_train_ratio=0.25",
        "Leave it out, or choose an encoder that passes messages",
        "{command} --encoder gcn --set encoder.inputs=id",
    ),
    Advice(
        f"{TRAIN} --set 'evaluation.baselines=[{{rank: 3}}]'",
        r"(?P<fix>\{name: \w+), \.\.\.",
        f"{TRAIN} --set 'evaluation.baselines=[{{fix}}}}]'",
    ),
    # config files
    Advice(
        "train --config loop.yaml",
        "Remove the YAML anchor",
        TRAIN.replace("bare", "loop"),
        files={"loop.yaml": "seed: &a [*a]\n"},
        edit=with_anchor,
    ),
    Advice(
        f"{CHECK.replace('bare', 'date')}",
        "Put it in quotes",
        files={"date.yaml": "data: {labels: 2024-01-01}\n"},
        follow="{command}",
        edit=swap("date.yaml", "2024-01-01", "'2024-01-01'"),
        then="no data set has this name",
    ),
    Advice(
        f"{CHECK.replace('bare', 'key')}",
        "Put it in quotes",
        files={"key.yaml": "1: 2\n"},
        follow="{command}",
        edit=swap("key.yaml", "1:", "'1':"),
        then="unknown key '1'",
    ),
)
def test_the_advice_gets_on(advice: Advice, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    check(advice)

"""`predict` tells known edges from other pairs although it scores them as if they were not known."""

from __future__ import annotations

import numpy as np
import pandas as pd

import grnpyg as gp
import grnpyg_data
from grnpyg.metrics.classification import auroc

FEATURES = ["degree", "ease", "svd", "gene_neighbours"]


def test_training_edges_of_real_labels_rank_high_and_within_the_range_of_others() -> None:
    """They had logits of -384, probability 0.0000 and an AUROC of .000: their features held the answer.

    With at most 64 TFs the SVD has as many factors as there are TFs, where it was worst.
    """
    table = pd.read_csv(grnpyg_data.path("dorothea_abc.tsv.gz"), sep="\t")
    table = table[table["source"].isin(sorted(set(table["source"]))[:60])]
    split = gp.split(gp.build_grn(None, table), "transductive", seed=0, negatives=["uniform"])
    model = gp.LinkPredictor("lookup", "dual", embedding_dim=8, structure={"features": FEATURES})
    model.fit(
        split,
        negatives="uniform",
        ratio=3,
        max_epochs=3,
        batch_size=1024,
        lr=0.01,
        disjoint_train_ratio=0.25,
        seed=0,
    )
    table = model.predict()
    known, logit = table["known"].to_numpy(), table["importance"].to_numpy()
    # the only edge of a gene tells nothing without itself; of the others the rest does
    several = table.groupby("target")["known"].transform("sum").to_numpy() >= 3
    chosen = several & known | ~known
    assert auroc(known[chosen].astype(float), logit[chosen]) > 0.8
    others = logit[~known]
    assert np.quantile(logit[known], 0.01) > others.min()
    assert np.quantile(logit[known], 0.99) < others.max() + 1

"""What a candidate set holds: negatives per positive, and what a score of the degrees alone gets on it."""

from __future__ import annotations

import math
from typing import Any

from grnpyg.metrics.classification import auroc
from grnpyg.metrics.gains import DEGREES
from grnpyg.models.baselines import baselines
from grnpyg.splits.link_split import LabelledPairs, LinkSplit

TOLERANCE = 0.03  # around AUROC .5, for degree-matched negatives


def reached(split: LinkSplit, part: str, pairs: LabelledPairs) -> dict[str, Any]:
    """The negatives per positive of one candidate set, and the AUROC that training degrees leave.

    Args:
        split: gives the training edges.
        part: whose candidates they are.
        pairs: the candidates, from `evaluation_sets` or `training_pairs`.

    Returns:
        JSON-ready: `part positives negatives ratio auroc{degree_product,tf_degree,gene_degree}`; an AUROC is
        None where there is only one class.
    """
    label = pairs.edge_label.numpy()
    residue: dict[str, float | None] = {}
    for name in DEGREES:
        baseline = baselines.build(name)
        baseline.fit(split, pairs)
        value = auroc(label, baseline.score(pairs.edge_label_index))
        residue[name] = None if math.isnan(value) else value
    positives, negatives = pairs.positives.size(1), pairs.negatives.size(1)
    return {
        "part": part,
        "positives": positives,
        "negatives": negatives,
        "ratio": negatives / positives if positives else None,
        "auroc": residue,
    }


def sentence(facts: dict[str, Any], sampler: str, ratio: float) -> str:
    """What falls short, for a human; empty where nothing does.

    Args:
        facts: from `reached`.
        sampler: name of the sampler.
        ratio: negatives per positive that were asked for.
    """
    said = []
    if facts["negatives"] < round(ratio * facts["positives"]):
        said.append(
            f"{facts['ratio']:.2f} negatives per positive instead of {ratio:g}: no more fit the scheme"
        )
    product = facts["auroc"]["degree_product"]
    if sampler == "degree_matched" and product is not None and abs(product - 0.5) > TOLERANCE:
        said.append(f"the degree product alone still has AUROC {product:.3f}, not 0.50 +- {TOLERANCE}")
    return f"{sampler} negatives of the {facts['part']} part: {'; '.join(said)}." if said else ""

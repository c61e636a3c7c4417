"""How many negatives a candidate set has for each positive, and what the degrees alone score on it."""

from __future__ import annotations

import math

from grnpyg.metrics.classification import auroc
from grnpyg.metrics.gains import DEGREE, DEGREES
from grnpyg.models.baselines import baselines
from grnpyg.runs.manifest import Reached
from grnpyg.splits.link_split import LabelledPairs, LinkSplit

TOLERANCE = 0.03  # around AUROC .5, for degree-matched negatives


def reached(split: LinkSplit, subset: str, pairs: LabelledPairs) -> Reached:
    """The negatives per positive of one candidate set, and the AUROC of the training degrees.

    Args:
        split: gives the training edges.
        subset: whose candidates they are.
        pairs: the candidates, from `evaluation_sets` or `training_pairs`.
    """
    label = pairs.edge_label.numpy()
    residue: dict[str, float | None] = {}
    for name in DEGREES:
        baseline = baselines.build(name)
        baseline.fit(split, pairs)
        value = auroc(label, baseline.score(pairs.edge_label_index))
        residue[name] = None if math.isnan(value) else value
    positives, negatives = pairs.positives.size(1), pairs.negatives.size(1)
    return Reached(
        part=subset,
        positives=positives,
        negatives=negatives,
        ratio=negatives / positives if positives else None,
        auroc=residue,
    )


def sentence(facts: Reached, sampler: str, ratio: float) -> str:
    """What falls short, as a sentence; empty where nothing does.

    Args:
        facts: from `reached`.
        sampler: name of the sampler.
        ratio: negatives per positive that were asked for.
    """
    said = []
    if facts.ratio is not None and facts.negatives < round(ratio * facts.positives):
        said.append(f"{facts.ratio:.2f} negatives per positive instead of {ratio:g}: no more fit the scheme")
    product = facts.auroc[DEGREE]
    if sampler == "degree_matched" and product is not None and abs(product - 0.5) > TOLERANCE:
        said.append(f"the degree product alone still has AUROC {product:.3f}, not 0.50 +- {TOLERANCE}")
    return f"{sampler} negatives of the {facts.part} subset: {'; '.join(said)}." if said else ""

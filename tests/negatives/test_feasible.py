"""What is said of an infeasible ratio works when it is followed, over all sets together."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from grnpyg.core.errors import InputError
from grnpyg.core.seeding import numpy_generator
from grnpyg.data.graph import build_graph
from grnpyg.negatives import evaluation_sets, negatives, require_feasible, require_left, training_pairs
from grnpyg.splits import LabelledPairs, LinkSplit, TransductiveSplit

SETTINGS = ("uniform", "same_tf", "degree_matched", "hard")


def dense_split(tfs: int, share: float) -> LinkSplit:
    """A few TFs, each linked to this share of 60 genes."""
    linked = numpy_generator(tfs, "dense").random((tfs, 60)) < share
    pairs = [(f"T{i}", f"g{j}") for i, j in zip(*linked.nonzero(), strict=True)]
    return TransductiveSplit().split(build_graph(pd.DataFrame(pairs, columns=["source", "target"])), 0)


def draw_all(
    split: LinkSplit, training: float, evaluation: float, settings: list[str], *, sparing: bool
) -> None:
    """As `prepare` and one epoch do."""
    exact = sum(negatives.get(name).exact for name in settings)
    short = len(settings) - exact
    require_feasible(split, training=training, evaluation=evaluation, regimes=exact, short=short)
    earlier: list[dict[str, LabelledPairs]] = []
    for name in settings:
        earlier.append(evaluation_sets(split, negatives.build(name), evaluation, 0, earlier=tuple(earlier)))
    flat = {f"{n}/{s}": pairs for n, sets in enumerate(earlier) for s, pairs in sets.items()}
    if sparing:
        require_left(split, training, flat)
    training_pairs(split, negatives.build("uniform"), training, flat, 0, epoch=0, sparing=sparing)


def refusal(
    split: LinkSplit, training: float, evaluation: float, settings: list[str], *, sparing: bool
) -> str:
    try:
        draw_all(split, training, evaluation, settings, sparing=sparing)
    except InputError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("sparing", [False, True])
@pytest.mark.parametrize("tfs", [3, 4, 8])
@pytest.mark.parametrize("share", [0.4, 0.55, 0.7])
@pytest.mark.parametrize(("training", "evaluation"), [(1.0, 1.0), (5.0, 0.3), (0.3, 5.0)])
def test_the_advice_works_when_it_is_followed(
    tfs: int, share: float, training: float, evaluation: float, sparing: bool
) -> None:
    split, settings, followed = dense_split(tfs, share), list(SETTINGS), list[str]()
    while line := refusal(split, training, evaluation, settings, sparing=sparing):
        if out := re.search(r"Leave (\w+) out of evaluation.negatives", line):
            settings.remove(out[1])
            continue
        if "negatives.scheme=blind" in line:
            sparing = False
            continue
        one = re.search(r"largest feasible ratio here is ([\d.]+)", line)
        assert one, line
        followed.append("training" if "negatives.ratio" in line else "evaluation")
        assert followed.count("evaluation") < 2, line
        # what is spared is known only when it is drawn, so that training may be told a second time
        assert followed.count("training") < 2 + sparing, line
        if followed[-1] == "training":
            training = float(one[1])
        else:
            evaluation = float(one[1])

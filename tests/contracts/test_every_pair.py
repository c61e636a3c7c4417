"""Every encoder with every head: forward, backward, two ways to score, matching to a common budget."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch

from grnpyg.core.errors import InputError
from grnpyg.models.encoders import encoders
from grnpyg.models.heads import heads
from grnpyg.models.matching import TOLERANCE, count_parameters, match
from grnpyg.models.predictor import PairModel, build_model
from grnpyg.testing import small_graph
from grnpyg.testing.graph import some_pairs
from grnpyg.testing.rules import check_repeatable, check_trains, close, equal

pytestmark = pytest.mark.slow  # backward passes of thirty models, and a search for the widths of each
GRAPH = small_graph()
every_pair = pytest.mark.parametrize(  # what has no widths goes together beside pair features alone
    ("encoder", "head"),
    [
        (encoder, head)
        for encoder in encoders.names()
        for head in heads.names()
        if encoders.get(encoder).widths and heads.get(head).widths
    ],
)


def resolved(encoder: str, head: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"name": encoder, **encoders.options(encoder)}, {"name": head, **heads.options(head)}


def model_of(encoder: str, head: str) -> PairModel:
    return build_model(GRAPH, *resolved(encoder, head), 0)


@every_pair
def test_a_model_scores_and_every_parameter_learns(encoder: str, head: str) -> None:
    model, pairs = model_of(encoder, head), some_pairs(GRAPH)
    logits = check_repeatable(model, lambda: model(GRAPH, pairs))
    assert logits.shape == (100,)
    check_trains(model.train(), lambda: model(GRAPH, pairs))


@every_pair
def test_blocks_and_pairs_give_the_same_logits(encoder: str, head: str) -> None:
    model, pairs = model_of(encoder, head), some_pairs(GRAPH)
    whole = model.score(GRAPH, pairs)
    assert close(model.score(GRAPH, pairs, block=7), whole)
    assert close(model.eval()(GRAPH, pairs).detach(), whole)
    blocks = list(model.score_blocks(GRAPH, tfs_per_block=4))
    tfs, table = torch.cat([tfs for tfs, _ in blocks]), torch.cat([rows[..., 0] for _, rows in blocks])
    assert tfs.tolist() == list(range(6))
    assert table.shape == (6, 20)
    assert close(table[pairs[0], pairs[1]], whole)
    both = model.score_each(GRAPH, [pairs[:, :30], pairs])
    assert equal(both, [model.score(GRAPH, pairs[:, :30]), whole])
    ((some, rows),) = model.score_blocks(GRAPH, torch.tensor([4, 1]), tfs_per_block=4)
    assert some.tolist() == [4, 1]
    assert close(rows[..., 0], table[[4, 1]])


@every_pair
def test_matching_reaches_the_budget_or_names_the_nearest_count(encoder: str, head: str) -> None:
    specs, budget = resolved(encoder, head), 400_000
    try:
        *found, count = match(GRAPH, *specs, budget)
    except InputError as error:
        refusal = str(error)
    else:
        refusal = ""
    if refusal:
        listed = re.search(r"nearest reachable count is ([\d,]+)", refusal)
        assert listed, refusal
        assert abs(int(listed[1].replace(",", "")) - budget) > TOLERANCE * budget
        return
    assert abs(count - budget) <= TOLERANCE * budget
    assert build_model(GRAPH, *found, 0).num_parameters()["total"] == count
    assert count_parameters(GRAPH, *found) == count
    for registry, before, after in zip((encoders, heads), specs, found, strict=True):
        changed = {key for key in before if before[key] != after[key]}
        assert changed <= set(registry.get(before["name"]).widths)  # nothing but declared widths is touched

"""Contract checks for heads."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from grnpyg.core.seeding import forked, torch_generator
from grnpyg.models.groups import GROUPS
from grnpyg.models.heads import Head, PairShape, heads
from grnpyg.models.predictor import is_lazy
from grnpyg.testing.rules import (
    check_repeatable,
    check_same,
    check_start,
    check_trains,
    check_widths,
    close,
    count,
    ensure,
    equal,
    perturbed,
)

SHAPE = PairShape(tf_channels=12, gene_channels=9, latent_channels=8, num_tfs=5, num_genes=7)


def check_head(spec: str | type[Head], **options: Any) -> None:
    """Check a head.

    It gives one finite logit per pair, independent of the order and number of pairs. `score_all`, `all_pairs`
    and `many_pairs` equal `forward` on all pairs in value and gradient, also for some TFs and for small
    blocks; `all_pairs_bf16` and `many_pairs_bf16` do but for rounding. The product of `retrieval_vectors`, if
    there are any, is `score_all`. `terms` add up to `forward` and are of known groups. Start values depend on
    the seed only. Evaluation is repeatable and changes nothing. `widths` are real options. The state_dict is
    complete. Every parameter gets a gradient, also under bf16 autocast. The check uses z of different widths
    for the two ends.

    Args:
        spec: name, `module:Class` or class.
        options: of the head.

    Raises:
        AssertionError: the broken rule.
        InputError: unknown name or option.
    """
    generator = torch_generator(0, "check_head")
    z_tf = torch.randn(SHAPE.num_tfs, SHAPE.tf_channels, generator=generator).requires_grad_()
    z_gene = torch.randn(SHAPE.num_genes, SHAPE.gene_channels, generator=generator).requires_grad_()
    num = SHAPE.num_tfs * SHAPE.num_genes
    pairs = _grid(torch.arange(SHAPE.num_tfs))[:, torch.randperm(num, generator=generator)]

    def run(head: Head, some: Tensor) -> Tensor:
        logits: Tensor = head(z_tf[some[0]], z_gene[some[1]], some)
        return logits

    def build(seed: int, **changed: Any) -> Head:
        with forked(seed, "check_head"):
            head = heads.build(spec, SHAPE, **{**options, **changed})
            if is_lazy(head):
                run(head, pairs)
        return head

    check_start(build)
    check_widths(heads, spec, options, lambda changed: count(build(0, **changed)))

    head = perturbed(build(0))
    before = [tensor.detach().clone() for tensor in (z_tf, z_gene, pairs)]
    logits = check_repeatable(head, lambda: run(head, pairs))
    ensure(equal(before, [z_tf, z_gene, pairs]), "forward changes its input")
    ensure(
        logits.shape == (num,), f"the logits of {num} pairs have shape {tuple(logits.shape)}, not ({num},)"
    )
    ensure(logits.is_floating_point() and bool(logits.isfinite().all()), "the logits are not finite floats")
    ensure(run(head, pairs[:, :1]).shape == (1,), "the logits of one pair do not have shape (1,)")
    ensure(close(run(head, pairs.flip(1)), logits.flip(0)), "logits depend on the order of the pairs")
    ensure(close(run(head, pairs[:, :9]), logits[:9]), "a logit depends on the other pairs of the batch")

    for tfs in (torch.arange(SHAPE.num_tfs), torch.tensor([3, 0, 3])):
        plain = run(head, _grid(tfs)).view(-1, SHAPE.num_genes)
        for block in (1 << 15, 2 * SHAPE.num_genes, 3):
            rows = head.score_all(z_tf, z_gene, tfs, block=block)
            what = f"score_all of TFs {tfs.tolist()} in blocks of {block} against forward"
            check_same([rows], [plain], [z_tf, z_gene, *head.parameters()], what)
        rows = head.all_pairs(z_tf, z_gene)(tfs)
        what = f"all_pairs of TFs {tfs.tolist()} against forward"
        check_same([rows], [plain], [z_tf, z_gene, *head.parameters()], what)

    every = torch.arange(SHAPE.num_tfs)
    exact = run(head, _grid(every)).view(-1, SHAPE.num_genes)
    with torch.no_grad():
        rounded = {
            "all_pairs_bf16": head.all_pairs_bf16(z_tf, z_gene)(every).flatten(),
            "many_pairs_bf16": head.many_pairs_bf16(z_tf, z_gene)(_grid(every)),
        }
    for name, some in rounded.items():
        ensure(some.dtype == torch.float32, f"{name} gives {some.dtype}, not float32")
        far = (some - exact.flatten()).abs().max() > 0.02 * exact.abs().max()
        ensure(not far, f"{name} differs from forward by more than the rounding of bf16")

    vectors = head.retrieval_vectors(z_tf, z_gene)
    if vectors is not None:
        sizes, d = [tuple(own.shape) for own in vectors], vectors[0].size(-1)
        right = sizes == [(SHAPE.num_tfs, d), (SHAPE.num_genes, d)]
        ensure(right, f"retrieval_vectors have the shapes {sizes}, not one vector of equal length a node")
        kinds = {str(own.dtype) for own in vectors}
        ensure(kinds == {"torch.float32"}, f"retrieval_vectors are {', '.join(sorted(kinds))}, not float32")
        product = vectors[0] @ vectors[1].t()
        ensure(close(product, exact), "the product of retrieval_vectors is not score_all")

    rows, inputs = head.many_pairs(z_tf, z_gene)(pairs), [z_tf, z_gene, *head.parameters()]
    check_same([rows], [run(head, pairs)], inputs, "many_pairs against forward")

    terms = head.terms(z_tf[pairs[0]], z_gene[pairs[1]], pairs)
    ensure(
        set(terms) <= set(GROUPS), f"terms are of {sorted(terms)}, of which some are not in {list(GROUPS)}"
    )
    whole = sum(terms.values(), torch.zeros(num))
    ensure(close(whole, logits), "terms do not add up to the logits")

    other = build(1).eval()
    other.load_state_dict(head.state_dict())
    ensure(equal(run(other, pairs), logits), "logits change when the state_dict moves to another instance")
    check_trains(head.train(), lambda: run(head, pairs))


def _grid(tfs: Tensor) -> Tensor:
    """Some TFs with every gene, (2, n * num_genes)."""
    return torch.cartesian_prod(tfs, torch.arange(SHAPE.num_genes)).t()

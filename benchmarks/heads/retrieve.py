"""How many pairs a cross-encoder has to score, where a dual encoder chooses them.

    grnpyg data fetch brain
    grnpyg data fetch symbol-labels
    python benchmarks/heads/retrieve.py RUNS     trains, or takes what is in RUNS, and stores the curve
    python benchmarks/heads/write.py             writes the tables

Every pair is scored by both models, so that the recall of any choice of candidates is known. Candidates are
the best of all pairs, or the best genes of each TF. Wanted are the best 1 % of all pairs by the
cross-encoder, and its best 100 genes of each TF. Beside the dual encoder, these choose candidates: the
product of the training degrees, the additive model, and the cross-encoder of the next seed, which learned
from another split.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

import grnpyg as gp
from grnpyg.metrics import best_of_all, best_of_each, shares_to_find
from grnpyg.models.baselines import baselines
from grnpyg.networks import View, ViewOptions
from grnpyg.recipes import read_recipe
from grnpyg.resolve import make_config
from grnpyg.runs import epoch_pairs
from grnpyg.training import TrainOptions

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results" / "retrieve.csv"
FAMILIES, SEEDS = ("best-practice", "best"), (42, 123, 456, 789, 1337)
SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
TOP, OF_EACH, TARGET = 0.01, 100, 0.95
PAIRS, UNKNOWN = "all pairs", "unknown pairs"
WANTED = {"top": f"best {TOP:.0%} of all", "top of each TF": f"best {OF_EACH} of each TF"}
CHOSEN = ("of all", "of each TF")
CLOSED = {"degree_product": "degree product", "additive": "additive"}
RETRIEVERS = {"dual": "dual", "cross, next seed": "cross, next seed", **CLOSED}


def main(runs: Path) -> None:
    """Score all pairs by all models, and store the recall at each share of pairs; stored seeds are kept."""
    table = pd.read_csv(RESULTS) if RESULTS.exists() else pd.DataFrame(columns=["family", "seed"])
    crosses: dict[tuple[str, int], NDArray[np.float32]] = {}
    for seed, following in zip(SEEDS, [*SEEDS[1:], SEEDS[0]], strict=True):
        for family in FAMILIES:
            if ((table["family"] == family) & (table["seed"] == seed)).any():
                continue
            run = trained(family, "cross", seed, runs)
            for one in {(family, seed), (family, following)} - crosses.keys():
                crosses[one] = scores_of(trained(family, "cross", one[1], runs))
            first = {
                "dual": scores_of(trained(family, "dual", seed, runs)),
                "cross, next seed": crosses[family, following],
                **{name: closed_form(name, run) for name in CLOSED},
            }
            rows = pd.DataFrame(curve(run, first, crosses[family, seed]))
            own = {"family": family, "seed": seed, "config_hash": run.manifest.config_hash}
            rows = rows.assign(**own, **run.manifest.versions, processor=run.manifest.machine.processor)
            table = pd.concat([table, rows], ignore_index=True) if len(table) else rows
            table.to_csv(RESULTS, index=False, float_format="%.6g")
            print(f"{family}, seed {seed} is stored", file=sys.stderr)


def trained(family: str, head: str, seed: int, runs: Path) -> gp.Run:
    """A run of a recipe, which is trained where the folder does not have it."""
    return gp.train(make_config({**read_recipe(f"{family}-{head}"), "seed": seed}), TrainOptions(runs))


def scores_of(run: gp.Run) -> NDArray[np.float32]:
    """(num_tfs, num_genes); cross heads in bf16. Models that read known edges score each as if unknown."""
    found = View(run, ViewOptions(precision="bf16")).computed(0)
    scores: NDArray[np.float32] = found.rows(0, found.shape[0])
    return scores


def closed_form(name: str, run: gp.Run) -> NDArray[np.float64]:
    """(num_tfs, num_genes) scores of a baseline on the run's training edges."""
    baseline = baselines.build(name)
    baseline.fit(run.split, epoch_pairs(run.config, run.split, run.evaluation, epoch=0))
    every = map(torch.arange, View(run, ViewOptions()).candidates.shape)
    return baseline.score_all(*every)


def curve(
    run: gp.Run, first: Mapping[str, NDArray[Any]], second: NDArray[np.float32]
) -> Iterator[dict[str, object]]:
    """The recall of what `second` has on top, by every way to choose candidates."""
    for pairs, new in ((PAIRS, False), (UNKNOWN, True)):
        candidates = View(run, ViewOptions(new=new)).candidates
        there = candidates.rows(0, candidates.shape[0])
        tops = {
            "top": best_of_all(second, there, TOP),
            "top of each TF": best_of_each(second, there, OF_EACH),
        }
        for retriever, scores in first.items():
            for chosen in CHOSEN:
                shares = shares_to_find(scores, there, there, of_each=chosen == "of each TF")
                for wanted, mask in tops.items():
                    needed = shares[mask[there]]
                    facts = {"pairs": pairs, "retriever": retriever, "wanted": wanted, "chosen": chosen}
                    at_target = float(np.quantile(needed, TARGET, method="inverted_cdf"))
                    for share in SHARES:
                        recall = float((needed <= share).mean())
                        yield {**facts, "share": share, "recall": recall, "share_for_95": at_target}


def sections() -> dict[str, str]:
    """Marker -> text of README.md."""
    table = pd.read_csv(RESULTS)
    parts = []
    for family in FAMILIES:
        own = table[(table["family"] == family) & (table["pairs"] == UNKNOWN)]
        parts += [
            f"Recipes `{family}-dual` and `{family}-cross`, {own['seed'].nunique()} seeds:",
            "",
            *_table(own),
            "",
        ]
    return {"retrieve": "\n".join([*parts, *_said(table)])}


def _table(own: pd.DataFrame) -> Iterator[str]:
    titles = " | ".join(f"{share:.0%}" for share in SHARES)
    yield f"| wanted | candidates | chosen by | {titles} | share for {TARGET:.0%} |"
    yield "|" + "---|" * (len(SHARES) + 4)
    for wanted, title in WANTED.items():
        for chosen in CHOSEN:
            for retriever, name in RETRIEVERS.items():
                keys = {"wanted": wanted, "chosen": chosen, "retriever": retriever}
                mine = own[(own[list(keys)] == pd.Series(keys)).all(axis=1)]
                recall = mine.groupby("share")["recall"].mean()
                needed = mine.groupby("seed")["share_for_95"].first().mean()
                cells = " | ".join(f"{recall[share]:.3f}" for share in SHARES)
                yield f"| {title} | {chosen} | {name} | {cells} | {needed:.1%} |"


def _said(table: pd.DataFrame) -> Iterator[str]:
    """Whether the target is reached, with the lowest of the seeds."""
    yield "Means over the seeds, unknown pairs. The lowest recall of a seed at 10 % of the pairs, dual:"
    yield ""
    yield f"| recipes | pairs | {' | '.join(f'{WANTED[w]}, {c}' for w in WANTED for c in CHOSEN)} |"
    yield "|" + "---|" * (2 + len(WANTED) * len(CHOSEN))
    at = table[(table["share"] == 0.1) & (table["retriever"] == "dual")]
    for family in FAMILIES:
        for pairs in (PAIRS, UNKNOWN):
            own = at[(at["family"] == family) & (at["pairs"] == pairs)]
            lowest = own.groupby(["wanted", "chosen"])["recall"].min()
            cells = " | ".join(f"{lowest[w, c]:.3f}" for w in WANTED for c in CHOSEN)
            yield f"| {family} | {pairs} | {cells} |"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))

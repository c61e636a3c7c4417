"""Save and load a split and its evaluation pairs as one safetensors file."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.core.tensors import save_tensors
from grnpyg.data.graph import GENE, TF
from grnpyg.splits.link_split import LabelledPairs, LinkSplit
from grnpyg.splits.messages import with_messages
from grnpyg.splits.split_check import check_facts, check_tensors

Evaluation = dict[str, dict[str, LabelledPairs]]  # regime -> subset -> pairs


def held_out_sets(evaluation: Evaluation) -> dict[str, LabelledPairs]:
    """`regime/subset` -> pairs."""
    return {f"{r}/{subset}": pairs for r, subsets in evaluation.items() for subset, pairs in subsets.items()}


def save_split(split: LinkSplit, evaluation: Evaluation, path: Path) -> None:
    """Write a split and its evaluation pairs as safetensors."""
    tensors = {f"positives/{subset}": pairs.contiguous() for subset, pairs in split.positives.items()}
    tensors |= {f"warm/{kind}": ids for kind, ids in split.warm.items()}
    tensors |= {f"negatives/{subset}": pairs.contiguous() for subset, pairs in split.negatives.items()}
    tensors |= {
        f"universes/{subset}/{kind}": ids.clone()  # a file cannot hold a tensor twice
        for subset, universe in split.universes.items()
        for kind, ids in zip((TF, GENE), universe, strict=True)
    }
    tensors["set_aside"] = split.set_aside.contiguous()
    for regime, subsets in evaluation.items():
        for subset, pairs in subsets.items():
            tensors[f"evaluation/{regime}/{subset}/index"] = pairs.edge_label_index.contiguous()
            tensors[f"evaluation/{regime}/{subset}/label"] = pairs.edge_label
    known = {"moved_back": split.moved_back, "leaks": split.leaks, "regime": split.regime}
    facts = json.dumps(known | {"parts": list(split.positives)})
    save_tensors(tensors, path, metadata={"split": facts})  # one key: safetensors writes several in any order


def load_split(path: Path, graph: HeteroData) -> tuple[LinkSplit, Evaluation]:
    """Read what `save_split` wrote.

    Raises:
        InputError: the file cannot be read, or is no split of this graph.
    """
    try:
        with safe_open(path, framework="pt") as file:
            facts = json.loads(file.metadata()["split"])
        tensors = load_file(path)
        check_facts(facts)
        check_tensors(tensors, graph)
        subsets = facts.get("parts", ["train", "validation", "test"])  # runs of 0.1.0 name none
        positives = {subset: tensors[f"positives/{subset}"] for subset in subsets}
        universes = {
            subset: (tensors[f"universes/{subset}/{TF}"], tensors[f"universes/{subset}/{GENE}"])
            for subset in subsets
            if f"universes/{subset}/{TF}" in tensors
        }
        negatives = {
            key.removeprefix("negatives/"): pairs
            for key, pairs in tensors.items()
            if key.startswith("negatives/")
        }
        warm = {kind: tensors[f"warm/{kind}"] for kind in (TF, GENE)}
        messages = with_messages(graph, positives["train"])
        split = LinkSplit(
            messages,
            positives,
            warm,
            facts["moved_back"],
            tensors["set_aside"],
            negatives,
            tuple(facts["leaks"]),
            universes,
            facts.get("regime", "uniform"),
        )
        stored = {tuple(key.split("/")[1:3]) for key in tensors if key.startswith("evaluation/")}
        evaluation: Evaluation = {
            regime: {
                subset: LabelledPairs(
                    *(tensors[f"evaluation/{regime}/{subset}/{end}"] for end in ("index", "label"))
                )
                for subset in subsets
                if (regime, subset) in stored
            }
            for regime in sorted({regime for regime, _ in stored})
        }
    except (OSError, SafetensorError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise InputError(f"not a readable split ({error})", where=path) from None
    return split, evaluation

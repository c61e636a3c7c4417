"""Data sets that are loaded once and handed to trial after trial."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from grnpyg.core.config import ExperimentConfig

if TYPE_CHECKING:
    from grnpyg.data.grn import GRN


def dataset_key(config: ExperimentConfig) -> str:
    """The same for configs that share their data: what is read, how genes are described, and the seed."""
    from grnpyg.models.encoders import encoders
    from grnpyg.training.prepare import coexpression_of

    needed = coexpression_of(config)
    neighbours = encoders.get(config.encoder["name"]).neighbours_needed(config.encoder)
    read = f"{config.data.model_dump_json()} {config.features.model_dump_json()}"
    read += "" if config.knowledge is None else f" {config.knowledge.model_dump_json()}"
    return f"{read} {needed} {neighbours} {config.data_seed}"


class Datasets:
    """The data sets that were used last.

    Args:
        size: how many are kept in memory.
    """

    def __init__(self, size: int = 4) -> None:
        self.size = size
        self._kept: OrderedDict[str, GRN] = OrderedDict()

    def get(self, config: ExperimentConfig) -> GRN:
        """The data set of a config; a file that changed since is read again.

        Raises:
            InputError: the data cannot be used.
        """
        from grnpyg.data.inputs import input_hashes
        from grnpyg.knowledge import knowledge_hashes
        from grnpyg.training.prepare import load

        hashes = input_hashes(config.data) | knowledge_hashes(config.knowledge)
        key = f"{dataset_key(config)} {hashes}"
        if key not in self._kept:
            self._kept[key] = load(config)
        self._kept.move_to_end(key)
        while len(self._kept) > self.size:
            self._kept.popitem(last=False)
        return self._kept[key]

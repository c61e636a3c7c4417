"""Which keys of a config name components, and in which registry they are looked up."""

from __future__ import annotations

from typing import Any

from grnpyg.controls import controls
from grnpyg.core.registry import Registry
from grnpyg.knowledge import knowledge
from grnpyg.models.baselines import baselines
from grnpyg.models.encoders import encoders
from grnpyg.models.heads import heads
from grnpyg.models.importances import importances
from grnpyg.models.losses import losses
from grnpyg.models.pair_features import pair_features
from grnpyg.negatives import negatives
from grnpyg.splits import splits

# place in the config -> registry; the value is a name, a mapping with a name and options, or a list of these
COMPONENTS: dict[str, Registry[Any]] = {
    "split": splits,
    "negatives.sampler": negatives,
    "evaluation.negatives": negatives,
    "evaluation.baselines": baselines,
    "encoder": encoders,
    "head": heads,
    "loss": losses,
    "control": controls,
    "baseline": baselines,
    "prune.importance": importances,
    "structure.features": pair_features,
    "knowledge.sources": knowledge,
}

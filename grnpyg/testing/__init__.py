"""Contract checks for your own components, one call each: `check_encoder("my_module:MyEncoder")`.

A check takes a name, `module:Class` or a class, and the component's options. It returns nothing, or raises
`AssertionError` with the broken rule. No test framework is needed.
"""

from grnpyg.testing.baseline import check_baseline
from grnpyg.testing.encoder import check_encoder
from grnpyg.testing.graph import small_graph
from grnpyg.testing.head import check_head
from grnpyg.testing.loss import check_loss
from grnpyg.testing.noise import check_on_noise
from grnpyg.testing.pair_feature import check_pair_feature
from grnpyg.testing.pruning import check_pruning
from grnpyg.testing.sampling import check_negatives, check_splitter

__all__ = [
    "check_baseline",
    "check_encoder",
    "check_head",
    "check_loss",
    "check_negatives",
    "check_on_noise",
    "check_pair_feature",
    "check_pruning",
    "check_splitter",
    "small_graph",
]

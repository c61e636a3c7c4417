"""Every registered component keeps the promises of its kind, under its default and its other options."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from grnpyg.core.registry import Registry
from grnpyg.models.baselines import baselines
from grnpyg.models.encoders import encoders
from grnpyg.models.heads import heads
from grnpyg.models.losses import losses
from grnpyg.negatives import negatives
from grnpyg.splits import splits
from grnpyg.testing import (
    check_baseline,
    check_encoder,
    check_head,
    check_loss,
    check_negatives,
    check_splitter,
    small_graph,
)

pytestmark = pytest.mark.slow  # every check of every component

CHECKS: list[tuple[Registry[Any], Any]] = [
    (encoders, check_encoder),
    (heads, check_head),
    (losses, check_loss),
    (negatives, check_negatives),
    (splits, check_splitter),
    (baselines, check_baseline),
]


FILES_OF_A_PEER = "given"  # split and negatives are what is in the files: tests/splits/test_given.py

LEAKS = ("genelink", "pooled")  # splits that exist to compare with published numbers


def variants(registry: Registry[Any], name: str) -> list[dict[str, Any]]:
    """No option set; then each switch and each choice away from its default, one at a time."""
    hints = get_type_hints(registry.get(name).__init__)
    needed = {"acknowledge_leaks": True} if name in LEAKS else {}
    found: list[dict[str, Any]] = [needed]
    for option, default in registry.options(name).items():
        if option in needed:
            continue
        if isinstance(default, bool):
            found.append({**needed, option: not default})
        elif get_origin(hints[option]) is Literal:
            found += [{**needed, option: c} for c in get_args(hints[option]) if c != default]
        elif option == "dropout":
            found.append({**needed, option: 0.5})
    return found


CASES = [
    pytest.param(check, name, options, id=f"{registry.kind}-{name}-{options or 'defaults'}")
    for registry, check in CHECKS
    for name in registry.names()
    if name != FILES_OF_A_PEER
    for options in variants(registry, name)
]


@pytest.mark.parametrize(("check", "name", "options"), CASES)
def test_a_registered_component_keeps_its_contract(check: Any, name: str, options: dict[str, Any]) -> None:
    check(name, **options)


@pytest.mark.parametrize("name", encoders.names())
def test_an_encoder_works_on_graphs_of_other_shapes(name: str) -> None:
    """More TFs, one feature, another seed."""
    check_encoder(name, small_graph(9, 12, 1, seed=3))


def test_the_variants_reach_choices_and_switches() -> None:
    assert {"similarity": "dot"} in variants(heads, "dual")
    assert {"bias": "per_node"} in variants(heads, "dual")
    assert {"isolated": "set_aside"} in variants(splits, "transductive")
    assert {"features": False} in variants(encoders, "lookup")

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grnpyg.core.seeding import derive, forked, numpy_generator, torch_generator
from grnpyg.testing.rules import generators_untouched


def draws() -> tuple[float, float, float]:
    return random.random(), float(np.random.rand()), float(torch.rand(()))  # noqa: NPY002


def test_seeds_stay_the_same_across_versions_and_processes() -> None:
    """Stored runs are resumed by deriving their seeds again, so the value itself is the contract."""
    assert derive(42, "split") == 6166984413365038503
    assert derive(42, "train_negatives", 3) == 4339623636116425920


def test_each_purpose_has_a_seed_of_its_own() -> None:
    purposes = [
        (1, "a"),
        (1, "b"),
        (2, "a"),
        (1, "a", "b"),
        (1, "ab"),
        (1, "a", 1),
        (1, "a1"),
        (11, "a"),
        (1,),
    ]
    assert len({derive(*purpose) for purpose in purposes}) == len(purposes)


@given(st.integers(), st.text())
def test_a_seed_fits_every_library(seed: int, purpose: str) -> None:
    assert 0 <= derive(seed, purpose) < 2**63


def test_generators_follow_seed_and_purpose() -> None:
    def torch_draw(*purpose: object) -> list[float]:
        return torch.rand(3, generator=torch_generator(0, *purpose)).tolist()

    def numpy_draw(*purpose: object) -> list[float]:
        return numpy_generator(0, *purpose).random(3).tolist()

    for draw in (torch_draw, numpy_draw):
        with generators_untouched("a generator"):
            assert draw("x") == draw("x") != draw("y")


def test_forked_draws_what_a_generator_of_the_same_purpose_draws() -> None:
    with forked(3, "x"):
        drawn = torch.rand(5)
    assert torch.equal(drawn, torch.rand(5, generator=torch_generator(3, "x")))


def test_forked_is_deterministic_whatever_came_before_it() -> None:
    with forked(0, "x"):
        first = draws()
    draws()
    with forked(0, "x"):
        again = draws()
    with forked(0, "y"):
        other = draws()
    assert first == again
    assert all(a != b for a, b in zip(first, other, strict=True))


def test_forked_puts_all_three_generators_back() -> None:
    with generators_untouched("forked"), forked(0, "outer"):
        draws()
        with generators_untouched("a nested fork"), forked(0, "inner"):
            draws()


def test_forked_puts_the_generators_back_after_an_error() -> None:
    def fail() -> None:
        with forked(0, "x"):
            draws()
            raise KeyError("inside")

    with generators_untouched("a failing block"), pytest.raises(KeyError):
        fail()

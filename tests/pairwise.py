"""Fewer cases than a full product that still show any two options together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product
from typing import Any


def pairwise(*options: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Combinations of one value per option, in which any two values of two options meet at least once.

    Greedy and deterministic: the next combination is the first of those that bring most new meetings.
    """
    cases = list(product(*(range(len(values)) for values in options)))
    meetings = {case: set(combinations(enumerate(case), 2)) for case in cases}
    missing = set[Any]().union(*meetings.values())
    chosen = []
    while missing:
        best = max(cases, key=lambda case: len(meetings[case] & missing))
        chosen.append(best)
        missing -= meetings[best]
    return [tuple(values[i] for values, i in zip(options, case, strict=True)) for case in chosen]

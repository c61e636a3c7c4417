"""The thinned products show what they promise to show."""

from __future__ import annotations

from itertools import combinations, product

from pairwise import pairwise


def test_any_two_values_meet_in_far_fewer_cases() -> None:
    options = (range(10), "abc", [True, False], "uvwxy")
    cases = pairwise(*options)
    for first, second in combinations(range(len(options)), 2):
        met = {(case[first], case[second]) for case in cases}
        assert met == set(product(options[first], options[second]))
    assert len(cases) <= 60 < 300 == len(list(product(*options)))

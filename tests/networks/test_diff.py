"""Two networks compared: on common names, with what is outside counted, edge by edge and TF by TF."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli.command import grnpyg
from hypothesis import given, settings
from hypothesis import strategies as st

from grnpyg.core.errors import InputError
from grnpyg.core.tables import write_table
from grnpyg.networks import diff

PAIRS = [(f"T{i}", f"g{j}") for i in range(3) for j in range(4)]


def network(*pairs: str, known: tuple[str, ...] = ()) -> pd.DataFrame:
    """`Ax` is A -> x; the first pair has the highest score, all scores are negative logits."""
    rows = [(pair[0], pair[1], -float(place), pair in known) for place, pair in enumerate(pairs, 1)]
    return pd.DataFrame(rows, columns=["TF", "target", "importance", "known"])


def shuffled(order: list[int]) -> pd.DataFrame:
    return pd.DataFrame([PAIRS[i] for i in order], columns=["TF", "target"]).assign(
        importance=np.arange(len(order), 0, -1.0)
    )


A = network("Ax", "Ay", "Bx", "By", "Az", "Cz", known=("Ax", "Bx"))
B = network("Ax", "By", "Ay", "Bz", "Dx", "Bx", known=("Ax", "Bx"))


def test_edges_come_and_go_among_common_names() -> None:
    found = diff(A, B, depths=[1, 2, 3], top=3)
    assert found.counts["a"] == {"pairs": 6, "outside": 1, "known": 0, "compared": 5, "tied": 1}
    assert found.counts["b"] == {"pairs": 6, "outside": 1, "known": 0, "compared": 5, "tied": 1}
    assert (found.tfs, found.genes) == (2, 3)
    assert found.jaccard == {1: 1, 2: 1 / 3, 3: 0.5}
    edges = found.edges.fillna(-1).values.tolist()
    assert edges == [
        ["B", "x", "lost", 3, 5, -3, -6],
        ["B", "y", "gained", 4, 2, -4, -2],
        ["A", "x", "kept", 1, 1, -1, -1],
        ["A", "y", "kept", 2, 3, -2, -3],
    ]
    assert found.per_tf.to_dict("records") == [
        {"TF": "B", "in_a": 1, "in_b": 1, "kept": 0, "gained": 1, "lost": 1, "jaccard": 0},
        {"TF": "A", "in_a": 2, "in_b": 2, "kept": 2, "gained": 0, "lost": 0, "jaccard": 1},
    ]


def test_a_pair_that_only_one_lists_has_no_rank_in_the_other() -> None:
    edges = diff(A, B, top=5).edges.set_index(["TF", "target"])
    assert edges.loc[("B", "z"), "change"] == "gained"
    assert np.isnan(edges.loc[("B", "z"), "rank_a"])


def test_known_edges_are_left_out_where_asked_for() -> None:
    found = diff(A, B, top=2, depths=[2], new=True)
    assert [found.counts[letter]["known"] for letter in "ab"] == [2, 2]
    assert set(zip(found.edges["TF"], found.edges["target"], strict=True)) == {("A", "y"), ("B", "y")}
    assert found.jaccard == {2: 1}


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(12)), st.permutations(range(12)), st.integers(1, 12))
def test_turned_round_gained_is_lost_and_all_else_the_same(a: list[int], b: list[int], top: int) -> None:
    one = diff(shuffled(a), shuffled(b), depths=[2, 5], top=top)
    other = diff(shuffled(b), shuffled(a), depths=[2, 5], top=top)
    assert one.jaccard == other.jaccard
    assert one.rbo == pytest.approx(other.rbo)
    first, second = one.to_dict(), other.to_dict()
    assert [first[key] for key in ("gained", "lost", "kept")] == [
        second[key] for key in ("lost", "gained", "kept")
    ]
    assert first["kept"] + first["lost"] == first["kept"] + first["gained"] == top


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(12)))
def test_a_network_is_equal_to_itself_in_any_order_of_rows(order: list[int]) -> None:
    table = shuffled(order)
    found = diff(table, table.sample(frac=1, random_state=0), top=6)
    assert found.rbo == pytest.approx(1)
    assert set(found.jaccard.values()) == {1}
    assert set(found.edges["change"]) == {"kept"}


def test_networks_without_a_common_pair_have_0() -> None:
    found = diff(network("Ax", "By"), network("Ay", "Bx"))
    assert (found.rbo, found.jaccard) == (0, {2: 0})


def test_ties_are_counted_and_taken_by_name() -> None:
    flat = pd.DataFrame(PAIRS, columns=["TF", "target"]).assign(importance=1.0)
    found = diff(flat, flat.iloc[::-1], top=4)
    assert found.counts["a"]["tied"] == 12
    assert found.edges["target"].tolist() == ["g0", "g1", "g2", "g3"]


@pytest.mark.parametrize(
    ("a", "b", "options", "words"),
    [
        (A, network("Qq"), {}, "no pair of TFs and genes that both networks name"),
        (A, A.drop(columns="importance"), {}, "has no scores, so that it has no top"),
        (A, B.drop(columns="known"), {"new": True}, "unknown column 'known'"),
        (A, B, {"p": 1.0}, "p = 1 is not between 0 and 1"),
        (A, B, {"top": 0}, "0 is not a whole number from 1 up"),
        (A, B, {"depths": [0]}, "0 is not a whole number from 1 up"),
        (A, B, {"depths": 5}, "5 is not a list"),
    ],
)
def test_bad_input_ends_in_one_line(
    a: pd.DataFrame, b: pd.DataFrame, options: dict[str, object], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        diff(a, b, **options)


def test_the_command_writes_what_the_function_finds() -> None:
    write_table(A, Path("a.tsv"))
    write_table(B, Path("b.parquet"))
    asked = ("diff", "a.tsv", "b.parquet", "--top", 3, "--at", "1,2,3")
    content = grnpyg(*asked, "-o", "diff.tsv", "--json").json
    assert content["jaccard"] == {"1": 1, "2": pytest.approx(1 / 3), "3": 0.5}
    assert (content["gained"], content["lost"], content["kept"]) == (1, 1, 2)
    assert content["per_tf"][0]["TF"] == "B"
    written = pd.read_csv("diff.tsv", sep="\t")
    pd.testing.assert_frame_equal(written, diff(A, B, top=3).edges, check_dtype=False)
    shown = grnpyg(*asked, "--new")
    assert shown.code == 0, shown.err
    assert "2 known edges left out" in shown.err
    assert "rank-biased overlap" in shown.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("a.tsv", "none.tsv"), "none.tsv"),
        (("a.tsv", "."), "is a folder, not a table of scored pairs"),
        (("a.tsv", "a.tsv", "--at", "x"), "--at: 'x' are no whole numbers"),
        (("a.tsv", "a.tsv", "-o", "d.xls"), "cannot write .xls"),
        (("a.tsv", "a.tsv", "--p", "2"), "p = 2 is not between 0 and 1"),
    ],
)
def test_the_command_refuses_in_one_line(arguments: tuple[str, ...], words: str) -> None:
    write_table(A, Path("a.tsv"))
    found = grnpyg("diff", *arguments)
    assert found.code == 2
    assert words in found.err
    assert "Traceback" not in found.err


def test_a_depth_that_one_list_does_not_reach_is_left_out() -> None:
    """At 10,000 pairs against 4,000 the index would tell the lengths of the lists, not how alike they are."""
    long, short = shuffled(list(range(12))), shuffled(list(range(12))).head(9)
    assert diff(long, short, depths=[3, 9, 12]).jaccard == {3: 1, 9: 1}
    assert diff(long, short, depths=[100]).jaccard == {9: 1}

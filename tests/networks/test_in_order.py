"""All pairs written part by part are to the bit the table that is sorted in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks.tables import network
from networks.test_table import GENES, TFS, graph_of, stored
from scipy.special import expit

from grnpyg.core.errors import InputError
from grnpyg.networks import Candidates, Wanted, in_order, scores
from grnpyg.networks.export import format_of, write_network
from grnpyg.networks.table import network_chunks, network_table
from grnpyg.networks.wanted import least_probability


@pytest.fixture(scope="module", autouse=True)
def small_parts() -> Any:
    """Blocks of two TFs, buckets of about ten pairs and parts of four."""
    patch = pytest.MonkeyPatch()
    patch.setattr(scores, "PAIRS", 2 * len(GENES))
    patch.setattr(in_order, "BUCKET", 10)
    patch.setattr(in_order, "CHUNK", 4)
    patch.setattr(in_order, "SAMPLE", 40)
    yield
    patch.undo()


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    runs=st.integers(1, 3),
    levels=st.sampled_from([1, 2, 5, 10**6]),  # few levels: many ties
    new=st.booleans(),
    with_known=st.booleans(),
    least=st.none() | st.sampled_from([0.5, 0.9]),
)
def test_parts_give_the_table(
    seed: int, runs: int, levels: int, new: bool, with_known: bool, least: float | None
) -> None:
    graph, rng = graph_of(seed), np.random.default_rng(seed)
    each = rng.integers(-levels, levels, (runs, len(TFS), len(GENES))).astype(np.float32) / np.float32(levels)
    candidates, wanted = Candidates(graph, new, "set"), Wanted(new=new, with_known=with_known)
    filters = [] if least is None else [least_probability([expit] * runs, least)]
    asked = [stored(own) for own in each], [expit] * runs, candidates, wanted, filters
    parts = list(network_chunks(*asked))
    assert max(map(len, parts)) <= 4
    expected = network_table(*asked)
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), expected, check_exact=True)


def test_one_score_for_all_pairs_is_never_held_at_once() -> None:
    """A baseline may give every pair the same score: no quantile can part them."""
    graph = graph_of(0)
    ties = [stored(np.zeros((len(TFS), len(GENES)), np.float32))]
    buckets, _ = in_order._distributed(ties, Candidates(graph), False)
    read: list[int] = []
    plain = buckets._read
    buckets._read = lambda first, count: read.append(count) or plain(first, count)  # type: ignore[method-assign,func-returns-value]
    codes = np.concatenate([codes for codes, _ in buckets.best_first()])
    assert codes.tolist() == np.sort(codes).tolist()
    assert codes.size == len(Candidates(graph))
    assert max(read) <= 2 * len(GENES)


@pytest.mark.parametrize("suffix", [".tsv", ".csv", ".parquet"])
def test_a_file_written_by_parts_reads_like_one_written_at_once(suffix: str) -> None:
    table = network()
    table.attrs["probability"] = [{"prior": 0.5}]
    parts = [table[start : start + 2] for start in (0, 2, 4)]
    write_network(table, Path(f"whole{suffix}"))
    format_of(Path(f"parts{suffix}")).write_parts(iter(parts), Path(f"parts{suffix}"))
    if suffix == ".parquet":
        whole, found = (pd.read_parquet(f"{name}{suffix}") for name in ("whole", "parts"))
        pd.testing.assert_frame_equal(found, whole, check_exact=True)
        assert found.attrs == whole.attrs == table.attrs
    else:
        assert Path(f"parts{suffix}").read_bytes() == Path(f"whole{suffix}").read_bytes()


def test_a_format_of_the_whole_network_gathers_the_parts() -> None:
    parts = [network()[start : start + 2] for start in (0, 2, 4)]
    format_of(Path("parts.gmt")).write_parts(iter(parts), Path("parts.gmt"))
    write_network(network(), Path("whole.gmt"))
    assert Path("parts.gmt").read_text() == Path("whole.gmt").read_text()


def test_no_pair_is_refused_and_leaves_no_file() -> None:
    with pytest.raises(InputError, match="has no pairs"):
        format_of(Path("none.tsv")).write_parts(iter([network().head(0)]), Path("none.tsv"))
    assert not list(Path.cwd().iterdir())

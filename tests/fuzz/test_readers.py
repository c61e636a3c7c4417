"""Changed files of every kind: each reader reads them or refuses them in one line, in time and in memory."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from fuzz.batches import answers
from fuzz.mutate import of_bytes, of_json, of_table, of_yaml

SEED = 14
SHARE = 300  # of the 10,000 inputs of `make fuzz`


@pytest.mark.slow
def test_every_reader_reads_or_refuses(tmp_path: Path) -> None:
    found = answers(tmp_path, SHARE, SEED)
    assert not found.faults, "\n".join([*found.faults, f"the inputs lie in {tmp_path}/kept"])
    assert sum(found.counts.values()) == SHARE
    assert {"read", "refused"} == {outcome for _, outcome in found.counts}


@pytest.mark.parametrize("mutation", [of_bytes, of_table, of_json, of_yaml])
def test_a_seed_gives_the_same_inputs(mutation: object) -> None:
    content = b'{"a": [1, 2], "b": {"c": "x"}}\n'
    made = [[mutation(content, random.Random(f"{seed}")) for seed in range(50)] for _ in range(2)]  # type: ignore[operator]
    assert made[0] == made[1]
    assert len(set(made[0])) > 25

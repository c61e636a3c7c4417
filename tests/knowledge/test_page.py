"""docs/knowledge.md says of every source what the source says of itself."""

from __future__ import annotations

import re

import pytest
from places import REPOSITORY

from grnpyg.knowledge import described
from grnpyg.resolve import make_config

PAGE = REPOSITORY / "docs" / "knowledge.md"
pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="needs the documents of the repository")


def test_every_source_stands_in_the_table_with_its_tier_and_licence() -> None:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.read_text().splitlines()]
    told = {row[0].strip("`"): row for row in rows if len(row) == 5 and row[0].startswith("`")}
    assert told.keys() == described().keys()
    for name, facts in described().items():
        _, _, tier, origin, licence = told[name]
        assert tier == ("as you say" if facts["here"] == "yours" else facts["tier"]), name
        assert licence == facts["licence"], name
        bundled = facts["from"].endswith(".tsv.gz")
        assert bundled == origin.startswith("bundled"), name


def test_the_config_of_the_page_is_one() -> None:
    import yaml

    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    config = make_config(yaml.safe_load(text)).knowledge
    assert config is not None
    assert len(config.sources) == 6

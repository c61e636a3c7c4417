"""Calls from Python: each message with a fix is followed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import grnpyg as gp
from grnpyg.core.errors import InputError
from grnpyg.models.encoders.lookup import LookupEncoder


@pytest.fixture(scope="module")
def grn(project: Path) -> gp.GRN:
    table = pd.read_csv(project / "labels.tsv", sep="\t")
    return gp.build_grn(None, table)


@pytest.fixture(scope="module")
def split(grn: gp.GRN) -> Any:
    return gp.split(grn, "transductive", seed=0)


@pytest.fixture(scope="module")
def fitted(split: Any) -> gp.LinkPredictor:
    return gp.LinkPredictor("lookup", "dual", embedding_dim=4).fit(split, max_epochs=1)


DEGREE = {"degree": gp.baselines.DegreeProduct()}
Call = Callable[..., object]


@pytest.mark.parametrize(
    ("fails", "says", "follow"),
    [
        (lambda g, s, m: gp.split(s), r"Make a GRN with build_grn", lambda g, s, m: gp.split(g)),
        (
            lambda g, s, m: gp.split(g, negatives="hard"),
            r'Give \["hard"\]',
            lambda g, s, m: gp.split(g, negatives=["hard"]),
        ),
        (
            lambda g, s, m: gp.split(g, "transductiv"),
            "Did you mean 'transductive'",
            lambda g, s, m: gp.split(g, "transductive"),
        ),
        (
            lambda g, s, m: gp.LinkPredictor().fit(g),
            r"Make one with grnpyg\.split",
            lambda g, s, m: gp.LinkPredictor().fit(s, max_epochs=0),
        ),
        (
            lambda g, s, m: gp.LinkPredictor("lookup").predict(g),
            r"Call fit\(split\) first",
            lambda g, s, m: m.predict(g),
        ),
        (lambda g, s, m: m.predict(s), r"Make one with grnpyg\.build_grn", lambda g, s, m: m.predict(g)),
        (lambda g, s, m: m.predict(g, top=0), "Ask for 1 or more", lambda g, s, m: m.predict(g, top=1)),
        (
            lambda g, s, m: gp.evaluate(DEGREE["degree"], s),
            r'Give \{"name": method\}',
            lambda g, s, m: gp.evaluate(DEGREE, s),
        ),
        (lambda g, s, m: gp.evaluate(DEGREE), "Make one with split", lambda g, s, m: gp.evaluate(DEGREE, s)),
        (
            lambda g, s, m: gp.evaluate(DEGREE, s, resamples=-1),
            "0 for no intervals",
            lambda g, s, m: gp.evaluate(DEGREE, s, resamples=0),
        ),
        (
            lambda g, s, m: gp.evaluate({"x": 3}, s),
            "Give a LinkPredictor, a baseline",
            lambda g, s, m: gp.evaluate({"x": m}, s),
        ),
        (
            lambda g, s, m: gp.evaluate({"x": m}, gp.split(g, seed=5)),
            r"evaluate on its own: model\.split",
            lambda g, s, m: gp.evaluate({"x": m}, m.split),
        ),
        (
            lambda g, s, m: gp.LinkPredictor("lokup"),
            "Did you mean 'lookup'",
            lambda g, s, m: gp.LinkPredictor("lookup"),
        ),
        (
            lambda g, s, m: gp.LinkPredictor(3),
            "Known: .*lookup",
            lambda g, s, m: gp.LinkPredictor(LookupEncoder),
        ),
        (
            lambda g, s, m: [m.save("kept"), m.save("kept")],
            "Name another folder",
            lambda g, s, m: m.save("other"),
        ),
        (
            lambda g, s, m: gp.build_grn(None, {"TFA": "G1"}),
            "Give a list of names",
            lambda g, s, m: gp.build_grn(None, {"TFA": ["G1"]}),
        ),
    ],
)
def test_calls(
    grn: gp.GRN, split: Any, fitted: gp.LinkPredictor, fails: Call, says: str, follow: Call, place: Path
) -> None:
    with pytest.raises(InputError, match=says):
        fails(grn, split, fitted)
    assert follow(grn, split, fitted) is not False

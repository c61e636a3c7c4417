from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.config_file import override, read_yaml
from grnpyg.core.errors import InputError
from grnpyg.resolve import config_hash, make_config


def test_defaults_are_complete() -> None:
    config = make_config({})
    assert config.encoder == {"name": "lookup", "embedding_dim": 512, "features": True}
    assert config.split == {
        "name": "transductive",
        "val_ratio": 0.15,
        "test_ratio": 0.15,
        "isolated": "move_back",
    }
    assert config.negatives.sampler == {"name": "uniform"}
    assert (config.seed, config.training.lr, config.training.batch_size) == (42, 1e-3, 256)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"trainning": {}}, ["'trainning'", "did you mean 'training'", "encoder", "head", "seed"]),
        ({"training": {"learning_rate": 1}}, ["training", "'learning_rate'", "lr", "patience"]),
        ({"data": {"expresion": "x"}}, ["data", "did you mean 'expression'", "unmeasured"]),
        ({"features": {"pca": 3}}, ["features", "'pca'", "n_components"]),
        ({"evaluation": {"regimes": []}}, ["evaluation", "'regimes'", "negatives", "ratio"]),
        ({"negatives": {"name": "uniform"}}, ["negatives", "'name'", "sampler", "ratio"]),
        ({"encoder": {"name": "lookup", "dim": 3}}, ["encoder lookup", "'dim'", "embedding_dim, features"]),
        ({"head": {"name": "dual", "tau": 3}}, ["head dual", "'tau'", "temperature"]),
        ({"split": {"name": "transductive", "ratio": 3}}, ["split transductive", "test_ratio, val_ratio"]),
        ({"encoder": "lokup"}, ["unknown encoder 'lokup'", "did you mean 'lookup'", "mlp"]),
        ({"evaluation": {"negatives": ["unifrom"]}}, ["unknown negative 'unifrom'", "uniform"]),
    ],
)
def test_an_unknown_key_or_name_lists_the_valid_ones(values: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(InputError) as error:
        make_config(values)
    assert [word for word in words if word.lower() not in str(error.value).lower()] == [], error.value


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"training": {"lr": "fast"}}, "training.lr"),
        ({"training": {"lr": 0}}, "training.lr"),
        ({"training": {"lr": float("nan")}}, "training.lr"),
        ({"training": {"batch_size": 0}}, "training.batch_size"),
        ({"training": {"max_epochs": -1}}, "training.max_epochs"),
        ({"training": {"precision": "fp8"}}, "training.precision"),
        ({"training": 3}, "training"),
        ({"negatives": {"ratio": 0}}, "negatives.ratio"),
        ({"evaluation": {"negatives": []}}, "evaluation.negatives"),
        ({"data": {"unmeasured": "maybe"}}, "data.unmeasured"),
        ({"features": {"n_components": 0}}, "features.n_components"),
        ({"seed": -1}, "seed"),
        ({"encoder": 5}, "encoder"),
        ({"encoder": {"name": 5}}, "encoder"),
        ({"encoder": {"name": "lookup", "embedding_dim": "wide"}}, "embedding_dim"),
        ({"head": {"name": "dual", "similarity": "euclid"}}, "similarity"),
    ],
)
def test_a_bad_value_is_named_by_its_path_and_file(values: dict[str, Any], where: str) -> None:
    with pytest.raises(InputError, match=rf"\b{where}\b"):
        make_config(values, where="run.yaml")


def test_the_hash_depends_on_content_alone() -> None:
    """Also on neither the order of keys nor on whether a default is spelled out."""
    base = make_config({"head": {"name": "cross"}, "training": {"lr": 0.01, "patience": 3}})
    same = [
        {"training": {"patience": 3, "lr": 0.01}, "head": "cross"},
        {"head": {"product": True, "name": "cross"}, "training": {"lr": 1e-2, "patience": 3.0}, "seed": 42},
        make_config({"head": "cross", "training": {"lr": 0.01, "patience": 3}}).model_dump(),
        yaml.safe_load(base.to_yaml()),
    ]
    assert {config_hash(make_config(values)) for values in same} == {config_hash(base)}
    assert len(config_hash(base)) == 12


CHANGES: list[dict[str, Any]] = [
    {},
    {"seed": 43},
    {"data": {"labels": "other"}},
    {"data": {"confidence": ["A"]}},
    {"data": {"confidence": ["A", "B"]}},
    {"data": {"min_cells": 1}},
    {"features": {"standardize": False}},
    {"split": {"name": "transductive", "isolated": "set_aside"}},
    {"split": {"name": "transductive", "val_ratio": 0.2}},
    {"negatives": {"ratio": 2}},
    {"evaluation": {"ratio": 2}},
    {"evaluation": {"baselines": ["svd"]}},
    {"evaluation": {"baselines": [{"name": "svd", "num_components": 9}]}},
    {"encoder": {"name": "lookup", "embedding_dim": 511}},
    {"encoder": "mlp"},
    {"head": {"name": "dual", "learn_temperature": True}},
    {"head": "cross"},
    {"training": {"lr": 0.0011}},
    {"training": {"precision": "bf16"}},
    {"encoder": "sage"},
    {"encoder": {"name": "sage", "edges": ["regulates"]}},
    {"encoder": "sage", "training": {"disjoint_train_ratio": 0.3}},
    {"encoder": "sage", "training": {"disjoint_train_ratio": 0.4}},
]


def test_any_change_gives_another_hash() -> None:
    assert len({config_hash(make_config(values)) for values in CHANGES}) == len(CHANGES)


def test_messages_are_kept_apart_only_where_there_are_some() -> None:
    with pytest.raises(InputError, match=r"training.disjoint_train_ratio.*mlp passes no messages"):
        make_config({"encoder": "mlp", "training": {"disjoint_train_ratio": 0.3}})
    for ratio in (0, 1):
        with pytest.raises(InputError, match="disjoint_train_ratio"):
            make_config({"encoder": "sage", "training": {"disjoint_train_ratio": ratio}})


def test_a_baseline_is_a_name_or_has_all_its_options() -> None:
    """A name stays a name, or the runs of configs that have only names would not be found again."""
    specs = ["svd", {"name": "ease_gene", "regularisation": 3}, {"name": "additive"}]
    evaluation = make_config({"evaluation": {"baselines": specs}}).evaluation
    assert evaluation.baselines == ("svd", {"name": "ease_gene", "regularisation": 3.0}, "additive")
    assert evaluation.rows == {"svd": {}, "ease_gene": {"regularisation": 3.0}, "additive": {}}
    full = make_config({"evaluation": {"baselines": [{"name": "bpr", "epochs": 3}]}}).evaluation.rows["bpr"]
    assert full.keys() == {"embedding_dim", "lambda_reg", "epochs", "lr", "batch_size"}


@pytest.mark.parametrize(
    ("specs", "says"),
    [
        (["gea"], "unknown baseline 'gea'"),
        ([{"name": "gea"}], "unknown baseline 'gea'"),
        ([{"name": "gae", "epoch": 3}], "baseline gae: unknown option 'epoch'"),
        ([{"name": "gae", "epochs": -1}], "epochs"),
        ([{"epochs": 3}], "a baseline without a name"),
        (["bpr", {"name": "bpr", "epochs": 3}], "names bpr twice"),
        ([3], r"evaluation\.baselines"),
    ],
)
def test_a_bad_baseline_is_refused(specs: list[Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        make_config({"evaluation": {"baselines": specs}})


def test_a_component_without_a_name_is_the_default_one() -> None:
    config = make_config({"head": {"temperature": 0.1}})
    assert config_hash(config) == config_hash(make_config({"head": {"name": "dual", "temperature": 0.1}}))
    with pytest.raises(InputError, match="head dual: unknown option 'product'"):
        make_config({"head": {"product": True}})


@settings(deadline=None, max_examples=30)
@given(
    st.floats(1e-12, 1e6),
    st.integers(1, 4096),
    st.floats(0, 0.999),
    st.lists(st.sampled_from("ABCDE"), max_size=3),
)
def test_yaml_round_trip_is_exact(lr: float, width: int, dropout: float, levels: list[str]) -> None:
    values = {
        "training": {"lr": lr},
        "data": {"confidence": levels, "labels": "a: b # c"},
        "head": {"name": "cross", "out_channels": width, "dropout": dropout},
    }
    config = make_config(values)
    again = make_config(yaml.safe_load(config.to_yaml()))
    assert again == config
    assert config_hash(again) == config_hash(config)
    assert again.to_yaml() == config.to_yaml()


def test_a_config_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValueError, match="frozen"):
        make_config({}).seed = 1
    assert config_hash(ExperimentConfig()) == config_hash(ExperimentConfig())


def test_override_sets_paths_and_leaves_the_original() -> None:
    values = {"training": {"lr": 0.1, "patience": 5}, "encoder": "mlp"}
    changed = override(
        values,
        [
            "training.lr=0.2",
            "seed=7",
            "encoder.dropout=0.5",
            "evaluation.negatives=[uniform]",
            "data.obs=null",
        ],
    )
    assert changed == {
        "training": {"lr": 0.2, "patience": 5},
        "encoder": {"name": "mlp", "dropout": 0.5},
        "seed": 7,
        "evaluation": {"negatives": ["uniform"]},
        "data": {"obs": None},
    }
    assert values == {"training": {"lr": 0.1, "patience": 5}, "encoder": "mlp"}
    assert override({}, ["data.labels=a=b"]) == {"data": {"labels": "a=b"}}
    assert override({}, ["head=cross"]) == {"head": "cross"}


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("seed", "'seed' is not KEY=VALUE"),
        ("=3", "is not KEY=VALUE"),
        ("seed.x=3", "'seed'.*is a value, not a section"),
        ("seed=[1", "is not a YAML value"),
    ],
)
def test_bad_overrides_are_refused(assignment: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        override({"seed": 1}, [assignment])


def test_an_overridden_unknown_key_is_caught_by_make_config() -> None:
    with pytest.raises(InputError, match="'typo'"):
        make_config(override({}, ["training.typo=1"]))


@pytest.mark.parametrize(
    ("content", "words"),
    [("a: [1", "not YAML"), ("- 1\n- 2\n", "a config is a mapping"), ("text", "a config is a mapping")],
)
def test_files_that_are_no_config_are_named(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(content)
    with pytest.raises(InputError, match=rf"bad\.yaml: {words}"):
        read_yaml(path)


def test_missing_binary_and_empty_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.yaml: cannot be read \(No such file"):
        read_yaml(tmp_path / "none.yaml")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(InputError, match=r"binary\.yaml: "):
        read_yaml(tmp_path / "binary.yaml")
    (tmp_path / "empty.yaml").write_text("# nothing\n")
    assert read_yaml(tmp_path / "empty.yaml") == {}


def test_a_baseline_in_place_of_a_model() -> None:
    """What only a trained model reads does not tell two baseline configs apart."""
    plain = make_config({"baseline": "svd"})
    assert plain.baseline == {"name": "svd", "num_components": 4}
    trained = {"encoder": "sage", "head": "cross", "loss": "focal", "training": {"lr": 0.1}}
    assert make_config({"baseline": {"name": "svd"}, **trained}) == plain
    assert config_hash(make_config({"baseline": None})) == config_hash(make_config({}))
    others = ({"baseline": "ease_gene"}, {"baseline": {"name": "svd", "num_components": 9}}, {})
    for other in (*others, {"baseline": "svd", "seed": 1}, {"baseline": "svd", "negatives": {"ratio": 2}}):
        assert config_hash(make_config(other)) != config_hash(plain)
    assert (plain.model_name, make_config({}).model_name) == ("svd", "lookup + dual")
    with pytest.raises(InputError, match="no units to prune"):
        make_config({"baseline": "svd", "prune": [{"ratio": 0.5}]})
    with pytest.raises(InputError, match=r"unknown baseline 'sdv'.*svd"):
        make_config({"baseline": "sdv"})
    with pytest.raises(InputError, match="num_components"):
        make_config({"baseline": {"name": "svd", "components": 3}})

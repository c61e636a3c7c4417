"""Rows and tables against the same numbers worked out by hand."""

from __future__ import annotations

import csv
import dataclasses
import io
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from grnpyg.core.errors import InputError
from grnpyg.studies import Study
from grnpyg.studies.formats import fill_sections, notes, render
from grnpyg.studies.rows import read_rows, study_rows, write_rows
from grnpyg.studies.tables import Tables, study_tables

ReadStudy = Callable[..., Study]
AXES = {
    "head": {"dual": {}, "cross": {"head": {"name": "cross"}}},
    "negatives.ratio": [1, 5],
    "seed": [1, 2, 3, 4],
}
COMPARE = {"axis": "head", "level": "cross", "to": "dual"}
KEYS = ["head", "negatives.ratio", "seed", "part", "regime"]
PARTS = ("mean", "low", "high")
BASELINES = ("tf_degree", "degree_product", "additive")
UNDONE = {"head=cross negatives.ratio=5 seed=2", "head=cross negatives.ratio=5 seed=4"}


@dataclasses.dataclass(frozen=True)
class Example:
    """A study of sixteen trials of which fourteen are done, and the values that were put into their runs."""

    study: Study
    runs: Path
    auroc: dict[str, dict[str, float]]  # trial -> row -> value


@pytest.fixture
def example(study: ReadStudy, tmp_path: Path, pretend: Callable[..., None]) -> Example:
    found = study(axes=AXES, compare=COMPARE)
    rng, auroc = np.random.default_rng(0), {}
    for trial in found.trials:
        if trial.name in UNDONE:
            continue
        values = {row: float(rng.uniform()) for row in ("model", *BASELINES, "model_last")}
        auroc[trial.name] = values
        rows = {
            row: {"auroc": v, "ap": v / 2, **({"f1": v / 4} if row == "model" else {})}
            for row, v in values.items()
        }
        leaks = {"leaks": ["pooled", "split"]} if trial.levels["negatives.ratio"] == "5" else {}
        total = {"dual": 1000, "cross": 2000}[trial.levels["head"]]
        pretend(tmp_path / "runs", trial, rows, parameters={"total": total}, **leaks)
    return Example(found, tmp_path / "runs", auroc)


@pytest.fixture
def tables(example: Example) -> Tables:
    return study_tables(example.study, study_rows(example.study, example.runs))


def test_rows(example: Example) -> None:
    rows = study_rows(example.study, example.runs)
    assert len(rows) == 14 * 5
    first = rows.iloc[0].to_dict()
    value = example.auroc["head=dual negatives.ratio=1 seed=1"]["model"]
    expected = {"study": "study", "head": "dual", "negatives.ratio": "1", "seed": "1", "part": "test"}
    expected |= {"regime": "uniform", "row": "model", "auroc": value, "ap": value / 2, "f1": value / 4}
    beside = example.auroc["head=dual negatives.ratio=1 seed=1"]
    expected |= {"gain_over_degree": value - max(beside["degree_product"], beside["tf_degree"])}
    expected |= {"gain_over_additive": value - beside["additive"]}
    expected |= {"parameters": 1000, "best_epoch": 1, "epochs": 2, "seconds": 2.0, "run_seed": 1}
    expected |= {"config_hash": example.study.trials[0].hash, "leaks": "", "threads": 1}
    assert first == {**expected, "grnpyg": "0", "torch": "2"}
    assert list(rows["row"][:5]) == ["model", *BASELINES, "model_last"]
    assert rows["parameters"].notna().sum() == 14 * 2  # baselines have none
    assert set(rows.loc[rows["negatives.ratio"] == "5", "leaks"]) == {"pooled,split"}
    validation = study_rows(example.study, example.runs, "validation")
    assert set(validation["part"]) == {"validation"}
    assert validation["auroc"].tolist() == (rows["auroc"] + 1).tolist()


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_rows_come_back_from_their_file_to_the_bit(example: Example, tmp_path: Path, suffix: str) -> None:
    rows = study_rows(example.study, example.runs)
    path = tmp_path / f"rows{suffix}"
    write_rows(rows, path)
    again = read_rows(example.study, path)
    pd.testing.assert_frame_equal(again, rows, check_exact=True, check_dtype=False)
    assert study_tables(example.study, again) == study_tables(example.study, rows)
    assert [file.name for file in tmp_path.iterdir() if "rows" in file.name] == [path.name]


def test_means_and_deviations_are_those_of_pandas(example: Example, tables: Tables) -> None:
    rows = study_rows(example.study, example.runs)
    assert (tables.axes, tables.over, tables.metrics) == (
        ("head", "negatives.ratio"),
        ("seed",),
        ("gain_over_degree", "gain_over_additive", "auroc", "ap"),
    )
    by_hand = rows.groupby(["head", "negatives.ratio", "row"])[["auroc", "ap"]].agg(["mean", "std", "count"])
    assert len(tables.rows) == len(by_hand) == 4 * 5
    for record in tables.rows:
        one = by_hand.loc[record["head"], record["negatives.ratio"], record["row"]]
        for metric in ("auroc", "ap"):
            assert record[f"{metric}_mean"] == pytest.approx(one[metric, "mean"], rel=1e-12)
            assert record[f"{metric}_sd"] == pytest.approx(one[metric, "std"], rel=1e-12)
        assert (record["n"], record["of"]) == (one["auroc", "count"], 4)
        size = {"dual": 1000, "cross": 2000}[record["head"]] if record["row"].startswith("model") else None
        assert (record["parameters_min"], record["parameters_max"]) == (size, size)
        assert record["leaks"] == (["pooled", "split"] if record["negatives.ratio"] == "5" else [])


def test_gains_are_derived_from_the_rows_beside_where_a_run_stored_none(example: Example) -> None:
    rows = study_rows(example.study, example.runs)
    auroc = {
        (*place[:-1], row): value
        for *place, row, value in rows[[*KEYS, "row", "auroc"]].itertuples(index=False)
    }
    for gain, beside in (
        ("gain_over_degree", ("degree_product", "tf_degree")),
        ("gain_over_additive", ("additive",)),
    ):
        for *place, row, value in rows[[*KEYS, "row", gain]].itertuples(index=False):
            assert value == auroc[*place[:-1], row] - max(auroc[*place[:-1], name] for name in beside)


def test_the_interval_of_a_gain_is_that_of_a_t_test(example: Example, tables: Tables) -> None:
    rows = study_rows(example.study, example.runs)
    for record in tables.rows:
        same = (rows["row"] == record["row"]) & (rows["head"] == record["head"])
        values = rows.loc[same & (rows["negatives.ratio"] == record["negatives.ratio"]), "gain_over_degree"]
        if values.std() > 0:
            interval = stats.ttest_1samp(values, 0).confidence_interval(0.95)
            assert record["gain_over_degree_low"] == pytest.approx(interval.low, rel=1e-9)
            assert record["gain_over_degree_high"] == pytest.approx(interval.high, rel=1e-9)


def test_every_score_stands_beside_degree_and_additive(tables: Tables) -> None:
    order = ["model", "model_last", "degree_product", "additive", "tf_degree"]
    assert [record["row"] for record in tables.rows] == order * 4
    heads = [record["head"] for record in tables.rows]
    assert heads == sorted(heads, key=["dual", "cross"].index)


def test_differences_are_paired(example: Example, tables: Tables) -> None:
    for record, ratio, seeds in zip(tables.differences, ("1", "5"), ("1234", "13"), strict=True):
        values = [
            example.auroc[f"head=cross negatives.ratio={ratio} seed={seed}"]["model"]
            - example.auroc[f"head=dual negatives.ratio={ratio} seed={seed}"]["model"]
            for seed in seeds
        ]
        interval = stats.ttest_1samp(values, 0).confidence_interval(0.95)
        assert record["head"] == "cross - dual"
        assert (record["negatives.ratio"], record["row"], record["regime"]) == (ratio, "model", "uniform")
        assert (record["n"], record["of"]) == (len(seeds), 4)
        assert record["auroc_mean"] == pytest.approx(np.mean(values), rel=1e-12)
        assert record["auroc_sd"] == pytest.approx(np.std(values, ddof=1), rel=1e-12)
        assert record["auroc_low"] == pytest.approx(interval.low, rel=1e-12)
        assert record["auroc_high"] == pytest.approx(interval.high, rel=1e-12)
        assert record["leaks"] == (["pooled", "split"] if ratio == "5" else [])


def test_no_order_of_the_rows_changes_a_bit(example: Example, tables: Tables) -> None:
    rows = study_rows(example.study, example.runs)
    for seed in range(5):
        assert study_tables(example.study, rows.sample(frac=1, random_state=seed)) == tables


def test_what_is_missing(example: Example, tables: Tables) -> None:
    names = {" ".join(f"{axis}={level}" for axis, level in trial.items()) for trial in tables.missing}
    assert names == UNDONE
    assert tables.runs == 16
    assert any("from 14 of 16 runs" in note for note in notes(tables))
    assert any("head=cross negatives.ratio=5 seed=2" in note for note in notes(tables))


def test_one_run_has_no_deviation(study: ReadStudy, tmp_path: Path, pretend: Callable[..., None]) -> None:
    found = study(axes={"head": AXES["head"], "seed": [1, 2]}, compare=COMPARE)
    for trial in found.trials[::2]:
        pretend(tmp_path, trial, {"model": {"auroc": 0.5, "ap": math.nan}})
    tables = study_tables(found, study_rows(found, tmp_path))
    assert [(r["auroc_mean"], r["auroc_sd"], r["ap_mean"], r["n"]) for r in tables.rows] == [
        (0.5, None, None, 1)
    ] * 2
    (difference,) = tables.differences
    assert (difference["auroc_mean"], difference["auroc_sd"], difference["auroc_low"]) == (0.0, None, None)
    assert any("Without a row degree_product: head=" in note for note in notes(tables))
    for style in ("md", "csv", "latex"):
        assert render(tables, style)


def test_a_value_that_is_not_there_is_not_averaged_away(
    study: ReadStudy, tmp_path: Path, pretend: Callable[..., None]
) -> None:
    found = study(axes={"seed": [1, 2]})
    for trial, value in zip(found.trials, (0.5, math.nan), strict=True):
        pretend(tmp_path, trial, {"model": {"auroc": value, "ap": 0.5}})
    (record,) = study_tables(found, study_rows(found, tmp_path)).rows
    assert (record["auroc_mean"], record["auroc_sd"], record["ap_mean"], record["n"]) == (None, None, 0.5, 2)


def test_rows_can_be_chosen_but_not_without_the_baselines(example: Example) -> None:
    rows = study_rows(example.study, example.runs)
    chosen = study_tables(example.study, rows, metrics=["f1"], only=["model"])
    assert [record["row"] for record in chosen.rows] == ["model", "degree_product", "additive"] * 4
    assert chosen.rows[0]["f1_mean"] is not None
    assert chosen.rows[1]["f1_mean"] is None


def test_unknown_metric_and_row_and_nothing_done(example: Example, tmp_path: Path) -> None:
    rows = study_rows(example.study, example.runs)
    with pytest.raises(InputError, match=r"unknown metric 'auc'.*known: ap, auroc, f1"):
        study_tables(example.study, rows, metrics=["auc"])
    with pytest.raises(InputError, match="Did you mean 'degree_product'"):
        study_tables(example.study, rows, only=["degree_produkt"])
    with pytest.raises(InputError, match="no trial is done yet"):
        study_tables(example.study, study_rows(example.study, tmp_path / "empty"))
    with pytest.raises(InputError, match="Known: csv, latex, md"):
        render(study_tables(example.study, rows), "html")


def test_markdown(tables: Tables) -> None:
    text = render(tables, "md")
    lines = text.splitlines()
    title = "| head | negatives.ratio | row | parameters | over degree | over additive | AUROC | AP | n |"
    assert lines[0] == title
    first = tables.rows[0]
    gains = [
        "{:+.4f} [{:+.4f}, {:+.4f}]".format(*(first[f"gain_over_{name}_{part}"] for part in PARTS))
        for name in ("degree", "additive")
    ]
    assert lines[2] == (
        f"| dual | 1 | model | 1,000 | {' | '.join(gains)} "
        f"| {first['auroc_mean']:.4f} ± {first['auroc_sd']:.4f} "
        f"| {first['ap_mean']:.4f} ± {first['ap_sd']:.4f} | 4 |"
    )
    assert any(line.startswith("| cross | 5 | model † | 2,000 |") and "| 2 of 4 |" in line for line in lines)
    assert any(line.startswith("| cross - dual | 1 | model | ") and "[" in line for line in lines)
    assert any(line.startswith("† ") and "pooled, split" in line for line in lines)


def test_sections_go_between_their_markers() -> None:
    text = "a\n<!-- one -->\nold\n<!-- /one -->\nb\n<!-- two two -->\n<!-- /two two -->"
    filled = fill_sections(text, {"two two": "2", "one": "new\n\n\\1"})
    assert filled == "a\n<!-- one -->\nnew\n\n\\1\n<!-- /one -->\nb\n<!-- two two -->\n2\n<!-- /two two -->"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a\n", "one pair of markers for <!-- one -->"),
        ("<!-- one -->\na\n", "one pair of markers for <!-- one -->"),
        ("a\n<!-- /one -->\n", "one pair of markers for <!-- one -->"),
        ("<!-- one -->\n<!-- /one -->\n" * 2, "one pair of markers for <!-- one -->"),
        ("<!-- one -->\na\n<!-- one -->\n<!-- /one -->\n", "one pair of markers for <!-- one -->"),
        (
            "<!-- one -->\n<!-- /one -->\n<!-- two -->\n<!-- /two -->",
            "no section for the markers <!-- two -->",
        ),
    ],
)
def test_markers_and_sections_that_do_not_match(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        fill_sections(text, {"one": "new"})


def test_csv_has_full_precision(tables: Tables) -> None:
    records = list(csv.DictReader(io.StringIO(render(tables, "csv"))))
    assert len(records) == len(tables.rows) + len(tables.differences)
    for line, record in zip(records, [*tables.rows, *tables.differences], strict=True):
        assert float(line["auroc_mean"]) == record["auroc_mean"]
        assert line["kind"] == ("difference" if " - " in record["head"] else "mean")
        assert float(line["gain_over_degree_low"]) == record["gain_over_degree_low"]
        assert line["leaks"] == ",".join(record["leaks"])


def test_latex(tables: Tables) -> None:
    text = render(tables, "latex")
    assert text.count(r"\begin{tabular}") == text.count(r"\bottomrule") == 2
    assert r"degree\_product" in text
    assert r"model $^\dagger$" in text
    assert r"95 \% t-interval" in text
    assert "±" not in text
    assert "†" not in text
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert {line.count(" & ") for line in rows} == {8, 7}


def test_changed_metrics_are_refused(example: Example) -> None:
    file = example.runs / example.study.trials[0].hash / "metrics.parquet"
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(InputError, match="changed after the run was written"):
        study_rows(example.study, example.runs)
    file.unlink()
    with pytest.raises(InputError, match=r"metrics\.parquet is missing"):
        study_rows(example.study, example.runs)


def test_runs_of_different_data_under_one_name_are_refused(
    study: ReadStudy, tmp_path: Path, pretend: Callable[..., None]
) -> None:
    found = study(axes={"seed": [1, 2]})
    for digest, trial in enumerate(found.trials):
        inputs = {"labels": {"source": "labels.tsv", "sha256": str(digest)}}
        pretend(tmp_path, trial, {"model": {"auroc": 0.5}}, inputs=inputs)
    with pytest.raises(InputError, match=r"labels\.tsv was changed between the runs"):
        study_rows(found, tmp_path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not a table of rows"),
        ("a,b\n1,2\n", "no column 'study'"),
        ("\x00\x01", "no column"),
    ],
)
def test_files_that_hold_no_rows(study: ReadStudy, tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=says):
        read_rows(study(axes={"seed": [1]}), path)
    with pytest.raises(InputError, match="not a table of rows"):
        read_rows(study(axes={"seed": [1]}), tmp_path / "nowhere.csv")


def test_a_row_twice_is_refused(example: Example, tmp_path: Path) -> None:
    rows = study_rows(example.study, example.runs)
    path = tmp_path / "rows.csv"
    pd.concat([rows, rows[:1]]).to_csv(path, index=False)
    with pytest.raises(InputError, match="twice"):
        read_rows(example.study, path)


def test_rows_of_other_studies_and_other_levels_are_left_out(example: Example, tmp_path: Path) -> None:
    rows = study_rows(example.study, example.runs)
    others: list[Any] = [rows.assign(study="other"), rows.assign(seed="9"), rows.assign(part="validation")]
    path = tmp_path / "rows.parquet"
    pd.concat([*others, rows]).to_parquet(path, index=False)
    pd.testing.assert_frame_equal(read_rows(example.study, path), rows, check_exact=True, check_dtype=False)


def test_counts_are_shown_as_counts(study: ReadStudy, tmp_path: Path, pretend: Callable[..., None]) -> None:
    found = study(axes={"seed": [1, 2]})
    for trial in found.trials:
        pretend(tmp_path, trial, {"model": {"auroc": 0.5, "distinct_scores": 1000.0 + trial.config.seed}})
    tables = study_tables(found, study_rows(found, tmp_path), metrics=["distinct_scores"])
    assert "1,001.5 ± 0.7" in render(tables, "md")


def test_rows_of_an_earlier_config_are_left_out(example: Example, tmp_path: Path) -> None:
    """A table from a file must not show the numbers of settings that the study no longer has."""
    found, rows = example.study, study_rows(example.study, example.runs)
    write_rows(rows.assign(config_hash="0123456789ab"), tmp_path / "stale.csv")
    assert read_rows(found, tmp_path / "stale.csv").empty


def test_a_metric_that_is_asked_for_twice_is_one_column(example: Example) -> None:
    found, rows = example.study, study_rows(example.study, example.runs)
    assert study_tables(found, rows, ("auroc", "auroc")) == study_tables(found, rows, ("auroc",))


def test_one_name_may_stand_for_a_file_of_each_role(
    study: ReadStudy, tmp_path: Path, pretend: Callable[..., None]
) -> None:
    """`bundled` is both expression and labels; its two files are no change of one."""
    found = study(axes={"seed": [1, 2]})
    inputs = {role: {"source": "bundled", "sha256": role} for role in ("expression", "labels")}
    for trial in found.trials:
        pretend(tmp_path, trial, {"model": {"auroc": 0.5}}, inputs=inputs)
    assert len(study_rows(found, tmp_path)) == 2

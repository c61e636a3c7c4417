"""The pages of runs and studies: degree and additive first, with intervals, and nothing without data."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from cli.command import grnpyg
from report.conftest import STUDY
from report.test_network_page import text_of

from grnpyg.report import Report, write_report
from grnpyg.report.page import Page, Table
from grnpyg.report.pages.run import run_page
from grnpyg.report.pages.scores import cost_figures
from grnpyg.report.pages.study import study_page
from grnpyg.report.pages.study_axes import pruned, series
from grnpyg.report.write import kind_of
from grnpyg.resolve import make_config
from grnpyg.runs import Run
from grnpyg.studies import Store, Study, read_rows, read_study, study_rows, study_tables

REPOSITORY = Path(__file__).resolve().parents[2]


def tables_of(page: Page, anchor: str) -> list[Table]:
    parts = next(section.parts for section in page.sections if section.anchor == anchor)
    return [part for part in parts if isinstance(part, Table)]


def test_a_run_shows_its_stored_scores_and_an_interval_of_the_gain(run: Path) -> None:
    loaded = Run.load(run)
    page = run_page(loaded)
    (table, *_) = tables_of(page, "scores")
    assert [row[0] for row in table.rows[:5]] == [
        "degree (product)", "degree of the TF", "degree of the gene", "additive", "model"
    ]  # fmt: skip
    stored = loaded.metrics("test", ["uniform"], ["model"]).set_index("metric")["value"]
    model = table.rows[4]
    assert model[1] == f"{stored['auroc']:.3f}"
    assert model[2].startswith(f"{100 * stored['gain_over_degree']:+.1f} [")
    low, high = (float(end) for end in model[2].split("[")[1].rstrip("]").split(", "))
    assert low <= 100 * stored["gain_over_degree"] <= high
    assert {section.anchor for section in page.sections} >= {
        "gain", "curves", "calibration", "strata", "cost", "effective-rank", "training", "data", "rebuild"
    }  # fmt: skip
    assert "cold" not in {section.anchor for section in page.sections}  # no node is unseen


def test_the_page_of_a_run_is_written_where_it_lies(run: Path) -> None:
    said = grnpyg("report", run, "--json").json
    assert (said["kind"], said["report"]) == ("run", str(run / "report.html"))
    assert Run.load(run).path == run  # a report in it does not damage a run
    assert "grnpyg train --config" in text_of(Path(said["report"]))


def test_a_study_has_every_section_that_its_runs_have_data_for(study: Study) -> None:
    report = write_report("grid.yaml", figures="figures")
    assert isinstance(report, Report)
    assert report.file == Path("grid.html")
    assert set(report.sections) == {
        "headline", "gain", "compared", "imbalance", "curves", "calibration", "training", "strata", "pruning",
        "effective-rank", "cost", "rebuild",
    }  # fmt: skip
    rows = study_rows(study, Path("runs"))
    tables = study_tables(study, rows)
    models = [record for record in tables.rows if record["row"] == "model" and record["removed"] == "half"]
    record = next(record for record in models if record["head"] == "cross")
    headline = tables_of(study_page(study, rows), "headline")[0].rows
    shown = next(row for row in headline if row[:2] == ["model", "ratio 1, cross, half"])
    assert shown[3] == f"{record['auroc_mean']:.3f} ± {record['auroc_sd']:.3f}"
    degree = [row[1] for row in headline if row[0] == "degree (product)"]
    assert degree == [""]  # once, as it is the same beside all models
    lines = pd.read_csv("figures/imbalance-auroc.csv")
    assert set(lines["series"]) >= {"dual, whole", "cross, whole", "degree_product", "additive"}
    own = lines[lines["series"] == "cross, whole"].set_index("ratio")["auroc"]
    wanted = rows[(rows["row"] == "model") & (rows["head"] == "cross") & (rows["removed"] == "whole")]
    assert own.to_dict() == pytest.approx(
        {float(ratio): part["auroc"].mean() for ratio, part in wanted.groupby("ratio")}
    )
    cut = pd.read_csv("figures/pruning.csv")
    assert set(cut["ratio"]) == {0.0, 0.5}
    assert pd.read_csv("figures/training-val_auroc.csv")["run"].nunique() == 8  # pruning alone has no epoch


def test_a_study_from_stored_rows_needs_no_run() -> None:
    """The study of the paper, whose runs are not in the repository."""
    file = REPOSITORY / "benchmarks/paper/studies/as_coded.yaml"
    rows = REPOSITORY / "benchmarks/results/paper_as_coded.csv"
    if not rows.exists():
        pytest.skip("needs the stored rows of the repository")
    said = grnpyg("report", file, "--from", rows, "-o", "page.html", "--json").json
    assert {"headline", "gain", "compared", "imbalance", "cost"} <= set(said["sections"])
    assert not {"curves", "training", "effective-rank"} & set(said["sections"])
    table = tables_of(study_page(read_study(file), read_rows(read_study(file), rows)), "headline")[0]
    assert [row[0] for row in table.rows][:1] == ["degree (product)"]
    assert "Evaluation pairs leak into training" in text_of(Path("page.html"))


def test_a_line_runs_along_the_axis_that_decides_the_number(work: Path) -> None:
    Path("grid.yaml").write_text(STUDY)
    study = read_study(Path("grid.yaml"))
    records = [
        {"row": "model", "ratio": ratio, "head": "dual", "removed": "whole", "auroc_mean": float(ratio)}
        for ratio in ("1", "3")
    ]
    table = series(study, records, ["ratio", "head", "removed"], lambda config: config.negatives.ratio)
    assert table is not None
    assert table[["series", "ratio", "auroc"]].to_numpy().tolist() == [
        ["dual, whole", 1.0, 1.0],
        ["dual, whole", 3.0, 3.0],
    ]
    assert series(study, records, ["ratio", "head", "removed"], lambda config: 1.0) is None


def test_a_pruned_run_says_what_pruning_took_and_left(study: Study) -> None:
    trial = next(t for t in study.trials if t.levels["removed"] == "half" and t.levels["head"] == "cross")
    run = Run.load(Store(Path("runs")).path(trial))
    page = run_page(run, thorough=False)
    (table,) = tables_of(page, "pruning")
    stored = run.metrics("test", ["compression"]).set_index("metric")["value"]
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["AUROC"] == [f"{stored['auroc_before']:.3f}", f"{stored['auroc']:.3f}"]
    before, after = (int(cell.replace(",", "")) for cell in rows["parameters"])
    assert after == run.manifest.parameters.total < before
    assert "compression" not in "".join(table.caption for table in tables_of(page, "scores"))


def test_a_cost_that_all_methods_share_is_not_drawn() -> None:
    table = pd.DataFrame(
        {"name": ["a", "b"], "auroc": [0.8, 0.9], "parameters": [100, 110], "seconds": [0.1, 9.0]}
    )
    assert [figure.name for figure in cost_figures(table, "any other pair")] == ["cost-seconds"]


def test_pruning_steps_multiply() -> None:
    config = make_config({"prune": [{"ratio": 0.5}, {"ratio": 0.5}]})
    assert pruned(config) == 0.75


def test_kinds_of_paths(run: Path, made: Path) -> None:
    assert [kind_of(path) for path in (run, made, made / "network.parquet", made / "study.yaml")] == [
        "run", "network", "network file", "study"
    ]  # fmt: skip

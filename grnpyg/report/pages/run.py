"""The page of a run: scores beside degree and additive, and how the model got there."""

from __future__ import annotations

import shlex
from functools import partial

import pandas as pd

from grnpyg.compress import effective_rank
from grnpyg.core.errors import InputError
from grnpyg.evaluation import run_reliability
from grnpyg.metrics.gains import ALWAYS
from grnpyg.report import pl
from grnpyg.report.figure import Figure
from grnpyg.report.page import Command, Figures, Page, Section, Table, Text, section
from grnpyg.report.pages.manifest import data_section, manifest_parts
from grnpyg.report.pages.scores import cold_start_figure, cost_figures, strata_figure
from grnpyg.report.pages.words import METHODS, number, setting, with_interval
from grnpyg.report.pl.curves import curve_points
from grnpyg.report.scores import MODEL, RESAMPLES, gains_of_run, scores_of_run
from grnpyg.runs import Run

MAIN = ("auroc", "per_tf_auroc")  # of a candidate set, and of a full ranking
TEST, COMPRESSION = "test", "compression"


def run_page(run: Run, *, thorough: bool = True) -> Page:
    """The page of a run.

    Args:
        run: from `Run.load`.
        thorough: score every pair to judge the probabilities, which takes seconds.

    Raises:
        InputError: the run has no test subset.
    """
    if TEST not in run.split.held_out:
        fix = "judge it by another database: `grnpyg eval --later LABELS`"
        raise InputError("its split has no test subset", where=run.path, fix=fix)
    gains = gains_of_run(run)
    main = next(iter(run.evaluation))
    return Page(
        "run",
        f"Run {run.path.resolve().name}: {run.config.model_name}",
        _answer(run, gains, main),
        _facts(run),
        [
            *section("scores", "Scores beside degree", *_tables(run, gains)),
            *section("pruning", "Pruning", _pruning(run)),
            *_gain_section(gains),
            *_curves(run, main),
            *(_calibration(run) if thorough else []),
            *_more(run, main),
            *_spectrum(run),
            *_training(run),
            *data_section(run.manifest),
            *_made(run),
        ],
    )


def _answer(run: Run, gains: pd.DataFrame, main: str) -> list[str]:
    own = run.metrics(TEST, [main], [MODEL]).set_index("metric")["value"]
    first = gains.iloc[0]
    sure = first["low"] > 0 or first["high"] < 0
    lines = [
        f"AUROC {own['auroc']:.3f} on held-out edges against {setting(main)}; the gain over degree is "
        f"{with_interval(first['gain'], first['low'], first['high'])} hundredths"
        + ("." if sure else ", an interval that holds 0.")
    ]
    manifest = run.manifest
    if manifest.handed_out is not None:
        lines.append(
            f"The baseline {manifest.handed_out} beats the model on validation and stands in for it."
        )
    if run.split.leaks:
        lines.append(f"Evaluation pairs leak into training: {', '.join(run.split.leaks)}.")
    if manifest.status != "complete":
        lines.append(f"The training was interrupted after epoch {manifest.epochs}.")
    return lines


def _facts(run: Run) -> dict[str, str]:
    manifest = run.manifest
    return {
        "parameters": number(manifest.parameters.total),
        "best epoch": f"{manifest.best_epoch} of {manifest.epochs}",
        "seconds": number(manifest.seconds, 0),
        "seed": str(manifest.seed),
    }


def _tables(run: Run, gains: pd.DataFrame) -> list[Table]:
    """A table for each setting, degree and additive first."""
    metrics = run.metrics(TEST)
    metrics = metrics[metrics["setting"] != COMPRESSION]
    interval = gains.set_index("setting")
    tables = []
    for name, lines in metrics.groupby("setting", sort=False):
        table = lines.pivot_table(index="method", columns="metric", values="value", sort=False)
        score = next((key for key in MAIN if key in table), None)
        if score is None:
            continue
        others = ("ap", "degree_spearman") if score == "auroc" else ("ap_ratio", "mrr", "epr")
        shown = [key for key in others if key in table]
        order = [*(m for m in ALWAYS if m in table.index), *(m for m in table.index if m not in ALWAYS)]
        rows = []
        for method in order:
            row = table.loc[method]
            low, high = (interval[end].get(name) if method == MODEL else None for end in ("low", "high"))
            gain = with_interval(row.get("gain_over_degree"), low, high)
            rows.append(
                [METHODS.get(method, method), number(row[score]), gain, *(number(row[k]) for k in shown)]
            )
        words = {
            "auroc": "AUROC",
            "per_tf_auroc": "mean AUROC of the TFs",
            "ap": "AP",
            "ap_ratio": "AP ratio",
        }
        words |= {"degree_spearman": "correlation with degree", "mrr": "MRR", "epr": "EPR"}
        headings = ["method", words[score], "gain over degree x 100", *(words[key] for key in shown)]
        tables.append(Table(f"Test edges against {setting(str(name))}", headings, rows))
    return tables


def _pruning(run: Run) -> Table | None:
    """What pruning took away and what it left, if the run is pruned."""
    own = run.metrics(TEST, [COMPRESSION], [MODEL]).set_index("metric")["value"].to_dict()
    if not own:
        return None
    own["parameters"] = run.manifest.parameters.total
    whole = {"parameters": "parameters", "macs_per_pair": "MACs a pair", "weight_bytes": "bytes of weights"}
    rows = [[words, *(number(int(own[at])) for at in (f"{key}_before", key))] for key, words in whole.items()]
    rows += [
        [words, *(number(own[at]) for at in (f"{key}_before", key))]
        for key, words in (("auroc", "AUROC"), ("ap", "AP"))
    ]
    caption = f"On the test edges of the first setting; scoring takes {own['latency_ratio']:.2f} of its time"
    return Table(caption, ["", "before pruning", "after"], rows)


def _gain_section(gains: pd.DataFrame) -> list[Section]:
    frame = gains.assign(name=gains["setting"].map(setting))
    caption = (
        "AUROC of the model less that of the best degree method, on test edges; whiskers: 95 % intervals of "
        f"{RESAMPLES:,} two-way bootstrap resamples (TFs and genes)."
    )
    size = (4.8, 0.9 + 0.25 * len(frame))
    figure = Figure("gain", "Gain over degree", caption, partial(pl.gain, frame), frame, size)
    return section("gain", "What the model adds to degree", Figures([figure]))


def _curves(run: Run, main: str) -> list[Section]:
    scores, figures = scores_of_run(run, main), []
    named = {METHODS.get(name, name) if name == MODEL else name: pair for name, pair in scores.items()}
    for name, title, draw in (("roc", "ROC", pl.roc), ("pr", "Precision and recall", pl.precision_recall)):
        points = curve_points(named, name)
        caption = f"Test edges against {setting(main)}; shares from 0 to 1; the thin line is chance."
        figures.append(Figure(name, title, caption, partial(draw, points), points))
    return section("curves", "ROC, precision and recall", Figures(figures))


def _calibration(run: Run) -> list[Section]:
    try:
        found = run_reliability(run, TEST)
    except InputError as error:
        return [Section("calibration", "Are the probabilities right?", [Text([f"Not known: {error}."])])]
    caption = (
        "Share of pairs that are test edges against the claimed probability, for all pairs outside training; "
        "whiskers: 95 % Wilson intervals; the line: every claim holds."
    )
    figure = Figure("reliability", "Reliability", caption, partial(pl.reliability, found.table), found.table)
    words = found.sentence()
    return section(
        "calibration",
        "Are the probabilities right?",
        Text([f"{words[0].upper()}{words[1:]}."]),
        Figures([figure]),
    )


def _more(run: Run, main: str) -> list[Section]:
    """Unseen nodes, strata by degree, and costs."""
    lines = run.metrics(settings=[main])
    wide = lines.pivot_table(index=["subset", "method"], columns="metric", values="value", sort=False)
    wide = wide.reset_index()
    test = wide[wide["subset"] == TEST]
    costs = run.manifest.costs
    costed = test.assign(
        name=test["method"],
        **{
            by: pd.Series([getattr(costs.get(name), by, None) for name in test["method"]], test.index, float)
            for by in ("parameters", "seconds")
        },
    )
    cold = wide[wide["subset"].str.startswith(TEST)]
    return [
        *section("cold", "Unseen TFs and genes", Figures(cold_start_figure(cold, setting(main)))),
        *section("strata", "Within strata of degree", Figures(strata_figure(test, setting(main)))),
        *section("cost", "Accuracy and cost", Figures(cost_figures(costed, setting(main)))),
    ]


def _spectrum(run: Run) -> list[Section]:
    if run.config.baseline is not None or not run.model.head.representation:
        return []
    found = effective_rank(run)
    table = found.to_frame()
    caption = (
        f"Singular values of the head's representation of {found.pairs:,} test pairs ({found.channels:,} "
        "channels), as a share of the largest; both axes are logarithmic."
    )
    figure = Figure("spectrum", "Spectrum", caption, partial(pl.effective_rank, table), table)
    words = f"Participation ratio {found.participation_ratio:.1f}, entropy rank {found.entropy_rank:.1f}."
    return section("effective-rank", "Effective rank", Text([words]), Figures([figure]))


def _training(run: Run) -> list[Section]:
    epochs = run.epochs
    figures = []
    for metric, title, caption in (
        ("loss", "Training loss", "Mean loss of the training pairs in each epoch."),
        ("val_auroc", "Validation AUROC", "AUROC of the validation pairs after each epoch, by setting."),
    ):
        if metric not in epochs or epochs[metric].isna().all():
            continue
        own = [name for name in map(str, epochs) if name.startswith(f"{metric}@")]
        frames = [
            pd.DataFrame({"epoch": epochs["epoch"], metric: epochs[name], "series": name.partition("@")[2]})
            for name in own
        ]
        table = pd.concat(frames) if frames else epochs[["epoch", metric]]
        draw = partial(pl.training, table, metric=metric)
        figures.append(Figure(f"training-{metric}", title, caption, draw, table))
    return section("training", "Training", Figures(figures))


def _made(run: Run) -> list[Section]:
    command = Command(shlex.join(["grnpyg", "train", "--config", str(run.path / "config.yaml")]))
    return section(
        "rebuild",
        "How it was made",
        Text(["This command trains it again:"]),
        command,
        *manifest_parts(run.manifest),
    )

"""The page of a network: the answer, the evidence for it, and the edges to look at."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pandas as pd

from grnpyg.evaluation import run_reliability
from grnpyg.networks.keys import IMPORTANCE, KNOWN, PROBABILITY, TARGET, TF
from grnpyg.report import pl
from grnpyg.report.figure import Figure
from grnpyg.report.page import Command, Figures, Page, Section, Table, Text, Widget, section
from grnpyg.report.pages import edges as carried
from grnpyg.report.pages.answer import answer, best_tfs, facts, levels, tf_table
from grnpyg.report.pages.manifest import data_section, manifest_parts
from grnpyg.report.pages.rebuild import network_command
from grnpyg.report.pages.source import NetworkSource
from grnpyg.report.pages.words import number, setting, with_interval
from grnpyg.report.pl.probabilities import frequencies, histogram
from grnpyg.report.scores import RESAMPLES, gains_of_run

TEST = "test"
DRAWN_TFS = 3  # static figures of a TF


def network_page(source: NetworkSource, *, thorough: bool = True) -> Page:
    """The page of a network.

    Args:
        source: from `grnpyg.report.pages.source`.
        thorough: score every pair of a run to judge its probabilities, which takes seconds.
    """
    rows, each = carried.chosen(source.edges)
    data = carried.for_page(rows, source.edges)
    best = best_tfs(source)
    if len(best):
        data["first"] = str(best[TF].iloc[0])
    by = "probability" if source.has_probabilities else "TF"
    return Page(
        "network",
        f"Network {source.path.resolve().stem}",
        answer(source, best),
        facts(source),
        [
            *section(
                "new-edges",
                f"{source.noun.capitalize()} by {by}",
                levels(source),
                tf_table(best, source.noun),
            ),
            *_edges_section(source, len(rows), each),
            *section("tf", "One TF", Text([_tf_words(each)]), Widget("tf")),
            *_gain_section(source),
            *_probability_section(source, thorough=thorough),
            *_stability_section(source),
            *_drawn_tfs(source, best),
            *data_section(source.manifest),
            *_rebuild_section(source),
        ],
        data,
    )


def _edges_section(source: NetworkSource, shown: int, each: int) -> list[Section]:
    total = len(source.edges)
    words = f"All {total:,} edges of the table are here."
    if shown < total:
        words = (
            f"{shown:,} of the {total:,} edges are here: the best {carried.BEST:,} {source.noun}, and the "
            f"best {each} of each TF. The others are in the table file."
        )
    column = {
        "score": "the raw logit, or the score of a baseline; the mean over the trainings",
        "place": "among all pairs, 1 the best",
        "frequency": "share of the trainings that have the edge among their best",
        "SD": "standard deviation of the score over the trainings",
    }
    keys = {"score": IMPORTANCE, "place": "rank", "frequency": "frequency", "SD": "sd"}
    known = [f"{name}: {text}" for name, text in column.items() if keys[name] in source.edges]
    return section(
        "edges",
        "Edges",
        Text([words, "; ".join(known).capitalize() + "."] if known else [words]),
        Widget("edges"),
    )


def _tf_words(each: int) -> str:
    return f"Choose a TF to see its targets. The page has at least the best {each} pairs of each TF."


def _gain_section(source: NetworkSource) -> list[Section]:
    lines = [] if source.summary is None else source.summary["gains"]
    if not lines:
        return []
    frame, words = _with_intervals(pd.DataFrame(lines), source)
    frame["name"] = frame["setting"].map(setting)
    rows = [
        [
            str(line["name"]),
            number(line["model"]),
            number(line["degree"]),
            with_interval(line["gain"], line["low"], line["high"]),
            f"{line['best']} {line['best_value']:.3f}",
        ]
        for line in frame.to_dict("records")
    ]
    caption = (
        "AUROC of the model less that of the best degree method, on held-out edges against several kinds of "
        f"other pairs. {words}"
    )
    figure = Figure(
        "gain",
        "Gain over degree",
        caption,
        partial(pl.gain, frame),
        frame[["name", "gain", "low", "high"]],
        (4.8, 0.9 + 0.25 * len(frame)),
    )
    table = Table(
        "AUROC on held-out edges, mean over the trainings; gain over degree x 100 with its 95 % interval",
        ["held-out edges against", "model", "degree", "gain x 100", "best closed form"],
        rows,
        frozenset({0, 4}),
    )
    return section("gain", "What the model adds to degree", Figures([figure]), table)


def _with_intervals(gains: pd.DataFrame, source: NetworkSource) -> tuple[pd.DataFrame, str]:
    """The gains of a network with intervals, and what these are.

    Several trainings differ among each other, which the summary has. A single one has the bootstrap of its
    test pairs, which is about other TFs and genes and knows nothing of other trainings.
    """
    if gains["low"].notna().any():
        return gains, "Whiskers: 95 % t-intervals over the trainings."
    if source.run is None or TEST not in source.run.split.held_out:
        return gains, "One training: there is no interval."
    own = gains_of_run(source.run).set_index("setting")
    for end in ("low", "high"):
        gains[end] = gains["setting"].map(own[end])
    return gains, (
        f"Whiskers: 95 % intervals of {RESAMPLES:,} two-way bootstrap resamples of the TFs and genes of the "
        "test pairs. How much another training would differ is not in them: the network has one. The full "
        "ranking has no interval here; grnpyg eval --ranking computes it."
    )


def _probability_section(source: NetworkSource, *, thorough: bool) -> list[Section]:
    figures, words = [], []
    run = source.run
    if run is not None and TEST in run.split.held_out and source.has_probabilities:
        if thorough:
            found = run_reliability(run, TEST)
            caption = (
                "Share of pairs that are held-out edges against the claimed probability, for all pairs "
                "outside training; whiskers: 95 % Wilson intervals; the line: every claim holds. Of the "
                "first training."
            )
            figures.append(
                Figure(
                    "reliability", "Reliability", caption, partial(pl.reliability, found.table), found.table
                )
            )
            words.append(f"{found.sentence()[0].upper()}{found.sentence()[1:]}.")
        else:
            words.append(
                "The reliability diagram, which needs the score of every pair, is made by grnpyg report."
            )
    if source.has_probabilities:
        counts = histogram(source.edges)
        caption = "Pairs of the table in 40 bins of their probability; the vertical axis is logarithmic."
        figures.append(
            Figure("probabilities", "Probabilities", caption, partial(pl.probabilities, counts), counts)
        )
    return section("probability", "Are the probabilities right?", Text(words), Figures(figures))


def _stability_section(source: NetworkSource) -> list[Section]:
    if "frequency" not in source.edges or source.new["frequency"].isna().all():
        return []
    counts = frequencies(source.edges)
    caption = "New edges of the table by the share of the trainings (seeds) that have them among their best."
    figures = [Figure("stability", "Stability over seeds", caption, partial(pl.stability, counts), counts)]
    always = int(counts["edges"][counts["frequency"] >= 1].sum())
    words = f"{always:,} of {int(counts['edges'].sum()):,} new edges are among the best of every training."
    return section("stability", "Stability over seeds", Text([words]), Figures(figures))


def _drawn_tfs(source: NetworkSource, best: pd.DataFrame) -> list[Section]:
    figures = []
    for at, tf in enumerate(best[TF].head(DRAWN_TFS), start=1):
        own = source.edges[source.edges[TF] == tf]
        if {"rank", "degree_rank"} <= set(own):
            own = own.head(carried.PER_TF)
            caption = (
                "Each target's place among all pairs by degree and by the model, logarithmic; 1: the best."
            )
            columns = [name for name in (TF, TARGET, "degree_rank", "rank", KNOWN) if name in own]
            figures.append(
                Figure(f"tf-{at}", f"Targets of {tf}", caption, partial(pl.tf, own, tf), own[columns])
            )
        nearest = own.head(50)
        caption = (
            "The best 50 pairs, the best at the top and then clockwise; blue: new, grey: known; solid: "
            "activation, dashed: repression, dotted: sign not known; nearer: more probable."
        )
        figures.append(
            Figure(
                f"network-{at}",
                f"Network view of {tf}",
                caption,
                partial(pl.network_view, nearest, tf),
                nearest[[TF, TARGET, *(name for name in (PROBABILITY, KNOWN, "sign") if name in nearest)]],
                (4.5, 4.5),
            )
        )
    return section("tfs", f"TFs with most {source.noun}", Figures(figures))


def _rebuild_section(source: NetworkSource) -> list[Section]:
    if source.summary is None or source.run is None:
        return []
    folder = source.path if source.path.is_absolute() else Path(source.path)
    choices = [str(line) for line in source.summary.get("choices", [])]
    words = ["This command makes the network again, in a folder that is empty or holds a part of it:"]
    return section(
        "rebuild",
        "How it was made",
        Text(choices, listed=True),
        Text(words),
        Command(network_command(source.run.config, source.summary, folder)),
        *manifest_parts(source.manifest),
    )

"""Table lines of metrics, shared by several commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from grnpyg_cli.output import number

if TYPE_CHECKING:
    import pandas as pd

    from grnpyg.metrics import CalibrationReport


def signed(metrics: Mapping[str, Any], name: str) -> str:
    """A difference with its interval, in hundredths: `+1.2 [-0.3,+2.7]`."""
    value, low, high = (metrics.get(key) for key in (name, f"{name}_low", f"{name}_high"))
    if value is None or value != value:
        return "-"
    text = f"{100 * value:+.1f}"
    return text if low is None or high is None else f"{text} [{100 * low:+.1f},{100 * high:+.1f}]"


def set_lines(methods: Mapping[str, Mapping[str, float]]) -> tuple[list[str], list[list[str]]]:
    """Headings and lines of a candidate set's table: gains over degree and additive, Spearman with degree."""
    headings = ["", "over degree x100", "add.", "AUROC", "AP", "rho"]
    return headings, [
        [
            method,
            signed(metrics, "gain_over_degree"),
            signed({"d": metrics.get("gain_over_additive")}, "d"),
            *(number(metrics.get(key), 3) for key in ("auroc", "ap", "degree_spearman")),
        ]
        for method, metrics in methods.items()
    ]


def ranking_lines(methods: Mapping[str, Mapping[str, float]]) -> tuple[list[str], list[list[str]]]:
    """Headings and lines of the full ranking's table."""
    headings = ["", "over degree x100", "TF AUROC", "AP ratio", "AP/chance", "MRR", "EPR"]
    keys = ("per_tf_auroc", "ap_ratio", "ap_over_chance", "mrr", "epr")
    digits = (3, 1, 1, 3, 1)
    return headings, [
        [
            method,
            signed(metrics, "gain_over_degree"),
            *(number(metrics.get(key), d) for key, d in zip(keys, digits, strict=True)),
        ]
        for method, metrics in methods.items()
    ]


def gain_lines(gains: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """Headings and lines of what a network's models reached, a line for each setting."""
    headings = ["", "model", "degree", "over degree x100", "best closed form"]
    names = {"ranking": "all genes of each TF"}
    return headings, [
        [
            names.get(line["setting"], line["setting"].replace("_", " ")),
            number(line["model"], 3),
            number(line["degree"], 3),
            signed({"d": line["gain"], "d_low": line["low"], "d_high": line["high"]}, "d"),
            f"{number(line['best_value'], 3)} ({line['best'].replace('_', ' ')})",
        ]
        for line in gains
    ]


def calibration_lines(reports: Mapping[str, CalibrationReport]) -> tuple[list[str], list[list[str]]]:
    """Headings and lines of the calibration of every setting."""
    lines = [
        [f"{setting}, {name}", number(held.ece, 5), number(held.brier, 5)]
        for setting, report in reports.items()
        for name, held in (("sigmoid", report.before), (report.method, report.after))
    ]
    return ["", "ECE", "Brier"], lines


def sign_lines(methods: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Headings and lines of the accuracy of signs; `right` is of those given, which are not left at 0."""
    headings = ["", "accuracy", "balanced", "AUROC", "given", "right"]
    keys = ("accuracy", "balanced_accuracy", "auroc", "signed", "right")
    lines = [[row["method"], *(number(row[key], 3) for key in keys)] for row in methods.to_dict("records")]
    return headings, lines

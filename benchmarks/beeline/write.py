"""Fill README.md from the stored rows of the BEELINE studies.

    python benchmarks/beeline/write.py

Reads `benchmarks/results/beeline_*.csv` (see collect.py) and `published.csv`; trains nothing. Writes between
the markers of README.md. What was not run is called so. Writing twice gives the same bytes.

A model is a level of the axis `model` other than `none`: it becomes a line of its own in every table, and is
counted against the closed forms of its own cells, which have the same seeds, pairs and training negatives.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
from stored import BAR, EASE, RANKED, SETS, Record, Rows, best, load

from grnpyg.metrics import ADDITIVE, DEGREES
from grnpyg.studies import fill_sections, markdown_table

HERE = Path(__file__).resolve().parent
HEAD = ["AUROC", "AP (step)", "AUPRC (trapezoid)", "AUPRC ratio", "EPR", "AUROC per TF", "AP ratio"]
SHORT = {"degree_product": "degree product", "ease_gene": "EASE, genes", "ease_tf": "EASE, TFs", "svd": "SVD"}
KINDS = ("string", "non-specific", "specific", "lofgof")
NOT_RUN = "Not run."
SCHEMES = (  # title, study, regime, schemes
    ("GENELink's, as its program does it", "labels_genelink", "given", ("density", "hard")),
    ("GENELink's, test negatives kept apart", "labels_genelink", "given", ("density_apart", "hard")),
    ("ours, uniform", "labels_transductive", "uniform", ()),
    ("ours, same TF", "labels_transductive", "same_tf", ()),
    ("ours, degree-matched", "labels_transductive", "degree_matched", ()),
    ("ours, uniform, recipe `best`", "labels_best", "uniform", ()),
    ("ours, same TF, recipe `best`", "labels_best", "same_tf", ()),
    ("ours, degree-matched, recipe `best`", "labels_best", "degree_matched", ()),
)
COUNTED = (
    "Gain: AUROC of the model less that of the best of the degree rows, the additive row and EASE of the "
    "same cells, so with the same seeds, pairs and training negatives."
)


def value(record: Record | None, metric: str, digits: int = 3) -> str:
    """Mean and, where the seeds differ, sample deviation."""
    mean = record.get(f"{metric}_mean") if record else None
    if record is None or mean is None:
        return "-"
    sd = record[f"{metric}_sd"]
    return f"{mean:.{digits}f}" + (f" ± {sd:.{digits}f}" if sd else "")


def pair(record: Record | None) -> str:
    """AUROC and AP in a word."""
    if record is None or record.get("auroc_mean") is None:
        return "-"
    return f"{record['auroc_mean']:.3f} / {record['ap_mean']:.3f}"


def whole(name: str) -> str:
    """Every network of a small study: the published numbers on top, then models, then baselines."""
    found = load(name)
    if found is None:
        return NOT_RUN
    published, blocks = _published(name), []
    for group in found.groups:
        lines = [
            [f"*{p['method']}*, {p['source']}", f"{p['auroc']:.3f}", f"{p['ap']:.3f}", *["-"] * 5]
            for p in published
            if all(p[axis] == level for axis, level in group.items())
        ]
        rows = [("model", model) for model in found.models] + [(row, None) for row in found.baselines()]
        for row, model in rows:
            given, ranked = (found.find(group, regime, row, model) for regime in ("given", "ranking"))
            if given is None:
                continue
            title = f"**{model}**" if model else SHORT.get(row, row.replace("_", " "))
            digits = {"auprc_ratio": 2, "epr": 2, "ap_ratio": 1}
            lines.append(
                [
                    title,
                    *(value(given, metric, digits.get(metric, 3)) for metric in SETS),
                    *(value(ranked, metric, digits.get(metric, 3)) for metric in RANKED),
                ]
            )
        title = ", ".join(group.values())
        blocks.append(f"`{title}`\n\n{markdown_table(['', *HEAD], lines)}")
    return "\n\n".join([*blocks, found.said])


def anchors() -> str:
    """Rows of ours beside the same rows of a first look."""
    lines, outside = [], 0
    for name in ("shared", "mdc"):
        found = load(name)
        for p in _published(name):
            if not p["row"]:
                continue
            group = {"network": p["network"]} | ({"scheme": p["scheme"]} if p["scheme"] else {})
            names = DEGREES if p["row"] == "degree" else (p["row"],)
            ours = None if found is None else best(found, group, "given", names, "auroc")
            off = [ours[f"{m}_mean"] - p[m] for m in ("auroc", "ap")] if ours else []
            far = any(abs(difference) > p["tolerance"] for difference in off)
            outside += far
            verdict = " / ".join(f"{difference:+.3f}" for difference in off) or "not run"
            lines.append(
                [
                    " ".join(group.values()),
                    p["method"],
                    f"{p['auroc']:.3f} / {p['ap']:.3f}",
                    f"{value(ours, 'auroc')} / {value(ours, 'ap')}",
                    ours["row"].replace("_", " ") if ours else "-",
                    f"{verdict} (outside)" if far else verdict,
                ]
            )
    head = ["network", "row", "anchor", "ours", "which", "difference"]
    said = f"AUROC / AP. {len(lines)} anchors, {outside} outside their tolerance (.005 and .02)."
    return f"{markdown_table(head, lines)}\n\n{said}"


def labels(name: str, regimes: Iterable[str], **levels: str) -> str:
    """One line for each label set: the rows that a model has to be above, the best of them, the models."""
    found = load(name)
    if found is None:
        return NOT_RUN
    groups = [g for g in found.groups if all(g[axis] == level for axis, level in levels.items())]
    blocks = []
    for regime in regimes:
        shown = ("degree_product", ADDITIVE, *EASE, "svd")
        models = list(dict.fromkeys(model for group in groups for model in found.trained(group, regime)))
        head = [
            "label set",
            *(SHORT.get(row, row) for row in shown),
            "best but SVD",
            "EPR of it",
            *models,
        ]
        lines, gains = [], {model: list[float]() for model in models}
        for group in groups:
            top = best(found, group, regime, BAR, "auroc")
            cells = []
            for model in models:
                gain = found.gain(group, regime, model)
                gains[model] += [] if gain is None else [gain]
                own = pair(found.find(group, regime, "model", model))
                cells.append(own if gain is None else f"{own} ({gain:+.3f})")
            lines.append(
                [
                    " ".join(level for axis, level in group.items() if axis not in levels),
                    *(pair(found.find(group, regime, row)) for row in shown),
                    "-" if top is None else SHORT.get(top["row"], top["row"].replace("_", " ")),
                    value(top, "epr", 2),
                    *cells,
                ]
            )
        counted = [
            f"{model} is above the best in {sum(gain > 0 for gain in of)} of {len(of)}."
            for model, of in gains.items()
        ]
        blocks.append("\n\n".join([f"`{regime}`", markdown_table(head, lines), *counted]))
    return "\n\n".join([*blocks, f"AUROC / AP (step). {found.said}"])


def _of(found: Rows, schemes: tuple[str, ...]) -> list[dict[str, str]]:
    """The groups of some schemes, of all where none is named."""
    return [group for group in found.groups if not schemes or group["scheme"] in schemes]


def _kind(group: dict[str, str]) -> str:
    return group["network"].rsplit("-", 2 + ("mhsc-e" in group["network"]))[0]


def counts() -> str:
    """In how many label sets a model is above the best of the degree rows, the additive row and EASE."""
    lines = []
    for title, name, regime, schemes in SCHEMES:
        found = load(name)
        groups = [] if found is None else _of(found, schemes)
        gains = {
            metric: {
                group["network"]: gain
                for group in groups
                for model in found.trained(group, regime)[:1]
                if (gain := found.gain(group, regime, model, metric)) is not None
            }
            for metric in ("auroc", "ap")
        }
        if found is None or not gains["auroc"]:
            lines.append([title, NOT_RUN, *["-"] * 4])
            continue
        least = min(gains["auroc"], key=lambda network: gains["auroc"][network])
        below = Counter(_kind({"network": network}) for network, gain in gains["auroc"].items() if gain <= 0)
        lines.append(
            [
                title,
                *(f"{sum(gain > 0 for gain in of.values())} of {len(of)}" for of in gains.values()),
                f"{sum(gains['auroc'].values()) / len(gains['auroc']):+.3f}",
                f"{gains['auroc'][least]:+.3f}, {least}",
                ", ".join(f"{kind} {n}" for kind, n in below.items()) or "-",
            ]
        )
    head = [
        "scheme and negatives",
        "above by AUROC",
        "above by AP",
        "mean gain",
        "least",
        "below, by network",
    ]
    return f"{markdown_table(head, lines)}\n\n{COUNTED}"


def reached() -> str:
    """The model beside every published number of the two small studies."""
    lines = []
    for name in ("shared", "mdc"):
        found = load(name)
        for p in _published(name):
            group = {"network": p["network"]} | ({"scheme": p["scheme"]} if p["scheme"] else {})
            for model in [] if found is None else found.trained(group, "given"):
                own = found.find(group, "given", "model", model)
                off = [own[f"{metric}_mean"] - p[metric] for metric in ("auroc", "ap")]
                lines.append(
                    [
                        " ".join(group.values()),
                        model,
                        f"{value(own, 'auroc')} / {value(own, 'ap')}",
                        f"{p['method']}, {p['auroc']:.3f} / {p['ap']:.3f}",
                        " / ".join(f"{difference:+.3f}" for difference in off),
                        "yes" if min(off) > 0 else "no",
                    ]
                )
    if not lines:
        return NOT_RUN
    head = ["network", "model", "AUROC / AP", "published", "difference", "above in both"]
    return markdown_table(head, lines)


def variants() -> str:
    """What changes of the model do, beside the closed forms of their own cells and the model itself."""
    found, lines = load("labels_transductive"), []
    regimes = [regime for _, study, regime, _ in SCHEMES if study == "labels_transductive"]
    chosen, *others = [""] if found is None else found.models
    for variant, regime in itertools.product(others, regimes):
        assert found is not None
        groups = [g for g in found.groups if {variant, chosen} <= set(found.trained(g, regime))]
        if not groups:
            continue
        cells, scores = [], []
        for model in (variant, chosen):
            gains = [gain for g in groups if (gain := found.gain(g, regime, model)) is not None]
            cells.append(f"{sum(gain > 0 for gain in gains)} of {len(gains)}, {sum(gains) / len(gains):+.3f}")
            records = [found.find(g, regime, "model", model) for g in groups]
            scores.append([record["auroc_mean"] for record in records if record is not None])
        off = [a - b for a, b in zip(*scores, strict=True)]
        lines.append([variant, regime, *cells, f"{min(off):+.3f} to {max(off):+.3f}"])
    if not lines:
        return NOT_RUN
    own = f"`{chosen}`"
    head = ["variant", "negatives", "above, mean gain", f"{own} on the same sets", f"AUROC less {own}'s"]
    return markdown_table(head, lines)


def summary() -> str:
    """Mean of the label sets of each kind of network."""
    shown, lines = ("degree_product", ADDITIVE, *EASE, "svd"), []
    models = _models()
    for title, name, regime, schemes in SCHEMES:
        found = load(name)
        if found is None:
            lines.append([title, NOT_RUN, *["-"] * (1 + len(shown) + len(models))])
            continue
        for kind in KINDS:
            groups = [group for group in _of(found, schemes) if _kind(group) == kind]
            means = []
            for row, model in [*((row, None) for row in shown), *(("model", m) for m in models)]:
                records = [found.find(group, regime, row, model) for group in groups]
                have = [r for r in records if r is not None and r.get("auroc_mean") is not None]
                means.append(_mean(have) if have else "-")
            lines.append([title, kind, str(len(groups)), *means])
    head = ["scheme and negatives", "network", "sets", *(SHORT.get(row, row) for row in shown), *models]
    return f"{markdown_table(head, lines)}\n\nAUROC / AP (step), mean over the label sets."


def _models() -> list[str]:
    """The models of the studies of label sets."""
    stored = (load(name) for name in dict.fromkeys(study for _, study, *_ in SCHEMES))
    return list(dict.fromkeys(model for found in stored if found for model in found.models))


def _mean(records: list[Record]) -> str:
    auroc, ap = (sum(r[f"{m}_mean"] for r in records) / len(records) for m in ("auroc", "ap"))
    return f"{auroc:.3f} / {ap:.3f}"


def _published(study: str) -> list[Record]:
    table = pd.read_csv(HERE / "published.csv", keep_default_na=False)
    table = table[table["study"] == study]
    for column in ("auroc", "ap", "tolerance"):
        table[column] = pd.to_numeric(table[column])
    return table.to_dict("records")  # type: ignore[return-value]  # keys are columns


def sections() -> dict[str, str]:
    """Marker -> text."""
    return {
        "anchors": anchors(),
        "reached": reached(),
        "counts": counts(),
        "variants": variants(),
        "shared": whole("shared"),
        "mdc": whole("mdc"),
        "summary": summary(),
        "labels-genelink": "\n\n".join(
            f"Scheme `{scheme}`:\n\n{labels('labels_genelink', ['given'], scheme=scheme)}"
            for scheme in ("density", "density_apart", "hard")
        ),
        "labels-transductive": labels("labels_transductive", ["uniform", "same_tf", "degree_matched"]),
    }


def main() -> None:
    """Write every section between its markers."""
    path = HERE / "README.md"
    path.write_text(fill_sections(path.read_text(), sections()))


if __name__ == "__main__":
    main()

"""`grnpyg eval`: evaluate a run and the baselines on held-out pairs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from grnpyg_cli import options as o
from grnpyg_cli.metric_tables import calibration_lines, ranking_lines, set_lines
from grnpyg_cli.other_networks import coverage_line, pair_lists
from grnpyg_cli.output import Json, print_json, print_table, say, say_stand_in
from grnpyg_cli.reliability_tables import show_reliability

if TYPE_CHECKING:
    from grnpyg.evaluation import PairList, SubsetResult
    from grnpyg.runs import Run

LATER = "Later curation"
OTHERS = "Networks of other tools"


def evaluate(
    run: Annotated[Path, typer.Argument(help="Run directory.")],
    split: Annotated[
        str,
        typer.Option(help="Held-out subset: test (all test subsets), validation, test_cold_tf, ..."),
    ] = "test",
    negatives: Annotated[
        str | None,
        typer.Option(help="Settings, such as uniform,same_tf,degree_matched,hard. (default: all stored)"),
    ] = None,
    ranking: Annotated[
        bool, typer.Option("--ranking", help="Also rank all genes for each TF; scores every pair.")
    ] = False,
    calibrate: Annotated[
        str | None, typer.Option(help="temperature, isotonic or none: fit on validation, report on the test.")
    ] = None,
    prior: Annotated[
        float | None,
        typer.Option(help="Share of true edges among pairs to score. (default: a fifth of the known edges)"),
    ] = None,
    reliability: Annotated[
        bool,
        typer.Option("--reliability", help="Judge the probabilities of unknown pairs; scores every pair."),
    ] = False,
    later: Annotated[
        str | None,
        typer.Option(
            metavar="LABELS",
            help="Rank all pairs that the run's labels do not name, judged by LABELS (name or file).",
            rich_help_panel=LATER,
        ),
    ] = None,
    later_confidence: Annotated[
        str | None,
        typer.Option(metavar="A,B,C", help="Levels of the later labels to keep.", rich_help_panel=LATER),
    ] = None,
    by: Annotated[
        Path | None,
        typer.Option(
            help="Table of genes and numbers, such as publications: AUROC in thirds of the genes.",
            rich_help_panel=LATER,
        ),
    ] = None,
    known_elsewhere: Annotated[
        str | None,
        typer.Option(metavar="LABELS", help="Leave out negatives that these labels report as edges."),
    ] = None,
    others: Annotated[
        list[Path] | None,
        typer.Option(
            "--with",
            metavar="FILE",
            help="Scored pairs of another tool, judged on the same pairs. May be repeated.",
            rich_help_panel=OTHERS,
        ),
    ] = None,
    names: Annotated[
        list[str] | None,
        typer.Option("--name", help="Its name in the tables. (default: the file's)", rich_help_panel=OTHERS),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            metavar="source=A,target=B,weight=C",
            help="Its columns, where their names do not tell.",
            rich_help_panel=OTHERS,
        ),
    ] = None,
    resamples: Annotated[int, typer.Option(min=0, help="Bootstrap resamples behind the intervals.")] = 1000,
    seed: Annotated[
        int | None, typer.Option(help="Must equal the run's seed: its pairs are stored, none are drawn.")
    ] = None,
    trust_plugins: o.TrustPlugins = False,
    as_json: Json = False,
) -> None:
    """Evaluate a run on its held-out pairs; the gain over node degree comes first.

    Example: grnpyg eval runs/1f0c5d2a9b3e --negatives uniform,same_tf,degree_matched,hard --ranking

    Example: grnpyg eval runs/1f0c5d2a9b3e --later collectri.tsv --known-elsewhere dorothea

    Example: grnpyg eval runs/1f0c5d2a9b3e --with adjacencies.tsv --name GRNBoost2 --ranking
    """
    from grnpyg.core import InputError
    from grnpyg.evaluation import EvalOptions
    from grnpyg.evaluation import evaluate as evaluate_run
    from grnpyg.runs import Run

    loaded = Run.load(run, trust_plugins=trust_plugins)
    if seed is not None and seed != loaded.config.seed:
        raise InputError(
            f"the run's evaluation pairs were drawn with seed {loaded.config.seed}",
            where="--seed",
            fix="train with another seed to draw others",
        )
    if loaded.manifest.status == "interrupted":
        say(f"note: this run was interrupted after epoch {loaded.manifest.epochs}")
    say_stand_in(loaded)
    settings = [] if negatives is None else [name.strip() for name in negatives.split(",") if name.strip()]
    lists = pair_lists(others, names, columns)
    if later is not None:
        of_pairs = {"--split": split != "test", "--negatives": negatives is not None, "--ranking": ranking}
        of_pairs |= {"--calibrate": calibrate is not None, "--prior": prior is not None}
        of_pairs |= {"--reliability": reliability}
        if given := [name for name, is_given in of_pairs.items() if is_given]:
            raise InputError(
                "it ranks all pairs at once and has no held-out pairs",
                where=f"--later with {given[0]}",
                fix=f"leave out {', '.join(given)}",
            )
        _later(loaded, later, later_confidence, known_elsewhere, by, resamples, lists, as_json)
        return
    if later_confidence is not None or by is not None:
        option = "--by" if by is not None else "--later-confidence"
        raise InputError("belongs to --later", where=option, fix="add --later LABELS, or leave it out")
    options = EvalOptions(settings, ranking, resamples, calibrate, prior, known_elsewhere, lists, reliability)
    result = evaluate_run(loaded, split, options)
    if as_json:
        print_json(result.to_dict())
        return
    name = loaded.manifest.handed_out or loaded.config.model_name
    if result.leaks:
        leaks = ", ".join(result.leaks)
        say(f"note: this run leaks ({leaks}): compare only with runs on the same split and negatives")
    if loaded.config.control:
        say(f"note: control {loaded.config.control}")
    if known_elsewhere is not None:
        _say_left_out(result.about["known_elsewhere"])
    for other, facts in result.about.get("lists", {}).items():
        say(coverage_line(other, facts))
    for subset, own in result.subsets.items():
        # with negatives left out, that there are fewer says nothing of how they were drawn
        ratio = loaded.config.evaluation.ratio if known_elsewhere is None else None
        _show(subset, {result.model: name}, own, ratio)


def _later(
    run: Run,
    labels: str,
    confidence: str | None,
    known_elsewhere: str | None,
    by: Path | None,
    resamples: int,
    lists: dict[str, PairList],
    as_json: bool,
) -> None:
    from grnpyg.evaluation import LaterOptions, evaluate_later
    from grnpyg_cli.later_tables import show_later

    levels = None if confidence is None else [level.strip() for level in confidence.split(",")]
    options = LaterOptions(levels, known_elsewhere, by, resamples, lists=lists)
    result = evaluate_later(run, labels, options, say=say)
    if as_json:
        print_json(result.to_dict())
        return
    show_later(result, run.config.model_name)


def _say_left_out(facts: Mapping[str, Any]) -> None:
    for subset, settings in facts["left_out"].items():
        counts = ", ".join(f"{count:,} of {name}" for name, count in settings.items())
        say(f"note: {subset}: negatives left out because {facts['labels']} reports them: {counts}")


def _show(subset: str, names: dict[str, str], result: SubsetResult, ratio: float | None) -> None:
    """Print the tables of a subset; `names` gives the display names of methods.

    `ratio` is how many negatives per positive were asked for; None: say nothing of it.
    """
    from grnpyg.evaluation import sentence

    for setting, table in result.settings.items():
        reached = result.negatives[setting]
        counts = f"{reached.positives:,} positives, {reached.negatives:,} negatives"
        methods = {names.get(method, method): metrics for method, metrics in table.items()}
        print_table(*set_lines(methods), title=f"{subset}, {setting} negatives ({counts})")
        if ratio is not None and (line := sentence(reached, setting, ratio)):
            say(f"note: {line}")
    if result.ranking is not None:
        methods = {names.get(method, method): metrics for method, metrics in result.ranking.metrics.items()}
        tfs = next(iter(methods.values()))["ranked_tfs"]
        print_table(*ranking_lines(methods), title=f"{result.ranking.universe} ({tfs} TFs averaged)")
    if result.reliability is not None:
        show_reliability(result.reliability)
    if result.calibration:
        prior = next(iter(result.calibration.values())).prior
        title = f"{subset}: calibration where {prior:.3g} are true edges"
        print_table(*calibration_lines(result.calibration), title=title)

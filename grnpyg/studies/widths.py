"""Set the widths of a study's trials so that they have as many parameters as another trial."""

from __future__ import annotations

from dataclasses import replace

from grnpyg.core.errors import InputError
from grnpyg.studies.datasets import Datasets, dataset_key
from grnpyg.studies.study import Study
from grnpyg.studies.trial import Trial


def resolve_widths(study: Study) -> Study:
    """Match the trials that the study's `match` names to the parameter count of their partner.

    The partner of a trial is the trial at the level `to`, with every other level equal. It need not be part
    of the study itself. Counting parameters takes the data: each data set is loaded once. A study without
    `match`, or whose widths are matched already, is returned unchanged.

    Args:
        study: from `read_study`.

    Returns:
        The same study, every trial with its final config and hash.

    Raises:
        InputError: the data cannot be used, or no width gives the count.
    """
    open_trials = [trial for trial in study.trials if not trial.matched]
    if not open_trials:
        return study
    datasets, counts = Datasets(), dict[str, int]()
    done = {
        trial.name: _match(trial, study, datasets, counts)
        for trial in sorted(open_trials, key=lambda trial: dataset_key(trial.config))
    }
    return replace(study, trials=tuple(done.get(trial.name, trial) for trial in study.trials))


def _match(trial: Trial, study: Study, datasets: Datasets, counts: dict[str, int]) -> Trial:
    """The trial with new widths; `counts` holds the parameters of the partners seen so far, by hash."""
    from grnpyg.models.matching import count_parameters, match

    rule, config = study.match, trial.config
    assert rule is not None
    partner = study.trial_at({**trial.levels, rule.axis: rule.to})
    if partner.config.baseline is not None:
        raise InputError(
            f"{partner.config.model_name} is a baseline, whose parameters no widths are matched to",
            where=f"study {study.name}: match",
            fix="name the level of a trained model",
        )
    if partner.hash not in counts:
        graph = datasets.get(partner.config).graph
        counts[partner.hash] = count_parameters(graph, partner.config.encoder, partner.config.head)
    budget = counts[partner.hash]
    encoder, head, count = match(datasets.get(config).graph, config.encoder, config.head, budget)
    note = f"matched to {budget:,} parameters ({rule.axis}={rule.to}): {count:,}"
    matched = config.model_copy(update={"encoder": encoder, "head": head})
    return replace(trial, config=matched, notes=(note,), matched=True)

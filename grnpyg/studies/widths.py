"""Trials of a study whose widths are set to the parameter count of another trial."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grnpyg.core.errors import InputError
from grnpyg.studies.datasets import Datasets, dataset_key

if TYPE_CHECKING:
    from grnpyg.studies.study import Study, Trial


def matched(study: Study) -> tuple[Trial, ...]:
    """The drafts of a study, those that its `match` names at the count of their partner; same order.

    The partner of a trial is the trial at the level `to` with every other level equal, whether or not it is
    itself part of the study. Each data set is loaded once.

    Raises:
        InputError: the data cannot be used, or no width gives the count.
    """
    from grnpyg.models.matching import count_parameters, match

    rule = study.match
    if rule is None:
        return study.drafts
    datasets = Datasets()
    counts: dict[str, int] = {}
    done: dict[int, Trial] = {}
    for index, trial in sorted(enumerate(study.drafts), key=lambda item: dataset_key(item[1].config)):
        level = trial.levels[rule.axis]
        fixed = level == rule.to or trial.config.baseline is not None  # a baseline has no widths
        if fixed or (rule.levels and level not in rule.levels):
            done[index] = trial
            continue
        config, partner = trial.config, study.draft({**trial.levels, rule.axis: rule.to})
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
        done[index] = replace(
            trial, config=config.model_copy(update={"encoder": encoder, "head": head}), notes=(note,)
        )
    return tuple(done[index] for index in range(len(study.drafts)))

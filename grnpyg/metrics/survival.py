"""How much of a score a control keeps."""

from __future__ import annotations


def surviving_share(score: float, control: float, chance: float) -> float:
    """(control - chance) / (score - chance): the share of a score above chance that remains in a control.

    Args:
        score: the value in question, for example a model's AUROC.
        control: the same metric once the suspected cause is removed (shuffled profiles, matched negatives),
            or with nothing but that cause (a degree baseline): the share is then what the cause explains.
        chance: value of the metric for a random score: 0.5 for AUROC, the share of positives for AP.

    Returns:
        1 if the control keeps the whole score, 0 if it falls to chance; below 0 under chance, above 1 if the
        control scores higher. nan if the score itself is not above chance.
    """
    return (control - chance) / (score - chance) if score > chance else float("nan")

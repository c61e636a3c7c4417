"""The trials of a tuning in Optuna's journal, a file beside the runs: it holds whole facts only.

runs/.tuning/<name>/journal.jsonl   one Optuna study for every model and seed
runs/.tuning/<name>/lock            held while somebody is at work on the tuning

A trial is written with all its parameters before it is trained, and once more with its value. What is drawn
depends on the seed and on the finished trials alone, so that a tuning that was killed goes on to the same
trials as one that was not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grnpyg.core.errors import InputError
from grnpyg.core.locks import locked
from grnpyg.core.seeding import derive
from grnpyg.studies.search.tuning import Candidate, Tuning
from grnpyg.studies.search.tuning_file import Parameter
from grnpyg.training.prepare import inputs

if TYPE_CHECKING:
    import optuna

ORIGIN = "origin"  # what the trials of a study were made from


def require_optuna() -> None:
    """Say how to get Optuna where it is missing.

    Raises:
        InputError: it is not installed.
    """
    try:
        import optuna  # noqa: F401
    except ImportError:
        raise InputError("Optuna is not installed", fix='pip install "grnpyg[tune]"') from None


@contextmanager
def opened(folder: Path) -> Iterator[optuna.storages.BaseStorage]:
    """The journal in `folder`, held by this process; Optuna keeps quiet meanwhile.

    Raises:
        BusyError: another process is at work on it.
        InputError: it cannot be read.
    """
    import optuna
    from optuna.storages.journal import JournalFileBackend

    path = folder / "journal.jsonl"
    before = optuna.logging.get_verbosity()
    try:
        with locked(folder, "another process is at work on this tuning"):
            optuna.logging.set_verbosity(optuna.logging.ERROR)
            Path(f"{path}.lock").unlink(
                missing_ok=True
            )  # of a process that was killed: ours is the other one
            _cut_torn_line(path)
            try:
                storage = optuna.storages.JournalStorage(JournalFileBackend(str(path)))
            except (ValueError, KeyError, TypeError, AttributeError):
                raise InputError(
                    "the journal cannot be read", where=path, fix="remove it; the runs are found again"
                ) from None
            yield storage
    finally:
        optuna.logging.set_verbosity(before)


def study_of(storage: optuna.storages.BaseStorage, tuning: Tuning, candidate: Candidate) -> optuna.Study:
    """The trials of one model, new or gone on with.

    Raises:
        InputError: the trials that are there were made from something else.
    """
    import optuna

    name = f"{candidate.name}, seed {tuning.seed}"
    if name in optuna.get_all_study_names(storage):
        study = optuna.load_study(study_name=name, storage=storage)
    else:
        study = optuna.create_study(study_name=name, storage=storage, direction="maximize")
    origin = _origin(tuning, candidate)
    if not study.trials:
        study.set_user_attr(ORIGIN, origin)
    before = study.user_attrs.get(ORIGIN, {})
    for key, value in origin.items():
        if before.get(key) != value:
            raise InputError(
                f"the {key} of the model {candidate.name} changed since its trials began",
                where=tuning.path,
                fix="put it back, or give the tuning another name",
            )
    return study


def next_params(
    trials: list[optuna.trial.FrozenTrial], tuning: Tuning, candidate: Candidate
) -> tuple[dict[str, Any], dict[str, optuna.distributions.BaseDistribution]]:
    """What the next trial of a model has, a function of the seed and of the finished trials.

    Tree-structured Parzen estimator (Bergstra et al.,
    Algorithms for Hyper-Parameter Optimization, NIPS 2011).

    Args:
        trials: the finished ones.
        tuning: says the seed.
        candidate: the model.

    Returns:
        Config key -> value, config key -> Optuna's distribution.
    """
    import optuna

    distributions = {key: distribution(parameter) for key, parameter in candidate.space.items()}
    seed = derive(tuning.seed, "tune", candidate.name, len(trials)) % 2**32
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    study.add_trials(trials)
    return study.ask(distributions).params, distributions


def distribution(parameter: Parameter) -> optuna.distributions.BaseDistribution:
    """Optuna's counterpart of a range or of choices."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if parameter.choices is not None:
        return CategoricalDistribution(parameter.choices)
    low, high, step = parameter.low, parameter.high, parameter.step
    assert low is not None
    assert high is not None
    if isinstance(low, int) and isinstance(high, int) and (step is None or isinstance(step, int)):
        return IntDistribution(low, high, log=parameter.log, step=step or 1)
    return FloatDistribution(low, high, log=parameter.log, step=step)


def _origin(tuning: Tuning, candidate: Candidate) -> dict[str, Any]:
    """Everything that decides what a trial's value is; the number of trials does not."""
    config = candidate.config({})
    space: Mapping[str, Any] = {k: p.model_dump(mode="json") for k, p in candidate.space.items()}
    return {
        "config": config.model_dump(mode="json"),
        "space": list(map(list, space.items())),
        "objective": tuning.objective.names,
        "data": {role: read["sha256"] for role, read in inputs(config).items()},
    }


def _cut_torn_line(path: Path) -> None:
    """A line that was not written to its end says nothing, and the next one would be glued to it."""
    if path.exists():
        whole = path.read_bytes().rfind(b"\n") + 1
        if whole < path.stat().st_size:
            with path.open("r+b") as file:
                file.truncate(whole)

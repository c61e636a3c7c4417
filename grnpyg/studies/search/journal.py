"""The trials of a tuning in Optuna's journal, a file beside the runs that only holds whole facts.

runs/.tuning/<name>/journal.jsonl   one Optuna study for every model and seed
runs/.tuning/<name>/lock            held while a process works on the tuning

A trial is written with all its parameters before it is trained, and a second time with its value. What is
drawn depends on the seed and on finished trials of the same model alone, so that a tuning that was killed
continues with the same trials as one that was not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grnpyg.core.errors import InputError
from grnpyg.core.locks import locked
from grnpyg.core.seeding import derive
from grnpyg.resolve import config_hash
from grnpyg.studies.search.tuning import MODEL, NUMBER, Candidate, Tuning
from grnpyg.studies.trial import Trial
from grnpyg.training.prepare import inputs

if TYPE_CHECKING:
    import optuna

ORIGIN = "origin"  # what the trials of a study were made from


@dataclass(frozen=True)
class Draw:
    """A trial with the parameters that were drawn for it.

    Attributes:
        trial: its levels are `model` and `trial`, the number, counted from 1.
        params: config key -> value.
        value: the objective; None if the training diverged or is not finished.
    """

    trial: Trial
    params: Mapping[str, Any]
    value: float | None

    @property
    def model(self) -> str:
        """The name of the model."""
        return self.trial.levels[MODEL]

    @property
    def number(self) -> int:
        """The number of the trial among those of its model, counted from 1."""
        return int(self.trial.levels[NUMBER])


class ModelTrials:
    """The trials of one model in the journal, new or continued.

    Args:
        storage: from `opened`.
        tuning: the tuning.
        candidate: one of its models.

    Raises:
        InputError: the trials in the journal were made from something else.
    """

    def __init__(self, storage: optuna.storages.BaseStorage, tuning: Tuning, candidate: Candidate) -> None:
        import optuna

        self.tuning, self.candidate = tuning, candidate
        self._where = f".tuning/{tuning.name}/journal.jsonl, model {candidate.name}"
        name = f"{candidate.name}, seed {tuning.seed}"
        if name in optuna.get_all_study_names(storage):
            self._study = optuna.load_study(study_name=name, storage=storage)
        else:
            self._study = optuna.create_study(study_name=name, storage=storage, direction="maximize")
        self._asked = set[int]()  # indices of the trials that `ask` has returned
        self._require_same_origin()

    def ask(self) -> list[Trial]:
        """The trials of the next batch; none as long as the batch before is not finished, or at the end."""
        import optuna

        trials, size = self._study.trials, self.tuning.batch
        first = next((t.number for t in trials if not t.state.is_finished()), len(trials))
        start = first - first % size
        end = min(start + size, self.tuning.trials)
        for index in range(len(trials), end):
            with readable(self._where):
                params, distributions = next_params(trials[:start], index, self.tuning, self.candidate)
            running = optuna.trial.TrialState.RUNNING
            drawn = optuna.trial.create_trial(state=running, params=params, distributions=distributions)
            self._study.add_trial(drawn)  # one line of the journal
        wanted = [
            t.number
            for t in self._study.trials[first:end]
            if t.number not in self._asked and not t.state.is_finished()
        ]
        self._asked.update(wanted)
        return [self.draw(index + 1).trial for index in wanted]

    def tell(self, number: int, value: float | None) -> None:
        """Write down the value of a trial, by its number; None if its training diverged."""
        import optuna

        pruned = optuna.trial.TrialState.PRUNED  # the worst that there is, to the sampler
        self._study.tell(number - 1, value, pruned if value is None else None)

    def draw(self, number: int) -> Draw:
        """A trial by its number.

        Raises:
            InputError: its parameters do not make a valid config.
        """
        frozen = self._study.trials[number - 1]
        with readable(self._where):
            params = {key: frozen.params[key] for key in self.candidate.space}
            if not all(isinstance(value, float) for value in frozen.values or ()):
                raise TypeError
        try:
            config = self.candidate.config(params)
        except InputError as error:
            at = " ".join(f"{key}={value}" for key, value in params.items())
            raise InputError(str(error), where=f"model {self.candidate.name}, {at}") from None
        levels = {MODEL: self.candidate.name, NUMBER: str(number)}
        trial = Trial(study=self.tuning.name, levels=levels, config=config, over=(NUMBER,))
        return Draw(trial, params, frozen.values[0] if frozen.values else None)

    @property
    def finished(self) -> list[Draw]:
        """The finished trials, at most as many as the tuning asks for."""
        counted = self._study.trials[: self.tuning.trials]
        return [self.draw(trial.number + 1) for trial in counted if trial.state.is_finished()]

    def _require_same_origin(self) -> None:
        """Refuse trials of another config, space, objective or other data."""
        origin = _origin(self.tuning, self.candidate)
        if not self._study.trials:
            self._study.set_user_attr(ORIGIN, origin)
        before = self._study.user_attrs.get(ORIGIN, {})
        for key, value in origin.items():
            if not isinstance(before, dict) or before.get(key) != value:
                raise InputError(
                    f"the {key} of the model {self.candidate.name} changed since its trials began",
                    where=self.tuning.path,
                    fix="put it back, or give the tuning another name",
                )


@contextmanager
def readable(where: object) -> Iterator[None]:
    """Refuse a damaged journal, at which Optuna raises nearly anything.

    Raises:
        InputError: in place of any other error in the block.
    """
    try:
        yield
    except InputError:
        raise
    except Exception:
        fix = "remove it; the runs are found again"
        raise InputError("the journal cannot be read", where=where, fix=fix) from None


@contextmanager
def opened(folder: Path) -> Iterator[optuna.storages.BaseStorage]:
    """The journal in `folder`, held by this process; Optuna prints nothing meanwhile.

    Raises:
        BusyError: another process works on it.
        InputError: it cannot be read.
    """
    import optuna
    from optuna.storages.journal import JournalFileBackend

    path = folder / "journal.jsonl"
    before = optuna.logging.get_verbosity()
    try:
        with locked(folder, "another process is at work on this tuning"):
            optuna.logging.set_verbosity(optuna.logging.ERROR)
            # Optuna's own lock may be left by a process that was killed; ours is held
            Path(f"{path}.lock").unlink(missing_ok=True)
            _cut_torn_line(path)
            with readable(path):
                storage = optuna.storages.JournalStorage(JournalFileBackend(str(path)))
                for study in storage.get_all_studies():
                    storage.get_all_trials(study._study_id)
            yield storage
    finally:
        optuna.logging.set_verbosity(before)


def next_params(
    finished: list[optuna.trial.FrozenTrial], index: int, tuning: Tuning, candidate: Candidate
) -> tuple[dict[str, Any], dict[str, optuna.distributions.BaseDistribution]]:
    """Draw the parameters of a trial, a function of the seed, of its index and of the finished trials.

    Tree-structured Parzen estimator (Bergstra et al.,
    Algorithms for Hyper-Parameter Optimization, NIPS 2011).

    Args:
        finished: trials of earlier batches.
        index: of the trial among those of its model, from 0.
        tuning: gives the seed.
        candidate: the model.

    Returns:
        Config key -> value, config key -> Optuna's distribution.
    """
    import optuna

    distributions = {key: parameter.distribution for key, parameter in candidate.space.items()}
    seed = derive(tuning.seed, "tune", candidate.name, index) % 2**32
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    study.add_trials(finished)
    return study.ask(distributions).params, distributions


def _origin(tuning: Tuning, candidate: Candidate) -> dict[str, Any]:
    """Everything that decides the draws and the values of the trials; their number does not."""
    config = candidate.config({})
    space: Mapping[str, Any] = {k: p.model_dump(mode="json") for k, p in candidate.space.items()}
    return {
        "config": config_hash(config),
        "space": list(map(list, space.items())),
        "batch": tuning.batch,
        "objective": tuning.objective.names,
        "data": {role: read["sha256"] for role, read in inputs(config).items()},
    }


def _cut_torn_line(path: Path) -> None:
    """Remove a last line that was not written to its end; the next one would be glued to it."""
    if path.exists():
        whole = path.read_bytes().rfind(b"\n") + 1
        if whole < path.stat().st_size:
            with path.open("r+b") as file:
                file.truncate(whole)

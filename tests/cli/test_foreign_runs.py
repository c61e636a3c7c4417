"""A run from somebody else: it runs no code, and its files neither hang a command nor reach out of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from cli.command import grnpyg, refused

import grnpyg as gp
from grnpyg.core.errors import InputError
from grnpyg.core.files import sha256, sha256_of
from grnpyg.core.trust import trust_file
from grnpyg.runs import Manifest

EVIL = "open('executed', 'w').close()\n"
COMMANDS: dict[str, list[object]] = {
    "eval": ["eval", "RUN"],
    "predict": ["predict", "RUN"],
    "prune": ["prune", "RUN", "--ratio", 0.5],
    "compare": ["compare", "RUN", "RUN"],
    "effective-rank": ["effective-rank", "RUN"],
    "report": ["report", "RUN"],
    "match": ["train", "--config", "small.yaml", "--match", "RUN"],
}


def seal(run: Path) -> None:
    """Write the hashes anew, as an author who changes a run on purpose would."""
    content = json.loads((run / "manifest.json").read_text())
    content["files"] = {name: sha256(run / name) for name in content["files"]}
    content.pop("sha256")
    content["sha256"] = sha256_of(json.dumps(content, sort_keys=True))
    (run / "manifest.json").write_text(json.dumps(content))
    Manifest.load(run)


def name_plugin(run: Path, section: str = "encoder", module: str = "evil") -> None:
    values = yaml.safe_load((run / "config.yaml").read_text())
    values[section] = {"name": f"{module}:Evil"}
    (run / "config.yaml").write_text(yaml.safe_dump(values))
    seal(run)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_runs_the_plug_in_of_a_run(run: Path, command: str) -> None:
    Path("evil.py").write_text(EVIL)
    name_plugin(run)
    arguments = [run if part == "RUN" else part for part in COMMANDS[command]]
    refused(*arguments, says=("evil.py", sha256(Path("evil.py")), "--trust-plugins"))
    assert str(Path.cwd()) not in sys.path


@pytest.mark.parametrize("section", ["head", "loss", "split"])
def test_no_other_component_runs_either(run: Path, section: str) -> None:
    Path("evil.py").write_text(EVIL)
    name_plugin(run, section)
    refused("eval", run, says=("evil.py", "--trust-plugins"))


def test_the_manifest_names_no_plug_in_behind_the_config(run: Path) -> None:
    Path("evil.py").write_text(EVIL)
    content = json.loads((run / "manifest.json").read_text())
    content["encoder"] = {"name": "evil:Evil"}
    (run / "manifest.json").write_text(json.dumps(content))
    seal(run)
    refused("predict", run, says=("evil.py", "--trust-plugins"))


def test_a_package_around_the_plug_in_is_checked_as_well(run: Path) -> None:
    Path("pack").mkdir()
    Path("pack/__init__.py").write_text(EVIL)
    Path("pack/inner.py").write_text("")
    values = yaml.safe_load((run / "config.yaml").read_text())
    values["encoder"] = {"name": "pack.inner:Evil"}
    (run / "config.yaml").write_text(yaml.safe_dump(values))
    seal(run)
    refused("eval", run, says=("__init__.py", "--trust-plugins"))


def test_the_option_and_the_trust_file_allow_it(run: Path) -> None:
    Path("evil.py").write_text(EVIL)
    name_plugin(run)
    allowed = grnpyg("eval", run, "--trust-plugins")
    assert Path("executed").exists()
    assert "unknown class" in allowed.err.lower() or "Evil" in allowed.err
    Path("executed").unlink()
    listed = trust_file()
    listed.parent.mkdir(parents=True, exist_ok=True)
    before = listed.read_text() if listed.exists() else None
    try:
        listed.write_text(json.dumps({sha256(Path("evil.py")): "evil.py"}))
        grnpyg("eval", run)
        assert Path("executed").exists()
    finally:
        listed.unlink() if before is None else listed.write_text(before)


DOOR: dict[str, Callable[..., object]] = {
    "predict": gp.predict,
    "compare": lambda run, **trust: gp.compare(run, run, resamples=1, **trust),
    "prune": lambda run, **trust: gp.prune(run, 0.5, **trust),
    "evaluate": gp.evaluate,
    "load": gp.load,
}


@pytest.mark.parametrize("name", DOOR)
def test_no_function_runs_it_either_unless_it_is_told_to(run: Path, name: str) -> None:
    Path("evil_too.py").write_text(EVIL)
    name_plugin(run, module="evil_too")
    with pytest.raises(InputError, match=r"evil_too\.py.*trust_plugins=True"):
        DOOR[name](run)
    assert not Path("executed").exists()
    try:
        with pytest.raises(InputError, match="Evil"):  # the file runs, and has no such class
            DOOR[name](run, trust_plugins=True)
        assert Path("executed").exists()
    finally:
        sys.modules.pop("evil_too")


def test_a_manifest_without_counts_still_predicts(run: Path) -> None:
    """Keys that another version did not write have a default."""
    content = json.loads((run / "manifest.json").read_text())
    content["data"].pop("counts")
    (run / "manifest.json").write_text(json.dumps(content))
    seal(run)
    assert grnpyg("predict", run, "--top", 3).code == 0

"""Encoders and heads from a user's own file: what works, and what the user sees where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from cli.command import Result, grnpyg, refused

from grnpyg.core.files import sha256
from grnpyg.core.trust import trust_file

TRAIN = ("train", "--config", "small.yaml")
GOOD = """\
from __future__ import annotations

import torch
from torch import nn

from grnpyg.models.encoders import NodeEncoder


class MyEncoder(NodeEncoder):
    uses_messages = False
    widths = ("size",)

    def __init__(self, data, *, size: int = 4):
        super().__init__(size)
        self.tables = nn.ModuleDict(
            {kind: nn.Embedding(data[kind].num_nodes, size) for kind in ("tf", "gene")}
        )

    def forward(self, data):
        return {kind: table.weight for kind, table in self.tables.items()}


class NoEncoder:
    pass
"""


def plug_in(name: str, text: str = GOOD) -> str:
    Path(f"{name}.py").write_text(text)
    return name


def succeeded(result: Result) -> Result:
    assert result.code == 0, result.err
    return result


@pytest.mark.parametrize("suffix", ["", ".py"])
def test_an_encoder_from_the_current_folder(work: Path, suffix: str) -> None:
    spec = f"{plug_in('my_good_file')}{suffix}:MyEncoder"
    trained = succeeded(grnpyg(*TRAIN, "--encoder", spec, "--set", "encoder.size=6", "--json")).json
    assert trained["parameters_by_part"]["encoder"] == 6 * (15 + 80)
    evaluated = succeeded(
        grnpyg("eval", trained["run"], "--split", "validation", "--resamples", 0, "--json")
    ).json
    assert evaluated["regimes"]["uniform"] == trained["validation"]
    assert succeeded(grnpyg("predict", trained["run"], "--top", 5, "--json")).json["pairs"] == 5


def test_an_encoder_from_the_current_folder_is_matched(work: Path) -> None:
    spec = f"{plug_in('my_wide_file')}:MyEncoder"
    arguments = (*TRAIN, "--encoder", spec, "--max-epochs", 0, "--match", 20_000, "--json")
    assert abs(succeeded(grnpyg(*arguments)).json["parameters"] - 20_000) <= 20


def test_what_is_trusted_from_now_on_is_said_once(work: Path) -> None:
    """The user's own plug-in is listed in a file of the user's: by training here, and in another process."""
    spec = f"{plug_in('my_listed_file', f'{GOOD}# new')}:MyEncoder"
    first = succeeded(grnpyg(*TRAIN, "--encoder", spec))
    (line,) = [line for line in first.err.splitlines() if line.startswith("warning: ")]
    assert "my_listed_file.py" in line
    assert str(trust_file()) in line
    assert sha256(Path("my_listed_file.py")) in trust_file().read_text()
    assert "warning: " not in succeeded(grnpyg(*TRAIN, "--encoder", spec, "--seed", 1)).err
    plug_in("my_listed_file", f"{GOOD}# another one\n")
    values = {"base": "small.yaml", "axes": {"encoder": {"mine": {"encoder": spec, "seed": 5}}}}
    Path("study.yaml").write_text(yaml.safe_dump(values))
    lines = succeeded(grnpyg("study", "run", "study.yaml", "--threads", 1)).err.splitlines()
    assert [str(trust_file()) in line for line in lines if line.startswith("warning: ")] == [True]


def test_a_run_with_a_plug_in_seen_from_another_folder(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in("my_far_file")
    run = Path(
        succeeded(grnpyg(*TRAIN, "--encoder", "my_far_file:MyEncoder", "--json")).json["run"]
    ).absolute()
    (work / "elsewhere").mkdir()
    monkeypatch.chdir(work / "elsewhere")
    for command in (("eval", run), ("predict", run)):
        refused(*command, says=("my_far_file", "run the command in the folder that holds my_far_file.py"))


def test_a_run_whose_plug_in_was_changed(work: Path) -> None:
    """Same weights, other forward: the numbers would be those of no model that was ever trained."""
    plug_in("my_changed_file")
    run = succeeded(grnpyg(*TRAIN, "--encoder", "my_changed_file:MyEncoder", "--json")).json["run"]
    plug_in("my_changed_file", GOOD.replace("table.weight for", "2 * table.weight for"))
    refused("eval", run, says=("my_changed_file.py", "changed", "--overwrite"))


def test_training_again_after_the_plug_in_was_changed(work: Path) -> None:
    """A plug-in is an input like the labels: the old run is not the answer for the new code."""
    plug_in("my_edited_file")
    arguments = (*TRAIN, "--encoder", "my_edited_file:MyEncoder")
    succeeded(grnpyg(*arguments))
    plug_in("my_edited_file", GOOD.replace("table.weight for", "2 * table.weight for"))
    refused(*arguments, says=("changed", "--overwrite"))


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("no_such_file:MyEncoder", ("no_such_file", "no_such_file.py")),
        ("my_known_file:MyEncoders", ("MyEncoders", "did you mean 'MyEncoder'")),
        ("my_known_file:NoEncoder", ("not an encoder", "NodeEncoder")),
        ("my_known_file:torch", ("not an encoder", "NodeEncoder")),
        ("my_known_file:", ("my_known_file",)),
        (":MyEncoder", (":MyEncoder",)),
        (":", ()),
        ("./my_known_file.py:MyEncoder", ("my_known_file",)),
        ("..my_known_file:MyEncoder", ("my_known_file",)),
        ("labels.tsv:MyEncoder", ("labels",)),
        ("grnpyg.models.heads:DualHead", ("not an encoder", "NodeEncoder")),
    ],
)
def test_a_spec_that_leads_nowhere(work: Path, spec: str, says: tuple[str, ...]) -> None:
    plug_in("my_known_file")
    refused(*TRAIN, "--encoder", spec, says=says)


def test_a_head_is_no_encoder_and_the_other_way_round(work: Path) -> None:
    plug_in("my_head_file")
    refused(*TRAIN, "--head", "my_head_file:MyEncoder", says=("not a head", "Head"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("class MyEncoder(:\n    pass\n", ("SyntaxError", "line 1")),
        ("import torch\n1 / 0\n", ("ZeroDivisionError", "line 2")),
        ("from grnpyg.models.encoders import NoSuchName\n", ("ImportError", "NoSuchName", "line 1")),
        ("import no_such_package_x\n", ("no_such_package_x",)),
        ("raise SystemExit(0)\n", ("SystemExit",)),
        ("\xff", ("line 1",)),
        ("\0", ("null",)),
    ],
)
def test_a_file_that_cannot_be_imported(work: Path, text: str, says: tuple[str, ...]) -> None:
    """One line with the file, the line and the kind of error."""
    Path("my_broken_file.py").write_text(text, encoding="latin-1")
    refused(*TRAIN, "--encoder", "my_broken_file:MyEncoder", says=("my_broken_file", *says))


def test_a_package_that_the_plug_in_needs_is_not_taken_for_the_plug_in(work: Path) -> None:
    """The advice to change the folder would be wrong: the file is there, its import is not."""
    plug_in("my_needy_file", "import no_such_package_x\n" + GOOD.partition("\n\n")[2])
    line = refused(*TRAIN, "--encoder", "my_needy_file:MyEncoder", says=("no_such_package_x",))
    assert "holds my_needy_file.py" not in line


def test_annotations_that_exist_for_type_checkers_only(work: Path) -> None:
    """`if TYPE_CHECKING:` imports are ordinary style, this project's own included."""
    text = GOOD.replace("import torch\n", "from typing import TYPE_CHECKING\n\nimport torch\n", 1)
    text = text.replace(
        "\n\nclass MyEncoder",
        "\nif TYPE_CHECKING:\n    from torch_geometric.data import HeteroData\n\n\nclass MyEncoder",
        1,
    ).replace("data, *, size", "data: HeteroData, *, size")
    plug_in("my_typed_file", text)
    succeeded(grnpyg(*TRAIN, "--encoder", "my_typed_file:MyEncoder", "--max-epochs", 0))


def test_an_option_without_a_default_has_to_be_given(work: Path) -> None:
    plug_in("my_strict_file", GOOD.replace("size: int = 4", "size: int"))
    refused(*TRAIN, "--encoder", "my_strict_file:MyEncoder", says=("size", "required"))


def test_an_encoder_without_forward(work: Path) -> None:
    plug_in("my_short_file", GOOD.replace("def forward", "def forwards"))
    refused(*TRAIN, "--encoder", "my_short_file:MyEncoder", says=("forward",))

"""What a release publishes: one version everywhere, and recipes that ask for what the package asks for."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from places import REPOSITORY

import grnpyg

PACKAGING = REPOSITORY / "packaging"
pytestmark = pytest.mark.skipif(not PACKAGING.is_dir(), reason="needs the recipes of the repository")
CONDA = {  # names on conda-forge where they differ from those on PyPI
    "lazy-loader": "lazy_loader",
    "torch": "pytorch",
    "torch-geometric": "pytorch_geometric",
    "typing-extensions": "typing_extensions",
}


def conda() -> dict[str, Any]:
    """The recipe as conda reads it, with its one variable filled in."""
    text = (PACKAGING / "conda" / "meta.yaml").read_text()
    (version,) = re.findall(r'{% set version = "([^"]+)" %}', text)
    lines = [line for line in text.splitlines() if not line.startswith("{%")]
    filled = "\n".join(lines).replace("{{ version }}", version).replace("{{ PYTHON }}", "python")
    assert "{{" not in filled
    content = yaml.safe_load(filled)
    assert isinstance(content, dict)
    return content


def project() -> dict[str, Any]:
    content = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    assert isinstance(content, dict)
    return content


def test_one_version_everywhere() -> None:
    cff = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text())
    (section, date), *_ = re.findall(r"^## (\S+) \((.+)\)$", (REPOSITORY / "CHANGELOG.md").read_text(), re.M)
    assert {
        "CITATION.cff": cff["version"],
        "CHANGELOG.md": section,
        ".zenodo.json": json.loads((REPOSITORY / ".zenodo.json").read_text())["version"],
        "meta.yaml": conda()["package"]["version"],
        "Dockerfile": re.findall(r"^ARG VERSION=(.+)$", (PACKAGING / "Dockerfile").read_text(), re.M)[0],
        "grnpyg.def": re.findall(r"^    version=(.+)$", (PACKAGING / "grnpyg.def").read_text(), re.M)[0],
    } == dict.fromkeys(
        ("CITATION.cff", "CHANGELOG.md", ".zenodo.json", "meta.yaml", "Dockerfile", "grnpyg.def"),
        grnpyg.__version__,
    )
    assert date == str(cff["date-released"])


def test_conda_asks_for_what_the_package_asks_for() -> None:
    recipe = conda()
    asked = [f"python {project()['requires-python']}"]
    for text in project()["dependencies"]:
        requirement = Requirement(text)
        asked.append(f"{CONDA.get(requirement.name, requirement.name)} {requirement.specifier}")
    assert sorted(recipe["requirements"]["run"]) == sorted(asked)
    (entry,) = recipe["build"]["entry_points"]
    assert entry == " = ".join(next(iter(project()["scripts"].items())))
    assert recipe["source"]["url"].endswith(f"dist/grnpyg-{grnpyg.__version__}-py3-none-any.whl")


@pytest.mark.parametrize("name", ["Dockerfile", "grnpyg.def"])
def test_images_install_the_wheel_with_extras_that_exist(name: str) -> None:
    text = (PACKAGING / name).read_text()
    (extras,) = re.findall(r"-py3-none-any\.whl\[([\w,]+)\]", text)
    assert set(extras.split(",")) <= set(project()["optional-dependencies"])
    assert "--constraint" in text
    assert "constraints.txt" in text
    assert re.search(r"\bdist/grnpyg-", text)


def test_the_apptainer_definition_has_known_sections() -> None:
    text = (PACKAGING / "grnpyg.def").read_text()
    sections = re.findall(r"^%(\w+)", text, re.M)
    assert {"files", "post", "runscript"} <= set(sections)
    assert len(sections) == len(set(sections))
    assert set(sections) <= {
        "arguments",
        "environment",
        "files",
        "help",
        "labels",
        "post",
        "runscript",
        "test",
    }
    assert text.startswith("Bootstrap: docker\nFrom: python:")

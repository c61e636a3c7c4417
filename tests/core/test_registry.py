from __future__ import annotations

from abc import ABC, abstractmethod
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Literal

import pytest

from grnpyg.core.errors import InputError
from grnpyg.core.registry import Registry


class Shape(ABC):
    @abstractmethod
    def area(self) -> float: ...


@pytest.fixture
def shapes() -> Registry[Shape]:
    registry: Registry[Shape] = Registry("shape", Shape)

    @registry.register("square")
    class Square(Shape):
        def __init__(self, scale: float, *, side: int = 2, unit: Literal["mm", "cm"] = "mm") -> None:
            self.scale, self.side, self.unit = scale, side, unit

        def area(self) -> float:
            return self.scale * self.side**2

    @registry.register("dot")
    class Dot(Shape):
        def area(self) -> float:
            return 0.0

    return registry


def test_a_name_a_class_and_an_instance_give_a_component(shapes: Registry[Shape]) -> None:
    square = shapes.get("square")
    assert shapes.build("square", 0.5, side=4).area() == 8.0
    assert shapes.build(square, 0.5).area() == 2.0
    instance = shapes.build("dot")
    assert shapes.build(instance) is instance
    assert shapes.names() == ["dot", "square"]


def test_options_are_the_keyword_only_parameters_over_their_defaults(shapes: Registry[Shape]) -> None:
    assert shapes.options("square") == {"side": 2, "unit": "mm"}
    assert shapes.options("square", {"side": 3}) == {"side": 3, "unit": "mm"}
    assert shapes.options("dot") == {}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {"sides": 3},
            ["unknown option 'sides'", "did you mean 'side'", "known: side, unit", "shape square"],
        ),
        ({"scale": 3}, ["unknown option 'scale'"]),  # the positional parameter is not an option
        ({"side": "wide"}, ["side", "integer", "shape square"]),
        ({"side": 1.5}, ["side", "integer"]),
        ({"unit": "km"}, ["unit", "'mm' or 'cm'"]),
    ],
)
def test_bad_options_name_option_and_component(
    shapes: Registry[Shape], given: dict[str, object], words: list[str]
) -> None:
    with pytest.raises(InputError) as error:
        shapes.options("square", given)
    assert all(word.lower() in str(error.value).lower() for word in words), error.value
    with pytest.raises(InputError):
        shapes.build("square", 1.0, **given)


def test_an_unknown_name_lists_the_known_and_the_closest(shapes: Registry[Shape]) -> None:
    with pytest.raises(
        InputError, match=r"unknown shape 'sqare'\. Did you mean 'square'\? known: dot, square"
    ):
        shapes.get("sqare")


def test_register_refuses_strangers_and_taken_names(shapes: Registry[Shape]) -> None:
    with pytest.raises(ValueError, match="must derive from Shape"):
        shapes.register("int")(int)
    with pytest.raises(ValueError, match="'dot' is registered already"):
        shapes.register("dot")(shapes.get("square"))
    dot = shapes.get("dot")
    assert shapes.register("dot")(dot) is dot  # importing a module again is no clash


def test_a_class_of_another_kind_is_refused(shapes: Registry[Shape]) -> None:
    for stranger in (int, "pathlib:Path"):
        with pytest.raises(InputError, match="Derive it from Shape"):
            shapes.get(stranger)


PLUGIN = """
from grnpyg.splits import Splitter

class Mine(Splitter):
    def __init__(self, *, depth: int = 3):
        self.depth = depth

    def divide(self, data, seed):
        raise NotImplementedError
"""


def test_a_file_beside_the_command_gives_a_component(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from grnpyg.splits import splits

    (tmp_path / "own_split_module.py").write_text(PLUGIN)
    monkeypatch.chdir(tmp_path)
    for spec in ("own_split_module:Mine", "own_split_module.py:Mine"):
        assert splits.options(spec) == {"depth": 3}
        assert type(splits.build(spec, depth=5)).__name__ == "Mine"
    with pytest.raises(InputError, match=r"unknown class 'Nine'.*[kK]nown: .*Mine"):
        splits.get("own_split_module:Nine")
    with pytest.raises(InputError, match=r"no module 'missing_module'.*missing_module\.py"):
        splits.get("missing_module:Mine")


def test_an_installed_plug_in_is_found_by_its_entry_point(
    shapes: Registry[Shape], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def installed(*, group: str) -> list[EntryPoint]:
        asked.append(group)
        return [EntryPoint("circle", f"{__name__}:Circle", group)]

    monkeypatch.setattr("grnpyg.core.registry.entry_points", installed)
    assert "circle" in shapes.names()
    assert shapes.get("circle") is Circle
    assert set(asked) == {"grnpyg.shapes"}


class Circle(Shape):
    def area(self) -> float:
        return 3.0

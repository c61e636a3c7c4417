"""One registry per kind of component: a name, `module:Class`, an entry point, a class or an instance."""

from __future__ import annotations

import importlib
import inspect
import traceback
from collections.abc import Callable
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Generic, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic_core import to_jsonable_python

from grnpyg.core.errors import InputError, unknown
from grnpyg.core.trust import importing

T = TypeVar("T")
C = TypeVar("C")


class Registry(Generic[T]):
    """The known variants of one kind of component.

    The options of a component are the keyword-only parameters of its `__init__`: their annotations are
    checked and their defaults become part of the config.

    Args:
        kind: what the components are, in the singular, for messages: `"encoder"`.
        base: the class that every variant derives from.
    """

    def __init__(self, kind: str, base: type[T]) -> None:
        self.kind, self.base = kind, base
        self._classes: dict[str, type[T]] = {}
        self._versions: dict[str, int] = {}
        self._named: dict[str, type[T]] = {}  # classes given by Python code, see `name_of`

    def register(self, name: str, version: int = 1) -> Callable[[type[C]], type[C]]:
        """Class decorator: make the class known as `name`.

        Raise `version` by one when a default or the meaning of an option changes: this changes
        the hash of every config that uses the component, so that old runs are not mistaken for new ones.

        Raises:
            ValueError: the name is taken, or the class does not derive from the base class.
        """

        def add(cls: type[C]) -> type[C]:
            added: Any = cls
            if not issubclass(added, self.base):
                raise ValueError(f"{cls.__name__} must derive from {self.base.__name__}")
            if self._classes.get(name, added) is not added:
                raise ValueError(f"{self.kind} {name!r} is registered already")
            self._classes[name], self._versions[name] = added, version
            return cls

        return add

    def names(self) -> list[str]:
        """All names, including those of installed plug-ins (entry points)."""
        return sorted({*self._classes, *(point.name for point in self._entry_points())})

    def get(self, spec: str | type[T]) -> type[T]:
        """The class that `spec` stands for.

        Raises:
            InputError: unknown name, missing module or class, or a class of another kind.
        """
        if isinstance(spec, type):
            cls: Any = spec
        elif spec in self._classes:
            cls = self._classes[spec]
        elif spec in self._named:
            cls = self._named[spec]
        elif ":" in spec:
            cls = self._import(spec)
        else:
            points = [point for point in self._entry_points() if point.name == spec]
            if not points:
                raise unknown(self.kind, spec, self.names())
            cls = points[0].load()
        if not (isinstance(cls, type) and issubclass(cls, self.base)):
            article = "an" if self.kind[0] in "aeiou" else "a"
            raise InputError(
                f"{spec} is not {article} {self.kind}", fix=f"derive it from {self.base.__name__}"
            )
        if inspect.isabstract(cls):
            missing = ", ".join(sorted(getattr(cls, "__abstractmethods__", ())))
            raise InputError(f"{spec} does not define {missing}", fix=f"see {self.base.__name__}")
        return cls

    def name_of(self, cls: type[T]) -> str:
        """The name of a class in a config: its registered name, or `module:Class`, which is remembered.

        Raises:
            InputError: a class of another kind.
        """
        self.get(cls)
        for name, known in self._classes.items():
            if known is cls:
                return name
        name = f"{cls.__module__}:{cls.__qualname__}"
        self._named[name] = cls
        return name

    def source(self, spec: str) -> Path | None:
        """The file of a `module:Class` component; None for one without a file or known by name."""
        try:
            return Path(inspect.getfile(self.get(spec))) if ":" in spec else None
        except (TypeError, OSError):  # defined in an interactive session
            return None

    def version(self, spec: str) -> int:
        """The version of a component: given at registration, otherwise its class attribute `version`.

        Raises:
            InputError: see `get`, or a version that is not a whole number.
        """
        if spec in self._versions:
            return self._versions[spec]
        version = getattr(self.get(spec), "version", 1)
        if not isinstance(version, int):
            raise InputError(f"its version is {version!r}, not a whole number", where=f"{self.kind} {spec}")
        return version

    def defaults(self, spec: str) -> dict[str, Any]:
        """The options of a component that have a default, with their defaults, ready for JSON.

        Raises:
            InputError: see `get`.
        """
        cls: Any = self.get(spec)
        return _defaults(cls, cls.__init__)

    def options(self, spec: str | type[T], given: dict[str, Any] | None = None) -> dict[str, Any]:
        """All options of a component: the given ones, checked, over the defaults.

        Raises:
            InputError: an unknown option (lists the valid ones) or a value of the wrong type.
        """
        cls: Any = self.get(spec)
        given = given or {}
        model = _options_model(cls, cls.__init__)
        label = f"{self.kind} {spec if isinstance(spec, str) else spec.__name__}"
        for key in given:
            if key not in model.model_fields:
                raise unknown("option", key, model.model_fields, where=label)
        try:
            checked: dict[str, Any] = model(**given).model_dump()
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            reason = first["msg"].removeprefix("Value error, ")
            raise InputError(f"{key}: {reason}", where=label) from None
        return checked

    def build(self, spec: str | type[T] | T, *args: Any, **options: Any) -> T:
        """An instance of the component. An instance that is given is returned as it is; it takes no options.

        Raises:
            InputError: unknown name or option, or an instance of another kind.
        """
        if isinstance(spec, (str, type)):
            return self.get(spec)(*args, **self.options(spec, options))
        if not isinstance(spec, self.base) or options:
            raise InputError(f"{spec!r} is neither the name nor an instance of the kind {self.kind}")
        return spec

    def build_from(self, spec: dict[str, Any], *args: Any) -> T:
        """An instance from a config's `{"name": ..., **options}`."""
        return self.build(spec["name"], *args, **{k: v for k, v in spec.items() if k != "name"})

    def _entry_points(self) -> list[Any]:
        return list(entry_points(group=f"grnpyg.{self.kind}s"))

    def _import(self, spec: str) -> Any:
        module_name, _, class_name = spec.partition(":")
        module_name = module_name.removesuffix(".py")
        where = f"{self.kind} {spec}"
        if not all(part.isidentifier() for part in (*module_name.split("."), class_name)):
            raise InputError("not module:Class", where=where, fix="for example my_file:MyClass")
        try:
            with importing(spec):
                module = importlib.import_module(module_name)
        except InputError:
            raise
        except ModuleNotFoundError as error:
            own = error.name is not None and f"{module_name}.".startswith(f"{error.name}.")
            raise InputError(
                f"no module {error.name!r}",
                where=where,
                fix=f"run the command in the folder that holds {module_name}.py, or install it"
                if own
                else f"{module_name} needs it: install it",
            ) from None
        except (Exception, SystemExit) as error:
            frames = traceback.extract_tb(error.__traceback__)
            own_frames = [frame for frame in frames if Path(frame.filename).stem == module_name]
            known = own_frames and not isinstance(error, SyntaxError)  # the message names the line
            at = f", line {own_frames[-1].lineno}" if known else ""
            raise InputError(
                f"cannot be imported ({type(error).__name__}: {' '.join(str(error).split())[:200]}{at})",
                where=where,
                fix=f"mend {module_name}.py",
            ) from None
        if module_name == "__main__" and not hasattr(module, class_name):
            raise InputError(
                "was defined in a script or a notebook, and is not defined here",
                where=where,
                fix="run its definition first, or move it to a module",
            )
        if not hasattr(module, class_name):
            defined = [n for n, v in vars(module).items() if inspect.isclass(v) and issubclass(v, self.base)]
            raise unknown("class", class_name, defined, where=where)
        return getattr(module, class_name)


@cache
def _options_model(cls: type, init: Any) -> type[BaseModel]:
    """The options of a class as fields; `init` is its `__init__`, so that another one is read anew."""
    try:
        hints = get_type_hints(init, include_extras=True)
    except NameError:  # annotations that exist for type checkers only
        hints = {}
    fields: dict[str, Any] = {
        name: (hints.get(name, Any), ... if p.default is inspect.Parameter.empty else p.default)
        for name, p in inspect.signature(cls).parameters.items()
        if p.kind is inspect.Parameter.KEYWORD_ONLY
    }
    config = ConfigDict(extra="forbid", allow_inf_nan=False)
    model: type[BaseModel] = create_model("Options", __config__=config, **fields)
    return model


@cache
def _defaults(cls: type, init: Any) -> dict[str, Any]:
    fields = _options_model(cls, init).model_fields
    return {
        name: to_jsonable_python(field.default) for name, field in fields.items() if not field.is_required()
    }

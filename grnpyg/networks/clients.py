"""Packages that are needed for one thing only, and are not installed with grnpyg."""

from __future__ import annotations

import importlib
from typing import Any

from grnpyg.core.errors import InputError


def client(package: str, needed_for: str, *, extra: str = "interop") -> Any:
    """Import a package of an extra.

    Raises:
        InputError: it is not installed.
    """
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise InputError(
            f"{needed_for} needs the package {package}", fix=f'run pip install "grnpyg[{extra}]"'
        ) from error

"""Input files as they are recorded in a run's manifest."""

from __future__ import annotations

from typing_extensions import TypedDict


class Input(TypedDict):
    """A file that was read.

    Attributes:
        source: its name in the catalogue, or its path.
        sha256: SHA-256 of its contents.
    """

    source: str
    sha256: str

"""Values that readers do not expect, and trees (of JSON or YAML) with one of them somewhere inside."""

from __future__ import annotations

import copy
import random
from typing import Any

DEEP = 3000  # levels of nesting; Python's own limit is 1,000

WORDS = [
    *("", " ", "\t", "\n", "\0", "\x1b[31m", "\r", '"', "'", '""', "\\", ",", ";", "|", "#", "%", "=1+1"),
    *("NA", "nan", "NaN", "None", "null", "<NA>", "inf", "-inf", "1e400", "1e300", "-1", "0", "1", "0x10"),
    *("1_000", "9" * 400, "1,5", "\uff12", "\ud800", "\ufeff", "\u200b", "\u202e", "é", "e\u0301", "🧬"),
    *(
        "A;B",
        "A///B",
        "A" * 5000,
        "../../etc/passwd",
        "/etc/passwd",
        "os:system",
        "__class__",
        "{}",
        "[",
        "%s",
    ),
    *("1-Mar", "ENSG00000000001.7", "P12345", "1234.0", "true", "2024-01-99", "!!python/object:os.system x"),
]
NUMBERS: list[Any] = [
    *(0, -1, 1, 2, -5, 2**31, 2**63, 2**64, -(2**63) - 1, 10**400, 0.5, -0.0, 1e-320, 1e300, 1e400),
    *(float("nan"), float("inf"), float("-inf"), True, False),
]


def word(rng: random.Random) -> str:
    """A text that some reader may trip over."""
    return rng.choice(WORDS)


def value(rng: random.Random) -> Any:
    """Anything that JSON or YAML can say."""
    kind = rng.randrange(8)
    if kind == 0:
        return None
    if kind == 1:
        return rng.choice(NUMBERS)
    if kind == 2:
        return []
    if kind == 3:
        return {}
    if kind == 4:
        return [word(rng), rng.choice(NUMBERS), None]
    if kind == 5:
        return {word(rng): rng.choice(NUMBERS), "name": word(rng)}
    return word(rng)


def deep(rng: random.Random) -> Any:
    """A list or mapping of many levels."""
    nested: Any = 0
    as_list = rng.random() < 0.5
    for _ in range(rng.choice([50, 400])):
        nested = [nested] if as_list else {"name": nested}
    return nested


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value of a tree, the tree itself (an empty path) first."""
    found = [path]
    if isinstance(tree, (dict, list)):
        items = tree.items() if isinstance(tree, dict) else enumerate(tree)
        for key, item in items:
            found += places(item, (*path, key))
    return found


def changed(tree: Any, rng: random.Random) -> Any:
    """A tree with one value replaced, removed, renamed or added."""
    tree = copy.deepcopy(tree)
    path = rng.choice(places(tree))
    if not path:
        return value(rng) if rng.random() < 0.5 else tree
    parent = tree
    for key in path[:-1]:
        parent = parent[key]
    kind, key = rng.randrange(7), path[-1]
    if kind == 0:
        del parent[key]
    elif kind == 1:
        parent[key] = [parent[key]]
    elif kind == 2 and isinstance(parent, dict):
        parent[word(rng)] = parent.pop(key)
    elif kind == 3 and isinstance(parent, dict):
        parent[word(rng)] = value(rng)
    elif kind == 3:
        parent.append(value(rng))
    elif kind == 4:
        parent[key] = deep(rng) if rng.random() < 0.3 else rng.choice(NUMBERS)
    else:
        parent[key] = value(rng)
    return tree

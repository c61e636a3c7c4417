"""Mutations of files: of their bytes, of text tables, and of JSON and YAML."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from typing import Any

import yaml
from fuzz.values import DEEP, changed, word

Mutation = Callable[[bytes, random.Random], bytes]
ENCODINGS = ("utf-16", "utf-32", "latin-1", "utf-8-sig", "cp037")


def of_bytes(content: bytes, rng: random.Random) -> bytes:
    """Flip, cut, double, move, insert or overwrite bytes, once to four times."""
    data = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(data) + 1)
        end = min(len(data), start + rng.choice([1, 2, 8, 64, 512, 4096]))
        kind = rng.randrange(8)
        if kind == 0 and start < len(data):
            data[start] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del data[start:end]
        elif kind == 2:
            data[start:start] = data[start:end] * rng.choice([1, 2, 50])
        elif kind == 3:
            to = rng.randrange(len(data) + 1)
            data[to:to] = data[start:end]
        elif kind == 4:
            data[start:start] = rng.randbytes(rng.choice([1, 4, 16]))
        elif kind == 5:
            data[start:end] = rng.choice([b"\0", b"\xff"]) * (end - start)
        elif kind == 6:
            del data[rng.choice([start, 0, 1, len(data) // 2]) :]
        else:
            data[start : start + 8] = rng.choice([-1, 0, 1, 2**31, 2**62]).to_bytes(8, "little", signed=True)
    return bytes(data)


def of_table(content: bytes, rng: random.Random) -> bytes:
    """Change a cell, a row, a column, the separators, the ends of lines or the encoding of a text table."""
    if content.startswith(b"\x1f\x8b"):
        return gzip.compress(of_table(gzip.decompress(content), rng), mtime=0)
    text = content.decode()
    separator = next((mark for mark in "\t,;" if mark in text), " ")
    rows = [line.split(separator) for line in text.splitlines()]
    for _ in range(rng.randint(1, 3)):
        kind, row = rng.randrange(9), rng.choice(rows)
        if kind <= 2:
            row[rng.randrange(len(row))] = word(rng)
        elif kind == 3:
            rows[0][rng.randrange(len(rows[0]))] = word(rng)
        elif kind == 4:
            rows.insert(
                rng.choice([0, rng.randrange(len(rows))]), [word(rng)] * rng.choice([1, len(row), 40])
            )
        elif kind == 5:
            column = rng.randrange(len(row))
            rows = [line[:column] + line[column + 1 :] or [""] for line in rows]
        elif kind == 6:
            column, values = rng.randrange(len(rows[0])), [word(rng) for _ in range(3)]
            for line in rows:
                line[column : column + 1] = [rng.choice(values)]
        elif kind == 7:
            del rows[rng.randrange(len(rows)) :]
            rows = rows or [[""]]
        else:
            row.append(word(rng))
    separator = rng.choice([separator] * 12 + ["\t", ",", ";", " ", "", "|"])
    end = rng.choice(["\n"] * 8 + ["\r\n", "\r", "\n\n", "\v"])
    return _encoded(end.join(separator.join(row) for row in rows) + end, rng)


def of_json(content: bytes, rng: random.Random) -> bytes:
    """Change the tree of a JSON file, or nest it deeply."""
    if rng.random() < 0.05:
        return rng.choice([b"[" * DEEP, b"[" * DEEP + b"]" * DEEP, b'{"a":' * DEEP + b"1" + b"}" * DEEP])
    tree = json.loads(content)
    for _ in range(rng.randint(1, 3)):
        tree = changed(tree, rng)
    return _encoded(json.dumps(tree, ensure_ascii=rng.random() < 0.8), rng)


def of_yaml(content: bytes, rng: random.Random) -> bytes:
    """Change the tree of a YAML file, its text, or make it grow by aliases."""
    kind = rng.randrange(12)
    if kind == 0:
        return rng.choice([b"[" * DEEP, b"a: " * DEEP, b"- " * DEEP, b"{a: " * DEEP, b"? " * DEEP])
    if kind == 1:
        lines = content.decode().splitlines()
        odd = [
            "<<: *a",
            "a: &a [*a]",
            "? [a]\n: b",
            "!!binary x",
            "--- x",
            f"{word(rng)}: {word(rng)}",
            "\t",
            "&a",
        ]
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(odd))
        return _encoded("\n".join(lines), rng)
    tree: Any = yaml.safe_load(content)
    for _ in range(rng.randint(1, 3)):
        tree = changed(tree, rng)
    try:
        return _encoded(yaml.safe_dump(tree, allow_unicode=rng.random() < 0.5, sort_keys=False), rng)
    except (yaml.YAMLError, UnicodeError, RecursionError):
        return _encoded(str(tree), rng)


def _encoded(text: str, rng: random.Random) -> bytes:
    """Mostly UTF-8, with lone surrogates as they are; sometimes another encoding, or gzipped."""
    if rng.random() < 0.06:
        return text.encode(rng.choice(ENCODINGS), "replace")
    content = text.encode("utf-8", "surrogatepass")
    return gzip.compress(content, mtime=0) if rng.random() < 0.03 else content

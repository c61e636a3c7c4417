"""Mutations inside HDF5, Parquet and safetensors files, whose bytes stay well formed around them."""

from __future__ import annotations

import io
import json
import random
import struct
from contextlib import suppress
from typing import Any

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from fuzz.mutate import of_bytes
from fuzz.values import NUMBERS, changed, word

TYPES = ("int8", "int32", "int64", "uint64", "float32", "float64", "bool", "S5", "complex64")


def of_hdf5(content: bytes, rng: random.Random) -> bytes:
    """Remove, replace, reshape, link or refill objects and attributes of an HDF5 file."""
    if rng.random() < 0.3:
        return of_bytes(content, rng)
    buffer = io.BytesIO(content)
    with h5py.File(buffer, "r+") as file:
        for _ in range(rng.randint(1, 3)):
            with suppress(KeyError, ValueError, TypeError, OSError, RuntimeError, OverflowError):
                _change_object(file, rng)
    return buffer.getvalue()


def _change_object(file: h5py.File, rng: random.Random) -> None:
    names: list[str] = []
    file.visit(names.append)
    if not names:
        return
    name = rng.choice(names)
    found, kind = file[name], rng.randrange(10)
    if kind == 0:
        del file[name]
    elif kind == 1:
        del file[name]
        file[name] = h5py.ExternalLink("/etc/passwd", "/") if rng.random() < 0.5 else h5py.SoftLink("/")
    elif kind == 2:
        del file[name]
        file.create_group(name) if isinstance(found, h5py.Dataset) else file.create_dataset(
            name, data=word(rng)
        )
    elif kind == 3 and found.attrs:
        del found.attrs[rng.choice(list(found.attrs))]
    elif kind == 4 and found.attrs:
        odd = [word(rng).encode("utf-8", "replace"), np.array([-1, 2**40]), 2**62, "csr_matrix", "dataframe"]
        found.attrs[rng.choice(list(found.attrs))] = rng.choice(odd)
    elif isinstance(found, h5py.Dataset):
        values = np.array(found[()])
        if kind <= 6 and values.size:
            flat = values.reshape(-1)
            odd = word(rng) if values.dtype.kind in "OSU" else rng.choice(NUMBERS)
            flat[rng.randrange(flat.size) : rng.choice([None, rng.randrange(flat.size) + 1])] = odd
        elif kind == 7:
            values = values.reshape(-1)[: rng.randrange(values.size + 1)]
        elif kind == 8:
            values = (
                values.reshape(*values.shape, 1) if rng.random() < 0.5 else np.concatenate([values, values])
            )
        else:
            values = values.astype(rng.choice(TYPES))
        kept = dict(found.attrs)
        del file[name]
        file.create_dataset(name, data=values)
        file[name].attrs.update(kept)


def of_parquet(content: bytes, rng: random.Random) -> bytes:
    """Drop, rename, retype or refill a column of a Parquet file."""
    if rng.random() < 0.3:
        return of_bytes(content, rng)
    table = pq.read_table(io.BytesIO(content)).replace_schema_metadata(None)
    for _ in range(rng.randint(1, 2)):
        if not table.num_columns:
            break
        at, kind = rng.randrange(table.num_columns), rng.randrange(7)
        name, rows = table.column_names[at], table.num_rows
        if kind == 0:
            table = table.remove_column(at)
        elif kind == 1:
            table = table.set_column(at, word(rng).encode("utf-8", "replace").decode(), table[at])
        elif kind == 2:
            table = table.slice(0, rng.randrange(rows + 1))
        elif kind == 3:
            table = table.append_column(name, table[at])
        else:
            odd: list[Any] = [
                pa.nulls(rows),
                pa.array([None if rng.random() < 0.5 else "x"] * rows),
                pa.array([word(rng).encode("utf-8", "replace").decode()] * rows),
                pa.array([[1, 2]] * rows),
                pa.array([{"a": 1}] * rows),
                pa.array([float("nan")] * rows),
                pa.array([2**63 - 1] * rows),
                pa.array([-1.5] * rows),
                pa.array([b"\xff"] * rows),
            ]
            table = table.set_column(at, name, rng.choice(odd))
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def of_safetensors(content: bytes, rng: random.Random) -> bytes:
    """Change the header, the JSON in its metadata, or the numbers of a safetensors file."""
    if rng.random() < 0.2:
        return of_bytes(content, rng)
    (size,) = struct.unpack("<Q", content[:8])
    header, body = json.loads(content[8 : 8 + size]), bytearray(content[8 + size :])
    for _ in range(rng.randint(1, 3)):
        kind = rng.randrange(6)
        inner = header.get("__metadata__") if isinstance(header, dict) else None
        names = [name for name in header if name != "__metadata__"] if isinstance(header, dict) else []
        if kind <= 1 and isinstance(inner, dict) and inner:
            key = rng.choice(sorted(inner))
            with suppress(ValueError, TypeError):
                inner[key] = json.dumps(changed(json.loads(inner[key]), rng))
        elif kind == 2:
            header = changed(header, rng)
        elif kind == 3 and names:
            del header[rng.choice(names)]
        elif kind == 4 and names and isinstance(header[names[0]], dict):
            with suppress(KeyError, TypeError, IndexError, AttributeError):
                tensor = header[rng.choice(names)]
                whole = tensor["shape"]
                total = int(np.prod(whole)) if whole else 1
                tensor["shape"] = rng.choice([[total], [total, 1], [1, total], whole[::-1]])
        elif body:
            start = rng.randrange(len(body)) // 8 * 8
            odd = rng.choice([-1, 2**40, 2**62, -(2**40), 5, 0x7FF0000000000000, 0x7FC00000])
            body[start : start + 8] = odd.to_bytes(8, "little", signed=True)[: len(body) - start]
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(body)

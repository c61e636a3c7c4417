"""The command line with one more data set, `toy`, whose file a server on this machine gives."""

from __future__ import annotations

import hashlib
import http.server
import importlib
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from grnpyg.data import catalog

CONTENT = random.Random(0).randbytes(500_000)
USED = ("grnpyg.experiment", "grnpyg.networks", "grnpyg.compress", "grnpyg.studies.bench", "grnpyg_cli.main")
USED += ("grnpyg.studies.search.journal", "optuna.storages.journal", "requests", "pooch", "rich.table")


@contextmanager
def server() -> Iterator[str]:
    """The address of the data set's file."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
            self.send_response(206 if asked else 200)
            self.send_header("Content-Length", str(len(CONTENT) - start))
            self.end_headers()
            self.wfile.write(CONTENT[start:])

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}/labels.csv"
        running.shutdown()


def add_toy(url: str) -> None:
    """Make `toy` the only data set of the catalogue."""
    digest = hashlib.sha256(CONTENT).hexdigest()
    file = catalog.File(path="toy/labels.csv", size=len(CONTENT), sha256=digest, role="labels", url=url)
    texts = {"description": "toy", "licence": "none", "citation": "none"}
    toy = catalog.Entry(name="toy", kind="labels", species="human", files=(file,), **texts)  # type: ignore[arg-type]
    catalog.load = lambda: {"toy": toy}  # type: ignore[assignment]


def import_all() -> None:
    """Do the imports of every command."""
    for name in USED:
        importlib.import_module(name)

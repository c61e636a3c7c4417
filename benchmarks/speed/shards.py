"""1.2e8 pairs in 8 shards through SLURM, three of them killed, against the network that one call gives.

    python tests/slurm/cluster.py python benchmarks/speed/shards.py run
    python benchmarks/speed/write.py       writes the table into benchmarks/speed/README.md

`cluster.py` starts a SLURM of one node on this machine; a login node of a cluster needs only what follows it.
It works in a new folder in the current one, which all nodes have to see, and stores results/shards.csv.

Drawn edges among 2,000 TFs and 60,000 genes, and a dual encoder that is trained for an epoch. One process
ranks the 100 best genes of each TF. Then 8 tasks are submitted, and three of them killed (SIGKILL), each
while it writes its part. The same command with `-o` attaches to the others, redoes what was killed, and
merges.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import speed
import torch
import yaml

from grnpyg.studies.executors import environment
from grnpyg.studies.jobs import Jobs

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results" / "shards.csv"
TFS, GENES, EDGES, TOP = 2_000, 60_000, 150_000, 100
SHARDS, KILLED = 8, (1, 4, 6)  # of them, by number
LOOK = 0.1  # seconds between two looks at what is being written
CONFIG = {
    "data": {"expression": None, "labels": "labels.tsv"},
    "encoder": {"name": "lookup", "embedding_dim": 32},
    "head": {"name": "dual", "hidden_channels": 64, "out_channels": 64},
    "evaluation": {"negatives": ["uniform"], "baselines": []},
    "training": {"max_epochs": 1, "batch_size": 1024, "lr": 0.01},
}
GRNPYG = [sys.executable, "-m", "grnpyg_cli.main"]


class Ended(NamedTuple):
    """What a command printed, and its peak memory in GB (10^9 bytes)."""

    said: dict[str, Any]
    peak_gb: float


def main() -> None:
    """Make both networks, and compare them."""
    with tempfile.TemporaryDirectory(dir=".") as name:
        folder = Path(name).absolute()
        row = measured(folder)
    about = {"torch": torch.__version__, "date": date.today().isoformat(), "processor": speed.processor()}
    print(row, file=sys.stderr)
    pd.DataFrame([row | about]).to_csv(RESULTS, index=False)


def measured(folder: Path) -> dict[str, Any]:
    """What came out, and what it cost."""
    drawn_edges().to_csv(folder / "labels.tsv", sep="\t", index=False)
    (folder / "dual.yaml").write_text(yaml.safe_dump(CONFIG))
    run = grnpyg(folder, "train", "--config", "dual.yaml", "--runs", "runs").said["run"]
    best = ["predict", run, "--per-tf", str(TOP)]
    shared = ["--shards", "net", "--executor", "slurm", "--tasks", str(SHARDS)]
    one = grnpyg(folder, *best, "-o", "one.parquet")
    grnpyg(folder, "predict", run, *shared, "--detach")
    kill(folder / "net")
    merged = grnpyg(folder, *best, *shared, "-o", "merged.parquet")
    parts = list((folder / "net").glob("part-*.parquet"))
    first, *later = Jobs(folder / "net").folders
    done = [e for job in (first, *later) for task in range(len(job.work)) for e in job.events(task)]
    networks = [pd.read_parquet(folder / file) for file in ("one.parquet", "merged.parquet")]
    both = networks[0].merge(networks[1], on=["TF", "target", "rank_in_tf"])
    return {
        "tfs": TFS,
        "genes": GENES,
        "pairs": json.loads((folder / "net" / "manifest.json").read_text())["rows"],
        "shards": len(parts),
        "killed": " ".join(map(str, KILLED)),
        "redone": " ".join(str(line["share"]) for job in later for line in job.work),
        "parts_made": sum(event["made"] for event in done),
        "top": TOP,
        "top_pairs": len(networks[0]),
        "top_pairs_merged": len(networks[1]),
        "top_pairs_in_common": len(both),
        "largest_difference": float((both["importance_x"] - both["importance_y"]).abs().max()),
        "same_bytes": (folder / "one.parquet").read_bytes() == (folder / "merged.parquet").read_bytes(),
        "gb_on_disk": sum(part.stat().st_size for part in parts) / 1e9,
        "peak_gb_one_call": one.peak_gb,
        "peak_gb_a_task": max(event["peak_memory_mb"] for event in done) * 2**20 / 1e9,
        "peak_gb_merging": merged.peak_gb,
    }


def drawn_edges() -> pd.DataFrame:
    """Distinct edges, `source` and `target`; every gene has one at least."""
    rng = np.random.default_rng(0)
    genes = np.concatenate([np.arange(GENES), rng.integers(GENES, size=EDGES - GENES)])
    edges = pd.DataFrame({"source": rng.integers(TFS, size=EDGES), "target": genes}).drop_duplicates()
    return pd.DataFrame(
        {"source": "T" + edges["source"].astype(str), "target": "G" + edges["target"].astype(str)}
    )


def grnpyg(folder: Path, *words: str) -> Ended:
    """Run a command with one thread in a folder."""
    command = [*GRNPYG, *words, "--json"]
    with subprocess.Popen(command, cwd=folder, env=environment(threads=1), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        _, code, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(code)
    if process.returncode:
        sys.exit(f"{' '.join(words)} ended with {process.returncode}")
    return Ended(json.loads(said), used.ru_maxrss * 1024 / 1e9)


def kill(folder: Path) -> None:
    """Kill the tasks of some shares, each while it writes its part."""
    (job,) = Jobs(folder).folders
    left = {f"{job.facts['job']}_{share - 1}": folder / f"part-{share - 1:05}.parquet" for share in KILLED}
    while left:
        time.sleep(LOOK)
        for task, part in list(left.items()):
            if any(folder.glob(f".{part.name}.*")):
                subprocess.run(["scancel", "--full", "--signal=KILL", task], check=True)
                del left[task]
            elif part.exists():
                sys.exit(f"task {task} was over before it was killed")


def sections() -> dict[str, str]:
    """What stands between the markers of README.md."""
    row = pd.read_csv(RESULTS).iloc[-1]
    killed, redone = row["killed"].split(), str(row["redone"]).split()
    verdict = (
        "the same bytes" if row["same_bytes"] else f"scores differ by {row['largest_difference']:.1g} at most"
    )
    lines = [
        f"{row['processor']}, {row['date']}, torch {row['torch']}, one thread a process, "
        f"{row['tfs']:,} TFs x {row['genes']:,} genes, {row['pairs']:,} pairs in {row['shards']} shards "
        f"({row['gb_on_disk']:.2f} GB):",
        "",
        "| | |",
        "|---|---|",
        f"| shares killed | {', '.join(killed)} |",
        f"| shares redone | {', '.join(redone)} |",
        f"| parts written to their end, of {row['shards']} | {row['parts_made']} |",
        f"| best {row['top']} of each TF as in one call | {row['top_pairs_in_common']:,} of "
        f"{row['top_pairs']:,}, {verdict} |",
        f"| peak of one call, GB | {row['peak_gb_one_call']:.2f} |",
        f"| peak of a task, GB | {row['peak_gb_a_task']:.2f} |",
        f"| peak of merging, GB | {row['peak_gb_merging']:.2f} |",
    ]
    return {"shards": "\n".join(lines)}


if __name__ == "__main__":
    if sys.argv[1:] == ["run"]:
        main()
    else:
        sys.exit(__doc__)

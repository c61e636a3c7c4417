"""What README.md says of the stored cases.

python benchmarks/resilience/write.py   writes the results between the markers of README.md
"""

from __future__ import annotations

from pathlib import Path

import kill
import pandas as pd

from grnpyg.studies import fill_sections, markdown_table

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results"
KINDS = {"kill": "killed", "full": "disk full", "twice": "two at once"}
VERDICTS = ("as_it_should", "nothing_lost", "same_bytes")
COMMANDS = {
    "train": "`train`",
    "overwrite": "`train --overwrite`",
    "prune": "`prune`",
    "study": "`study run`",
    "tune": "`tune`",
    "bench": "`bench`",
    "predict": "`predict -o`",
    "fetch": "`data fetch`",
}


def stored(kind: str) -> pd.DataFrame:
    """The cases of a kind; `good` where a case ended as it should, with nothing lost or left, same bytes."""
    rows = pd.read_csv(RESULTS / f"resilience_{kind}.csv", keep_default_na=False)
    good = rows[list(VERDICTS)].all(axis=1) & rows["exit_again"].eq(0) & rows["left_over"].eq("")
    return rows.assign(good=good)


def table(cases: dict[str, pd.DataFrame]) -> str:
    """For each command how many cases of each kind were good, of how many."""
    lines = []
    for command, shown in {**COMMANDS, None: "all"}.items():
        line = [shown]
        for rows in cases.values():
            own = rows if command is None else rows[rows["command"] == command]
            line.append(f"{int(own['good'].sum())} of {len(own)}" if len(own) else "-")
        lines.append(line)
    return str(markdown_table(["command", *KINDS.values()], lines))


def remarks(cases: dict[str, pd.DataFrame]) -> str:
    """Where the faults came, and how the commands answered."""
    killed, full, twice = cases.values()
    parts = killed["struck"].str.split().str[0].value_counts().sort_index()
    exits = full["exits"].astype(str).value_counts().sort_index()
    said = twice["says"].ne("")
    dates = sorted(set(pd.concat(cases.values())["date"]))
    return (
        f"{' and '.join(dates)}, {killed['processor'].iloc[0]}. The kills came at: "
        f"{', '.join(f'{name} {count}' for name, count in parts.items())}. With the disk full: "
        f"{', '.join(f'exit {code} {count} times' for code, count in exits.items())}, each with one line. "
        f"Of two at once, one ended with a line that another process is at work {int(said.sum())} times, "
        f"and both ended with 0 the other {int((~said).sum())} times."
    )


def jobs() -> str:
    """What became of the study on a cluster."""
    row = pd.read_csv(RESULTS / "resilience_jobs.csv").iloc[-1]
    verdict = {True: "equal to the bit", False: "NOT equal"}
    return (
        f"{row['date']}: {row['cancels']} times `scancel`, {row['requeues']} times `scontrol requeue`, "
        f"{row['submitters_killed']} SIGKILL of `study run`, {row['slurmd_restarts']} restart of slurmd. "
        f"{row['done']} of {row['trials']} trials done, {row['finished_once']} of them finished once and "
        f"never again, in {row['starts']} starts. Compared with this machine: tables "
        f"{verdict[bool(row['tables_equal'])]}, predictions, metrics and weights "
        f"{verdict[bool(row['predictions_and_weights_equal'])]}."
    )


def sections() -> dict[str, str]:
    """What stands between the markers of README.md."""
    cases = {kind: stored(kind) for kind in KINDS}
    return {"faults": f"{table(cases)}\n\n{remarks(cases)}", **kill.sections(), "jobs": jobs()}


if __name__ == "__main__":
    path = HERE / "README.md"
    path.write_text(fill_sections(path.read_text(), sections()))

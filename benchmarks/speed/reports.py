"""What a report costs: seconds, memory, bytes of the page, and how soon a browser shows it.

    python benchmarks/speed/reports.py run    measures and stores results/report_speed.csv
    python benchmarks/speed/write.py          writes the table into benchmarks/speed/README.md

`grnpyg report` writes two pages, each in a process of its own with one thread: of a drawn network of
1,000,000 edges, all pairs of 500 TFs and 2,000 genes; and of the paper's study from its stored rows,
without the curves and spectra that need its runs. The seconds are those of the whole process, imports
included. Time by the clock grows with what else the machine does, so the processor's time and the load
stand beside it. First paint is what the performance API of headless Chromium says, the median of
several openings in a new context; it needs the extra `browser`.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import speed

from grnpyg.studies.executors import environment

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results" / "report_speed.csv"
STUDY = HERE.parent / "paper" / "studies" / "as_coded.yaml"
ROWS = RESULTS.with_name("paper_as_coded.csv")
TFS, GENES, OPENINGS = 500, 2_000, 5


def main() -> None:
    """Write and open every page."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        drawn_network().to_parquet(folder / "network.parquet")
        pages = {
            "network of 1,000,000 edges": [f"{folder}/network.parquet"],
            "the paper's study": [str(STUDY), "--from", str(ROWS)],
        }
        for page, words in pages.items():
            file = folder / "page.html"
            cost = called("report", *words, "-o", str(file))
            rows.append({"page": page, **cost, "bytes": file.stat().st_size, **opened(file)})
            print(rows[-1], file=sys.stderr)
    about = {"date": date.today().isoformat(), "processor": speed.processor(), "threads": 1}
    pd.DataFrame(rows).assign(openings=OPENINGS, **about).to_csv(RESULTS, index=False, float_format="%.4g")


def drawn_network() -> pd.DataFrame:
    """All pairs of a few TFs and genes with drawn scores, best first, in the columns of `grnpyg predict`."""
    rng = np.random.default_rng(0)
    number = TFS * GENES
    tf, gene = np.divmod(rng.permutation(number), GENES)
    score = np.sort(rng.normal(size=number))[::-1]
    table = pd.DataFrame(
        {
            "TF": np.array([f"TF{n}" for n in range(TFS)])[tf],
            "target": np.array([f"GENE{n}" for n in range(GENES)])[gene],
            "importance": score,
            "probability": 1 / (1 + np.exp(6 - 1.5 * score)),
            "known": rng.random(number) < 0.03,
            "rank": np.arange(1, number + 1),
            "degree_rank": rng.permutation(number) + 1.0,
            "sign": rng.integers(-1, 2, number),
            "sd": rng.random(number),
            "frequency": rng.integers(1, 4, number) / 3,
        }
    )
    return table.assign(rank_in_tf=table.groupby("TF").cumcount() + 1)


def called(*words: str) -> dict[str, float]:
    """Seconds by the clock and by the processor, peak memory, and the load before, of a call of grnpyg."""
    load, start = os.getloadavg()[0], time.perf_counter()
    program = str(Path(sys.executable).with_name("grnpyg"))
    process = subprocess.Popen([program, *words], env=environment(threads=1), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"grnpyg {' '.join(words)} failed")
    return {
        "seconds": time.perf_counter() - start,
        "processor_seconds": usage.ru_utime + usage.ru_stime,
        "peak_gb": usage.ru_maxrss * 1024 / 1e9,
        "load": load,
    }


def opened(file: Path) -> dict[str, float]:
    """Milliseconds to the first paint, and until the page's scripts are done."""
    from playwright.sync_api import sync_playwright

    paint, done = [], []
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for _ in range(OPENINGS):
            # Playwright waits by evaluating text in the page, which the page's own policy forbids
            context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
            page = context.new_page()
            page.goto(file.as_uri())
            found = "performance.getEntriesByName('first-contentful-paint')"
            page.wait_for_function(f"{found}.length > 0")
            paint.append(page.evaluate(f"{found}[0].startTime"))
            done.append(page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
            page.context.close()
    return {"first_paint_ms": statistics.median(paint), "loaded_ms": statistics.median(done)}


def sections() -> dict[str, str]:
    """What stands between the markers of README.md."""
    table = pd.read_csv(RESULTS)
    about = table.iloc[0]
    loads = dict.fromkeys(f"{table['load'].quantile(at):.0f}" for at in (0, 1))
    lines = [
        f"{about['processor']}, {about['date']}, one thread, load before {' to '.join(loads)}, "
        f"first paint the median of {about['openings']} openings:",
        "",
        "| page | s by the clock | s of the processor | peak, GB | MB | first paint, ms | loaded, ms |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in table.to_dict("records"):
        lines.append(
            f"| {row['page']} | {row['seconds']:.0f} | {row['processor_seconds']:.0f} "
            f"| {row['peak_gb']:.2f} | {row['bytes'] / 1e6:.1f} "
            f"| {row['first_paint_ms']:.0f} | {row['loaded_ms']:.0f} |"
        )
    return {"report": "\n".join(lines)}


if __name__ == "__main__":
    if sys.argv[1:] == ["run"]:
        main()
    else:
        sys.exit(__doc__)
